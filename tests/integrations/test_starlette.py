"""What Starlette and FastAPI users get beyond the endpoints."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import fastapi
import pytest
from fastapi import Depends, FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, NoMatchFound, Route
from starlette.templating import Jinja2Templates

from carrying import by_asgi
from frameworks import asynchronous
from sites import Browser, Site
from sociallogin import Identity
from sociallogin.integrations.fastapi import (
    SocialLoginFastAPI,
    current_identity,
    required_identity,
)
from sociallogin.integrations.starlette import SocialLoginStarlette
from sociallogin.integrations.starlette import current_identity as current
from sociallogin.integrations.starlette import required_identity as required

JSON = "application/json"


def visiting(site: Site, app: Any, identity: Identity | None = None) -> Browser:
    site.app = by_asgi(app)
    browser = site.browser()
    if identity is not None:
        browser.cookies["sociallogin_identity"] = site.login.seal_identity(identity)
    return browser


def websocket(app: Any, path: str, browser: Browser) -> list[dict[str, Any]]:
    """Opens one; gives what the app sends."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    headers = [(b"cookie", cookie.encode()), (b"host", b"127.0.0.1:8000")]
    scope = {"type": "websocket", "scheme": "ws", "path": path, "root_path": "",
             "query_string": b"", "headers": headers, "subprotocols": []}  # fmt: skip
    asyncio.run(app(scope, receive, send))
    return sent


def routes(social: SocialLoginStarlette, ada: Identity) -> list[Any]:
    async def who(request: Request) -> Response:
        identity = current(request)
        return PlainTextResponse(identity.label if identity else "nobody")

    def mine(request: Request) -> Response:
        return PlainTextResponse(f"of {required(request).label}")

    async def enter(request: Request) -> Response:
        return social.sign_in(RedirectResponse("/who", 303), ada)

    async def page(request: Request) -> Response:
        return PlainTextResponse(str(social.box(request)))

    return [Route(f"/{view.__name__}", view) for view in (who, mine, enter, page)]


@pytest.fixture(params=["app", "mounted", "fastapi"])
def app(request: pytest.FixtureRequest, site: Site, ada: Identity) -> Starlette:
    login = asynchronous(site.login)
    app: Starlette
    if request.param == "mounted":
        social = SocialLoginStarlette(login)
        return Starlette(routes=[Mount("/auth", social), *routes(social, ada)])
    if request.param == "fastapi":
        app = api = FastAPI()
        app.router.routes += routes(SocialLoginFastAPI(api, login), ada)
    else:
        app = Starlette()
        app.router.routes += routes(SocialLoginStarlette(app, login), ada)
    return app


@pytest.fixture
def browser(site: Site, app: Starlette) -> Browser:
    return visiting(site, app)


def test_the_current_identity_and_sign_in(browser: Browser) -> None:
    assert browser.get("/who").text == "nobody"
    browser.get("/enter")
    assert browser.get("/who").text == "Ada"


def test_a_guarded_view_leads_to_the_choices_and_back(browser: Browser) -> None:
    reply = browser.get("/mine?a=1")
    assert (reply.status, reply.location) == (303, "/auth/?next=%2Fmine%3Fa%3D1")
    reply = browser.get("/mine", accept=JSON)
    assert (reply.status, reply.json["error"]["code"]) == (401, "login_required")
    browser.get("/enter")
    assert browser.get("/mine").text == "of Ada"


def test_the_box_leads_back_to_its_page(browser: Browser) -> None:
    assert 'name="next" value="/page?page=2"' in browser.get("/page?page=2").text


def test_a_websocket_below_the_mount_point_is_closed(app: Starlette, browser: Browser) -> None:
    assert websocket(app, "/auth/identity", browser)[0]["type"] == "websocket.close"


def test_templates_have_the_identity_and_the_box(site: Site, ada: Identity, tmp_path: Path) -> None:
    app = Starlette()
    social = SocialLoginStarlette(app, asynchronous(site.login))
    (tmp_path / "page.html").write_text("{{ identity.label }}{{ sociallogin_box('/page') }}")
    templates = Jinja2Templates(tmp_path, context_processors=[social.template_context])

    async def page(request: Request) -> Response:
        return templates.TemplateResponse(request, "page.html")

    app.router.routes.append(Route("/page", page))
    assert visiting(site, app, ada).get("/page").text.startswith("Ada<link")


def test_an_app_of_an_app_is_told_where_its_login_is(site: Site) -> None:
    async def who(request: Request) -> Response:
        return PlainTextResponse(str(current(request)))

    inner = Starlette(routes=[Route("/who", who)])
    outer = Starlette(routes=[Mount("/inner", inner)])
    social = SocialLoginStarlette(outer, asynchronous(site.login))
    with pytest.raises(LookupError, match=r"app\.state\.sociallogin = social"):
        visiting(site, outer).get("/inner/who")
    inner.state.sociallogin = social
    assert visiting(site, outer).get("/inner/who").text == "None"


def test_the_apps_other_urls_are_its_own(site: Site) -> None:
    everything = Mount("/", PlainTextResponse("the app's"))
    app = Starlette(routes=[Route("/here", PlainTextResponse("here"), name="here"), everything])
    SocialLoginStarlette(app, asynchronous(site.login))
    assert visiting(site, app).get("/nowhere").text == "the app's"
    assert visiting(site, app).get("/auth/identity").json == {"identity": None}
    assert app.url_path_for("here") == "/here"
    with pytest.raises(NoMatchFound):
        app.url_path_for("elsewhere")


@pytest.fixture
def api(site: Site) -> FastAPI:
    app = FastAPI()
    SocialLoginFastAPI(app, asynchronous(site.login))
    router = fastapi.APIRouter(prefix="/all", dependencies=[Depends(required_identity)])

    @app.get("/who")
    async def who(me: Annotated[Identity | None, Depends(current_identity)]) -> str:
        return me.label if me else "nobody"

    @app.get("/mine")
    def mine(me: Annotated[Identity, Depends(required_identity)], page: int = 1) -> str:
        return f"{me.label} {page}"

    @router.post("/notes", responses={401: {"description": "The view's own words."}})
    async def notes() -> str:
        return "noted"

    @app.websocket("/chat")
    async def chat(
        socket: fastapi.WebSocket, me: Annotated[Identity, Depends(required_identity)]
    ) -> None:
        await socket.accept()
        await socket.send_text(me.label)
        await socket.close()

    app.include_router(router)
    return app


def test_dependencies_give_the_identity_or_the_guards_answer(
    api: FastAPI, site: Site, ada: Identity
) -> None:
    nobody, member = visiting(site, api), visiting(site, api, ada)
    assert nobody.get("/who").json == "nobody"
    assert nobody.get("/mine").location == "/auth/?next=%2Fmine"
    assert nobody.get("/mine", accept=JSON).json["error"]["code"] == "login_required"
    assert nobody.post("/all/notes", accept=JSON).status == 401
    assert member.get("/who").json == "Ada"
    assert member.get("/mine?page=2").json == "Ada 2"
    refused = websocket(api, "/chat", nobody)
    assert [(event["type"], event["code"]) for event in refused] == [("websocket.close", 1008)]
    assert [event.get("text") for event in websocket(api, "/chat", member)] == [None, "Ada", None]


def test_openapi_tells_what_the_guard_needs_and_answers(api: FastAPI, site: Site) -> None:
    schema = visiting(site, api).get("/openapi.json").json
    assert set(schema["paths"]) == {"/who", "/mine", "/all/notes"}
    who, mine = schema["paths"]["/who"]["get"], schema["paths"]["/mine"]["get"]
    assert "parameters" not in who
    assert "security" not in who
    assert list(who["responses"]) == ["200"]
    assert [parameter["name"] for parameter in mine["parameters"]] == ["page"]
    assert mine["security"] == [{"sociallogin": []}]
    assert sorted(mine["responses"]) == ["200", "303", "401", "422"]
    assert "login_required" in mine["responses"]["401"]["description"]
    notes = schema["paths"]["/all/notes"]["post"]
    assert notes["responses"]["401"] == {"description": "The view's own words."}
    scheme = schema["components"]["securitySchemes"]["sociallogin"]
    assert scheme == {"type": "apiKey", "in": "cookie", "name": "sociallogin_identity"}


def test_openapi_of_an_app_without_a_guard_is_its_own(site: Site) -> None:
    app = FastAPI()
    SocialLoginFastAPI(app, asynchronous(site.login))
    assert "components" not in visiting(site, app).get("/openapi.json").json

"""What the login adds to a page view in each framework, beside bare views of the framework.

The app's own page is compared with the same page without the login. Each endpoint is compared with
a view that does nothing but read the same cookie and parameter and answer the same bytes under the
same headers, which it has ready: it opens no seal, chooses no language, renders nothing.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from io import BytesIO
from typing import Any

from async_logins import AsyncWork
from subjects import SITE, Work

from sociallogin import AsyncSocialLogin, Identity, SocialLogin
from sociallogin.web.endpoints import Endpoints
from sociallogin.web.messages import WebRequest, WebResponse

CONFIG = {
    "base_url": SITE,
    "secret_keys": ["a key of the benchmarks of thirty-two bytes or more"],
    "providers": {
        name: {"client_id": "1", "client_secret": "any"}
        for name in ("wordpress", "twitter", "facebook")
    },
}
PAGE = "<!doctype html><title>A page</title>" + 2000 * "x"
IDENTITY = Identity(
    provider="facebook", issuer="https://www.facebook.com", subject="10158", name="Ada Lovelace",
    email="ada@example.org", authenticated_at=1_800_000_000,
)  # fmt: skip
COOKIE = "__Host-sociallogin_identity"
#: The two endpoints of page views, below the mount point.
ENDPOINTS = {"identity": "/identity", "box": "/box?next=/post/1"}


def cookies() -> dict[str, str]:
    """Nobody, and somebody who is logged in."""
    login = SocialLogin.from_mapping(CONFIG)
    return {"nobody": "", "somebody": f"{COOKIE}={login.seal_identity(IDENTITY)}"}


def answers() -> dict[str, WebResponse]:
    """What the endpoints answer, by the path of the bare view that answers the same."""
    login = SocialLogin.from_mapping(CONFIG)
    endpoints = Endpoints(login)
    found = {}
    for visitor, cookie in cookies().items():
        for name, target in ENDPOINTS.items():
            path, _, query = target.partition("?")
            request = WebRequest("GET", path, query, {"cookie": cookie})
            found[f"/{name}/{visitor}"] = login.run(endpoints.handle(request))
    return found


def paths(visitor: str) -> dict[str, tuple[bool, str]]:
    """What is asked, by the name of the work: whether of the app with the login, and for what."""
    found = {"bare": (False, "/"), "with": (True, "/")}
    for name, target in ENDPOINTS.items():
        found[f"bare {name}"] = (False, f"/{name}/{visitor}?next=/post/1")
        found[name] = (True, f"/auth{target}")
    return found


def flask() -> tuple[Any, Any]:
    from flask import Flask, g, request

    from sociallogin.integrations.flask import SocialLoginFlask

    bare, ours = Flask("bare"), Flask("ours")
    bare.add_url_rule("/", "page", lambda: PAGE)

    def alike(answer: WebResponse) -> Any:
        request.cookies.get(COOKIE), request.args.get("next")
        return answer.body, answer.status, list(answer.headers)

    for path, answer in answers().items():
        bare.add_url_rule(path, path, partial(alike, answer))
    ours.add_url_rule("/", "page", lambda: (PAGE, {"X-Known": str(g.identity is not None)}))
    SocialLoginFlask(ours, SocialLogin.from_mapping(CONFIG))
    return bare, ours


def starlette() -> tuple[Any, Any]:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, Response
    from starlette.routing import Route

    from sociallogin.integrations.starlette import SocialLoginStarlette, current_identity

    async def bare_page(request: Request) -> HTMLResponse:
        return HTMLResponse(PAGE)

    async def page(request: Request) -> HTMLResponse:
        current_identity(request)
        return HTMLResponse(PAGE)

    def alike(answer: WebResponse) -> Any:
        async def view(request: Request) -> Response:
            request.cookies.get(COOKIE), request.query_params.get("next")
            return Response(answer.body, answer.status, dict(answer.headers))

        return view

    views = [Route(path, alike(answer)) for path, answer in answers().items()]
    bare = Starlette(routes=[Route("/", bare_page), *views])
    ours = Starlette(routes=[Route("/", page)])
    SocialLoginStarlette(ours, AsyncSocialLogin.from_mapping(CONFIG))
    return bare, ours


def django() -> tuple[Any, Any]:
    import types

    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpRequest, HttpResponse
    from django.urls import include, path

    def page(request: HttpRequest) -> HttpResponse:
        getattr(request, "identity", None)
        return HttpResponse(PAGE)

    def alike(request: HttpRequest, answer: WebResponse) -> HttpResponse:
        request.COOKIES.get(COOKIE), request.GET.get("next")
        return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))

    routes: Any = types.ModuleType("benchmark_urls")
    settings.configure(
        ALLOWED_HOSTS=["*"], SECRET_KEY="any", ROOT_URLCONF=routes, SOCIALLOGIN=CONFIG,
        INSTALLED_APPS=["sociallogin.integrations.django"], MIDDLEWARE=[],
    )  # fmt: skip
    django.setup()
    routes.urlpatterns = [
        path("", page),
        *(path(where[1:], alike, {"answer": answer}) for where, answer in answers().items()),
        path("", include("sociallogin.integrations.django.urls")),
    ]
    bare = WSGIHandler()
    settings.MIDDLEWARE = ["sociallogin.integrations.django.middleware.SocialLoginMiddleware"]
    return bare, WSGIHandler()


def by_wsgi(app: Any, target: str, cookie: str) -> Work:
    """One request, as a server hands it to the app."""
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": "blog.example.com", "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "blog.example.com", "HTTP_COOKIE": cookie, "wsgi.url_scheme": "https",
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": True,
    }  # fmt: skip
    statuses: list[str] = []

    def work() -> None:
        answer = app(
            {**environ, "wsgi.input": BytesIO()}, lambda status, *_: statuses.append(status)
        )
        b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        assert statuses.pop().startswith("200")

    return work


def by_asgi(app: Any, target: str, cookie: str) -> AsyncWork:
    """The same for an asynchronous app."""
    path, _, query = target.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
        "scheme": "https", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "headers": [(b"host", b"blog.example.com"), (b"cookie", cookie.encode())],
    }  # fmt: skip

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def work() -> None:
        sent: list[Mapping[str, Any]] = []

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        await app({**scope, "state": {}}, receive, send)
        assert sent[0]["status"] == 200

    return work


def works(runner: asyncio.Runner, times: int) -> dict[str, dict[str, Work]]:
    """By framework and visitor, the works to compare; each does `times` requests."""
    found: dict[str, dict[str, Work]] = {}
    for name, made, asynchronous in (
        ("Flask", flask, False), ("Django", django, False), ("Starlette", starlette, True),
    ):  # fmt: skip
        bare, ours = made()
        for visitor, cookie in cookies().items():
            table = found[f"{name}, {visitor}"] = {}
            for work, (with_login, target) in paths(visitor).items():
                app = ours if with_login else bare
                table[work] = (
                    _awaited(runner, by_asgi(app, target, cookie), times)
                    if asynchronous
                    else _several(by_wsgi(app, target, cookie), times)
                )
    return found


def _several(work: Work, times: int) -> Work:
    def several() -> None:
        for _ in range(times):
            work()

    return several


def _awaited(runner: asyncio.Runner, work: AsyncWork, times: int) -> Work:
    async def several() -> None:
        for _ in range(times):
            await work()

    return lambda: runner.run(several())

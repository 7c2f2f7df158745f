"""What the ASGI middleware makes of a server's events, and gives an app; shown in Quart."""

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
import quart

from carrying import by_asgi
from frameworks import asynchronous
from sites import Browser, Site
from sociallogin import Identity
from sociallogin.integrations.asgi import SocialLoginMiddleware, login_required
from sociallogin.web.messages import MAX_DROPPED

FORM = [
    (b"content-type", b"application/x-www-form-urlencoded"),
    (b"sec-fetch-site", b"same-origin"),
]
Events = list[dict[str, Any]]


class Served:
    """The middleware around an app that writes down its scope, and what was sent and received."""

    def __init__(self, site: Site) -> None:
        self.login = asynchronous(site.login)
        self.app = SocialLoginMiddleware(self._inner, self.login)
        self.scopes: list[Any] = []
        self.sent: Events = []
        self.received = 0
        self.guarded = login_required(self._inner)

    async def _inner(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        if scope["type"] == "lifespan":
            await send({"type": "lifespan.shutdown.complete"})
        elif scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"inner"})

    def __call__(self, scope: dict[str, Any], events: Iterable[dict[str, Any]] = ()) -> Events:
        pending = iter(events)
        self.sent = []

        async def receive() -> dict[str, Any]:
            self.received += 1
            return next(pending)

        async def send(event: dict[str, Any]) -> None:
            self.sent.append(event)

        whole = {"method": "GET", "path": "/", "query_string": b"", "headers": [], **scope}
        asyncio.run(self.app(whole, receive, send))
        return self.sent


@pytest.fixture
def served(site: Site) -> Served:
    return Served(site)


def http(method: str, path: str, headers: Iterable[tuple[bytes, bytes]] = ()) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "headers": list(headers)}


def part(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def header(events: Events, name: bytes) -> bytes | None:
    return dict(events[0]["headers"]).get(name)


def test_a_body_in_parts_is_read_whole(served: Served) -> None:
    parts = [
        part(b"name=A"),
        {"type": "http.request", "more_body": True},
        part(b"da&next=/a", False),
    ]
    events = served(http("POST", "/auth/guest", FORM), parts)
    assert (events[0]["status"], header(events, b"location")) == (303, b"/a")


def test_what_is_too_long_is_dropped_up_to_a_bound(served: Served) -> None:
    endless = (part(b"a" * 65_536) for _ in range(1000))
    assert served(http("POST", "/auth/guest", FORM), endless)[0]["status"] == 413
    assert served.received == MAX_DROPPED // 65_536


def test_a_browser_that_is_gone_is_not_answered(served: Served) -> None:
    events = served(
        http("POST", "/auth/guest", FORM), [part(b"name="), {"type": "http.disconnect"}]
    )
    assert events == []


def test_a_browser_that_goes_during_the_answer_is_let_go(served: Served) -> None:
    async def send(event: dict[str, Any]) -> None:
        raise OSError("gone")

    async def receive() -> dict[str, Any]:
        return part(b"", False)

    scope = {**http("GET", "/auth/identity"), "query_string": b""}
    asyncio.run(served.app(scope, receive, send))


def test_head_has_the_headers_of_get_and_no_body(served: Served) -> None:
    events = served(http("HEAD", "/auth/identity"), [part(b"", False)])
    assert header(events, b"content-length") == b"18"
    assert events[1]["body"] == b""


def test_parted_cookies_are_one(site: Site, served: Served, ada: Identity) -> None:
    sealed = site.login.seal_identity(ada).encode()
    cookies = [(b"Cookie", b"a=\xff"), (b"cookie", b"sociallogin_identity=" + sealed)]
    served(http("GET", "/", cookies))
    assert served.scopes[0]["sociallogin.identity"] == ada


@pytest.mark.parametrize(
    ("origin", "known"),
    [
        (b"http://127.0.0.1:8000", True),
        (None, True),
        (b"https://evil.example", False),
        (b"null", False),
    ],
)
def test_a_websocket_has_an_identity_for_our_own_pages(
    site: Site, served: Served, ada: Identity, origin: bytes | None, known: bool
) -> None:
    headers = [(b"cookie", b"sociallogin_identity=" + site.login.seal_identity(ada).encode())]
    headers += [(b"origin", origin)] if origin else []
    events = served({"type": "websocket", "scheme": "ws", "headers": headers})
    assert events == [{"type": "websocket.accept"}]
    assert (served.scopes[0]["sociallogin.identity"] == ada) is known
    served.app.app = served.guarded
    events = served({"type": "websocket", "scheme": "ws", "headers": headers})
    refused = {"type": "websocket.close", "code": 1008}
    assert events == [{"type": "websocket.accept"} if known else refused]


def test_a_websocket_below_the_mount_point_is_the_apps_own(served: Served) -> None:
    served({"type": "websocket", "path": "/auth/identity"})
    assert served.scopes[0]["path"] == "/auth/identity"


def test_what_is_neither_passes(served: Served) -> None:
    served({"type": "webtransport"})
    assert "sociallogin" not in served.scopes[0]


def test_with_the_apps_lifespan_the_connections_close(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []

    async def aclose() -> None:
        closed.append(list(served.sent))

    monkeypatch.setattr(served.login, "aclose", aclose)
    assert served({"type": "lifespan"}) == [{"type": "lifespan.shutdown.complete"}]
    assert closed == [[]], "before the server hears that the app is done"


def test_hooks_may_be_asynchronous(site: Site) -> None:
    drafts: list[object] = []

    async def on_begin(provider: str, form: object) -> None:
        await asyncio.sleep(0)
        drafts.append((provider, form))

    middleware = SocialLoginMiddleware(
        quart.Quart("a"), asynchronous(site.login), on_begin=on_begin
    )
    site.app = by_asgi(middleware)
    site.browser().begin("facebook", draft="Well said")
    assert drafts == [("facebook", {"draft": "Well said"})]


@pytest.fixture
def browser(site: Site, ada: Identity) -> Browser:
    """Visits a Quart app."""
    app = quart.Quart("site")

    @app.get("/")
    async def page() -> str:
        identity: Identity | None = quart.request.scope["sociallogin.identity"]  # type: ignore[typeddict-item]
        box: str = quart.request.scope["sociallogin"].box()  # type: ignore[typeddict-item]
        return f"{identity.label if identity else 'nobody'} {box}"

    @app.get("/enter")
    async def enter() -> Any:
        quart.request.scope["sociallogin"].sign_in(ada)  # type: ignore[typeddict-item]
        return quart.redirect("/", 303)

    site.app = by_asgi(SocialLoginMiddleware(app, asynchronous(site.login)))
    return site.browser()


def test_a_login_in_quart(browser: Browser) -> None:
    assert browser.get("/").text.startswith("nobody <link")
    assert browser.log_in("facebook").location == "/#"
    assert browser.get("/").text.startswith("Nora Lind <link")


def test_quart_signs_somebody_in(browser: Browser) -> None:
    browser.get("/enter")
    assert browser.get("/").text.startswith("Ada <link")


def test_a_guarded_app_leads_to_the_choices_and_back(served: Served) -> None:
    served.app.app = served.guarded
    events = served({**http("GET", "/mine"), "query_string": b"a=1"})
    assert header(events, b"location") == b"/auth/?next=%2Fmine%3Fa%3D1"
    events = served(http("GET", "/mine", [(b"accept", b"application/json")]))
    assert (events[0]["status"], b"login_required" in events[1]["body"]) == (401, True)

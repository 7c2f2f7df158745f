"""ASGI: a middleware for every framework that has no integration of its own."""

from collections.abc import Iterable
from dataclasses import replace
from functools import wraps

from ..async_social_login import AsyncSocialLogin
from ..site_login import SiteLogin
from ..web import cors
from ..web.asgi import (
    App,
    Message,
    Receive,
    Scope,
    Send,
    answer,
    public_path,
    raw,
    read_body,
    visit_of,
    web_request,
)
from ..web.endpoints import Endpoints
from ..web.kinds import asynchronous
from ..web.messages import VOUCHED, WebResponse
from ..web.site import OnBegin, OnLogin
from ..web.visit import Visit

_POLICY_VIOLATION = 1008  # RFC 6455 section 7.4.1


class SocialLoginMiddleware:
    """Social login around an ASGI app: `app = SocialLoginMiddleware(app, login)`.

    Below the configured mount point it answers itself. For every other request and for
    WebSockets it leaves, in the `scope`, the current `Identity` or None as
    `sociallogin.identity`, and as `sociallogin` the `Visit`, which has the comment box, and signs
    in. A WebSocket that another site's page opens has no identity. With the end of the app's
    lifespan the connections of the login are closed.

    `mount` in the configuration is the path that browsers see. An app that is served under a
    prefix, which its server puts into `root_path`, has the prefix in its `mount` too.

    Args:
        app: the app.
        login: the site's logins.
        on_login: hears of each `SignIn`; may raise `LoginRefused`, and may be asynchronous.
        on_begin: gets the provider's name and the other fields of a form that begins a login;
            may be asynchronous.
        debug: whether error pages show code and hint.

    Raises:
        TypeError: `login` is a blocking `SocialLogin`, which would hold up the event loop.
    """

    def __init__(
        self,
        app: App,
        login: AsyncSocialLogin,
        *,
        on_login: OnLogin | None = None,
        on_begin: OnBegin | None = None,
        debug: bool = False,
    ) -> None:
        self.app = app
        self.login = asynchronous(login)
        self.endpoints = Endpoints(login, on_login=on_login, on_begin=on_begin, debug=debug)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, self._closing(send))
        elif scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and self.endpoints.below(public_path(scope)) is not None:
            await serve(self.login, self.endpoints, scope, receive, send)
        else:
            recognized = await recognize(self.login, self.endpoints, scope)
            if isinstance(recognized, WebResponse):
                await refuse(recognized, scope, send)
                return
            visit = visit_of(self.endpoints, recognized)
            more = {"sociallogin": visit, "sociallogin.identity": visit.identity}
            await self.app({**scope, **more}, receive, _signing_in(visit, send))

    def _closing(self, send: Send) -> Send:
        async def closing(message: Message) -> None:
            if message["type"] in ("lifespan.shutdown.complete", "lifespan.shutdown.failed"):
                await self.login.aclose()
            await send(message)

        return closing


class EmbedCORSMiddleware:
    """Lets the pages of `embed_origins` ask an app for these paths, and read its answers (CORS).

    `app = EmbedCORSMiddleware(app, login, ["/comments"])`, around whatever else there is; in
    Starlette and FastAPI
    `app.add_middleware(EmbedCORSMiddleware, login=login, paths=["/comments"])`. Cookies are never
    allowed: those pages bring a bearer.

    Args:
        app: the app.
        login: the site's logins, whose configuration lists the origins.
        paths: public paths; what is below one counts too.
    """

    def __init__(self, app: App, login: SiteLogin, paths: Iterable[str]) -> None:
        self.app = app
        self._config = login.config
        self._paths = tuple(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not cors.is_below(public_path(scope), self._paths):
            await self.app(scope, receive, send)
            return
        request = web_request(scope)
        allowed = cors.preflight(self._config, request)
        if allowed is not None:
            await answer(allowed, scope, send)
            return
        origin = cors.listed_origin(self._config, request)

        async def sharing(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = message.get("headers", ())
                own = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent]
                message = {**message, "headers": raw(cors.headers_for(self._config, origin, own))}
            await send(message)

        await self.app(scope, receive, sharing)


def login_required(app: App) -> App:
    """Decorates an ASGI app that needs somebody who is logged in: 303 to the choices, JSON 401.

    A WebSocket is closed with the code 1008.
    """

    @wraps(app)
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        visit: Visit = scope["sociallogin"]
        if visit.identity is not None:
            await app(scope, receive, send)
        else:
            await refuse(visit.login_required(), scope, send)

    return guarded


async def serve(
    login: AsyncSocialLogin, endpoints: Endpoints, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answers a request for a path below the mount point, if the browser waits for it."""
    request = web_request(scope)
    below = endpoints.below_or_fault(request.path)
    body = await read_body(receive)
    if body is not None:
        request = replace(request, path=below, body=body)
        await answer(await login.run(endpoints.handle(request)), scope, send)


async def recognize(
    login: AsyncSocialLogin, endpoints: Endpoints, scope: Scope
) -> Scope | WebResponse:
    """The scope with whom its bearer stands for, or the answer where the store failed."""
    if not any(name == b"authorization" for name, _ in scope["headers"]):
        return scope  # as most requests are, which this costs little
    request = web_request(scope)
    if not endpoints.bears(request):
        return scope
    recognized = await login.run(endpoints.recognize(request))
    if isinstance(recognized, WebResponse):
        return recognized
    return {**scope, VOUCHED: recognized.vouched}


async def refuse(response: WebResponse, scope: Scope, send: Send) -> None:
    """Answers so; a WebSocket is closed with the code 1008."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
    else:
        await answer(response, scope, send)


def _signing_in(visit: Visit, send: Send) -> Send:
    """`send` with the cookies of those whom the app signs in."""

    async def signing_in(message: Message) -> None:
        if visit.headers and message["type"] in ("http.response.start", "websocket.accept"):
            message = {**message, "headers": [*message.get("headers", ()), *raw(visit.headers)]}
        await send(message)

    return signing_in

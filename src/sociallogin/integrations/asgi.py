"""ASGI: a middleware for every framework that has no integration of its own."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from typing import Any, TypeAlias

from ..async_social_login import AsyncSocialLogin
from ..site_login import SiteLogin
from ..web.endpoints import Endpoints, OnBegin, OnLogin
from ..web.messages import MAX_BODY, WebRequest, WebResponse
from ..web.origin import is_same_origin
from ..web.visit import Visit

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

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
            visit = visit_of(self.endpoints, scope)
            more = {"sociallogin": visit, "sociallogin.identity": visit.identity}
            await self.app({**scope, **more}, receive, _signing_in(visit, send))

    def _closing(self, send: Send) -> Send:
        async def closing(message: Message) -> None:
            if message["type"] in ("lifespan.shutdown.complete", "lifespan.shutdown.failed"):
                await self.login.aclose()
            await send(message)

        return closing


def login_required(app: App) -> App:
    """Decorates an ASGI app that needs somebody who is logged in: 303 to the choices, JSON 401.

    A WebSocket is closed with the code 1008.
    """

    @wraps(app)
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        visit: Visit = scope["sociallogin"]
        if visit.identity is not None:
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await answer(visit.login_required(), scope, send)

    return guarded


def asynchronous(login: SiteLogin) -> AsyncSocialLogin:
    """`login`, if it is one for asynchronous apps. Raises `TypeError`."""
    if not isinstance(login, AsyncSocialLogin):
        raise TypeError(
            f"an ASGI app needs an AsyncSocialLogin: {type(login).__name__} would hold up its "
            "event loop. Make it with AsyncSocialLogin.from_file, from_mapping or from_env."
        )
    return login


async def serve(
    login: AsyncSocialLogin, endpoints: Endpoints, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answers a request for a path below the mount point, if the browser waits for it."""
    request = web_request(scope)
    body = await _body(receive)
    if body is not None:
        request = replace(request, path=endpoints.below(request.path) or "/", body=body)
        await answer(await login.run(endpoints.handle(request)), scope, send)


async def answer(response: WebResponse, scope: Scope, send: Send) -> None:
    """Sends the answer."""
    headers = [*response.headers, ("Content-Length", str(len(response.body)))]
    body = b"" if scope["method"] == "HEAD" else response.body
    with suppress(OSError):  # the browser is gone
        await send(
            {"type": "http.response.start", "status": response.status, "headers": _raw(headers)}
        )
        await send({"type": "http.response.body", "body": body})


def visit_of(endpoints: Endpoints, scope: Scope) -> Visit:
    """The visit of a page, or of a WebSocket."""
    request = web_request(scope)
    same = is_same_origin(request.headers, endpoints.login.config.base_url)
    if scope["type"] == "websocket" and same is False:
        # Any page may open one (RFC 6455 section 10.2), and on a sibling host with our cookies.
        request = replace(request, headers={})
    return Visit(endpoints, request)


def web_request(scope: Scope) -> WebRequest:
    """The request with its whole public path, and without its body."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in headers:  # HTTP/2 may part cookies (RFC 9113 section 8.2.3)
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    return WebRequest(
        scope.get("method", "GET"),
        public_path(scope),
        scope["query_string"].decode("latin-1"),
        headers,
    )


def public_path(scope: Scope) -> str:
    """The whole path, the prefix of the app included.

    By the specification `path` includes `root_path`; behind some servers it does not. Starlette
    adds its own mounts to `root_path` and keeps the server's as `app_root_path`.
    """
    path: str = scope["path"]
    root: str = scope.get("app_root_path", scope.get("root_path", "")).rstrip("/")
    return path if path == root or path.startswith(f"{root}/") else root + path


async def _body(receive: Receive) -> bytes | None:
    """No more than `MAX_BODY` + 1 bytes; None when the browser is gone."""
    body = b""
    more = True
    while more and len(body) <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body[: MAX_BODY + 1]


def _signing_in(visit: Visit, send: Send) -> Send:
    """`send` with the cookies of those whom the app signs in."""

    async def signing_in(message: Message) -> None:
        if visit.headers and message["type"] in ("http.response.start", "websocket.accept"):
            more = _raw(visit.headers)
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return signing_in


def _raw(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in headers]

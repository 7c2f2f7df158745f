"""An ASGI request in our words, and our answer in ASGI's."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeAlias

from .endpoints import Endpoints
from .messages import MAX_BODY, MAX_DROPPED, VOUCHED, WebRequest, WebResponse
from .origin import is_same_origin
from .visit import Visit

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
#: Frameworks type these three each in their own way.
App: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]

#: A WebSocket is as safe as the page that opens it.
_SCHEMES = {"ws": "http", "wss": "https"}


def web_request(scope: Scope, path: str | None = None) -> WebRequest:
    """The request with its whole public path, which a framework may know, and without its body."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in headers:  # HTTP/2 may part cookies (RFC 9113 section 8.2.3)
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    scheme: str = scope.get("scheme", "http")
    request = WebRequest(
        scope.get("method", "GET"),
        public_path(scope) if path is None else path,
        scope.get("query_string", b"").decode("latin-1"),
        headers,
        scheme=_SCHEMES.get(scheme, scheme),
    )
    return request.vouched_for(scope[VOUCHED]) if VOUCHED in scope else request


def public_path(scope: Scope) -> str:
    """The whole path, the prefix of the app included.

    By the specification `path` includes `root_path`; behind some servers it does not. Starlette
    adds its own mounts to `root_path` and keeps the server's as `app_root_path`.
    """
    path: str = scope["path"]
    root: str = scope.get("app_root_path", scope.get("root_path", "")).rstrip("/")
    return path if path == root or path.startswith(f"{root}/") else root + path


async def read_body(receive: Receive) -> bytes | None:
    """No more than `MAX_BODY` + 1 bytes; None when the browser is gone."""
    body, received, more = bytearray(), 0, True
    while more and received < MAX_DROPPED:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        piece = message.get("body", b"")
        body += piece[: MAX_BODY + 1 - len(body)]
        received += len(piece)
        more = message.get("more_body", False)
    return bytes(body)


async def answer(response: WebResponse, scope: Scope, send: Send) -> None:
    """Sends the answer."""
    headers = raw(response.sent_headers)
    body = b"" if scope["method"] == "HEAD" else response.body
    with suppress(OSError):  # the browser is gone (ASGI 2.4)
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def visit_of(endpoints: Endpoints, scope: Scope) -> Visit:
    """The visit of a page, or of a WebSocket."""
    request = web_request(scope)
    same = is_same_origin(request.headers, endpoints.login.config.base_url)
    if scope["type"] == "websocket" and not same and (same is False or "origin" in request.headers):
        # Any page may open one (RFC 6455 section 10.2), and on a sibling host with our cookies; a
        # sandboxed frame says `null`.
        request = replace(request, headers={})
    return Visit(endpoints, request)


def raw(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI writes them."""
    return [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers]

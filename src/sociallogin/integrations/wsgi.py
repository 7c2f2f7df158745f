"""WSGI (PEP 3333): a middleware for every framework that has no integration of its own."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeAlias

from ..social_login import SocialLogin
from ..web.endpoints import Endpoints, OnBegin, OnLogin
from ..web.messages import MAX_BODY, WebRequest, WebResponse
from ..web.visit import Visit

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    Headers: TypeAlias = list[tuple[str, str]]


class SocialLoginMiddleware:
    """Social login around a WSGI app: `app = SocialLoginMiddleware(app, login)`.

    Below the configured mount point it answers itself. For every other request it leaves, in the
    `environ`, the current `Identity` or None as `sociallogin.identity`, and as `sociallogin` the
    `Visit`, which has the comment box, and signs in.

    `mount` in the configuration is the path that browsers see. An app that is served under a
    prefix, which its server puts into `SCRIPT_NAME`, has the prefix in its `mount` too.

    Args:
        app: the app.
        login: the site's logins.
        on_login: hears of each `SignIn`; may raise `LoginRefused`.
        on_begin: gets the provider's name and the other fields of a form that begins a login.
        debug: whether error pages show code and hint.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        login: SocialLogin,
        *,
        on_login: OnLogin | None = None,
        on_begin: OnBegin | None = None,
        debug: bool = False,
    ) -> None:
        self.app = app
        self.login = login
        self.endpoints = Endpoints(login, on_login=on_login, on_begin=on_begin, debug=debug)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = _web_request(environ)
        below = self.endpoints.below(request.path)
        if below is not None:
            request = replace(request, path=below, body=_body(environ))
            response = self.login.run(self.endpoints.handle(request))
            return _answer(response, environ, start_response)
        visit = Visit(self.endpoints, request)
        environ["sociallogin"] = visit
        environ["sociallogin.identity"] = visit.identity

        def start(status: str, headers: "Headers", *error: Any) -> Callable[[bytes], object]:
            return start_response(status, [*headers, *visit.headers], *error)

        return self.app(environ, start)


def login_required(app: "WSGIApplication") -> "WSGIApplication":
    """Decorates a WSGI app that needs somebody who is logged in: 303 to the choices, JSON 401."""

    @wraps(app)
    def guarded(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        visit: Visit = environ["sociallogin"]
        if visit.identity is not None:
            return app(environ, start_response)
        return _answer(visit.login_required(), environ, start_response)

    return guarded


def _web_request(environ: "WSGIEnvironment") -> WebRequest:
    """The request with its whole public path, and without its body."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    headers["content-type"] = environ.get("CONTENT_TYPE", "")
    return WebRequest(
        environ["REQUEST_METHOD"],
        path.encode("latin-1").decode(errors="replace"),  # PEP 3333: bytes in the guise of text
        environ.get("QUERY_STRING", ""),
        headers,
    )


def _body(environ: "WSGIEnvironment") -> bytes:
    """No more than `MAX_BODY` + 1 bytes; without a length only where the server ends the input."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isascii() and length.isdecimal():
        most = min(int(length), MAX_BODY + 1)
    else:
        most = MAX_BODY + 1 if environ.get("wsgi.input_terminated") else 0
    body: bytes = environ["wsgi.input"].read(most) if most else b""
    return body


def _answer(
    response: WebResponse, environ: "WSGIEnvironment", start_response: "StartResponse"
) -> list[bytes]:
    status = f"{response.status} {HTTPStatus(response.status).phrase}"
    start_response(status, [*response.headers, ("Content-Length", str(len(response.body)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]

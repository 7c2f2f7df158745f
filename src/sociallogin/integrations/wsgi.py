"""WSGI (PEP 3333): a middleware for every framework that has no integration of its own."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

from ..site_login import SiteLogin
from ..social_login import SocialLogin
from ..web import cors
from ..web.endpoints import Endpoints
from ..web.kinds import blocking
from ..web.messages import WebResponse
from ..web.site import OnBegin, OnLogin
from ..web.visit import Visit
from ..web.wsgi import answer, read_body, web_request

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

    Raises:
        TypeError: `login` is an `AsyncSocialLogin`.
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
        self.login = blocking(login)
        self.endpoints = Endpoints(login, on_login=on_login, on_begin=on_begin, debug=debug)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = web_request(environ)
        below = self.endpoints.below(request.path)
        if below is not None:
            request = replace(request, path=below, body=read_body(environ))
            response = self.login.run(self.endpoints.handle(request))
            return answer(response, environ, start_response)
        if self.endpoints.bears(request):
            recognized = self.login.run(self.endpoints.recognize(request))
            if isinstance(recognized, WebResponse):
                return answer(recognized, environ, start_response)
            request = recognized
        visit = Visit(self.endpoints, request)
        environ["sociallogin"] = visit
        environ["sociallogin.identity"] = visit.identity

        def start(status: str, headers: "Headers", *error: Any) -> Callable[[bytes], object]:
            return start_response(status, [*headers, *visit.headers], *error)

        return self.app(environ, start)


class EmbedCORSMiddleware:
    """Lets the pages of `embed_origins` ask an app for these paths, and read its answers (CORS).

    `app = EmbedCORSMiddleware(app, login, ["/comments"])`, around whatever else there is; in Flask
    `app.wsgi_app = EmbedCORSMiddleware(app.wsgi_app, login, ["/comments"])`. Cookies are never
    allowed: those pages bring a bearer.

    Args:
        app: the app.
        login: the site's logins, whose configuration lists the origins.
        paths: public paths; what is below one counts too.
    """

    def __init__(self, app: "WSGIApplication", login: SiteLogin, paths: Iterable[str]) -> None:
        self.app = app
        self._config = login.config
        self._paths = tuple(paths)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = web_request(environ)
        if not cors.is_below(request.path, self._paths):
            return self.app(environ, start_response)
        allowed = cors.preflight(self._config, request)
        if allowed is not None:
            return answer(allowed, environ, start_response)
        origin = cors.listed_origin(self._config, request)

        def start(status: str, headers: "Headers", *error: Any) -> Callable[[bytes], object]:
            shared = cors.headers_for(self._config, origin, headers)
            return start_response(status, shared, *error)

        return self.app(environ, start)


def login_required(app: "WSGIApplication") -> "WSGIApplication":
    """Decorates a WSGI app that needs somebody who is logged in: 303 to the choices, JSON 401."""

    @wraps(app)
    def guarded(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        visit: Visit = environ["sociallogin"]
        if visit.identity is not None:
            return app(environ, start_response)
        return answer(visit.login_required(), environ, start_response)

    return guarded

"""Flask: the endpoints, `g.identity`, the box in templates, hooks, and a guard for views."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ..errors import SocialLoginError
from ..identity import Identity
from ..social_login import SocialLogin
from ..web.endpoints import Endpoints, OnBegin, OnLogin
from ..web.messages import MAX_BODY, WebRequest, WebResponse
from ..web.visit import Visit

try:
    import flask
except ImportError as error:
    raise ImportError(
        'the Flask integration needs Flask: pip install "sociallogin[flask]"'
    ) from error

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Response

P = ParamSpec("P")
R = TypeVar("R")
Reply = TypeVar("Reply", bound="Response")  # what `flask.redirect` gives is one too
Login = TypeVar("Login", bound=OnLogin)
Begin = TypeVar("Begin", bound=OnBegin)

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class SocialLoginFlask:
    """Social login for a Flask app: `SocialLoginFlask(app, login)`.

    The endpoints stand below the configured mount point. `flask.g.identity` is the current
    `Identity` or None, as is `identity` in templates, where `sociallogin_box(next_url)` is the
    comment box.

    `mount` in the configuration is the path that browsers see. An app that is served under a
    prefix has it in its `APPLICATION_ROOT`, and in its `mount` too.
    """

    def __init__(self, app: flask.Flask, login: SocialLogin) -> None:
        self.login = login
        self.endpoints = Endpoints(login, debug=app.debug)
        self._app = app
        mount = login.config.mount
        prefix = app.config["APPLICATION_ROOT"].rstrip("/")
        if mount.startswith(f"{prefix}/"):  # Flask routes by what is below the prefix
            mount = mount.removeprefix(prefix)
        # The mount point itself too, or Flask would redirect to a URL made from the Host header.
        for rule in (mount, f"{mount}/", f"{mount}/<path:rest>"):
            app.add_url_rule(
                rule,
                "sociallogin",
                self._view,
                methods=_METHODS,
                provide_automatic_options=False,
                merge_slashes=False,
            )
        app.before_request(self._identify)
        app.context_processor(lambda: {"identity": flask.g.get("identity")})
        app.jinja_env.globals["sociallogin_box"] = self.box
        app.extensions["sociallogin"] = self

    def on_login(self, hook: Login) -> Login:
        """Decorates the function that hears of each `SignIn`; it may raise `LoginRefused`."""
        self.endpoints.on_login = self._app.ensure_sync(hook)
        return hook

    def on_begin(self, hook: Begin) -> Begin:
        """Decorates the function that gets the other fields of a form that begins a login."""
        self.endpoints.on_begin = self._app.ensure_sync(hook)
        return hook

    def box(
        self,
        next_url: str,
        change: bool = False,
        error: SocialLoginError | None = None,
        form: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> Any:
        """The comment box as markup.

        Args:
            next_url: the page that it stands in; logins come back to it.
            change: whether to show the choices although somebody is logged in.
            error: a failure to report, `guest_invalid` with its fields.
            form: the id of the app's own form, which the buttons and fields then belong to.
            values: what stood in the guest fields.
        """
        return self._visit().box(next_url, change, error, form, values)

    def guest(self, form: Mapping[str, str]) -> Identity:
        """The guest who filled in `name`, `email` and `website`; still to be signed in.

        Raises:
            RequestError: `guest_invalid`, with `fields`; `guest_not_allowed` by the policy.
        """
        return self._visit().guest(form)

    def sign_in(
        self, response: Reply, identity: Identity, *, remember: bool | None = None
    ) -> Reply:
        """Signs `identity` in; if not told to remember, a guest until the browser closes."""
        visit = self._visit()
        visit.sign_in(identity, remember=remember)
        for header in visit.headers:
            response.headers.add(*header)
        return response

    def login_required(self, view: Callable[P, R]) -> Callable[P, R | flask.Response]:
        """Decorates a view that needs somebody who is logged in: 303 to the choices, JSON 401."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | flask.Response:
            if flask.g.identity is not None:
                return flask.current_app.ensure_sync(view)(*args, **kwargs)  # type: ignore[no-any-return]  # Flask types it as Any
            return _flask_response(self._visit().login_required())

        return guarded

    def _visit(self) -> Visit:
        return Visit(self.endpoints, _web_request())

    def _identify(self) -> None:
        flask.g.identity = self._visit().identity

    def _view(self, rest: str = "") -> flask.Response:
        request = replace(_web_request(), path=f"/{rest}")
        if "form" in flask.request.__dict__:  # an app's own hook has read the body before us
            request = replace(request, fields=list(flask.request.form.items(multi=True)))
        else:
            request = replace(request, body=flask.request.stream.read(MAX_BODY + 1))
        return _flask_response(self.login.run(self.endpoints.handle(request)))


def _web_request() -> WebRequest:
    """The request with its whole public path, and without its body."""
    request = flask.request
    return WebRequest(
        request.method,
        request.root_path + request.path,
        request.query_string.decode("latin-1"),
        {name.lower(): value for name, value in request.headers.items()},
    )


class _Response(flask.Response):
    """Werkzeug rewrites Location, and drops the empty fragment that keeps a provider's away."""

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> "Headers":
        headers = super().get_wsgi_headers(environ)
        if "Location" in self.headers:
            headers["Location"] = self.headers["Location"]
        return headers


def _flask_response(response: WebResponse) -> flask.Response:
    return _Response(response.body, response.status, list(response.headers))

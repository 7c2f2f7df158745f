"""Flask: the endpoints, `g.identity`, the box in templates, hooks, and a guard for views."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ..errors import SocialLoginError
from ..identity import Identity
from ..login import SignIn
from ..social_login import SocialLogin
from ..web.endpoints import Endpoints, OnBegin, OnLogin
from ..web.messages import MAX_BODY, WebRequest, WebResponse

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
    """

    def __init__(self, app: flask.Flask, login: SocialLogin) -> None:
        self.login = login
        self._on_login: OnLogin | None = None
        self._on_begin: OnBegin | None = None
        self.endpoints = Endpoints(
            login, on_login=self._login_hook, on_begin=self._begin_hook, debug=app.debug
        )
        mount = login.config.mount
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
        self._on_login = hook
        return hook

    def on_begin(self, hook: Begin) -> Begin:
        """Decorates the function that gets the other fields of a form that begins a login."""
        self._on_begin = hook
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
        return self.endpoints.box(
            _web_request(""), next_url, change=change, error=error, form=form, values=values
        )

    def sign_in(self, response: Reply, identity: Identity, *, remember: bool = True) -> Reply:
        """Signs `identity` in, with the response; without `remember` until the browser closes."""
        response.headers.add(*self.endpoints.identity_cookie(identity, remember=remember))
        return response

    def login_required(self, view: Callable[P, R]) -> Callable[P, R | flask.Response]:
        """Decorates a view that needs somebody who is logged in: 303 to the choices, JSON 401."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | flask.Response:
            if flask.g.identity is not None:
                return flask.current_app.ensure_sync(view)(*args, **kwargs)  # type: ignore[no-any-return]  # Flask types it as Any
            return _flask_response(self.endpoints.login_required(_web_request(""), self._here()))

        return guarded

    def _here(self) -> str:
        """The page to come back to: this one, or the one whose form was posted."""
        if flask.request.method in ("GET", "HEAD"):
            return flask.request.full_path.removesuffix("?")
        return (flask.request.referrer or "").removeprefix(self.login.config.base_url)

    def _identify(self) -> None:
        flask.g.identity = self.endpoints.identity(_web_request(""))

    def _view(self, rest: str = "") -> flask.Response:
        return _flask_response(self.login.run(self.endpoints.handle(_web_request(rest))))

    def _login_hook(self, signin: SignIn) -> None:
        if self._on_login is not None:
            self._on_login(signin)

    def _begin_hook(self, provider: str, form: Mapping[str, str]) -> None:
        if self._on_begin is not None:
            self._on_begin(provider, form)


def _web_request(rest: str) -> WebRequest:
    request = flask.request
    fields, body = None, b""
    if request.method in ("POST", "PUT", "PATCH") and rest:
        if "form" in request.__dict__:  # an app's own hook has read the body before us
            fields = list(request.form.items(multi=True))
        else:
            body = request.stream.read(MAX_BODY + 1)
    return WebRequest(
        request.method,
        f"/{rest}",
        request.query_string.decode("latin-1"),
        {name.lower(): value for name, value in request.headers.items()},
        body,
        fields,
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

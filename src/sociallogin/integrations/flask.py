"""Flask: the endpoints, `g.identity`, the box in templates, hooks, and a guard for views."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from ..errors import SocialLoginError
from ..identity import Identity
from ..social_login import SocialLogin
from ..web.endpoints import Endpoints
from ..web.kinds import blocking
from ..web.messages import WebResponse
from ..web.site import OnBegin, OnLogin
from ..web.visit import Visit
from ..web.wsgi import read_body, web_request

try:
    import flask
    from werkzeug.routing import BaseConverter
except ImportError as error:
    raise ImportError(
        'the Flask integration needs Flask: pip install "sociallogin[flask]"'
    ) from error

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers
    from werkzeug.wrappers import Response

_VISIT = "sociallogin visit"

P = ParamSpec("P")
R = TypeVar("R")
Reply = TypeVar("Reply", bound="Response")  # what `flask.redirect` gives is one too
Login = TypeVar("Login", bound=OnLogin)
Begin = TypeVar("Begin", bound=OnBegin)


class SocialLoginFlask:
    """Social login for a Flask app: `SocialLoginFlask(app, login)`.

    The endpoints stand below the configured mount point. `flask.g.identity` is the current
    `Identity` or None, as is `identity` in templates, where `sociallogin_box(next_url)` is the
    comment box.

    `mount` in the configuration is the path that browsers see. An app that is served under a
    prefix has it in its `APPLICATION_ROOT`, and in its `mount` too.

    Views and hooks may be asynchronous where Flask has its extra `async`.

    Args:
        app: the app.
        login: the site's logins.

    Raises:
        TypeError: `login` is an `AsyncSocialLogin`.
        RuntimeError: the app has a login already.
    """

    def __init__(self, app: flask.Flask, login: SocialLogin) -> None:
        self.login = blocking(login)
        if "sociallogin" in app.extensions:
            raise RuntimeError(
                f"the app {app.name} has a SocialLoginFlask already: make one, whose configuration "
                "holds all providers"
            )
        self.endpoints = Endpoints(login, debug=app.debug)
        self._app = app
        mount = login.config.mount
        prefix = app.config["APPLICATION_ROOT"].rstrip("/")
        if mount.startswith(f"{prefix}/"):  # Flask routes by what is below the prefix
            mount = mount.removeprefix(prefix)
        # The mount point itself too, or Flask would redirect to a URL made from the Host header.
        # Whatever method and path: what is wrong with one is said alike in every framework.
        app.url_map.converters["sociallogin"] = _Rest
        for rule in (mount, f"{mount}/<sociallogin:rest>"):
            app.url_map.add(app.url_rule_class(rule, endpoint="sociallogin", merge_slashes=False))
        app.view_functions["sociallogin"] = self._view
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

    def commenter(self, form: Mapping[str, str]) -> Identity:
        """Who comments with the app's form in which the box stands; sign them in if they are new.

        The guest whose `name`, `email` and `website` it holds; or who is logged in, with the
        `email` that the form adds where the account shared none and the policy wants one.

        Raises:
            RequestError: `guest_invalid`, with `fields`; `guest_not_allowed` by the policy;
                `login_required`: the form showed an account, whose session has ended since.
        """
        return self._visit().commenter(form)

    def sign_in(
        self, response: Reply, identity: Identity, *, remember: bool | None = None
    ) -> Reply:
        """Signs `identity` in; if not told to remember, a guest until the browser closes."""
        for header in self.endpoints.signing_in(identity, remember=remember):
            response.headers.add(*header)
        return response

    @overload
    def login_required(
        self, view: Callable[P, Coroutine[Any, Any, R]]
    ) -> Callable[P, R | flask.Response]: ...
    @overload
    def login_required(self, view: Callable[P, R]) -> Callable[P, R | flask.Response]: ...
    def login_required(self, view: Callable[P, Any]) -> Callable[P, Any]:
        """Decorates a view that needs somebody who is logged in: 303 to the choices, JSON 401."""

        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            if flask.g.identity is not None:
                return flask.current_app.ensure_sync(view)(*args, **kwargs)
            return _flask_response(self._visit().login_required())

        return guarded

    def _visit(self) -> Visit:
        """The visit that the current request is, whose cookies are read once."""
        kept = vars(flask.request)
        visit: Visit | None = kept.get(_VISIT)
        if visit is None:
            visit = kept[_VISIT] = Visit(self.endpoints, web_request(flask.request.environ))
        return visit

    def _identify(self) -> flask.Response | None:
        visit = self._visit()
        if self.endpoints.bears(visit.request):
            recognized = self.login.run(self.endpoints.recognize(visit.request))
            if isinstance(recognized, WebResponse):
                return _flask_response(recognized)
            visit = vars(flask.request)[_VISIT] = Visit(self.endpoints, recognized)
        flask.g.identity = visit.identity
        return None

    def _view(self, rest: str = "") -> flask.Response:
        visit = self._visit()
        path = self.endpoints.below_or_fault(visit.request.path)
        request = replace(visit.request, path=path, vouched=visit.identity, **_body())
        return _flask_response(self.login.run(self.endpoints.handle(request)))


def _body() -> dict[str, Any]:
    """A `WebRequest`'s `body`, or its `fields`: an app's own hook may have read it before us."""
    if "form" in vars(flask.request):
        return {"fields": list(flask.request.form.items(multi=True))}
    if "_cached_data" in vars(flask.request):
        return {"body": flask.request.get_data()}
    return {"body": read_body(flask.request.environ)}


class _Rest(BaseConverter):
    """What follows the mount point, were it nothing or another slash."""

    regex = r"[\s\S]*?"  # a line feed too
    part_isolating = False


class _Redirect(flask.Response):
    """Werkzeug rewrites Location, and drops the empty fragment that keeps a provider's away."""

    def get_wsgi_headers(self, environ: "WSGIEnvironment") -> "Headers":
        headers = super().get_wsgi_headers(environ)
        headers["Location"] = self.headers["Location"]
        return headers


def _flask_response(response: WebResponse) -> flask.Response:
    kind = _Redirect if response.status == 303 else flask.Response
    return kind(response.body, response.status, list(response.headers))

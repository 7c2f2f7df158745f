"""Starlette and FastAPI: the endpoints as an app to mount, and the identity as a dependency."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, overload

from ..async_social_login import AsyncSocialLogin
from ..errors import SocialLoginError
from ..identity import Identity
from ..web.asgi import (
    App,
    Receive,
    Scope,
    Send,
    public_path,
    visit_of,
    web_request,
)
from ..web.endpoints import Endpoints
from ..web.kinds import asynchronous
from ..web.messages import VOUCHED, WebResponse
from ..web.site import OnBegin, OnLogin
from ..web.visit import Visit
from .asgi import recognize, refuse, serve

try:
    from starlette.applications import Starlette
    from starlette.datastructures import URLPath
    from starlette.exceptions import HTTPException, WebSocketException
    from starlette.requests import HTTPConnection
    from starlette.responses import Response
    from starlette.routing import BaseRoute, Match, Mount, NoMatchFound
except ImportError as error:
    raise ImportError(
        "the Starlette integration needs Starlette: "
        'pip install "sociallogin[starlette]", or "sociallogin[fastapi]"'
    ) from error

Reply = TypeVar("Reply", bound=Response)
Login = TypeVar("Login", bound=OnLogin)
Begin = TypeVar("Begin", bound=OnBegin)


class SocialLoginStarlette:
    """Social login for a Starlette app: `SocialLoginStarlette(app, login)`.

    The endpoints stand below the configured mount point. In the list of an app's routes stands
    `Mount("/auth", SocialLoginStarlette(login))`: it is an ASGI app.

    Args:
        app: the app, or none for one that you mount yourself.
        login: the site's logins.
        debug: whether error pages show code and hint.

    Raises:
        TypeError: `login` is a blocking `SocialLogin`, which would hold up the event loop.
    """

    @overload
    def __init__(self, login: AsyncSocialLogin, /, *, debug: bool = False) -> None: ...
    @overload
    def __init__(
        self, app: Starlette, login: AsyncSocialLogin, /, *, debug: bool = False
    ) -> None: ...
    def __init__(self, *given: Any, debug: bool = False) -> None:
        *apps, login = given
        self.login = asynchronous(login)
        self.endpoints = Endpoints(self.login, debug=debug)
        for app in apps:
            app.router.routes.insert(0, _Route(self))  # before whatever takes every path
            app.state.sociallogin = self
            if login.config.embed_origins:
                app.add_middleware(BearerMiddleware, social=self)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request below the mount point."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        await serve(self.login, self.endpoints, scope, receive, send)

    def on_login(self, hook: Login) -> Login:
        """Decorates the function that hears of each `SignIn`; it may raise `LoginRefused`.

        It may be asynchronous, and should be where it waits for anything.
        """
        self.endpoints.on_login = hook
        return hook

    def on_begin(self, hook: Begin) -> Begin:
        """Decorates the function that gets the other fields of a form that begins a login.

        It may be asynchronous, and should be where it waits for anything.
        """
        self.endpoints.on_begin = hook
        return hook

    def current_identity(self, connection: HTTPConnection) -> Identity | None:
        """Who is logged in; None when nobody is, or for a WebSocket of another site's page."""
        return self._visit(connection).identity

    def required_identity(self, connection: HTTPConnection) -> Identity:
        """Who is logged in; nobody is sent to the choices by a 303, for JSON answered 401.

        Raises:
            LoginRequired: Starlette and FastAPI make it the answer.
            WebSocketException: nobody is logged in; the WebSocket is closed with the code 1008.
        """
        visit = self._visit(connection)
        if visit.identity is not None:
            return visit.identity
        if connection.scope["type"] == "websocket":
            raise WebSocketException(1008)
        # A dependency can answer by an exception alone, and a mounted app can bring no handler to
        # the app around it but here. An app's own handler wins.
        handlers, _ = connection.scope.get("starlette.exception_handlers", ({}, {}))
        handlers.setdefault(LoginRequired, _refuse)
        raise LoginRequired(visit.login_required())

    def box(
        self,
        connection: HTTPConnection,
        next_url: str | None = None,
        change: bool = False,
        error: SocialLoginError | None = None,
        form: str | None = None,
        values: Mapping[str, str] | None = None,
    ) -> Any:
        """The comment box as markup; the arguments after the request are those of `Visit.box`."""
        return self._visit(connection).box(next_url, change, error, form, values)

    def template_context(self, connection: HTTPConnection) -> dict[str, Any]:
        """`identity` and `sociallogin_box(next_url)` for templates.

        For `Jinja2Templates(…, context_processors=[social.template_context])`.
        """
        visit = self._visit(connection)
        return {"identity": visit.identity, "sociallogin_box": visit.box}

    def commenter(self, connection: HTTPConnection, form: Mapping[str, str]) -> Identity:
        """Who comments with the app's form in which the box stands; sign them in if they are new.

        The guest whose `name`, `email` and `website` it holds; or who is logged in, with the
        `email` that the form adds where the account shared none and the policy wants one.

        Raises:
            RequestError: `guest_invalid`, with `fields`; `guest_not_allowed` by the policy;
                `login_required`: the form showed an account, whose session has ended since.
        """
        return self._visit(connection).commenter(form)

    def sign_in(
        self, response: Reply, identity: Identity, *, remember: bool | None = None
    ) -> Reply:
        """Signs `identity` in; if not told to remember, a guest until the browser closes."""
        for header in self.endpoints.signing_in(identity, remember=remember):
            response.headers.append(*header)
        return response

    def _visit(self, connection: HTTPConnection) -> Visit:
        scope = connection.scope
        embeds = self.login.config.embed_origins and VOUCHED not in scope
        if embeds and self.endpoints.bears(web_request(scope)):
            raise RuntimeError(
                "nothing has read the bearer of this request: add it to the app by "
                "app.add_middleware(BearerMiddleware, social=social)"
            )
        return visit_of(self.endpoints, scope)


class BearerMiddleware:
    """Reads the bearers of pages on other sites, before views ask who it is.

    An app that is given to `SocialLoginStarlette` or `SocialLoginFastAPI` has it already, where
    `embed_origins` is set. One that mounts it itself adds
    `Middleware(BearerMiddleware, social=social)`.
    """

    def __init__(self, app: App, social: SocialLoginStarlette) -> None:
        self._app = app
        self._social = social

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            recognized = await recognize(self._social.login, self._social.endpoints, scope)
            if isinstance(recognized, WebResponse):
                await refuse(recognized, scope, send)
                return
            scope = recognized
        await self._app(scope, receive, send)


class _Route(BaseRoute):
    """Leads to the login by the public path, under whatever prefix the app is served.

    A `Mount` answers the mount point itself with a redirect to a URL made from the Host header.
    """

    def __init__(self, social: SocialLoginStarlette) -> None:
        self._social = social

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = public_path(scope) if scope["type"] == "http" else ""
        ours = self._social.endpoints.below(path) is not None
        return Match.FULL if ours else Match.NONE, {}

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        raise NoMatchFound(name, path_params)  # its URLs are those of the configuration

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._social(scope, receive, send)


class LoginRequired(HTTPException):
    """Nobody is logged in where somebody has to be."""

    def __init__(self, answer: WebResponse) -> None:
        super().__init__(answer.status, headers=dict(answer.headers))
        self.answer = answer


def current_identity(connection: HTTPConnection) -> Identity | None:
    """`SocialLoginStarlette.current_identity` of the one that is mounted in this app."""
    return mounted(connection).current_identity(connection)


def required_identity(connection: HTTPConnection) -> Identity:
    """`SocialLoginStarlette.required_identity` of the one that is mounted in this app."""
    return mounted(connection).required_identity(connection)


def mounted(connection: HTTPConnection) -> SocialLoginStarlette:
    """The login that is mounted in this app, or stands in its `state.sociallogin`.

    Raises:
        LookupError: there is none.
    """
    app = connection.app
    social = getattr(app.state, "sociallogin", None)
    if social is None:
        social = app.state.sociallogin = next(_logins(app.routes), None)
    if social is None:
        raise LookupError(
            "no SocialLoginStarlette is mounted in this app; in an app that is mounted in another "
            "say app.state.sociallogin = social"
        )
    found: SocialLoginStarlette = social
    return found


def _logins(routes: Iterable[BaseRoute]) -> Iterator[SocialLoginStarlette]:
    for route in routes:
        if isinstance(route, Mount):
            if isinstance(route.app, SocialLoginStarlette):
                yield route.app
            yield from _logins(route.routes)


async def _refuse(_connection: Any, refused: Any) -> Response:
    answer: WebResponse = refused.answer
    response = Response(answer.body, answer.status)
    for name, value in answer.headers:
        response.headers.append(name, value)
    return response

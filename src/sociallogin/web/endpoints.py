"""The endpoints below the mount point, as flows: a `WebRequest` in, a `WebResponse` out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import RequestError, SocialLoginError, StoreError
from ..flows import Flow
from . import embed
from .assets import static
from .avatars import avatar
from .bearers import bearer_of, recognized
from .cors import SHARED, preflight, shared
from .email_form import email
from .embed_results import redeem
from .forms import first, readable
from .guest_form import guest
from .leaving import change, logout
from .logins import begin, callback, confirm
from .messages import WebRequest, WebResponse
from .reading import box, choices, identity
from .site import Site

#: An endpoint is called with the site, the request, and what its path names.
_Endpoint: TypeAlias = Callable[..., WebResponse | Flow[WebResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """`safe` (RFC 9110 section 9.2.1): whether a GET changes nothing, so that HEAD may ask too."""

    methods: frozenset[str]
    path: re.Pattern[str]
    answer: _Endpoint
    safe: bool


def _route(methods: str, path: str, answer: _Endpoint, *, safe: bool = True) -> Route:
    return Route(frozenset(methods.split()), re.compile(path), answer, safe)


ROUTES = [
    _route("GET", "/", choices),
    _route("GET", "/login/([^/]+)", confirm),
    _route("POST", "/login/([^/]+)", begin),
    _route("GET POST", "/callback/([^/]+)", callback, safe=False),
    _route("POST", "/change", change),
    _route("POST", "/guest", guest),
    _route("POST", "/email", email),
    _route("POST", "/logout", logout),
    _route("GET", "/identity", identity),
    _route("GET", "/box", box),
    _route("GET", "/static/([^/]+)", static),
    _route("GET", "/avatar/([^/]+)", avatar),
    _route("GET", "/embed/login/([^/]+)", embed.confirm),
    _route("POST", "/embed/login/([^/]+)", embed.begin),
    _route("POST", "/embed/redeem", redeem),
]


def _first_name(path: str) -> str:
    return path[1:].partition("/")[0]


#: Those whose paths begin alike: with each page view one is looked for.
_ALIKE: dict[str, list[Route]] = {}
for _one in ROUTES:
    _ALIKE.setdefault(_first_name(_one.path.pattern), []).append(_one)


class Endpoints(Site):
    """The endpoints of one site; made like a `Site`."""

    def below(self, path: str) -> str | None:
        """Where below the mount point a public path leads; None for every other path."""
        mount = self.login.config.mount
        if path == mount:
            return "/"
        return path.removeprefix(mount) if path.startswith(f"{mount}/") else None

    def below_or_fault(self, path: str) -> str:
        """The same for a path that a framework's routes have led here.

        Raises:
            RuntimeError: the endpoints are not mounted where the configuration says.
        """
        below = self.below(path)
        if below is None:
            raise RuntimeError(
                f"{path} led to the endpoints of the login, but the configuration says mount = "
                f'"{self.login.config.mount}": `mount` is the whole path that browsers see, with '
                "the prefix under which the app is served"
            )
        return below

    def bears(self, request: WebRequest) -> bool:
        """Whether a request for a page of the app brings a bearer, which `recognize` reads."""
        if "authorization" not in request.headers or self.below(request.path) is not None:
            return False  # our own paths ask by themselves
        return bearer_of(self.login, request) is not None

    def recognize(self, request: WebRequest) -> Flow[WebRequest | WebResponse]:
        """The request with whom its bearer stands for, or the answer where the store failed."""
        try:
            return (yield from recognized(self.login, request))
        except StoreError as error:
            return self.failure(request, error)

    def handle(self, request: WebRequest) -> Flow[WebResponse]:
        """Answers a request; every failure of ours becomes a page or JSON, never an exception."""
        config = self.login.config
        shares = bool(config.embed_origins) and SHARED.fullmatch(request.path) is not None
        if shares and (allowed := preflight(config, request)) is not None:
            return allowed
        try:
            if "authorization" in request.headers:
                request = yield from recognized(self.login, request)
            answered = self._routed(request)
            response = answered if isinstance(answered, WebResponse) else (yield from answered)
        except SocialLoginError as error:
            response = self.failure(request, error, values=first(readable(request, "form")))
        return shared(config, request, response) if shares else response

    def _routed(self, request: WebRequest) -> WebResponse | Flow[WebResponse]:
        _ = request.parameters  # refused alike everywhere, whether they are read or not
        method = "GET" if request.method == "HEAD" else request.method
        routes = _ALIKE.get(_first_name(request.path), [])
        for route in routes:
            if method not in route.methods or not (route.safe or request.method != "HEAD"):
                continue
            match = route.path.fullmatch(request.path)
            if match is not None:
                return route.answer(self, request, *match.groups())
        methods = [route.methods for route in routes if route.path.fullmatch(request.path)]
        if not methods:
            raise RequestError("not_found")
        allowed = ", ".join(sorted(set[str]().union(*methods)))
        error = RequestError("method_not_allowed", f"only {allowed} is answered here")
        return self.failure(request, error).adding([("Allow", allowed)])

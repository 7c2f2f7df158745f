"""The endpoints below the mount point, as flows: a `WebRequest` in, a `WebResponse` out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ..errors import RequestError, SocialLoginError
from ..flows import Flow
from .assets import static
from .avatars import avatar
from .email_form import email
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
]


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

    def handle(self, request: WebRequest) -> Flow[WebResponse]:
        """Answers a request; every failure of ours becomes a page or JSON, never an exception."""
        try:
            return (yield from self._routed(request))
        except SocialLoginError as error:
            return self.failure(request, error, values=first(readable(request, "form")))

    def _routed(self, request: WebRequest) -> Flow[WebResponse]:
        _ = request.parameters  # refused alike everywhere, whether they are read or not
        method = "GET" if request.method == "HEAD" else request.method
        for route in ROUTES:
            if method not in route.methods or not (route.safe or request.method != "HEAD"):
                continue
            match = route.path.fullmatch(request.path)
            if match is not None:
                answered = route.answer(self, request, *match.groups())
                if isinstance(answered, WebResponse):
                    return answered
                return (yield from answered)
        methods = [route.methods for route in ROUTES if route.path.fullmatch(request.path)]
        if not methods:
            raise RequestError("not_found")
        allowed = ", ".join(sorted(set[str]().union(*methods)))
        error = RequestError("method_not_allowed", f"only {allowed} is answered here")
        return self.failure(request, error).adding([("Allow", allowed)])

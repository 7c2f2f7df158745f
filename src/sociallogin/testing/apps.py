"""From a test client to the logins of the app that it tests."""

from collections import deque
from collections.abc import Iterator, Mapping

from ..site_login import SiteLogin
from .clients import Browser

#: Where integrations keep the logins, and where middlewares, routes and methods keep their app.
_NEXT = ("login", "app", "wsgi_app", "asgi_app", "application", "__self__")
#: More objects than any app is made of.
_LIMIT = 10_000


def login_of(browser: Browser, given: SiteLogin | None) -> SiteLogin:
    """The `SocialLogin` or `AsyncSocialLogin` of the app under test, which the browser now visits.

    Raises:
        LookupError: it cannot be found.
    """
    login = given or _found(browser.app)
    if login is None:
        raise LookupError(
            "the app's logins cannot be found from this client: pass login=, its SocialLogin"
        )
    browser.secure = login.config.is_https
    return login


def _found(app: object) -> SiteLogin | None:
    seen: set[int] = set()
    queue = deque([app])
    while queue and len(seen) < _LIMIT:
        thing = queue.popleft()
        if isinstance(thing, SiteLogin):
            return thing
        if thing is not None and id(thing) not in seen:
            seen.add(id(thing))
            queue.extend(_neighbours(thing))
    return None


def _neighbours(thing: object) -> Iterator[object]:
    yield from (getattr(thing, name, None) for name in _NEXT)
    extensions = getattr(thing, "extensions", None)
    if isinstance(extensions, Mapping):  # Flask
        yield extensions.get("sociallogin")
    routes = getattr(thing, "routes", None)
    if isinstance(routes, list):  # Starlette
        yield from routes
    yield getattr(getattr(thing, "state", None), "sociallogin", None)  # Starlette
    for middleware in getattr(thing, "user_middleware", ()):  # Starlette
        yield from middleware.kwargs.values()

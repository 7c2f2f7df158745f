"""Which kind of login an app needs: one that waits, or one that does not hold up an event loop."""

from ..async_social_login import AsyncSocialLogin
from ..site_login import SiteLogin
from ..social_login import SocialLogin


def blocking(login: SiteLogin) -> SocialLogin:
    """`login`, if it is one for blocking apps. Raises `TypeError`, which names the fix."""
    if not isinstance(login, SocialLogin):
        raise _unfit(login, SocialLogin, "a blocking app cannot await its logins")
    return login


def asynchronous(login: SiteLogin) -> AsyncSocialLogin:
    """`login`, if it is one for asynchronous apps. Raises `TypeError`, which names the fix."""
    if not isinstance(login, AsyncSocialLogin):
        raise _unfit(login, AsyncSocialLogin, "it would hold up the event loop of an ASGI app")
    return login


def _unfit(login: object, needed: type, why: str) -> TypeError:
    why = why if isinstance(login, SiteLogin) else "it is no login"
    return TypeError(
        f"{type(login).__name__} does not fit here: {why}. "
        f"Use {needed.__name__}, made alike: {needed.__name__}.from_file, from_mapping, from_env"
    )

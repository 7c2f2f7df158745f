"""What this browser's cookies say of it."""

import re
from typing import NamedTuple

from .. import session
from ..identity import Identity
from ..site_login import SiteLogin
from .cookies import Cookies, values
from .messages import Pairs

#: For so many seconds the box says what just happened.
NEWS_SECONDS = 60

#: What `left_now` writes; the cookie may hold anything.
_LEFT = re.compile(r"([a-z][a-z0-9_-]*|)\.([0-9]{1,11})")


class Visitor(NamedTuple):
    """One browser.

    Attributes:
        identity: who is logged in, or None.
        chooser: whether the next login must ask which account to use.
        left: the provider that this browser logged out of a moment ago, or None.
        arrived: whether the login was completed a moment ago.
        remembered: the guest who asked to be remembered here, or None.
    """

    identity: Identity | None = None
    chooser: bool = False
    left: str | None = None
    arrived: bool = False
    remembered: Identity | None = None


def identity_of(login: SiteLogin, cookies: Cookies, pairs: Pairs) -> Identity | None:
    """Who is logged in; of several cookies of the name, the first that opens counts."""
    return _first_opened(login, values(pairs, cookies.identity), session.PURPOSE)


def remembered_guest(login: SiteLogin, cookies: Cookies, pairs: Pairs) -> Identity | None:
    """The guest who asked to be remembered in this browser."""
    return _first_opened(login, values(pairs, cookies.guest), session.REMEMBERED)


def _first_opened(login: SiteLogin, sealed: list[str], purpose: str) -> Identity | None:
    for text in sealed:
        if (identity := login.sessions.open(text, purpose)) is not None:
            return identity
    return None


def visitor_of(
    login: SiteLogin, cookies: Cookies, pairs: Pairs, vouched: Identity | None = None
) -> Visitor:
    """What the cookies say; `vouched` is whom a bearer stands for instead."""
    now = login.clock()
    identity = vouched or identity_of(login, cookies, pairs)
    chooser = next(iter(values(pairs, cookies.chooser)), None)
    return Visitor(
        identity,
        chooser=chooser is not None,
        left=_left(chooser, now) if chooser and identity is None else None,
        arrived=identity is not None and 0 <= now - identity.authenticated_at < NEWS_SECONDS,
        remembered=remembered_guest(login, cookies, pairs),
    )


def _left(chooser: str, now: float) -> str | None:
    """The provider that was left a moment ago, as `left_now` wrote it."""
    found = _LEFT.fullmatch(chooser)
    if found is None or not 0 <= now - int(found[2]) < NEWS_SECONDS:
        return None
    return found[1]


def left_now(login: SiteLogin, identity: Identity | None) -> str:
    """The value of the chooser cookie at a log-out; a guest leaves no provider."""
    provider = identity.provider if identity and not identity.is_guest else ""
    return f"{provider}.{int(login.clock())}"

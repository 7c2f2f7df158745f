"""Bearers: what stands for somebody on a page of another site, where our cookies do not come.

One is opaque (256 random bits) and sent as `Authorization: Bearer` (RFC 6750 section 2.1). The
store keeps, under its hash, who it stands for and which origin it was given to, sealed. It counts
for requests of that origin's pages alone, until Log Out or its end.
"""

import hashlib
import re
from base64 import urlsafe_b64encode

from .. import session, stores
from ..flows import Flow
from ..identity import Identity
from ..site_login import SiteLogin
from .cors import listed_origin
from .messages import WebRequest

#: A bearer lasts for as long as a session, but never longer than this.
MAX_SECONDS = 30 * 24 * 3600

#: The prefix tells ours from whatever else an app reads from the same header.
_BEARER = re.compile(r"bearer +(sociallogin_[A-Za-z0-9_-]{43})", re.IGNORECASE)


def bearer_of(login: SiteLogin, request: WebRequest) -> str | None:
    """The bearer of ours that a request carries; None where no other site may show the box."""
    header = request.headers.get("authorization")
    if header is None or not login.config.embed_origins:
        return None
    found = _BEARER.fullmatch(header)
    return found[1] if found else None


def lifetime(login: SiteLogin) -> int:
    """Seconds for which a bearer lasts."""
    return min(login.config.session_max_age, MAX_SECONDS)


def issue(login: SiteLogin, identity: Identity, origin: str) -> Flow[str]:
    """A new bearer for pages of that origin. Raises `StoreError`."""
    bearer = f"sociallogin_{urlsafe_b64encode(login.random(32)).rstrip(b'=').decode()}"
    sealed = session.seal(login.sealer, identity, lifetime(login), _purpose(origin))
    yield from stores.put(login.store, _name(login, bearer), sealed, lifetime(login))
    return bearer


def recognized(login: SiteLogin, request: WebRequest) -> Flow[WebRequest]:
    """The request with whom its bearer stands for; the same request where it carries none.

    A bearer that does not count stands for nobody, and the cookies beside it for nobody either.

    Raises:
        StoreError: the store failed, so it is not known who asks.
    """
    bearer = bearer_of(login, request)
    if bearer is None:
        return request
    return request.vouched_for((yield from _read(login, request, bearer)))


def revoke(login: SiteLogin, request: WebRequest, bearer: str) -> Flow[bool]:
    """Ends a bearer, if it is one of the page that asks; whether it is. Raises `StoreError`."""
    if (yield from _read(login, request, bearer)) is None:
        return False
    return (yield from stores.take(login.store, _name(login, bearer))) is not None


def _read(login: SiteLogin, request: WebRequest, bearer: str) -> Flow[Identity | None]:
    origin = listed_origin(login.config, request)
    if origin is None:
        return None
    sealed = yield from stores.get(login.store, _name(login, bearer))
    return login.sessions.open(sealed, _purpose(origin))


def _purpose(origin: str) -> str:
    """The origin is in what the seal is bound to, so under another one it does not open."""
    return f"bearer {origin}"


def _name(login: SiteLogin, bearer: str) -> str:
    return f"{login.config.base_url}:bearer:{hashlib.sha256(bearer.encode()).hexdigest()}"

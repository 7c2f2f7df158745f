"""The identity session: who is logged in, sealed into one cookie; and a guest's remembered one."""

from collections.abc import Callable
from functools import lru_cache

from .identity import FIELDS, Identity
from .sealing import SealBroken, SealEnded, Sealer

PURPOSE = "identity"
REMEMBERED = "guest"
#: How long a guest who wants it is remembered.
REMEMBERED_SECONDS = 180 * 24 * 3600

#: Browsers drop a cookie whose name and value pass 4096 bytes; attributes and name need room.
MAX_SEALED = 3800

#: How many opened cookies are known, of 4 KB each at most.
KEPT = 512

#: What is left out first when an identity is too large for a cookie.
_LEAST_MISSED = ("website_url", "profile_url", "picture_url", "username", "email", "name")


def seal(sealer: Sealer, identity: Identity, lifetime: int, purpose: str = PURPOSE) -> str:
    """The identity without its claims as text for a cookie; it ends after `lifetime` seconds.

    Where provider and person fill every field to its bound, the least missed are left out until
    it fits; the key never is.
    """
    values = identity.to_dict()
    for name in ("", *_LEAST_MISSED):
        if name:
            values[name] = None
        if name == "email":
            values["email_verified"] = None  # nothing that could be
        # Values alone, in the order of FIELDS: reading them is most of what a page view costs.
        sealed = sealer.seal(purpose, list(values.values()), lifetime)
        if len(sealed) <= MAX_SEALED:
            break
    return sealed


class Sessions:
    """Opens what `seal` wrote. Safe to share between threads.

    A page and its box, and one page after another, bring the same cookie: what was opened lately
    is known. Whether its time is over is asked each time.
    """

    def __init__(self, sealer: Sealer, clock: Callable[[], float]) -> None:
        self._sealer = sealer
        self._clock = clock
        self._known = lru_cache(maxsize=KEPT)(self._read)

    def open(self, cookie: object, purpose: str = PURPOSE) -> Identity | None:
        """The identity that was sealed; None for anything else, or when its time is over."""
        if not isinstance(cookie, str):
            return None
        try:
            identity, ends_at = self._known(cookie, purpose)
        except (SealBroken, SealEnded):
            return None
        return identity if self._clock() < ends_at else None

    def _read(self, cookie: str, purpose: str) -> tuple[Identity, int]:
        values, _, ends_at = self._sealer.open(purpose, cookie)
        # An older version may have sealed fewer fields: those of today then keep their defaults.
        return Identity(**dict(zip(FIELDS, values, strict=False))), ends_at

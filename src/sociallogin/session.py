"""The identity session: who is logged in, sealed into one cookie; and a guest's remembered one."""

from .identity import FIELDS, Identity
from .sealing import SealBroken, SealEnded, Sealer

PURPOSE = "identity"
REMEMBERED = "guest"
#: How long a guest who wants it is remembered.
REMEMBERED_SECONDS = 180 * 24 * 3600

#: Browsers drop a cookie whose name and value pass 4096 bytes; attributes and name need room.
MAX_SEALED = 3800

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
        # Values alone, in the order of FIELDS: reading them is most of what a page view costs.
        sealed = sealer.seal(purpose, list(values.values()), lifetime)
        if len(sealed) <= MAX_SEALED:
            break
    return sealed


def open_(sealer: Sealer, cookie: object, purpose: str = PURPOSE) -> Identity | None:
    """The identity that `seal` wrote; None for anything else, or when its time is over."""
    if not isinstance(cookie, str):
        return None
    try:
        values = sealer.open(purpose, cookie).value
    except (SealBroken, SealEnded):
        return None
    # An older version may have sealed fewer fields: those of today then keep their defaults.
    return Identity(**dict(zip(FIELDS, values, strict=False)))

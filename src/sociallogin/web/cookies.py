"""The cookies of this browser: their names, their attributes, and how they are read.

On https every name carries `__Host-`, so that no sibling subdomain can plant one; plain names
are for loopback http, and never read on https.
"""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable

from ..config import Config
from .messages import Pairs

MAX_PENDING = 5
MAX_PENDING_BYTES = 4096
MAX_EVICTED = 20
CHOOSER_SECONDS = 400 * 24 * 3600  # browsers keep no cookie longer (RFC 6265bis section 5.5)
PENDING_SECONDS = 3600  # longer than the seal, so that "too late" can be told from "never"

_HEADER = "Set-Cookie"


class Cookies:
    """The cookies of one site."""

    def __init__(self, config: Config) -> None:
        host = "__Host-" if config.is_https else ""
        start = f"{host}{config.cookie_prefix}_"
        self.identity = f"{start}identity"
        self.csrf = f"{start}csrf"
        self.chooser = f"{start}chooser"
        self.guest = f"{start}guest"
        self._login = f"{start}login_"
        self._pending = re.compile(re.escape(self._login) + "[A-Za-z0-9_-]{8}")
        self._attributes = "; Path=/; HttpOnly; SameSite=Lax"
        if config.is_https:
            self._attributes += "; Secure"

    def set(self, name: str, value: str, max_age: int | None = None) -> tuple[str, str]:
        """The header that sets a cookie, for `max_age` seconds or until the browser closes."""
        lasting = f"; Max-Age={max_age}" if max_age is not None else ""
        return _HEADER, f"{name}={value}{self._attributes}{lasting}"

    def delete(self, name: str) -> tuple[str, str]:
        """The header that deletes a cookie; it repeats the attributes it was set with."""
        return (
            _HEADER,
            f"{name}={self._attributes}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        )

    def forget(self, pairs: Pairs, name: str) -> list[tuple[str, str]]:
        """What deletes a cookie, if this browser sent it."""
        return [self.delete(name)] if values(pairs, name) else []

    def login(self, key: str) -> str:
        """The name of a pending login's cookie: tabs never overwrite each other's."""
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
        return self._login + urlsafe_b64encode(digest[:6]).decode()

    def pending(self, pairs: Pairs) -> dict[str, str]:
        """The cookies of pending logins; no other name that begins alike is ever sent back."""
        return {name: value for name, value in pairs if self._pending.fullmatch(name)}


def values(pairs: Pairs, name: str) -> list[str]:
    """Every value of a cookie: a browser may send a name twice."""
    return [value for found, value in pairs if found == name]


def evicted(new: tuple[str, str], oldest_first: Iterable[tuple[str, str]]) -> list[str]:
    """Which pending logins must go for a new one, so that the request headers stay small.

    No more than `MAX_EVICTED` at once: neither may the answer's headers grow.
    """
    kept = [pair for pair in oldest_first if pair[0] != new[0]]
    gone = []
    while kept and (
        len(kept) >= MAX_PENDING
        or sum(len(name) + len(value) for name, value in [*kept, new]) > MAX_PENDING_BYTES
    ):
        gone.append(kept.pop(0)[0])
    return gone[:MAX_EVICTED]

"""What requests tell about a login whose cookie is lost."""

import re
from collections import deque
from collections.abc import Iterable

from .messages import WebRequest

_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def mismatch(request: WebRequest, base_url: str) -> str:
    """How the request's address differs from the configured one: the end of a hint, or nothing.

    Headers are evidence here and no more: no URL is made from them.
    """
    scheme, _, ours = base_url.partition("://")
    host = request.headers.get("host", "").lower().removesuffix(_DEFAULT_PORT[scheme])
    if _HOST.fullmatch(host) and host != ours:
        return f"; this request came to the host {host}, but base_url says {ours}: use one name"
    forwarded = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    if forwarded in _DEFAULT_PORT and forwarded != scheme:
        return (
            f"; X-Forwarded-Proto says that the browser came by {forwarded}://, but base_url says "
            f"{scheme}://: use one scheme, or let the proxy send $scheme"
        )
    if not forwarded and request.scheme == "http" and scheme == "https":
        return (
            "; this request came by http:// and no proxy says in X-Forwarded-Proto that the "
            "browser used https://: on http:// a browser keeps no cookie of an https:// site"
        )
    return ""


class BegunElsewhere:
    """The last logins that were begun at another address than `base_url`.

    Their cookies stay there: they come back to `base_url` without one, and show nothing amiss.
    """

    def __init__(self) -> None:
        self._found: deque[tuple[str, str]] = deque(maxlen=100)

    def begun(self, key: str, found: str) -> None:
        """Keeps what `mismatch` found in the request that began the login of this key."""
        if found:
            self._found.append((key, f"; when it was begun{found.replace(';', ':', 1)}"))

    def evidence(self, keys: Iterable[str]) -> str:
        """What was found when one of these was begun: the end of a hint, or nothing."""
        found = dict(self._found.copy())
        return next((found[key] for key in keys if key in found), "")

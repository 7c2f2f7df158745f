"""Where a browser may be sent after a login: a path on this site, or nowhere.

Open redirects are found again and again in "the path starts with a slash" checks: browsers read
`\\` as `/`, drop tabs and line breaks inside a URL, and servers decode once more than the check
did. So the path is judged after decoding it until it no longer changes.
"""

import re
from functools import lru_cache
from urllib.parse import quote, unquote

MAX_BYTES = 1000
HOME = "/"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ufffd]")
_SAFE = "/?#[]@!$&'()*+,;=%~:-._|"


def safe_next(value: object) -> str:
    """`value`, percent-encoded to ASCII, if it is a path on this site; otherwise `/`.

    At most 1000 bytes, counted as they are sent, so encoded; query and fragment are kept. No
    scheme, host, `//`, backslash, control character, or encoded form of these in the path.
    """
    return _safe(value) if isinstance(value, str) and len(value) <= MAX_BYTES else HOME


@lru_cache(maxsize=1024)  # pages are few, and each view of one asks
def _safe(value: str) -> str:
    if not value.startswith("/"):
        return HOME
    if _CONTROL.search(value):
        return HOME
    path = re.split("[?#]", value, maxsplit=1)[0]
    if " " in path or not _stays_here(path):
        return HOME
    try:
        encoded = quote(value, safe=_SAFE)
    except UnicodeEncodeError:  # a lone surrogate
        return HOME
    return encoded if len(encoded) <= MAX_BYTES else HOME


def _stays_here(path: str) -> bool:
    while True:
        if "//" in path or _CONTROL.search(path):
            return False
        decoded = unquote(path)
        if decoded == path:
            return True
        path = decoded

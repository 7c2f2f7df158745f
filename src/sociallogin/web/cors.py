"""What pages of other sites may read of this one, as their browsers are told (CORS).

Only the origins of `embed_origins`, and never with cookies: `Access-Control-Allow-Credentials` is
not sent, so that what they read is nobody's, or the bearer's who asked.
"""

import re
from collections.abc import Iterable

from ..config import Config
from .messages import WebRequest, WebResponse

#: What is read from other sites, below the mount point.
SHARED = re.compile(r"/(identity|logout|box|embed/redeem|static/[^/]+)")

_ALLOWED = (
    ("Access-Control-Allow-Methods", "GET, POST"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
    ("Access-Control-Max-Age", "7200"),  # seconds; Chromium keeps it no longer
)
_VARY = "Vary"


def listed_origin(config: Config, request: WebRequest) -> str | None:
    """The origin of the page that asks, if it is one of `embed_origins`."""
    origin = request.headers.get("origin")
    return origin if origin in config.embed_origins else None


def preflight(config: Config, request: WebRequest) -> WebResponse | None:
    """The answer to a listed page's browser that asks whether it may ask; None for all others."""
    asks = request.method == "OPTIONS" and "access-control-request-method" in request.headers
    origin = listed_origin(config, request) if asks else None
    if origin is None:
        return None
    headers = (("Content-Type", "text/plain"), *_ALLOWED)
    return WebResponse(200, tuple(headers_for(config, origin, headers)))


def shared(config: Config, request: WebRequest, response: WebResponse) -> WebResponse:
    """The answer, readable for the page that asked, if it is a listed one."""
    origin = listed_origin(config, request)
    headers = tuple(headers_for(config, origin, response.headers))
    return WebResponse(response.status, headers, response.body)


def is_below(path: str, prefixes: Iterable[str]) -> bool:
    """Whether a path is one of these, or below one."""
    return any(path == prefix or path.startswith(f"{prefix.rstrip('/')}/") for prefix in prefixes)


def headers_for(
    config: Config, origin: str | None, headers: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """These headers, and those that let a page of `origin` read what comes with them.

    `Vary` says so even where it may not, or a cache would hand one origin's answer to another.
    """
    if not config.embed_origins:
        return list(headers)
    kept = [(name, value) for name, value in headers if name.lower() != _VARY.lower()]
    varying = [value for name, value in headers if name.lower() == _VARY.lower()]
    kept.append((_VARY, ", ".join([*varying, "Origin"])))
    if origin is not None:
        kept.append(("Access-Control-Allow-Origin", origin))
    return kept

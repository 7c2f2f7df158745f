"""A login begins here for a page of another site, in a window of its own or in that page's tab.

The page's challenge (RFC 7636 section 4.2) comes from the page alone. A window receives it from
the window that opened it, whose origin the browser vouches for; so no stranger's link can plant
one. In the page's own tab it comes by the address, where anybody could write another: there the
result asks for a code too, which only that page is told.
"""

import re
from collections.abc import Mapping

from ..errors import RequestError, SocialLoginError
from ..flows import Flow
from ..transactions import Embedding
from . import cookies
from .embed_results import ended
from .forms import first, is_yes
from .logins import to_provider
from .messages import WebRequest, WebResponse
from .site import Site

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # SHA-256 in base64url
#: What follows the origin in an address that a browser shows, up to its fragment.
_BEHIND_ORIGIN = re.compile(r"/[!\x22\x24-\x7e]*")
_MAX_RETURN = 1000


def confirm(site: Site, request: WebRequest, provider: str) -> WebResponse:
    """A page that asks its opener for the challenge, or has one button that begins the login."""
    asked = first(request.parameters)
    client = site.client(provider)
    embedding = _embedding(site, asked)
    return site.with_token(
        request, lambda view: site.pages.embed_login(client, view, embedding), None,
        change=is_yes(asked.get("change")),
    )  # fmt: skip


def begin(site: Site, request: WebRequest, provider: str) -> Flow[WebResponse]:
    """Sends the browser to the provider; what comes of it is left for the page."""
    form = site.posted(request)
    client = site.client(provider)
    embedding = _embedding(site, form)
    _checked_challenge(embedding.challenge)
    chooser = bool(cookies.values(request.cookies, site.cookies.chooser))
    change = is_yes(form.get("change")) or chooser
    try:
        start = yield from site.login.flows.begin(client.name, change=change, embedding=embedding)
    except SocialLoginError as error:
        return (yield from ended(site, request, embedding, error))
    return to_provider(site, request, start)


def _embedding(site: Site, asked: Mapping[str, str]) -> Embedding:
    """The page that a login is for. Raises `RequestError`: `origin_not_allowed`, `bad_request`."""
    origins = site.login.config.embed_origins
    origin, url, challenge = (asked.get(name, "") for name in ("origin", "return", "challenge"))
    if url:
        origin = next((listed for listed in origins if _is_under(url, listed)), "")
        _checked_challenge(challenge)
    if origin not in origins:
        raise RequestError("origin_not_allowed", "the page's origin is not in embed_origins")
    return Embedding(origin, challenge, url)


def _checked_challenge(challenge: str) -> None:
    if not _CHALLENGE.fullmatch(challenge):
        raise RequestError("bad_request", "`challenge` must be an S256 challenge, 43 characters")


def _is_under(url: str, origin: str) -> bool:
    behind = url.removeprefix(origin)
    return len(url) <= _MAX_RETURN and url != behind and bool(_BEHIND_ORIGIN.fullmatch(behind))

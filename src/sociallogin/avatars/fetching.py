"""Fetching a picture: few redirects, each judged like the first address."""

from collections.abc import Callable
from urllib.parse import urljoin

from ..flows import Flow, Request, Response
from .sources import must_be_public

MAX_REDIRECTS = 2
#: What is asked for, and understood (Pillow's names are in `drawing`). Never SVG: it is a program.
TYPES = ("image/webp", "image/png", "image/jpeg", "image/gif")
_REDIRECTS = (301, 302, 303, 307, 308)
_HEADERS = {"Accept": ", ".join(TYPES)}
_SAID_FOR_JPEG = ("image/jpg", "image/pjpeg")


class NoPicture(Exception):
    """What was found is no picture that can be shown. The text says why, without the URL."""


def fetch(url: str, may_fetch: Callable[[str], bool]) -> Flow[bytes]:
    """The bytes that a picture's URL leads to, which are not to be trusted.

    Args:
        url: where it is.
        may_fetch: whether a URL may be asked; also about each that the first redirects to.

    Raises:
        NoPicture: an address that may not be asked, too many redirects, or another answer.
        ProviderError: no whole answer came, or one over 1 MiB.
    """
    for _ in range(MAX_REDIRECTS + 1):
        if not may_fetch(url):
            raise NoPicture("at a host that is not listed")
        response: Response = yield Request("GET", url, _HEADERS, public_only=must_be_public(url))
        if response.status not in _REDIRECTS:
            return _body(response)
        try:
            url = urljoin(url, response.headers.get("location", ""))
        except ValueError:
            raise NoPicture("redirected to what is no URL") from None
    raise NoPicture("redirected too often")


def _body(response: Response) -> bytes:
    if response.status != 200:
        raise NoPicture(f"answered with {response.status}")
    said = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said not in TYPES and said not in _SAID_FOR_JPEG:
        raise NoPicture("answered with another type")
    return response.body

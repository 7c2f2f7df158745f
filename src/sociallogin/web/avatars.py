"""A picture as an answer: what browsers and caches may do with it."""

import hashlib

from ..avatars.avatars import Avatar
from ..avatars.drawing import CONTENT_TYPE, SIDES
from ..errors import RequestError
from ..flows import Flow
from .messages import NO_REFERRER, NO_SNIFF, WebRequest, WebResponse
from .site import Site


def avatar(site: Site, request: WebRequest, opaque: str) -> Flow[WebResponse]:
    """The picture of that name. Raises `RequestError`: `not_found`, where pictures are off."""
    login = site.login
    if login.avatars is None:
        raise RequestError("not_found", "pictures are off in the configuration")
    found = yield from login.avatars.serve(opaque, _side(request), login.pause, login.in_thread)
    return _answer(request, found, embedded=bool(login.config.embed_origins))


def _side(request: WebRequest) -> int:
    """How many pixels are asked for: those of the smaller picture, if nothing that there is."""
    asked = dict(request.parameters).get("size", "")
    return next((side for side in SIDES if str(side) == asked), SIDES[0])


def _answer(request: WebRequest, picture: Avatar, *, embedded: bool) -> WebResponse:
    """The picture; 304 where the browser has it; 404, to be asked again soon, where none is.

    Args:
        request: the browser's.
        picture: what was found.
        embedded: whether pages of other origins show the box, and so its pictures.
    """
    public = f"public, max-age={picture.seconds}"
    headers: tuple[tuple[str, str], ...] = (
        ("Cache-Control", public if picture.seconds else "no-store"),
        # A picture says nothing and does nothing, even opened by itself.
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("Cross-Origin-Resource-Policy", "cross-origin" if embedded else "same-origin"),
        NO_SNIFF,
        NO_REFERRER,
    )
    if picture.body is None:
        return WebResponse(404, (("Content-Type", "text/plain; charset=utf-8"), *headers))
    tag = f'"{hashlib.sha256(picture.body).hexdigest()[:32]}"'
    headers = (("ETag", tag), *headers)
    if request.has(tag):
        return WebResponse(304, headers)
    return WebResponse(200, (("Content-Type", CONTENT_TYPE), *headers), picture.body)

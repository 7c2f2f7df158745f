"""A picture as an answer: what browsers and caches may do with it."""

import hashlib
import re

from ..avatars.avatars import Avatar
from ..avatars.drawing import CONTENT_TYPE, SIDES
from .messages import NO_REFERRER, NO_SNIFF, WebRequest, WebResponse

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def side(request: WebRequest) -> int:
    """How many pixels are asked for: those of the smaller picture, if nothing that there is."""
    asked = dict(request.parameters).get("size", "")
    return next((side for side in SIDES if str(side) == asked), SIDES[0])


def answer(request: WebRequest, avatar: Avatar, *, embedded: bool) -> WebResponse:
    """The picture; 304 where the browser has it; 404, to be asked again soon, where none is.

    Args:
        request: the browser's.
        avatar: what was found.
        embedded: whether pages of other origins show the box, and so its pictures.
    """
    public = f"public, max-age={avatar.seconds}"
    headers: tuple[tuple[str, str], ...] = (
        ("Cache-Control", public if avatar.seconds else "no-store"),
        # A picture says nothing and does nothing, even opened by itself.
        ("Content-Security-Policy", "default-src 'none'; sandbox"),
        ("Cross-Origin-Resource-Policy", "cross-origin" if embedded else "same-origin"),
        NO_SNIFF,
        NO_REFERRER,
    )
    if avatar.body is None:
        return WebResponse(404, (("Content-Type", "text/plain; charset=utf-8"), *headers))
    tag = f'"{hashlib.sha256(avatar.body).hexdigest()[:32]}"'
    headers = (("ETag", tag), *headers)
    if tag in _TAG.findall(request.headers.get("if-none-match", "")):
        return WebResponse(304, headers)
    return WebResponse(200, (("Content-Type", CONTENT_TYPE), *headers), avatar.body)

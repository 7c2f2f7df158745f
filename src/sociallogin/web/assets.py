"""The style sheet, the script and the icons, served under names that change with their content."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..errors import RequestError
from .messages import NO_SNIFF, WebRequest, WebResponse

if TYPE_CHECKING:
    from .site import Site

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_COMMENT_LINES = re.compile(rb"^[ \t]*(?://[^\n]*|/\*[^\n]*\*/)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, its type, and the name that holds the hash of its content."""

    content: bytes
    content_type: str
    hashed_name: str


@cache
def assets() -> Mapping[str, Asset]:
    """All assets by their plain names."""
    found = {}
    for path in files(__package__).joinpath("static").iterdir():
        stem, dot, extension = path.name.rpartition(".")
        content = path.read_bytes()
        if extension in ("js", "css"):
            content = _COMMENT_LINES.sub(b"", content)  # they are for whoever reads the source
        digest = hashlib.sha256(content).hexdigest()[:12]
        found[path.name] = Asset(content, _TYPES[dot + extension], f"{stem}.{digest}.{extension}")
    return MappingProxyType(found)


@cache
def by_hashed_name() -> Mapping[str, Asset]:
    """The same by the names that pages use."""
    return MappingProxyType({asset.hashed_name: asset for asset in assets().values()})


def icon(name: str) -> str:
    """The SVG of a provider, or of any other one, to stand in a page and take its colour."""
    asset = assets().get(f"{name}.svg") or assets()["provider.svg"]
    return asset.content.decode()


def static(site: "Site", request: WebRequest, name: str) -> WebResponse:
    """A file, for as long as its content is the same. Raises `RequestError`: `not_found`."""
    asset, age = by_hashed_name().get(name), "public, max-age=31536000, immutable"
    if asset is None:
        asset, age = assets().get(name), "no-cache"
    if asset is None:
        raise RequestError("not_found")
    tag = f'"{asset.hashed_name}"'
    headers: tuple[tuple[str, str], ...] = (("ETag", tag), ("Cache-Control", age), NO_SNIFF)
    if site.login.config.embed_origins:
        headers += (("Cross-Origin-Resource-Policy", "cross-origin"),)
    if request.has(tag):
        return WebResponse(304, headers)
    return WebResponse(200, (("Content-Type", asset.content_type), *headers), asset.content)

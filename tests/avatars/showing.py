"""A site with pictures, and what a visitor sees of them."""

import re
from io import BytesIO
from typing import Any

from carrying import Reply
from sites import Browser, Site
from sociallogin import Identity
from sociallogin.emulators import answers

DAY = 24 * 3600
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PATH = re.compile(r'<img src="([^"]+)" srcset="([^"]+) 2x"')
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def with_pictures(framework: str = "bare", **more: Any) -> Site:
    return Site(framework, **{"avatars": {}, **more})


def shown(browser: Browser) -> str | None:
    """Where the picture in the box is."""
    found = PATH.search(browser.get("/auth/box").text)
    if found is None:
        return None
    assert found[2] == f"{found[1]}?size=192"
    return found[1]


def path_of(browser: Browser) -> str:
    path = shown(browser)
    assert path is not None
    return path


def asked(site: Site, provider: str = "twitter") -> int:
    """How often the provider was asked for a picture."""
    return len(site.emulators.of(provider).asked("picture"))


def is_picture(reply: Reply, side: int = 96) -> bool:
    from PIL import Image

    if reply.status != 200:
        return False
    assert reply.header("Content-Type") == "image/webp"
    with Image.open(BytesIO(reply.body)) as picture:
        return picture.format == "WEBP" and picture.size == (side, side)


def script(site: Site, body: bytes, kind: str = "image/png", status: int = 200) -> None:
    site.emulators.twitter.answer_next("picture", answers.raw(body, kind, status))


def somebody(number: int) -> Identity:
    return Identity(
        provider="twitter", issuer="https://x.com", subject=str(number),
        picture_url=f"https://pbs.twimg.com/profile_images/{number}.png",
    )  # fmt: skip

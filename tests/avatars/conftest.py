"""Pillow, without which there are no pictures; and what the tests make of it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from avatars.showing import with_pictures
from sites import Browser, Site


@pytest.fixture(scope="session", autouse=True)
def pillow(require: Callable[..., object]) -> None:
    from importlib.util import find_spec

    require(find_spec("PIL"), "Pillow")


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """A picture as a file: `encoded("PNG", (400, 300), "red")`."""
    from PIL import Image

    def encode(
        kind: str, size: tuple[int, int] = (400, 300), colour: Any = "red", mode: str = "RGB",
        **options: Any,
    ) -> bytes:  # fmt: skip
        file = BytesIO()
        Image.new(mode, size, colour).save(file, kind, **options)
        return file.getvalue()

    return encode


@pytest.fixture
def site(framework: str) -> Site:
    return with_pictures(framework)


@pytest.fixture
def person(site: Site) -> Browser:
    """Somebody who is logged in with X."""
    browser = site.browser()
    browser.log_in("twitter")
    return browser

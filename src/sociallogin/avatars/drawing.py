"""Drawing a picture anew: whatever else its file held does not survive that."""

from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

from .fetching import NoPicture

if TYPE_CHECKING:
    from PIL.Image import Image

#: The sides of our pictures in pixels, for usual screens and for dense ones.
SIDES = (96, 192)
CONTENT_TYPE = "image/webp"

#: What is opened, by Pillow's names; it judges by content.
_FORMATS = ("WEBP", "PNG", "JPEG", "GIF")
MAX_PIXELS = 2048 * 2048
#: A progressive JPEG may hold thousands of tiny scans, each of which costs a walk through all of
#: the picture. Encoders make about ten.
MAX_SCANS = 64
_JPEG, _START_OF_SCAN = b"\xff\xd8\xff", b"\xff\xda"
_QUALITY = 82


@cache
def is_available() -> bool:
    """Whether Pillow, the extra `avatars`, is installed."""
    return find_spec("PIL") is not None


def redraw(file: bytes) -> Mapping[int, bytes]:
    """A square picture from the middle of `file`, for each of `SIDES`, as WebP.

    Of what moves the first frame counts. Nothing is made larger than it is.

    Args:
        file: any bytes.

    Raises:
        NoPicture: they are no picture, or one that would cost too much.
    """
    from PIL import Image, ImageOps

    if file.startswith(_JPEG) and file.count(_START_OF_SCAN) > MAX_SCANS:
        raise NoPicture("too many scans")
    try:
        with Image.open(BytesIO(file), formats=_FORMATS) as opened:
            # By its head alone, before anything is decoded.
            if opened.width * opened.height > MAX_PIXELS:
                raise NoPicture("too many pixels")
            opened.draft("RGB", (2 * SIDES[-1], 2 * SIDES[-1]))  # a JPEG decodes smaller at once
            ImageOps.exif_transpose(opened, in_place=True)
            image = opened.convert("RGBA" if opened.has_transparency_data else "RGB")
        drawn = {}
        for side in sorted(SIDES, reverse=True):  # each from the larger one, which costs less
            image = ImageOps.fit(image, (min(side, *image.size),) * 2)
            drawn[side] = _encoded(image)
        return drawn
    except NoPicture:
        raise
    except Exception as error:  # noqa: BLE001  (given any bytes, decoders raise what they like)
        raise NoPicture(f"cannot be read ({type(error).__name__})") from None


def _encoded(image: "Image") -> bytes:
    image.info.clear()  # the encoder would copy profiles and comments from it
    encoded = BytesIO()
    image.save(encoded, "WEBP", quality=_QUALITY)
    return encoded.getvalue()

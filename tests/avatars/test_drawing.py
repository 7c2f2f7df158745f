"""Whatever a file holds, our own small picture comes out of it, or none."""

import struct
import tracemalloc
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sociallogin.avatars.drawing import SIDES, redraw
from sociallogin.avatars.fetching import NoPicture
from sociallogin.emulators.people import portrait
from strategies import QUICK

MIB = 1 << 20
Encode = Callable[..., bytes]


def opened(file: bytes) -> Any:
    from PIL import Image

    return Image.open(BytesIO(file))


def chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG of one bit for each pixel that says to be so large, with this behind its head."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def black(width: int, height: int) -> bytes:
    """The whole data of such a picture, compressed a thousandfold."""
    return chunk(b"IDAT", zlib.compress(bytes((width + 7) // 8 + 1) * height, 9))


def riff(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"WEBP" + b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
        for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def refused(file: bytes) -> str:
    with pytest.raises(NoPicture) as raised:
        redraw(file)
    return str(raised.value)


@pytest.mark.parametrize(
    ("kind", "mode", "colour"),
    [("PNG", "RGB", "red"), ("PNG", "RGBA", (255, 0, 0, 255)), ("PNG", "P", 0), ("PNG", "LA", 0),
     ("PNG", "1", 0), ("PNG", "I;16", 0), ("JPEG", "RGB", "red"), ("JPEG", "L", 9),
     ("JPEG", "CMYK", 0), ("GIF", "P", 0), ("WEBP", "RGB", "red"), ("WEBP", "RGBA", (1, 2, 3, 4))],
)  # fmt: skip
@pytest.mark.parametrize("size", [(400, 300), (300, 900), (192, 192)])
def test_every_usual_kind_becomes_two_squares(
    encoded: Encode, kind: str, mode: str, colour: Any, size: tuple[int, int]
) -> None:
    drawn = redraw(encoded(kind, size, colour, mode))
    assert sorted(drawn) == sorted(SIDES)
    for side, file in drawn.items():
        picture = opened(file)
        assert (picture.format, picture.size) == ("WEBP", (side, side))


def test_the_middle_is_kept_and_its_colours() -> None:
    from PIL import Image

    wide = Image.new("RGB", (600, 200), "red")
    wide.paste("blue", (200, 0, 400, 200))
    file = BytesIO()
    wide.save(file, "PNG")
    picture = opened(redraw(file.getvalue())[96]).convert("RGB")
    for place in ((0, 0), (95, 95), (48, 48)):
        red, green, blue = picture.getpixel(place)
        assert red < 60, place
        assert green < 60, place
        assert blue > 200, place


def test_what_is_transparent_stays_so(encoded: Encode) -> None:
    drawn = redraw(encoded("PNG", (200, 200), (10, 20, 30, 0), "RGBA"))
    assert opened(drawn[96]).convert("RGBA").getpixel((48, 48))[3] == 0


def test_a_small_picture_is_not_blown_up(encoded: Encode) -> None:
    drawn = redraw(encoded("PNG", (100, 50)))
    assert {side: opened(file).size for side, file in drawn.items()} == {
        96: (50, 50), 192: (50, 50),
    }  # fmt: skip
    assert opened(redraw(encoded("PNG", (1, 1)))[96]).size == (1, 1)


def test_a_camera_held_sideways_is_turned_upright() -> None:
    from PIL import Image

    picture = Image.new("RGB", (200, 200), "red")
    picture.paste("blue", (0, 0, 200, 100))  # the upper half
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by 180 degrees
    file = BytesIO()
    picture.save(file, "JPEG", exif=exif, quality=95)
    red, _, blue = opened(redraw(file.getvalue())[96]).convert("RGB").getpixel((48, 10))
    assert red > 200
    assert blue < 60


def test_nothing_but_the_picture_survives() -> None:
    from PIL import Image, PngImagePlugin

    exif = Image.Exif()
    exif[0x010E] = "S3NTINEL-exif"
    gps = exif.get_ifd(0x8825)
    gps[1] = "N"
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "S3NTINEL-text")
    picture = Image.new("RGB", (300, 300), "green")
    for kind, options in (
        ("JPEG", {"exif": exif, "comment": b"S3NTINEL-comment", "icc_profile": b"S3NTINEL-icc"}),
        ("PNG", {"exif": exif, "pnginfo": text, "icc_profile": b"S3NTINEL-icc"}),
        ("WEBP", {"exif": exif, "icc_profile": b"S3NTINEL-icc", "xmp": b"S3NTINEL-xmp"}),
        ("GIF", {"comment": b"S3NTINEL-comment"}),
    ):
        file = BytesIO()
        picture.save(file, kind, **options)
        assert b"S3NTINEL" in file.getvalue(), kind
        for drawn in redraw(file.getvalue()).values():
            assert b"S3NTINEL" not in drawn, kind
            assert not {"exif", "icc_profile", "xmp", "comment"} & set(opened(drawn).info), kind


def test_a_file_that_is_two_things_comes_out_as_a_picture_alone(encoded: Encode) -> None:
    """Pages, scripts and archives behind or inside a picture are not carried along."""
    for kind in ("PNG", "JPEG", "GIF", "WEBP"):
        for tail in (b"<script>alert('S3NTINEL')</script>", b"PK\x03\x04S3NTINEL"):
            drawn = redraw(encoded(kind) + tail)
            assert all(b"S3NTINEL" not in file for file in drawn.values()), kind
    commented = encoded("GIF", comment=b"*/=1;alert('S3NTINEL')//")
    assert all(b"S3NTINEL" not in file for file in redraw(commented).values())


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
)


@pytest.mark.parametrize(
    "file",
    [b"", b"\0", b"<!doctype html><p>Sorry", SVG, b'<?xml version="1.0"?>' + SVG, b"GIF89a",
     b"\xff\xd8\xff\xe0" + bytes(100), b"RIFF\0\0\0\0WEBP", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7",
     b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"],
    ids=lambda file: ascii(file)[:24],
)  # fmt: skip
def test_what_is_no_picture_is_refused(file: bytes) -> None:
    refused(file)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "PPM", "TGA", "PCX", "DDS", "SGI", "PDF"])
def test_what_nobody_has_as_a_profile_picture_is_not_even_tried(encoded: Encode, kind: str) -> None:
    """Breaks when all of Pillow's readers are let loose on what comes from outside."""
    assert "cannot be read" in refused(encoded(kind, (64, 64)))


def measured(file: bytes) -> tuple[str, int]:
    """Why a file is refused, and the bytes that Python held for it at most."""
    redraw(portrait("warm"))
    tracemalloc.start()
    try:
        return refused(file), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_twenty_thousand_pixels_square_are_refused_by_their_head() -> None:
    file = png(20_000, 20_000, black(20_000, 20_000))
    assert len(file) < MIB  # as the transport lets it through
    why, held = measured(file)
    assert "too many pixels" in why or "DecompressionBomb" in why
    assert held < 4 * MIB


@pytest.mark.parametrize(
    "file",
    [png(2049, 2048, black(2049, 2048)), png(65_535, 65_535), png(2**31 - 1, 2**31 - 1),
     b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b";",
     # A screen of one pixel, and a frame that does not care.
     b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + b","
     + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x44\x01\0;",
     riff((b"VP8X", b"\x02\0\0\0" + b"\xff\x3f\0" * 2), (b"ANIM", bytes(6)),
          (b"ANMF", bytes(12) + b"\x64\0\0\0")),
     b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9"],
    ids=["a pixel too wide", "png", "png 2^31", "gif screen", "gif frame", "webp", "jpeg"],
)  # fmt: skip
def test_a_picture_that_would_cost_too_much_is_refused_before_it_does(file: bytes) -> None:
    assert measured(file)[1] < 8 * MIB


def test_the_largest_picture_that_is_taken(encoded: Encode) -> None:
    assert opened(redraw(png(2048, 2048, black(2048, 2048)))[192]).size == (192, 192)


def zeros(count: int) -> bytes:
    """So many MiB of zeros, compressed; one of them repeated, as all would take seconds."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = deflate.compress(bytes(MIB)) + deflate.flush(zlib.Z_FULL_FLUSH)
    checksum = (count * MIB % 65_521) << 16 | 1
    return b"\x78\xda" + block * count + b"\x03\0" + struct.pack(">I", checksum)


@pytest.mark.parametrize("name", [b"zTXt", b"iTXt", b"iCCP"])
def test_text_that_unpacks_a_thousandfold_is_not_unpacked(name: bytes) -> None:
    assert zlib.decompress(zeros(2)) == bytes(2 * MIB)
    bomb = zeros(600)
    head = {b"iTXt": b"x\0\x01\0\0\0", b"zTXt": b"x\0\0", b"iCCP": b"x\0\0"}[name]
    file = png(8, 8, chunk(name, head + bomb), black(8, 8))
    assert len(file) < MIB
    tracemalloc.start()
    try:
        redraw(file)
    except NoPicture:
        pass  # refused is as good as passed over: nothing of it may be held
    finally:
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert held < 16 * MIB


def test_bytes_that_would_begin_a_scan_mean_nothing_in_other_formats(encoded: Encode) -> None:
    """In compressed data any two bytes turn up by chance."""
    assert redraw(encoded("GIF", comment=100 * b"\xff\xda"))


def test_a_jpeg_of_endless_scans_is_refused_unread(encoded: Encode) -> None:
    """Each scan is some bytes, and a walk through all of the picture."""
    file = encoded("JPEG", (2048, 2048), progressive=True)
    scan = file[file.rfind(b"\xff\xda") : -2]
    assert refused(file[:-2] + scan * (MIB // 2 // len(scan)) + file[-2:]) == "too many scans"
    assert redraw(file)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_file_that_ends_too_early_is_refused(kind: str) -> None:
    from PIL import Image

    file = BytesIO()
    Image.effect_noise((300, 300), 80).convert("RGB").save(file, kind)
    whole = file.getvalue()
    assert redraw(whole)
    for part in (9, 50, len(whole) // 3, len(whole) // 2, len(whole) * 9 // 10):
        refused(whole[:part])


@QUICK
@given(st.binary(max_size=2000))
def test_any_bytes_are_a_picture_or_refused(file: bytes) -> None:
    try:
        assert redraw(file)
    except NoPicture:
        return


@QUICK
@given(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP"]), st.data())
def test_a_picture_with_any_bytes_changed_is_a_picture_or_refused(
    encoded: Encode, kind: str, data: st.DataObject
) -> None:
    file = bytearray(encoded(kind, (40, 30)))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(file) - 1))
        file[place] = data.draw(st.integers(0, 255))
    try:
        drawn = redraw(bytes(file))
    except NoPicture:
        return
    for side, picture in drawn.items():
        assert opened(picture).format == "WEBP"
        assert max(opened(picture).size) <= side

"""An answer's body: whole, decompressed, and never more than fits in memory."""

import zlib
from typing import Protocol

from ..errors import ProviderError

#: Bytes of a body, before and after decompression.
MAX_BODY = 1024 * 1024
_PIECE = 64 * 1024

#: zlib's word for each content coding that is asked for.
#: By `deflate` some servers mean the bare stream, without the wrapper that the RFC asks for.
_WINDOWS = {
    "gzip": (zlib.MAX_WBITS | 16,),
    "x-gzip": (zlib.MAX_WBITS | 16,),
    "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS),
}


class Readable(Protocol):
    """The part of a urllib3 response that is read here."""

    length_remaining: int | None

    def read(self, amt: int, decode_content: bool) -> bytes: ...


def read(answer: Readable, way: str) -> bytes:
    """The body as it came, content coding included.

    Raises:
        ProviderError: `provider_bad_response`: it is too large.
    """
    if answer.length_remaining is not None and answer.length_remaining > MAX_BODY:
        raise too_large(way)
    body = bytearray()
    # In pieces: read at once, a body of tiny chunks would become a list of tiny objects.
    while piece := answer.read(_PIECE, decode_content=False):
        body += piece
        if len(body) > MAX_BODY:
            raise too_large(way)
        if answer.length_remaining == 0:
            break
    return bytes(body)


def decompressed(body: bytes, encoding: str, way: str) -> bytes:
    """The body without its content coding.

    urllib3 would do it too, but not refuse a stream that is cut off, and at the price of a
    walk through each of its members.

    Raises:
        ProviderError: `provider_bad_response`: an unknown coding, broken, cut off, too large.
    """
    encoding = encoding.strip().lower()
    if not body or encoding in ("", "identity"):
        return body
    for window in _WINDOWS.get(encoding, ()):
        decompressor = zlib.decompressobj(window)
        try:
            plain = decompressor.decompress(body, MAX_BODY + 1)
        except zlib.error:
            continue
        if len(plain) > MAX_BODY:
            raise too_large(way)
        if decompressor.eof and not decompressor.unused_data:
            return plain
    raise ProviderError(
        "provider_bad_response",
        f"{way}: its answer is not in the content coding that it names, or is cut off",
    )


def too_large(way: str) -> ProviderError:
    """The error of a body over `MAX_BODY`."""
    return ProviderError("provider_bad_response", f"{way}: its answer is larger than 1 MiB")

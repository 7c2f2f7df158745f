"""HTTP/1.1 on one connection, asynchronously.

By h11, which is what speaks HTTP within httpx. Between the two stands httpcore, whose connection
passes the event loop three times for each request, for locks that the only task on a connection
does not need: logins of 64 tasks then wait for one another (tests/benchmarks).
"""

import ssl
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import anyio
import h11
import httpcore

from . import async_proxies
from .async_network import Network, Stream
from .bodies import MAX_BODY
from .origins import Origin

#: Bytes of the status line and the headers together; httpcore's limit, too.
_MAX_HEAD = 100 * 1024

#: Bytes that are read at once.
_PIECE = 64 * 1024

#: How a connection ends before its time.
_ENDED = (httpcore.ReadError, httpcore.RemoteProtocolError, h11.RemoteProtocolError)

#: Names and values, as they stand in a message.
RawHeaders: TypeAlias = list[tuple[bytes, bytes]]


class Message(NamedTuple):
    """A request; its target stands in the first line (RFC 9112 section 3.2)."""

    method: str
    target: bytes
    headers: RawHeaders
    body: bytes


class Answer(NamedTuple):
    """What is answered. The body is None when it is larger than `MAX_BODY`."""

    status: int
    headers: RawHeaders
    body: bytes | None


class Connection:
    """One connection to an origin, opened by the first exchange.

    Attributes:
        origin: whom it reaches.
        network: what happens on it.
        idle_since: when it was last used, as its pool's clock tells it.
    """

    def __init__(self, origin: Origin, context: ssl.SSLContext) -> None:
        self.origin = origin
        # Through a proxy it is the proxy that connects, and that decides.
        self.network = Network(public_only=origin.public_only and origin.proxy is None)
        self.idle_since = 0.0
        self._context = context
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MAX_HEAD)
        self._stream: Stream | None = None

    @property
    def is_reusable(self) -> bool:
        """Whether another request can be sent on it."""
        if self._stream is None or self._http.our_state is not h11.IDLE:
            return False
        # Bytes behind an answer would be taken for the next one, which is somebody else's.
        behind, _ = self._http.trailing_data
        return not behind and not self._stream.is_readable

    def died_unanswered(self, error: Exception) -> bool:
        """Whether `error` tells that the connection ended before anything of an answer came."""
        return isinstance(error, _ENDED) and not self.network.answered

    async def exchange(self, message: Message) -> Answer:
        """Sends a request, and reads what is answered to its end.

        Raises:
            OSError, anyio.EndOfStream, anyio.BrokenResourceError, httpcore.ProxyError: there is no
                connection.
            h11.LocalProtocolError: HTTP does not allow such a message, and nothing is sent.
            h11.RemoteProtocolError, httpcore.NetworkError, httpcore.ProtocolError: the answer is
                none, or not whole.
        """
        sent = b"".join(self._http.send(event) or b"" for event in _events(message))
        if self._stream is None:
            self._stream = await self._opened()
        await self._stream.write(sent)
        while not isinstance(response := await self._received(self._stream), h11.Response):
            pass  # an interim one
        headers = response.headers.raw_items()
        body = None if _declares_too_much(headers) else await self._body(self._stream)
        return Answer(response.status_code, headers, body)

    async def aclose(self) -> None:
        """Closes it, even when the caller is cancelled."""
        if self._stream is not None:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()

    async def _opened(self) -> Stream:
        origin = self.origin
        if origin.proxy is None:
            stream = await self.network.connect(origin.host, origin.port)
        else:
            stream = await async_proxies.connect(origin, origin.proxy, self._context, self.network)
        if origin.scheme == "https":
            stream = await stream.secured(self._context, origin.host)
        return stream

    async def _received(self, stream: Stream) -> h11.Event:
        """What comes next in the answer."""
        while not isinstance(event := self._http.next_event(), h11.Event):
            self._http.receive_data(await stream.read(_PIECE))
        return event

    async def _body(self, stream: Stream) -> bytes | None:
        """What follows the headers, if it is not too large."""
        body = bytearray()
        while isinstance(event := await self._received(stream), h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                return None
        if self._http.our_state is self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        return bytes(body)


def _events(message: Message) -> Iterator[h11.Event]:
    """`message` as h11 has it."""
    yield h11.Request(method=message.method, target=message.target, headers=message.headers)
    yield h11.Data(data=message.body)
    yield h11.EndOfMessage()


def _declares_too_much(headers: RawHeaders) -> bool:
    """Whether an answer says that its body will be larger than `MAX_BODY`."""
    return any(
        name.lower() == b"content-length" and value.isdigit() and int(value) > MAX_BODY
        for name, value in headers
    )

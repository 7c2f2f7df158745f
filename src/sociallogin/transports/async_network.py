"""One connection's way to the network, asynchronously: every wait on it ends in time."""

import select
import socket
import ssl

import anyio
import anyio.abc
import httpcore
from anyio.streams.tls import TLSStream

from .addresses import NOT_PUBLIC, is_public
from .rules import CONNECT_SECONDS, READ_SECONDS

#: Seconds between two deadlines that may pass for one.
_CLOSE = 0.05


class Network:
    """One connection's way to the network, in which every wait is cut at the deadline.

    httpcore's own backends count from one byte to the next, and lose a connection whose TLS
    handshake is cancelled.

    Args:
        public_only: whether to connect to public addresses only.

    Attributes:
        answered: whether the other side has sent anything since a request was written.
        hung_up: whether it has closed the connection.
    """

    def __init__(self, *, public_only: bool = False) -> None:
        self._public_only = public_only
        self.answered = False
        self.hung_up = False
        self._scope = anyio.CancelScope()
        self._ends_at = 0.0

    def begin(self, seconds: float) -> anyio.CancelScope:
        """What the next exchange happens in; it is cancelled when its time is over."""
        self.answered = self.hung_up = False
        now = anyio.current_time()
        self._ends_at = now + seconds
        self._scope = anyio.CancelScope(deadline=now + min(seconds, READ_SECONDS))
        return self._scope

    def wait_at_most(self, seconds: float) -> None:
        """Moves the deadline for what is awaited next, never behind that of the exchange."""
        deadline = min(self._ends_at, anyio.current_time() + seconds)
        if abs(deadline - self._scope.deadline) > _CLOSE:  # else it is not worth a new timer
            self._scope.deadline = deadline

    async def connect(self, host: str, port: int) -> "Stream":
        """
        Raises:
            OSError: there is no connection.
        """
        self.wait_at_most(CONNECT_SECONDS)
        connect = _connect_public if self._public_only else anyio.connect_tcp
        return Stream(self, await connect(host, port))


async def _connect_public(host: str, port: int) -> anyio.abc.SocketStream:
    """A connection to the first public address of `host` that takes one.

    The address that is connected to is judged, since a name may lead elsewhere the next time.
    """
    refused: OSError = PermissionError(*NOT_PUBLIC)
    for *_, address in await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not is_public(address[0]):
            continue
        try:
            return await anyio.connect_tcp(address[0], port)
        except OSError as error:
            refused = error
    raise refused


class Stream(httpcore.AsyncNetworkStream):
    """The bytes of one connection."""

    def __init__(self, network: Network, stream: anyio.abc.ByteStream) -> None:
        self._network = network
        self._stream = stream
        self._socket = stream.extra(anyio.abc.SocketAttribute.raw_socket)  # noqa: S610  (no Django)
        self._unsent = b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends with the next read: head and body of a request together."""
        self._network.answered = False
        self._unsent += buffer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """
        Raises:
            httpcore.ReadError: the other side reset the connection.
        """
        self._network.wait_at_most(READ_SECONDS)
        try:
            if self._unsent:
                unsent, self._unsent = self._unsent, b""
                await self._stream.send(unsent)
            read = await self._stream.receive(max_bytes)
        except anyio.EndOfStream:
            self._network.hung_up = True
            return b""
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            self._network.hung_up = True
            raise httpcore.ReadError from error
        self._network.answered = True
        return read

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def secured(self, context: ssl.SSLContext, host: str) -> "Stream":
        """
        Raises:
            OSError: TLS failed, or the certificate is not the one.
            anyio.EndOfStream, anyio.BrokenResourceError: the other side hung up.
        """
        self._network.wait_at_most(CONNECT_SECONDS)
        try:
            wrapped = await TLSStream.wrap(
                self._stream,
                hostname=host,
                ssl_context=context,
                standard_compatible=False,  # HTTP tells by itself where a message ends
            )
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()
            raise
        return Stream(self._network, wrapped)

    @property
    def is_readable(self) -> bool:
        """Whether something has arrived, which on an idle connection can only be its end."""
        return _is_readable(self._socket.fileno())


def _is_readable(descriptor: int) -> bool:
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))

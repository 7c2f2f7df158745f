"""Connections of httpcore that end in time, and a pool of them for one event loop.

httpcore's own pool looks at each of its connections, several times, for every request: with 64 of
them it spends more time on that than on the requests. Here a pool takes the connection that was
used last.
"""

import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import anyio
import anyio.abc
import httpcore
import httpx
from anyio.streams.tls import TLSAttribute, TLSStream

from .addresses import NOT_PUBLIC, is_public
from .failures import causes
from .origins import Origin
from .rules import CONNECT_SECONDS, READ_SECONDS

#: Seconds that a connection stays open unused.
IDLE_SECONDS = 60.0

#: Seconds between two deadlines that may pass for one.
_CLOSE = 0.05


class Network(httpcore.AsyncNetworkBackend):
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

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> "Stream":
        """
        Raises:
            OSError: there is no connection.
        """
        self.wait_at_most(CONNECT_SECONDS)
        try:
            if self._public_only:
                stream = await _connect_public(host, port)
            else:
                stream = await anyio.connect_tcp(host, port)
        except OSError as error:
            # httpcore cuts causes off, and the reason stands in one.
            told = (cause for cause in causes(error) if isinstance(cause, OSError) and cause.errno)
            raise next(told, error) from None
        return Stream(self, stream)


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

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "Stream":
        """
        Raises:
            OSError: TLS failed, or the certificate is not the one.
            anyio.EndOfStream, anyio.BrokenResourceError: the other side hung up.
        """
        self._network.wait_at_most(CONNECT_SECONDS)
        try:
            wrapped = await TLSStream.wrap(
                self._stream,
                hostname=server_hostname,
                ssl_context=ssl_context,
                standard_compatible=False,  # HTTP tells by itself where a message ends
            )
        except BaseException:
            with anyio.CancelScope(shield=True):
                await self._stream.aclose()
            raise
        return Stream(self._network, wrapped)

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "ssl_object":
                return self._stream.extra(TLSAttribute.ssl_object, None)  # noqa: S610  (no Django)
            case "is_readable":
                return _is_readable(self._socket.fileno())
        return None


def _is_readable(descriptor: int) -> bool:
    """Whether something has arrived, which on an idle connection can only be its end."""
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


class Direct:
    """HTTP/1.1 on one connection without a proxy: httpcore's part beneath its pool."""

    def __init__(self, origin: Origin, context: ssl.SSLContext, network: Network) -> None:
        self._origin = origin
        self._context = context
        self._network = network
        self._connection: httpcore.AsyncHTTP11Connection | None = None

    @property
    def is_reusable(self) -> bool:
        """Whether another request can be sent on it."""
        connection = self._connection
        if connection is None or not connection.is_idle() or connection.has_expired():
            return False
        # Bytes behind an answer would be taken for the next one, which is somebody else's.
        behind, _ = connection._h11_state.trailing_data  # noqa: SLF001  (httpcore forgets to look)
        return not behind

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        if self._connection is None:
            self._connection = await self._opened(request.url.origin)
        return await self._connection.handle_async_request(request)

    async def aclose(self) -> None:
        if self._connection is not None:
            await self._connection.aclose()

    async def _opened(self, origin: httpcore.Origin) -> httpcore.AsyncHTTP11Connection:
        stream = await self._network.connect_tcp(self._origin.host, self._origin.port)
        if self._origin.scheme == "https":
            stream = await stream.start_tls(self._context, self._origin.host)
        return httpcore.AsyncHTTP11Connection(origin, stream)


class Proxied:
    """The same through a proxy: a pool of httpcore's, of one connection."""

    is_reusable = True  # httpcore renews it by itself

    def __init__(self, proxy_url: str, context: ssl.SSLContext, network: Network) -> None:
        proxy = httpx.Proxy(proxy_url)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            proxy=httpcore.Proxy(
                str(proxy.url),
                auth=proxy.raw_auth,
                ssl_context=context if proxy.url.scheme == "https" else None,
            ),
            max_connections=1,
            network_backend=network,
        )
        self.handle_async_request = self._pool.handle_async_request
        self.aclose = self._pool.aclose


class Connection:
    """One connection to an origin, opened when it is first used.

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
        self._http: Proxied | Direct = (
            Proxied(origin.proxy, context, self.network)
            if origin.proxy
            else Direct(origin, context, self.network)
        )
        self.handle_async_request = self._http.handle_async_request

    @property
    def is_reusable(self) -> bool:
        """Whether another request can be sent on it."""
        return self._http.is_reusable

    def died_unanswered(self, error: Exception) -> bool:
        """Whether `error` tells that the connection ended before anything of an answer came."""
        ended = isinstance(error, httpcore.ReadError | httpcore.RemoteProtocolError)
        return ended and not self.network.answered

    async def aclose(self) -> None:
        """Closes it, even when the caller is cancelled."""
        with anyio.CancelScope(shield=True):
            await self._http.aclose()


class ConnectionPool:
    """The connections of one event loop. Not safe to share between event loops.

    As many are opened as are needed at once; unused ones close after `IDLE_SECONDS`, or rather
    with the next request after that.

    Args:
        context: how certificates are checked.
        clock: seconds since whenever.
    """

    def __init__(
        self, context: ssl.SSLContext, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._context = context
        self._clock = clock
        self._idle: dict[Origin, deque[Connection]] = {}
        self._closed = False

    async def take(self, origin: Origin) -> Connection:
        """The connection to `origin` that was used last, or a new one."""
        await self._close_expired()
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.is_reusable:
                return connection
            await connection.aclose()
        return Connection(origin, self._context)

    async def put_back(self, connection: Connection) -> None:
        """Keeps a connection whose answer was read to its end."""
        if self._closed:
            await connection.aclose()
            return
        connection.idle_since = self._clock()
        self._idle.setdefault(connection.origin, deque()).append(connection)

    async def aclose(self) -> None:
        """Closes the idle connections; those in use close when their answer has been read."""
        self._closed = True
        for idle in tuple(self._idle.values()):
            while idle:
                await idle.pop().aclose()

    async def _close_expired(self) -> None:
        before = self._clock() - IDLE_SECONDS
        for origin, idle in tuple(self._idle.items()):
            while idle and idle[0].idle_since < before:
                await idle.popleft().aclose()
            if not idle and self._idle.get(origin) is idle:
                del self._idle[origin]

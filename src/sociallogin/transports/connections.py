"""urllib3 connections that end in time.

urllib3's timeouts count from one byte to the next and from one address to the next, so a server
that drips its headers, or a name with many dead addresses, holds a thread for as long as it
likes. Here every wait is cut at the exchange's deadline.

`PUBLIC_POOLS` connect to addresses of the public internet only. They judge the address that is
connected to: a name may lead elsewhere than it did when somebody else asked (DNS rebinding).
"""

import http.client
import io
import math
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.connection import create_connection

from .addresses import NOT_PUBLIC, is_public
from .rules import CONNECT_SECONDS, READ_SECONDS

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Exchange(threading.local):
    """When this thread's exchange must be over, as `time.monotonic()` tells it.

    Beside the connection's arguments, because urllib3 hands a connection no more than a number.
    """

    deadline = math.inf

    def remaining(self, limit: float) -> float:
        """Seconds until the deadline, at most `limit`.

        Raises:
            TimeoutError: it has passed.
        """
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the deadline has passed")
        return min(limit, seconds)


exchange = Exchange()


class PunctualReader(io.RawIOBase):
    """The bytes of one answer, each read bounded by the deadline."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._stream = sock.makefile("rb", buffering=0)
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        self._sock.settimeout(exchange.remaining(READ_SECONDS))
        try:
            count = self._stream.readinto(buffer)
        except ConnectionError:
            # A reset says no more than a close does: either nothing was answered, or a part.
            if self._begun:
                raise http.client.IncompleteRead(b"") from None
            raise http.client.RemoteDisconnected("reset before an answer") from None
        self._begun = True
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


class _Readable:
    """As much of a socket as `http.client.HTTPResponse` asks for."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(PunctualReader(self._sock))


class FinalResponse(http.client.HTTPResponse):
    """The answer behind any interim ones (RFC 9110 section 15.2).

    http.client passes over 100 only. A 103 would be taken for the answer, and the answer itself
    for that of whoever uses the connection next.
    """

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]  # not in the stubs
        if status == http.client.SWITCHING_PROTOCOLS:
            raise http.client.UnknownProtocol("101, though nothing was to be switched")
        is_interim = http.client.CONTINUE <= status < http.client.OK
        return version, http.client.CONTINUE if is_interim else status, reason


class PunctualHTTPConnection(HTTPConnection):
    """Connects, and reads answers, by the deadline."""

    def _new_conn(self) -> socket.socket:
        addresses = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        for *_, address in addresses[:-1]:
            try:
                return self._connect_to(address)
            except OSError:
                continue
        return self._connect_to(addresses[-1][-1])

    def _connect_to(self, address: tuple[Any, ...]) -> socket.socket:
        sock = create_connection(
            address[:2], exchange.remaining(CONNECT_SECONDS), socket_options=self.socket_options
        )
        try:
            sock.settimeout(exchange.remaining(CONNECT_SECONDS))  # for the TLS handshake
        except TimeoutError:
            sock.close()
            raise
        return sock

    def response_class(  # type: ignore[override]  # called like the class that it stands for
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None
    ) -> http.client.HTTPResponse:
        return FinalResponse(_Readable(sock), debuglevel, method)  # type: ignore[arg-type]


class PunctualHTTPSConnection(PunctualHTTPConnection, HTTPSConnection):
    """The same over TLS."""


class PublicHTTPConnection(PunctualHTTPConnection):
    """Connects to public addresses only."""

    def _connect_to(self, address: tuple[Any, ...]) -> socket.socket:
        if not is_public(address[0]):
            raise PermissionError(*NOT_PUBLIC)
        return super()._connect_to(address)


class PublicHTTPSConnection(PublicHTTPConnection, PunctualHTTPSConnection):
    """The same over TLS."""


class PunctualHTTPPool(HTTPConnectionPool):
    """A pool of them."""

    ConnectionCls = PunctualHTTPConnection


class PunctualHTTPSPool(HTTPSConnectionPool):
    """A pool of them, over TLS."""

    ConnectionCls = PunctualHTTPSConnection


class PublicHTTPPool(HTTPConnectionPool):
    """A pool of connections to public addresses."""

    ConnectionCls = PublicHTTPConnection


class PublicHTTPSPool(HTTPSConnectionPool):
    """A pool of them, over TLS."""

    ConnectionCls = PublicHTTPSConnection


POOLS = {"http": PunctualHTTPPool, "https": PunctualHTTPSPool}
PUBLIC_POOLS = {"http": PublicHTTPPool, "https": PublicHTTPSPool}

"""A server on a real loopback socket that answers with exactly the bytes that a test gives it."""

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import BinaryIO, Self


@dataclass(frozen=True)
class Wait:
    """Keeps the connection open and silent for so many seconds, or until the test ends."""

    seconds: float


#: Instead of bytes: the connection is closed, or reset.
CLOSE, RESET = object(), object()


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes
    connection: int


Script = Callable[[Received], Iterable[object]]


def answer(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer with its length."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


def until_hung_up(sock: socket.socket) -> None:
    """Instead of an answer: waits for the other side to close."""
    while sock.recv(4096):
        pass


@dataclass
class Peer:
    """Serves until the block ends.

    Args:
        script: what is done with each request: bytes are sent as they are; `Wait`, `CLOSE` and
            `RESET` do as they say; a function takes the socket over.
        context: for TLS.
    """

    script: Script
    context: ssl.SSLContext | None = None
    requests: list[Received] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._ended = threading.Event()
        self._hung_up = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self._threads:
            thread.join(5)

    @property
    def origin(self) -> str:
        return f"{'https' if self.context else 'http'}://localhost:{self.port}"

    def wait_until_hung_up(self) -> None:
        """Returns when the peer has closed a connection."""
        assert self._hung_up.acquire(timeout=5)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._sockets.append(sock)
                self.connections += 1
                self._start(self._serve, sock, self.connections)

    def _serve(self, sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, EOFError), contextlib.ExitStack() as stack:
            stack.callback(self._hung_up.release)
            stack.enter_context(sock)
            if self.context:
                sock = stack.enter_context(self.context.wrap_socket(sock, server_side=True))
                self._sockets.append(sock)
            stream = stack.enter_context(sock.makefile("rb"))
            while True:
                received = self._receive(stream, number)
                with self._lock:
                    self.requests.append(received)
                for step in self.script(received):
                    if not self._perform(step, sock):
                        return

    def _perform(self, step: object, sock: socket.socket) -> bool:
        """Whether the connection goes on."""
        match step:
            case bytes():
                sock.sendall(step)
                return True
            case Wait():
                return not self._ended.wait(step.seconds)
            case _ if step is RESET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            case _ if callable(step):
                step(sock)
        return False

    def _receive(self, stream: BinaryIO, number: int) -> Received:
        line = stream.readline().decode("latin-1").strip()
        if not line:
            raise EOFError
        headers = {}
        while text := stream.readline().decode("latin-1").strip():
            name, _, value = text.partition(": ")
            headers[name.lower()] = value
        body = stream.read(int(headers.get("content-length", 0)))
        return Received(line, headers, body, number)

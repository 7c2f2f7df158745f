"""A provider of raw bytes: what it answers is said to the byte, and when it falls silent too."""

import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

#: What to do with a connection whose request has been read.
Act = Callable[[socket.socket], None]


def says(answer: bytes) -> Act:
    """Sends these bytes and closes."""
    return lambda connection: connection.sendall(answer)


def hangs_up(connection: socket.socket) -> None:
    """Closes without a word."""


def answer(body: bytes, status: str = "200 OK", kind: str = "application/json", *more: str) -> Act:
    """A whole HTTP/1.1 answer; `more` are header lines."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *more]
    return says("\r\n".join([*head, "Connection: close", "", ""]).encode() + body)


class Wire:
    """Listens on loopback; each connection reads one request and gets the next act.

    The last act is repeated. `received` holds the raw requests.
    """

    def __init__(self, *acts: Act) -> None:
        self._acts = list(acts)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.received: list[bytes] = []
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def silent(self, connection: socket.socket) -> None:
        """Says nothing until this server ends."""
        self.stopped.wait(10)

    def drips(self, connection: socket.socket) -> None:
        """A status line, then headers without end, a few bytes at a time."""
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not self.stopped.wait(0.02):
            try:
                connection.sendall(b"X-Drip: 1\r\n")
            except OSError:
                return

    def then(self, *acts: Act) -> None:
        """What comes next, in place of what was to come."""
        self._acts = list(acts)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while not self.stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                try:
                    self.received.append(_request(connection))
                    act = self._acts.pop(0) if len(self._acts) > 1 else self._acts[0]
                    act(connection)
                except OSError:
                    continue  # the other side may leave when it likes


def _request(connection: socket.socket) -> bytes:
    """One request, its body by Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body

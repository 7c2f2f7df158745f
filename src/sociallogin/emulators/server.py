"""The emulators on a socket: for the demo, for browser tests, and for apps under development."""

import logging
import socket
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, Self

from ..flows import Request, Response
from . import wordpress
from .answers import Answer
from .consent import landing_page
from .emulators import Emulators, TwitterProtocol

logger = logging.getLogger(__name__)

MAX_BODY = 1 << 20
#: Seconds that a connection may stay silent.
IDLE_SECONDS = 120
#: How long stopping waits for the threads of its connections.
STOP_SECONDS = 5


def url_of(host: str, port: int) -> str:
    """The origin of a server that listens there."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class EmulatorServer:
    """Serves the emulators over HTTP, on two ports: two origins, as a real provider has.

    A host other than the app's makes it another site for the browser, as the real ones are:
    `localhost` when the app is on `127.0.0.1`.

    Args:
        app_base_url: the origin of the app that logs in here.
        mount: the path below which the app has its login endpoints.
        host: the name to listen on.
        port: 0 for a free one. The second port is always a free one.

    Raises:
        OSError: the port is taken.

    Attributes:
        emulators: the emulators, with their faults and the requests they remember.
        url: where the landing page is.
        hop_url: the second origin.
    """

    def __init__(
        self,
        app_base_url: str = "http://127.0.0.1:8000",
        mount: str = "/auth",
        host: str = "localhost",
        port: int = 0,
    ) -> None:
        self._stopping = threading.Event()
        self._main = _Listener(host, port, self)
        try:
            self._hop = _Listener(host, 0, self)
        except OSError:
            self._main.server_close()
            raise
        self.url, self.hop_url = self._main.url, self._hop.url
        self.emulators = Emulators(app_base_url, mount, at=self._at)
        self._threads: list[threading.Thread] = []

    def start(self) -> Self:
        """Begins to serve, in threads of its own."""
        for listener in (self._main, self._hop):
            thread = threading.Thread(
                target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
            )
            thread.start()
            self._threads.append(thread)
        return self

    def stop(self) -> None:
        """Ends it: answers that are still to come are dropped, every socket is closed."""
        self._stopping.set()
        for listener in (self._main, self._hop):
            if self._threads:
                listener.shutdown()
            listener.server_close()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def config(self, twitter: TwitterProtocol = "oauth2") -> dict[str, Any]:
        """`{"providers": …}` of a configuration that leads here.

        `twitter`: its protocol.
        """
        return self.emulators.config(twitter)

    def toml(self, twitter: TwitterProtocol = "oauth2") -> str:
        """The same as TOML, to paste into a configuration file."""
        return self.emulators.toml(twitter)

    def answer(self, request: Request) -> Answer:
        """What to answer to a request at either port."""
        if request.method == "GET" and request.url == f"{self.url}/":
            tables = [(each.label, self.emulators.table(each)) for each in self.emulators.all]
            tables.append((self.emulators.akismet.label, self.emulators.akismet_table()))
            return landing_page(tables, self.toml())
        emulator = self.emulators.serving(request.url)
        if emulator is None:
            return Answer(Response(404, {"content-type": "text/plain"}, b"No such address.\n"))
        return emulator(request)

    def wait(self, seconds: float) -> bool:
        """Lets time pass; False when the server is stopped meanwhile."""
        return not self._stopping.wait(seconds)

    def _at(self, host: str) -> str:
        """Every provider below a path of its own, WordPress.com's log-in page at the other port.

        X's two hosts share a path: theirs do not collide.
        """
        if host == wordpress.LOGIN:
            return f"{self.hop_url}/wordpress"
        return f"{self.url}/{_PATHS[host]}"


_PATHS = {
    "public-api.wordpress.com": "wordpress",
    "0.gravatar.com": "wordpress",
    "x.com": "twitter",
    "api.x.com": "twitter",
    "pbs.twimg.com": "twitter",
    "www.facebook.com": "facebook",
    "graph.facebook.com": "facebook",
    "platform-lookaside.fbsbx.com": "facebook",
    "rest.akismet.com": "akismet",
}


class _Listener(ThreadingHTTPServer):
    """One port. Knows its open connections, so that stopping closes those that are kept alive."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, server: EmulatorServer) -> None:
        self.emulator_server = server
        self._connections: set[socket.socket] = set()
        self._guard = threading.Condition()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)
        self.url = url_of(host, self.server_port)

    def server_bind(self) -> None:
        """As the standard library's, without its look-up of the host's full name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._guard:
            self._connections.discard(request)
            self._guard.notify_all()

    def server_close(self) -> None:
        super().server_close()
        with self._guard:
            for connection in self._connections:
                with suppress(OSError):  # the other side was quicker
                    connection.shutdown(socket.SHUT_RDWR)
            self._guard.wait_for(lambda: not self._connections, STOP_SECONDS)

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        if not isinstance(error, ConnectionError):  # the other side may leave when it likes
            logger.error("an emulator failed", exc_info=error)


class _Handler(BaseHTTPRequestHandler):
    """Carries requests to the emulators and performs their answers, cuts and delays included."""

    server: _Listener
    protocol_version = "HTTP/1.1"
    server_version = "sociallogin-emulators"
    sys_version = ""
    timeout = IDLE_SECONDS
    # Headers and body leave in one packet.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._perform(None)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self.send_error(411)
        elif int(length) > MAX_BODY:
            self.send_error(413)
        else:
            self._perform(self.rfile.read(int(length)))

    def log_message(self, format: str, *args: Any) -> None:
        """Is silent: request lines hold codes and states."""

    def _perform(self, body: bytes | None) -> None:
        url = f"{self.server.url}{self.path}"
        request = Request(self.command, url, dict(self.headers.items()), body)
        answer = self.server.emulator_server.answer(request)
        if answer.delay and not self.server.emulator_server.wait(answer.delay):
            self.close_connection = True
            return
        response = answer.response
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body[: answer.cut_at])
        if answer.cut_at is not None:
            self.close_connection = True

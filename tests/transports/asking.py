"""One exchange with a deadline, in whichever way."""

import time
from dataclasses import dataclass

from anyio.from_thread import BlockingPortal

from sociallogin.flows import Request, Response, Send
from sociallogin.transports.httpx import HttpxTransport


@dataclass(frozen=True)
class Carried:
    """An asynchronous transport, asked from a test's threads by way of an event loop."""

    transport: HttpxTransport
    portal: BlockingPortal

    def __call__(self, request: Request) -> Response:
        return self.portal.call(self.transport, request)

    def close(self) -> None:
        self.portal.call(self.transport.aclose)


def ask(
    transport: Send,
    url: str,
    method: str = "GET",
    *,
    body: bytes | None = None,
    seconds: float = 5,
    **headers: str,
) -> Response:
    """One exchange that may take so many seconds."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return transport(Request(method, url, named, body, time.monotonic() + seconds))

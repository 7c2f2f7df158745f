"""One exchange with a deadline."""

import time

from sociallogin.flows import Request, Response
from sociallogin.transports.requests import RequestsTransport


def ask(
    transport: RequestsTransport,
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

"""What holds for every exchange, whichever library performs it."""

from .._version import __version__
from ..flows import Request

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0

#: Idle connections kept to each origin: one for each of 64 threads or tasks.
POOL_SIZE = 64

#: How many headers of an answer are read, and how long one may be: http.client's limits.
MAX_HEADERS = 100
MAX_HEADER_LENGTH = 64 * 1024

#: The content codings that `bodies` reads (RFC 9110 section 8.4.1).
ACCEPT_ENCODING = "gzip, deflate"

_USER_AGENT = f"sociallogin/{__version__}"


def headers(request: Request) -> dict[str, str]:
    """The headers that are sent: the request's own, and ours."""
    filled = {"User-Agent": _USER_AGENT, "Accept-Encoding": ACCEPT_ENCODING}
    for name, value in request.headers.items():
        match name.lower():
            case "user-agent":
                filled["User-Agent"] = value
            case "accept-encoding":
                pass  # what else is read here than what we ask for?
            case _:
                filled[name] = value
    if request.body is not None or request.method == "POST":
        # Without it, some servers refuse a POST that has no body (RFC 9110 section 8.6).
        filled["Content-Length"] = str(len(request.body or b""))
    return filled

"""A WSGI request (PEP 3333) in our words, and our answer in WSGI's."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from .messages import MAX_BODY, MAX_DROPPED, VOUCHED, WebRequest, WebResponse

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def web_request(environ: "WSGIEnvironment", path: str | None = None) -> WebRequest:
    """The request with its whole public path, which a framework may know, and without its body."""
    if path is None:
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        path = path.encode("latin-1").decode(errors="replace")  # bytes in the guise of text
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): value
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):  # CGI may set it to nothing where there is none
        headers["content-type"] = environ["CONTENT_TYPE"]
    request = WebRequest(
        environ["REQUEST_METHOD"],
        path,
        environ.get("QUERY_STRING", ""),
        headers,
        scheme=environ["wsgi.url_scheme"],
    )
    return request.vouched_for(environ[VOUCHED]) if VOUCHED in environ else request


def read_body(environ: "WSGIEnvironment") -> bytes | None:
    """No more than `MAX_BODY` + 1 bytes; without a length only where the server ends the input.

    None where it ends before its length, or cannot be read.
    """
    length = length_of(environ)
    awaited = length
    if awaited is None:
        awaited = MAX_DROPPED if environ.get("wsgi.input_terminated") else 0
    body = bytearray()
    while awaited:  # some servers give what has arrived, however little that is
        try:
            piece: bytes = environ["wsgi.input"].read(min(awaited, MAX_BODY))
        except Exception:  # noqa: BLE001  (PEP 3333 names none; each server raises its own)
            return None
        if not piece:
            return bytes(body) if length is None else None
        body += piece[: MAX_BODY + 1 - len(body)]
        awaited -= len(piece)
    return bytes(body)


def length_of(environ: Mapping[str, str]) -> int | None:
    """How many bytes of a body with a length are to be read; None for one without."""
    length = environ.get("CONTENT_LENGTH") or ""
    if not (length.isascii() and length.isdecimal()):
        return None
    return min(int(length.lstrip("0")[:9] or "0"), MAX_DROPPED)


def answer(
    response: WebResponse, environ: "WSGIEnvironment", start_response: "StartResponse"
) -> list[bytes]:
    """Sends the answer."""
    status = f"{response.status} {HTTPStatus(response.status).phrase}"
    start_response(status, list(response.sent_headers))
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [response.body]

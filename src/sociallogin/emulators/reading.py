"""Reading a request the way a provider does: every parameter once, header names in any case."""

from base64 import b64decode
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from ..flows import Request

FORM = "application/x-www-form-urlencoded"


class Unreadable(Exception):
    """A request that a provider can make nothing of."""


def header(request: Request, name: str) -> str:
    """A header's value, or an empty string; `name` in lower case."""
    for found, value in request.headers.items():
        if found.lower() == name:
            return value
    return ""


def query(request: Request) -> dict[str, str]:
    """The parameters of the query.

    Raises:
        Unreadable: one is given twice (RFC 6749 section 3.1), or is no text.
    """
    return _single(urlsplit(request.url).query)


def is_form(request: Request) -> bool:
    return header(request, "content-type").partition(";")[0].strip().lower() == FORM


def body_form(request: Request) -> dict[str, str]:
    """The parameters of a form-encoded body; a body of another type has none.

    Raises:
        Unreadable: as `query`.
    """
    return _single((request.body or b"").decode("ascii", "replace")) if is_form(request) else {}


def basic(request: Request) -> tuple[str, str] | None:
    """Client id and secret of HTTP Basic, form-decoded (RFC 6749 section 2.3.1); None if absent.

    Raises:
        Unreadable: the header is no Basic credentials.
    """
    scheme, _, encoded = header(request, "authorization").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, secret = b64decode(encoded, validate=True).decode("ascii").split(":", 1)
        return unquote_plus(client_id), unquote_plus(secret)
    except ValueError as error:
        raise Unreadable("Basic credentials") from error


def bearer(request: Request) -> str:
    """The bearer token of the Authorization header, or an empty string (RFC 6750)."""
    scheme, _, token = header(request, "authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _single(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise Unreadable("parameters") from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Unreadable("a parameter given twice")
    return parameters

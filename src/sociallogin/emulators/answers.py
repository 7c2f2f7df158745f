"""What an emulator gives back: an HTTP answer, and how it travels.

A fault that is not bytes (slow, cut off) is part of the answer; whatever mounts the emulator
performs it.
"""

import json as _json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ..flows import Response


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and how it travels.

    Attributes:
        response: status, headers and the whole body.
        delay: seconds to wait before the first byte.
        cut_at: how many bytes of the body arrive before the connection dies; None: all.
    """

    response: Response
    delay: float = 0.0
    cut_at: int | None = None


class Refused(Exception):
    """Raised by a handler that goes no further; `answer` is what the provider says instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


def raw(
    body: bytes, content_type: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """Any bytes; header names in lower case."""
    return Answer(Response(status, {"content-type": content_type, **(headers or {})}, body))


def json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A JSON answer, everything beyond ASCII escaped."""
    no_store = {"cache-control": "no-store", **(headers or {})}
    return raw(_json.dumps(value).encode(), "application/json; charset=utf-8", status, no_store)


def form(pairs: Mapping[str, str]) -> Answer:
    """Form-encoded pairs, labelled as HTML: so does X (OAuth 1.0a)."""
    return raw(urlencode(pairs).encode(), "text/html; charset=utf-8")


def html(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A page."""
    return raw(text.encode(), "text/html; charset=utf-8", status, headers)


def redirect(url: str) -> Answer:
    """A redirection of the browser, as the providers send it."""
    location = quote(url, safe="!#$%&'()*+,/:;=?@[]~")  # no line break, nothing beyond ASCII
    headers = {"location": location, "cache-control": "no-store"}
    return raw(b"", "text/html; charset=utf-8", 302, headers)


def with_query(url: str, pairs: Iterable[tuple[str, str]], fragment: str = "") -> str:
    """`url` with further query parameters; those that it has are kept (RFC 6749 section 3.1.2)."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(list(pairs)))))
    return parts._replace(query=query, fragment=fragment).geturl()

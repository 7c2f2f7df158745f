"""A browser's request and our answer, in the words of no framework."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from ..errors import RequestError
from ..identity import Identity

MAX_BODY = 256 * 1024
#: What is too long is read up to here and dropped. A server that has answered before the body was
#: read closes the connection, and a proxy makes a 502 of its own of that; nginx, too, lets no
#: more than this through if it is not told to.
MAX_DROPPED = 1024 * 1024
MAX_FIELDS = 200
MAX_QUERY = 16 * 1024

#: Where an `environ` or a `scope` says whom its bearer stands for.
VOUCHED = "sociallogin.vouched"

_REFUSED = re.compile(r";\s*q=0(\.0*)?\s*$")
_FORM = "application/x-www-form-urlencoded"
_TAG = re.compile(r'(?:W/)?("[^"]*")')
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")

Pairs = list[tuple[str, str]]


@dataclass  # each page view makes one or two; frozen, they would cost three times as much
class WebRequest:
    """What a browser asks for. Its `repr` holds neither codes nor cookies nor fields.

    Attributes:
        method: in capitals.
        path: below the mount point, decoded, beginning with `/`.
        query: the raw query, without `?`.
        headers: with lower-case names.
        body: the raw body; a skin reads no more than `MAX_BODY` + 1 bytes of it. None: it broke
            off on its way, so that what has come of it counts for nothing.
        fields: the form's fields, where the framework has parsed the body already.
        scheme: by which the request came to the app, which a proxy's may differ from; or empty.
        vouched: who asks, where it is known: whom the request's bearer stands for, once the store
            has been asked, or whose cookie has been opened already.
        native: the same in the words of the framework, where an app's hook is called with it.
    """

    method: str
    path: str
    query: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=b"", repr=False)
    fields: Pairs | None = field(default=None, repr=False)
    scheme: str = ""
    vouched: Identity | None = field(default=None, repr=False)
    native: Any = field(default=None, repr=False)

    def vouched_for(self, identity: Identity | None) -> "WebRequest":
        """The same request, which stands for `identity` or nobody, and for no cookie's person."""
        headers = {name: value for name, value in self.headers.items() if name != "cookie"}
        return replace(self, headers=headers, vouched=identity)

    @cached_property
    def parameters(self) -> Pairs:
        """The pairs of the query. Raises `RequestError`."""
        if len(self.query) > MAX_QUERY:
            raise RequestError("too_large", "a query over 16 KiB", status=414)
        return _pairs(self.query)

    @cached_property
    def form(self) -> Pairs:
        """The pairs of the body. Raises `RequestError`."""
        if self.fields is not None:
            if sum(len(name) + len(value) for name, value in self.fields) > MAX_BODY:
                raise RequestError("too_large", "a body over 256 KiB")
            return _checked(self.fields)
        if self.body is None:
            raise RequestError("bad_request", "the body broke off or was badly framed")
        if len(self.body) > MAX_BODY:
            raise RequestError("too_large", "a body over 256 KiB")
        kind = (self.headers.get("content-type") or _FORM).partition(";")[0].strip().lower()
        if self.body and kind != _FORM:
            raise RequestError("bad_request", f"the body must be {_FORM}")
        return _pairs(self.body.decode("latin-1"))

    @cached_property
    def cookies(self) -> Pairs:
        """The pairs of the Cookie header, repeated names included."""
        found = []
        for part in self.headers.get("cookie", "").split(";"):
            # Nothing else: a byte 0xA0 before a name that a sibling host has set would go, too, and
            # leave one of ours with `__Host-`.
            name, separator, value = part.strip(" \t").partition("=")
            if separator:
                found.append((name, value))
        return found

    def has(self, tag: str) -> bool:
        """Whether the browser keeps what has this ETag (RFC 9110 section 13.1.2)."""
        return tag in _TAG.findall(self.headers.get("if-none-match", ""))

    @property
    def wants_json(self) -> bool:
        """Whether JSON is asked for by name, and pages are not (RFC 9110 section 12.5.1)."""
        asked = self.headers.get("accept", "").lower().split(",")
        accepted = {part.partition(";")[0].strip() for part in asked if not _REFUSED.search(part)}
        return "application/json" in accepted and "text/html" not in accepted


def _pairs(text: str) -> Pairs:
    """Strictly: what one framework repairs and another refuses is refused."""
    if not text:
        return []
    if text.count("&") > MAX_FIELDS:  # said before all of them are read
        raise RequestError("too_large", f"over {MAX_FIELDS} fields")
    try:
        raw = text if text.isascii() else text.encode("latin-1").decode("utf-8")
        if _BROKEN_PERCENT.search(raw):
            raise ValueError("broken percent-encoding")
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise RequestError("bad_request", "broken percent-encoding or invalid UTF-8") from error
    return _checked(pairs)


def _checked(pairs: Pairs) -> Pairs:
    if len(pairs) > MAX_FIELDS:
        raise RequestError("too_large", f"over {MAX_FIELDS} fields")
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise RequestError("bad_request", "a NUL character")
    return pairs


@dataclass(frozen=True, slots=True)
class WebResponse:
    """What the browser is answered; `headers` may repeat a name (Set-Cookie)."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def sent_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers, and the length of the body; a 304 has none of its own (RFC 9110 8.6)."""
        if self.status == 304:
            return self.headers
        return (*self.headers, ("Content-Length", str(len(self.body))))

    def adding(self, headers: Iterable[tuple[str, str]]) -> "WebResponse":
        return replace(self, headers=(*self.headers, *headers))


HTML = ("Content-Type", "text/html; charset=utf-8")
NO_STORE = ("Cache-Control", "no-store")
NO_SNIFF = ("X-Content-Type-Options", "nosniff")
NO_REFERRER = ("Referrer-Policy", "no-referrer")
#: A window that a box opened must stay able to answer it, whatever the app says by default.
NO_OPENER_POLICY = ("Cross-Origin-Opener-Policy", "unsafe-none")


def see_other(location: str) -> WebResponse:
    """303: after a POST the browser goes on with a GET, and keeps no copy."""
    headers = (("Location", location), HTML, NO_STORE, NO_REFERRER, NO_OPENER_POLICY)
    return WebResponse(303, headers)


def json_response(value: Any, status: int = 200) -> WebResponse:
    """ASCII JSON that no other site may read and no browser takes for a page."""
    headers = (("Content-Type", "application/json"), NO_STORE, NO_SNIFF, NO_REFERRER)
    return WebResponse(status, headers, json.dumps(value).encode())

"""The ear at every wall: what crosses to a provider in confidence must turn up nowhere else.

`Confidences` learns the secrets of a login from the wire itself, so that no test has to know them
in advance; `assert_kept` then looks for them wherever somebody could read: the answers that a
browser gets, the log, the errors.
"""

import html
import json
import re
import time
import traceback
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

import pytest

from carrying import Reply
from sites import KEY, Clock, Site
from sociallogin import SocialLoginError
from sociallogin.emulators import Answer, Emulators
from sociallogin.emulators.emulators import CREDENTIALS
from sociallogin.emulators.server import EmulatorServer
from sociallogin.flows import Request, Response
from sociallogin.transports.requests import RequestsTransport

_IN_BODIES = {"client_secret", "code", "code_verifier"}
_IN_HEADERS = {"oauth_verifier", "oauth_signature"}
_IN_ANSWERS = {"access_token", "refresh_token", "oauth_token_secret"}
_PERSONAL = {
    "ID", "confirmed_email", "display_name", "email", "id", "id_str", "name", "screen_name",
    "user_id", "username",
}  # fmt: skip


class Confidences:
    """What was said in confidence.

    Attributes:
        secrets: credentials, codes, verifiers, tokens.
        personal: who logs in; a browser may be told, a log or an error may not.
        public: what travels through the browser by design; a log or an error may not have it.
    """

    def __init__(self) -> None:
        self.secrets: set[str] = {KEY, *(secret for _, secret in CREDENTIALS.values())}
        self.personal: set[str] = set()
        self.public: set[str] = set()

    def hear(self, request: Request, response: Response | None) -> None:
        """Learns from one exchange with a provider; `response` is None where none arrived."""
        for name, value in parse_qsl((request.body or b"").decode()):
            if name in _IN_BODIES:
                self._add(self.secrets, value)
        for name, value in request.headers.items():
            if name.lower() == "authorization":
                self._credentials(value)
        for name, value in _pairs(response.body if response else b""):
            if name in _IN_ANSWERS:
                self._add(self.secrets, value)
            elif name in _PERSONAL:
                self._add(self.personal, str(value) if isinstance(value, int) else value)
            elif name == "oauth_token":
                self._add(self.public, value)

    def hear_callback(self, target: str) -> None:
        """Learns from the address of a callback."""
        for name, value in parse_qsl(urlsplit(target).query):
            if name in ("code", "oauth_verifier"):
                self._add(self.secrets, value)
            elif name in ("state", "oauth_token", "denied"):
                self._add(self.public, value)

    def _credentials(self, value: str) -> None:
        scheme, _, rest = value.partition(" ")
        self.secrets.add(rest)
        if scheme == "Basic":
            self._add(self.secrets, unquote(b64decode(rest).decode().partition(":")[2]))
        for name, quoted in re.findall(r'(\w+)="([^"]*)"', rest):
            if name in _IN_HEADERS:
                self._add(self.secrets, unquote(quoted))

    @staticmethod
    def _add(known: set[str], value: object) -> None:
        if isinstance(value, str) and len(value) >= 4:
            known.add(value)


class Overheard(Emulators):
    """The emulators in this process; `confidences` holds what was said to them and by them."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.confidences = Confidences()

    def send(self, request: Request) -> Response:
        self.confidences.hear(request, None)
        response = super().send(request)
        self.confidences.hear(request, response)
        return response


class OverheardServer(EmulatorServer):
    """The emulators on a socket; `addressed` holds the URLs that were asked for.

    `extra` headers come with every answer; `transport` is what asks it.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.confidences = Confidences()
        self.addressed: list[str] = []
        self.extra: dict[str, str] = {}
        self.transport = RequestsTransport({})

    def answer(self, request: Request) -> Answer:
        self.addressed.append(request.url)
        answer = super().answer(request)
        self.confidences.hear(request, answer.response)
        headers = {**answer.response.headers, **self.extra}
        response = Response(answer.response.status, headers, answer.response.body)
        return Answer(response, answer.delay, answer.cut_at)


class BehindSocket:
    """The emulators of a server, asked through the library's own transport: for a `Site`."""

    def __init__(self, server: OverheardServer) -> None:
        self.server = server
        self.send = server.transport
        self.confidences = server.confidences

    def __getattr__(self, name: str) -> Any:
        return getattr(self.server.emulators, name)


def assert_kept(
    confidences: Confidences,
    caplog: pytest.LogCaptureFixture,
    *,
    replies: list[Reply] | None = None,
    errors: list[SocialLoginError] | None = None,
    shown: list[str] | None = None,
) -> None:
    """Nothing of the confidences stands in the log, the answers, the errors, or `shown` texts."""
    everything = confidences.secrets | confidences.personal | confidences.public
    for record in caplog.records:
        text = f"{record.getMessage()} {record.args!r} {record.exc_text} {record.stack_info}"
        _refute(everything, f"the log of {record.name}", text)
    for error in errors or []:
        _refute(everything, f"the error {error.code}", error_text(error))
    for text in shown or []:
        _refute(confidences.secrets, "what is shown", text)
    for reply in replies or []:
        for where, text in _read(reply):
            failed = reply.status >= 400  # then nobody is to be told who it was
            _refute(confidences.secrets | (confidences.personal if failed else set()), where, text)


def error_text(error: BaseException) -> str:
    """All that any tool would print of an error, and of those that led to it."""
    parts = traceback.format_exception(error)
    cause: BaseException | None = error
    while cause is not None:
        parts += [str(cause), repr(cause), repr(cause.args), repr(vars(cause))]
        if isinstance(cause, SocialLoginError):
            parts += [cause.hint, cause.message]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(parts)


def _read(reply: Reply) -> Iterator[tuple[str, str]]:
    """Every part of an answer as text; what looks like base64 is decoded too."""
    yield "the status line", str(reply.status)
    yield "the body", reply.body.decode("utf-8", "replace")
    for name, value in reply.headers:
        yield f"the header {name}", value
        if name.lower() == "set-cookie":
            for part in re.split("[=;. ]", value):
                text = re.sub("[^A-Za-z0-9_-]", "", part)
                raw = urlsafe_b64decode(text[: len(text) // 4 * 4])
                yield "a decoded cookie", raw.decode("latin-1")


def _refute(sentinels: set[str], where: str, text: str) -> None:
    for sentinel in sentinels:
        for spelling in _spellings(sentinel):
            assert spelling not in text, f"{where} gives away {sentinel!r}"


@cache
def _spellings(text: str) -> frozenset[str]:
    return frozenset({
        text, quote(text, safe=""), quote_plus(text), html.escape(text), json.dumps(text)[1:-1],
        repr(text)[1:-1], b64encode(text.encode()).decode().rstrip("="),
    })  # fmt: skip


def _pairs(body: bytes) -> Iterator[tuple[str, Any]]:
    """Names and values of a JSON or form-encoded answer, nested ones included."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        yield from parse_qsl(body.decode("utf-8", "replace"))
        return
    level = [value]
    while level:
        value = level.pop()
        if isinstance(value, dict):
            yield from value.items()
            level += value.values()
        elif isinstance(value, list):
            level += value


def socket_site(framework: str, protocol: str, server: OverheardServer, **given: Any) -> Site:
    """A site that asks the emulators of `server` as it would ask the real providers."""
    clock = Clock()
    clock.now = time.time()  # the server's own
    behind: Any = BehindSocket(server)
    return Site(framework, twitter=protocol, clock=clock, emulators=behind, **given)

"""Akismet, API 1.1. Source: akismet.com/developers, "Comment check", "Submit spam" and so on.

It judges by the fixed values that the real one offers for testing, and calls everything else ham.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from ..flows import Request
from . import answers
from .answers import Answer, Refused
from .emulator import REAL, Emulator, Route
from .faults import Step
from .reading import body_form, is_form

HOST = "rest.akismet.com"
SPAM_AUTHOR = "viagra-test-123"
SPAM_EMAIL = "akismet-guaranteed-spam@example.com"
#: The role whose comments are never spam.
TRUSTED_ROLE = "administrator"
THANKS = "Thanks for making the web a better place."


class Akismet(Emulator):
    """Akismet, with one key.

    The fixed author and the fixed e-mail address of the real one's documentation are spam. Both
    at once are blatant spam; that is our own way to ask for it, the real one documents none.
    """

    name = "akismet"
    label = "Akismet"
    protocol = "1.1"
    tint = "#357b49"
    pictures = None
    endpoints: ClassVar = {"endpoint": (HOST, "/1.1")}

    def __init__(
        self,
        key: str,
        *,
        at: Callable[[str], str] = REAL,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        super().__init__((), at=at, clock=clock, random=random)
        self.key = key

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("POST", HOST, r"/1\.1/comment-check", "check", self.check),
            Route("POST", HOST, r"/1\.1/submit-(spam|ham)", "report", self.report),
            Route("POST", HOST, r"/1\.1/verify-key", "key", self.verify_key),
        )

    def check(self, request: Request) -> Answer:
        """POST /1.1/comment-check."""
        sent = self._sent(request, "blog", "user_ip")
        author = sent.get("comment_author") == SPAM_AUTHOR
        email = sent.get("comment_author_email") == SPAM_EMAIL
        spam = (author or email) and sent.get("user_role") != TRUSTED_ROLE
        headers = {"x-akismet-guid": self._random(16).hex()}
        if spam and author and email:
            headers["x-akismet-pro-tip"] = "discard"
        return self.finish("check", None, plain("true" if spam else "false", headers))

    def report(self, request: Request) -> Answer:
        """POST /1.1/submit-spam and /1.1/submit-ham."""
        self._sent(request, "blog", "user_ip")
        return self.finish("report", None, plain(THANKS))

    def verify_key(self, request: Request) -> Answer:
        """POST /1.1/verify-key."""
        self._sent(request, "blog")
        return self.finish("key", None, plain("valid"))

    def _sent(self, request: Request, *required: str) -> Mapping[str, str]:
        """The parameters; refused without the key or a required one."""
        if not is_form(request):
            raise Refused(invalid("The request is no form."))
        sent = body_form(request)
        if sent.get("api_key") != self.key:
            raise Refused(invalid("The api_key is missing or unknown."))
        for name in required:
            if not sent.get(name):
                raise Refused(invalid(f'Empty "{name}" value'))
        return sent

    def unreadable(self, step: Step) -> Answer:
        return invalid("The request is unreadable.")

    def rate_limited(self) -> Answer:
        return answers.raw(b"", "text/plain; charset=utf-8", 429)


def invalid(help_: str) -> Answer:
    """Its refusal: status 200, and a header for developers."""
    return plain("invalid", {"x-akismet-debug-help": help_})


def plain(text: str, headers: Mapping[str, str] | None = None) -> Answer:
    return answers.raw(text.encode(), "text/plain; charset=utf-8", 200, headers)


def suspended() -> Answer:
    """What a suspended key gets for every comment: `false`, with an error in the headers."""
    return plain(
        "false",
        {
            "x-akismet-error": "suspended",
            "x-akismet-alert-code": "10402",
            "x-akismet-alert-msg": "Your Akismet subscription is suspended.",
        },
    )

"""Akismet: is this comment spam? Source: akismet.com/developers, API 1.1.

    akismet = Akismet.of(login)  # None where the configuration has no table `akismet`
    verdict = akismet.check(Comment(author=identity, content=text, user_ip=address))

The answer is always a `Verdict`. When Akismet is down, slow, or refuses the key, it is `unknown`:
let a person decide, so that no comment is lost and none is published unseen.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any, Literal, Protocol, Self, TypeAlias, TypeVar
from urllib.parse import urlencode

from . import cleaning
from ._version import __version__
from .config import AkismetConfig, Config
from .errors import ProviderError
from .flows import Flow, Request, Response
from .identity import Identity

T = TypeVar("T")

logger = logging.getLogger("sociallogin")

#: What to do: publish `ham`, keep `spam` for a person's eyes, drop `discard` (it is blatant),
#: and ask a person about `unknown`.
Outcome: TypeAlias = Literal["ham", "spam", "discard", "unknown"]

#: Why Akismet has no answer.
Reason: TypeAlias = Literal[
    "", "unreachable", "timeout", "rate_limited", "bad_response", "rejected_key",
    "rejected_request",
]  # fmt: skip

#: Whether Akismet knows the key; `unknown`: it could not be asked.
KeyState: TypeAlias = Literal["valid", "invalid", "unknown"]

_HEADERS = {
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": f"sociallogin/{__version__} | Akismet/1.1",
}
_TRANSPORT: Mapping[str, Reason] = {
    "provider_unreachable": "unreachable",
    "provider_timeout": "timeout",
}
_HINTS: Mapping[Reason, str] = {
    "unreachable": "it cannot be reached, or fails itself",
    "timeout": "it did not answer in time",
    "rate_limited": "it limits how often this key may ask",
    "bad_response": "its answer is not one of Akismet's",
    "rejected_key": "check api_key in the table `akismet`, and the plan that it belongs to",
    "rejected_request": "it cannot use what was sent",
}
#: How its errors speak of a key; those with an alert code are about its plan.
_ABOUT_KEY = re.compile(r"\b(api[_ ]?)?key\b|suspended", re.IGNORECASE)
_REMARKS = ("x-akismet-error", "x-akismet-debug-help", "x-akismet-alert-code",
            "x-akismet-alert-msg")  # fmt: skip
#: What was sent and may stand in a log: it is neither secret nor personal.
_HARMLESS = ("blog", "blog_charset", "blog_lang", "comment_type", "honeypot_field_name", "is_test",
             "user_role")  # fmt: skip
#: A value of fewer characters tells nobody anything, and would be found in every word.
_TELLING_CHARACTERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment as Akismet is asked about it. The more of it is known, the better it judges.

    Nothing of it stands in its `repr`.

    Attributes:
        author: who wrote it; name, e-mail address and website are sent, the profile is not.
        content: what they wrote.
        user_ip: the address that their request came from; Akismet needs it.
        user_agent, referrer: these headers of their request.
        permalink: the page that the comment is for: a URL, or a path on this site.
        type: `comment`, `reply`, `contact-form`, `signup`, …
        written_at: when, in seconds since the epoch.
        role: the author's role on the site; `administrator` is never spam.
        recheck_reason: why it is asked about again, such as `edit`.
        honeypot: name and content of a form field that people do not see and robots fill in.
    """

    author: Identity | None = field(default=None, repr=False)
    content: str = field(repr=False)
    user_ip: str = field(repr=False)
    user_agent: str = field(default="", repr=False)
    referrer: str = field(default="", repr=False)
    permalink: str = field(default="", repr=False)
    type: str = "comment"
    written_at: int | None = None
    role: str = ""
    recheck_reason: str = ""
    honeypot: tuple[str, str] | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON: to be kept until it is certain that Akismet was right."""
        kept = {name: getattr(self, name) for name in self.__slots__}
        return {**kept, "author": self.author.to_dict() if self.author else None}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """What `to_dict` gave."""
        author, honeypot = kept["author"], kept["honeypot"]
        return cls(
            **{
                **kept,
                "author": Identity.from_dict(author) if author else None,
                "honeypot": tuple(honeypot) if honeypot else None,
            }
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Akismet says of a comment; `reason` tells why it is `unknown`, and is empty else."""

    outcome: Outcome
    reason: Reason = ""


class AkismetFlows:
    """The requests of one site to Akismet, as flows that never fail.

    Args:
        settings: the table `akismet` of the configuration.
        site: the configuration that it stands in.
    """

    def __init__(self, settings: AkismetConfig, site: Config) -> None:
        self._settings = settings
        self.site = site

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self.site.base_url}>"

    def check(self, comment: Comment) -> Flow[Verdict]:
        """Asks whether a comment is spam."""
        sent = self._fields(comment)
        answer = yield from self._ask("comment-check", sent)
        verdict = _verdict(answer)
        _tell("comment-check", verdict.outcome, verdict.reason, answer, sent)
        return verdict

    def submit(self, method: Literal["submit-spam", "submit-ham"], comment: Comment) -> Flow[bool]:
        """Tells Akismet what it did not see; whether it took note."""
        sent = self._fields(comment)
        answer = yield from self._ask(method, sent)
        reason: Reason = answer if isinstance(answer, str) else _refusal(answer)
        if not reason and isinstance(answer, Response) and not _text(answer).startswith("Thanks"):
            reason = "bad_response"
        _tell(method, "unknown" if reason else "taken", reason, answer, sent)
        return not reason

    def verify_key(self) -> Flow[KeyState]:
        """Asks whether the key is good for this site."""
        sent = {"api_key": self._settings.api_key, "blog": self.site.base_url}
        answer = yield from self._ask("verify-key", sent)
        state: KeyState = "unknown"
        reason: Reason = answer if isinstance(answer, str) else ""
        if isinstance(answer, Response):
            reason = _refusal(answer)
            if reason == "rejected_key" or _text(answer) == "invalid":
                state, reason = "invalid", "rejected_key"
            elif not reason and _text(answer) == "valid":
                state = "valid"
            else:
                reason = reason or "bad_response"
        _tell("verify-key", state, reason, answer, sent)
        return state

    def _ask(self, method: str, fields: Mapping[str, str]) -> Flow[Response | Reason]:
        """The answer, or why there is none."""
        body = urlencode(fields, errors="replace")
        url = f"{self._settings.endpoint.rstrip('/')}/{method}"
        try:
            answer: Response = yield Request("POST", url, _HEADERS, body.encode())
        except ProviderError as error:
            return _TRANSPORT.get(error.code, "bad_response")
        return answer

    def _fields(self, comment: Comment) -> dict[str, str]:
        """What is sent of a comment; what is not known is left out."""
        author, base_url = comment.author, self.site.base_url
        on_this_site = comment.permalink.startswith("/")
        known = {
            "api_key": self._settings.api_key,
            "blog": base_url,
            "user_ip": comment.user_ip,
            "user_agent": comment.user_agent,
            "referrer": comment.referrer,
            "permalink": f"{base_url}{comment.permalink}" if on_this_site else comment.permalink,
            "comment_type": comment.type,
            "comment_author": (author and (author.name or author.username)) or "",
            "comment_author_email": (author and author.email) or "",
            "comment_author_url": (author and author.website_url) or "",
            "comment_content": comment.content,
            "comment_date_gmt": _date(comment.written_at),
            "blog_lang": self.site.locale.lower().replace("-", "_"),
            "blog_charset": "UTF-8",
            "user_role": comment.role,
            "is_test": "true" if self._settings.test else "",
            "recheck_reason": comment.recheck_reason,
            "honeypot_field_name": comment.honeypot[0] if comment.honeypot else "",
        }
        if comment.honeypot and comment.honeypot[0] not in known:
            known[comment.honeypot[0]] = comment.honeypot[1]
        return {name: value for name, value in known.items() if value}


class Site(Protocol):
    """A `SocialLogin`, as far as it concerns Akismet."""

    config: Config

    def run(self, flow: Flow[T]) -> T: ...


class Akismet:
    """Akismet for one site, blocking. Safe to share between threads.

    Make it with `Akismet.of(login)`. No method raises because of what Akismet does or says.

    Raises:
        TypeError: the login is asynchronous.
    """

    def __init__(self, settings: AkismetConfig, login: Site) -> None:
        if iscoroutinefunction(login.run):
            raise TypeError(f"Akismet cannot await {type(login).__name__}. Use AsyncAkismet")
        self._flows = AkismetFlows(settings, login.config)
        self._run = login.run

    @classmethod
    def of(cls, login: Site) -> Self | None:
        """Akismet as this login's configuration says, on its transport; None where it is off."""
        settings = login.config.akismet
        return cls(settings, login) if settings else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self._flows.site.base_url}>"

    def check(self, comment: Comment) -> Verdict:
        """Asks whether a comment is spam."""
        return self._run(self._flows.check(comment))

    def submit_spam(self, comment: Comment) -> bool:
        """Tells Akismet that a comment is spam, which it let pass; whether it took note.

        Give it the same `Comment` that was checked.
        """
        return self._run(self._flows.submit("submit-spam", comment))

    def submit_ham(self, comment: Comment) -> bool:
        """Tells Akismet that a comment is not spam, which it held back; whether it took note.

        Give it the same `Comment` that was checked.
        """
        return self._run(self._flows.submit("submit-ham", comment))

    def verify_key(self) -> KeyState:
        """Asks whether Akismet knows the configured key."""
        return self._run(self._flows.verify_key())


class AsyncSite(Protocol):
    """An `AsyncSocialLogin`, as far as it concerns Akismet."""

    config: Config

    async def run(self, flow: Flow[T]) -> T: ...


class AsyncAkismet:
    """Akismet for one site, asynchronous: `Akismet`, with `await` on every question.

    Make it with `AsyncAkismet.of(login)`.

    Raises:
        TypeError: the login is blocking.
    """

    def __init__(self, settings: AkismetConfig, login: AsyncSite) -> None:
        if not iscoroutinefunction(login.run):
            raise TypeError(f"{type(login).__name__} is nothing to await. Use Akismet")
        self._flows = AkismetFlows(settings, login.config)
        self._run = login.run

    @classmethod
    def of(cls, login: AsyncSite) -> Self | None:
        """Akismet as this login's configuration says, on its transport; None where it is off."""
        settings = login.config.akismet
        return cls(settings, login) if settings else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self._flows.site.base_url}>"

    async def check(self, comment: Comment) -> Verdict:
        """Asks whether a comment is spam; see `Akismet.check`."""
        return await self._run(self._flows.check(comment))

    async def submit_spam(self, comment: Comment) -> bool:
        """Tells Akismet that a comment is spam; see `Akismet.submit_spam`."""
        return await self._run(self._flows.submit("submit-spam", comment))

    async def submit_ham(self, comment: Comment) -> bool:
        """Tells Akismet that a comment is not spam; see `Akismet.submit_ham`."""
        return await self._run(self._flows.submit("submit-ham", comment))

    async def verify_key(self) -> KeyState:
        """Asks whether Akismet knows the configured key."""
        return await self._run(self._flows.verify_key())


def _verdict(answer: Response | Reason) -> Verdict:
    if isinstance(answer, str):
        return Verdict("unknown", answer)
    refusal = _refusal(answer)
    if refusal:
        return Verdict("unknown", refusal)
    match _text(answer):
        case "false":
            return Verdict("ham")
        case "true" if answer.headers.get("x-akismet-pro-tip", "").strip() == "discard":
            return Verdict("discard")
        case "true":
            return Verdict("spam")
    return Verdict("unknown", "bad_response")


def _refusal(answer: Response) -> Reason:
    """Why this is no answer to what was asked; empty if it may be one.

    A suspended key gets status 200 and the body `false` with everything: only the header
    `X-akismet-error` tells it from an answer.
    """
    if answer.status == 429:
        return "rate_limited"
    if answer.status >= 500:
        return "unreachable"
    headers, text = answer.headers, _text(answer)
    error, help_ = headers.get("x-akismet-error", ""), headers.get("x-akismet-debug-help", "")
    if error or text.lower().startswith("invalid"):
        about_key = "x-akismet-alert-code" in headers or not (error or help_)
        about_key = about_key or _ABOUT_KEY.search(f"{error} {help_}") is not None
        return "rejected_key" if about_key else "rejected_request"
    return "" if answer.status == 200 else "bad_response"


def _text(answer: Response) -> str:
    return answer.body[:100].decode("utf-8", "replace").strip()


def _tell(
    method: str,
    outcome: str,
    reason: Reason,
    answer: Response | Reason,
    sent: Mapping[str, str],
) -> None:
    """One line for the log: nothing of the comment, nothing of the key."""
    remarks = _remarks(answer, sent) if isinstance(answer, Response) else ""
    hint = f" reason={reason}: {_HINTS[reason]}" if reason else ""
    level = logging.WARNING if reason or remarks else logging.INFO
    logger.log(level, "akismet %s outcome=%s%s%s", method, outcome, hint, remarks)


def _remarks(answer: Response, sent: Mapping[str, str]) -> str:
    """What Akismet says to the site's owner, bounded, on one line, with nothing personal."""
    telling = [value for name, value in sent.items() if name not in _HARMLESS]
    telling = [value for value in telling if len(value) >= _TELLING_CHARACTERS]
    remarks = ""
    for name in _REMARKS:
        text = answer.headers.get(name, "")
        for value in sorted(telling, key=len, reverse=True):
            text = text.replace(value, "…")
        line = cleaning.text(text)
        remarks += f"; {name}: {line}" if line else ""
    return remarks


def _date(seconds: int | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()

"""Every failure: a stable code, the cause and fix for the developer, a sentence for the visitor.

    SocialLoginError
    ├── ConfigError      the site owner must act: the configuration is wrong
    ├── LoginDenied      the visitor said no at the provider
    ├── LoginRefused     the app said no (raised by its `on_login` hook)
    ├── StateError       this browser holds no usable transaction for this callback
    ├── ProviderError    the provider failed, or says that this site is set up wrongly
    ├── RequestError     the request to our own endpoints was wrong
    ├── TokenError       a token, code or signature was refused
    └── StoreError       a store failed; the login is refused rather than left unchecked

The class says who must act, the code what happened, `hint` why and what to do, `message` what
the visitor reads. No secret, code, token or verifier ever stands in an error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Protocol


class Speech(Protocol):
    """A language to say an error in, with the methods of a gettext catalogue."""

    def gettext(self, message: str, /) -> str:
        """The message in this language, or as it is."""

    def ngettext(self, singular: str, plural: str, n: int, /) -> str:
        """The form of the message that goes with the number `n`."""

    def isolate(self, text: str, /) -> str:
        """A name, such that its direction leaves the text around it in order."""


class _English:
    def gettext(self, message: str) -> str:
        return message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return singular if n == 1 else plural

    def isolate(self, text: str) -> str:
        return text


def translatable(sentence: str) -> str:
    """Marks a sentence to be translated where it is shown; here it stays English."""
    return sentence


@dataclass(frozen=True, slots=True)
class Failure:
    """What one error code means: HTTP status, visitor's sentence, meaning for the developer.

    The sentence uses the named placeholders `%(provider)s` and `%(wait)s`, and is translated.
    """

    status: int
    sentence: str
    meaning: str


_LOST = translatable("The login took too long or was started in another window. Please try again.")
_DOWN = translatable(
    "%(provider)s is not answering right now. Try again in a minute, or choose another way."
)
_MISCONFIGURED = translatable(
    "Logging in with %(provider)s does not work on this site at the moment. "
    "We have told the site's owner in the log."
)
#: The sentence of `state_missing` where a browser sends no cookie at all.
COOKIES_REFUSED = translatable(
    "Your browser did not keep a cookie this login needs. Allow cookies for this site, or "
    "comment as a guest."
)
#: The same where guests may not comment.
COOKIES_REFUSED_NO_GUESTS = translatable(
    "Your browser did not keep a cookie this login needs. Allow cookies for this site."
)
_AGAIN = translatable("That did not work. Please go back and try again.")

#: Every code, in the order of the error reference.
FAILURES: Mapping[str, Failure] = MappingProxyType(
    {
        "config_invalid": Failure(
            500,
            "This site's login is not set up correctly.",
            "The configuration has faults; the error lists all of them.",
        ),
        "login_denied": Failure(
            403,
            "You cancelled the login at %(provider)s. Nothing was shared.",
            "The provider reports that the person cancelled or declined.",
        ),
        "identity_refused": Failure(
            403,
            "This account cannot be used here.",
            "The app's `on_login` hook raised `LoginRefused`.",
        ),
        "state_missing": Failure(
            400,
            _LOST,
            "The callback has no state, or this browser sent no transaction cookie at all.",
        ),
        "state_mismatch": Failure(
            400,
            _LOST,
            "The callback's state belongs to none of this browser's pending logins, its "
            "transaction cannot be opened, or a parameter was given twice.",
        ),
        "state_expired": Failure(
            400,
            _LOST,
            "The transaction is older than ten minutes.",
        ),
        "state_foreign_provider": Failure(
            400,
            _LOST,
            "The transaction was begun with another provider, client id, protocol or issuer.",
        ),
        "state_replayed": Failure(
            400,
            _LOST,
            "The transaction has been used already.",
        ),
        "provider_unreachable": Failure(
            502,
            _DOWN,
            "No connection to the provider, or it answered with a 5xx status.",
        ),
        "provider_timeout": Failure(
            504,
            _DOWN,
            "The provider did not answer within the time limits.",
        ),
        "provider_rate_limited": Failure(
            503,
            "%(provider)s asks us to wait. Try again in %(wait)s.",
            "The provider limits how often it may be asked.",
        ),
        "provider_rejected_client": Failure(
            502,
            _MISCONFIGURED,
            "The provider refuses this site's client id, secret, redirect URI or scopes.",
        ),
        "provider_bad_response": Failure(
            502,
            _DOWN,
            "The provider's answer could not be understood.",
        ),
        "provider_refused_userinfo": Failure(
            502,
            _MISCONFIGURED,
            "The provider gave a token, then refused its userinfo.",
        ),
        "token_invalid": Failure(
            502,
            _LOST,
            "A code or token was refused, or fails a check.",
        ),
        "cross_site_request": Failure(
            403,
            "This request came from another site. If you meant it, press the button again here.",
            "A form was posted from another site, or without a valid CSRF token.",
        ),
        "origin_not_allowed": Failure(
            403,
            "The page that you come from may not use this site's login.",
            "The origin of another site's page is not in `embed_origins`, or not the one that the "
            "login was for.",
        ),
        "unknown_provider": Failure(
            404,
            "This site does not offer that login.",
            "No enabled provider has this name.",
        ),
        "bad_request": Failure(
            400,
            _AGAIN,
            "The request could not be read.",
        ),
        "not_found": Failure(
            404,
            "There is no such page.",
            "No endpoint or asset has this path.",
        ),
        "method_not_allowed": Failure(
            405,
            _AGAIN,
            "The endpoint does not answer this method.",
        ),
        "too_large": Failure(
            413,
            "That was too long to be read.",
            "A body over 256 KiB or 200 fields (413), or a query over 16 KiB (414).",
        ),
        "guest_invalid": Failure(
            422,
            "Please check the details below.",
            "The guest form has invalid fields.",
        ),
        "guest_not_allowed": Failure(
            403,
            "Please log in to leave a reply.",
            "The policy is `login-required`.",
        ),
        "login_required": Failure(
            401,
            "Please log in first.",
            "The view needs a login and nobody is logged in.",
        ),
        "store_unavailable": Failure(
            503,
            "Logging in does not work right now. Please try again in a minute.",
            "The store failed, so nobody is let in: it is not known whether a callback came "
            "before, whom a bearer stands for, or what a login for another site's page came to.",
        ),
    }
)


class SocialLoginError(Exception):
    """The root of all failures of this library.

    Attributes:
        code: stable, snake_case; one of `FAILURES`.
        hint: for the developer: the cause, as far as the evidence shows it, and the fix.
        provider: the label of the provider concerned, or None.
        retry_after: seconds that the provider asks us to wait, or None.
        status: the HTTP status of the answer that reports it.
        sentence: what `message` is made from, with the placeholders of `Failure`.
        message: one sentence for the visitor, without internals, in English.
    """

    codes: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        code: str,
        hint: str = "",
        *,
        provider: str | None = None,
        retry_after: int | None = None,
        status: int | None = None,
    ) -> None:
        self.code = code
        self.hint = hint or FAILURES[code].meaning
        self.provider = provider
        self.retry_after = retry_after
        self.status = status or FAILURES[code].status
        self.sentence = FAILURES[code].sentence
        super().__init__(code, self.hint)

    @property
    def message(self) -> str:
        return self.message_in(_English())

    def message_in(self, language: Speech) -> str:
        """The sentence for a visitor who reads this language."""
        _ = language.gettext
        provider = language.isolate(self.provider) if self.provider else _("The provider")
        return _(self.sentence) % {
            "provider": provider,
            "wait": _wait(self.retry_after, language),
        }

    def __str__(self) -> str:
        return f"{self.code}: {self.hint}"

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process pools and task queues whole, whatever their constructors take."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(
    kind: type[SocialLoginError], args: tuple[object, ...], state: Mapping[str, object]
) -> SocialLoginError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


def _wait(seconds: int | None, language: Speech) -> str:
    """A waiting time in words: never less than what was asked for, never a false precision."""
    _, ngettext = language.gettext, language.ngettext
    if seconds is None:
        # Translators: after "Try again in".
        return _("a few minutes")
    minutes = max(1, -(-seconds // 60))
    if minutes == 1:
        # Translators: after "Try again in".
        return _("a minute")
    if minutes < 120:
        # Translators: after "Try again in".
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = -(-minutes // 60)
    # Translators: after "Try again in".
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}


@dataclass(frozen=True, slots=True)
class ConfigFault:
    """One fault of a configuration: where it is, what was found, what is allowed, any advice."""

    place: str
    found: str
    allowed: str
    advice: str = ""

    def __str__(self) -> str:
        advice = f" {self.advice}" if self.advice else ""
        return f"{self.place}: found {self.found}; allowed: {self.allowed}.{advice}"


class ConfigError(SocialLoginError):
    """The configuration is wrong. `faults` holds all of it, not only the first fault."""

    codes = ("config_invalid",)

    def __init__(self, faults: Iterable[ConfigFault], source: str = "the configuration") -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        lines = [f"{count} fault{'s' if count != 1 else ''} in {source}:"]
        lines += [f"  - {fault}" for fault in self.faults]
        super().__init__("config_invalid", "\n".join(lines))

    def __str__(self) -> str:
        return self.hint


class LoginDenied(SocialLoginError):
    """The person cancelled at the provider, or the provider says so."""

    codes = ("login_denied",)

    def __init__(self, hint: str = "", *, provider: str | None = None) -> None:
        super().__init__("login_denied", hint, provider=provider)


class LoginRefused(SocialLoginError):
    """Raised by an app's `on_login` hook to refuse a login with a sentence for the visitor."""

    codes = ("identity_refused",)

    def __init__(self, sentence: str = "") -> None:
        super().__init__("identity_refused")
        if sentence:
            self.sentence = sentence.replace("%", "%%")


class StateError(SocialLoginError):
    """This browser holds no usable transaction for this callback; the hint says why, likely."""

    codes = (
        "state_missing",
        "state_mismatch",
        "state_expired",
        "state_foreign_provider",
        "state_replayed",
    )


class ProviderError(SocialLoginError):
    """The provider failed, or says that this site is set up wrongly there."""

    codes = (
        "provider_unreachable",
        "provider_timeout",
        "provider_rate_limited",
        "provider_rejected_client",
        "provider_bad_response",
        "provider_refused_userinfo",
    )


class TokenError(SocialLoginError):
    """A code or token was refused by the provider, or a token's answer fails a check."""

    codes = ("token_invalid",)

    def __init__(self, hint: str = "", *, provider: str | None = None) -> None:
        super().__init__("token_invalid", hint, provider=provider)


class RequestError(SocialLoginError):
    """A request to our own endpoints was wrong.

    `fields` names the invalid fields of a form (`guest_invalid`), each with its sentence.
    """

    codes = (
        "cross_site_request",
        "origin_not_allowed",
        "unknown_provider",
        "bad_request",
        "not_found",
        "method_not_allowed",
        "too_large",
        "guest_invalid",
        "guest_not_allowed",
        "login_required",
    )

    def __init__(
        self,
        code: str,
        hint: str = "",
        *,
        provider: str | None = None,
        status: int | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, hint, provider=provider, status=status)
        self._fields = dict(fields or {})

    @property
    def fields(self) -> Mapping[str, str]:
        return MappingProxyType(self._fields)


class StoreError(SocialLoginError):
    """A store failed. It fails closed: nobody is let in."""

    codes = ("store_unavailable",)

    def __init__(self, hint: str = "") -> None:
        super().__init__("store_unavailable", hint)

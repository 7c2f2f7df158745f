"""The faults that can be asked of an emulator, for one login or for all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from ..spelling import did_you_mean

#: What a request is for; `picture` and `page` are everything that is no part of the protocol,
#: `check`, `report` and `key` are Akismet's.
Step: TypeAlias = Literal[
    "authorize", "request_token", "token", "userinfo", "picture", "page", "check", "report", "key"
]

_AKISMET: tuple[Step, ...] = ("check", "report", "key")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        words: what its button on the consent page says; empty: it has none.
        steps: the requests whose answer it spoils, unless it is asked for at others.
    """

    words: str
    steps: tuple[Step, ...]


#: Those that any answer to the app can be spoiled by.
OF_ANY_ANSWER = frozenset(
    {"slow", "timeout", "rate_limited", "server_error", "html_error", "bad_json", "truncated"}
)

FAULTS: Mapping[str, Fault] = {
    "denied": Fault("Refuse the login", ("authorize",)),
    "no_email": Fault("Withhold the e-mail address", ("userinfo",)),
    "no_name": Fault("Withhold the name", ("userinfo",)),
    "unverified_email": Fault("Say that the e-mail address is not verified", ("userinfo",)),
    "silhouette": Fault("Withhold the picture", ("userinfo",)),
    "slow": Fault("Answer slowly (2 seconds each time)", ("token", "userinfo", *_AKISMET)),
    "timeout": Fault("Do not answer at all", ("token", *_AKISMET)),
    "rate_limited": Fault("Say “too many requests”", ("userinfo", *_AKISMET)),
    "server_error": Fault("Fail with an error of the server", ("token", *_AKISMET)),
    "html_error": Fault("Answer with a page instead of data", ("userinfo", *_AKISMET)),
    "bad_json": Fault("Answer with broken JSON", ("userinfo",)),
    "truncated": Fault("Break off in the middle of the answer", ("userinfo", *_AKISMET)),
    "wrong_state": Fault("Come back with a wrong state", ("authorize",)),
    "revoked": Fault("Revoke the token before it is used", ("userinfo",)),
    # A header of the consent page: too late to ask for it there.
    "coop": Fault("", ("authorize",)),
}


def check_fault(fault: str, at: Step | None = None) -> None:
    """Sees that there is such a fault, and such a step to aim it at.

    Raises:
        LookupError: there is not.
    """
    if fault not in FAULTS:
        raise unknown("no fault", fault, FAULTS)
    if at is not None and at not in get_args(Step):
        raise unknown("no step", at, get_args(Step))


def unknown(what: str, name: str, known: Iterable[str]) -> LookupError:
    """The error that tells which names there are."""
    advice = did_you_mean(name, known)
    end = f". {advice}" if advice else ""
    return LookupError(f"{what} {name!r}; there are: {', '.join(known)}{end}")

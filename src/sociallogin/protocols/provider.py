"""What is the same in every provider record, and what a login hands to and gets from a protocol."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, TypeAlias, TypeVar, get_args

from ..errors import LoginDenied, ProviderError, TokenError
from ..flows import Flow
from ..identity import Claims, Identity, Profile, identify
from ..spelling import did_you_mean

#: The request of a login whose answer is being read.
Step: TypeAlias = Literal["request_token", "token", "userinfo"]

#: The parameters of a callback, each given once.
Parameters: TypeAlias = Mapping[str, str]

R = TypeVar("R", bound="Provider")

#: What an answer can mean (`Fault.code`).
MEANINGS = (*LoginDenied.codes, *ProviderError.codes, *TokenError.codes)


def pick(claims: object, *path: str | int) -> Any:
    """The value at `path` in a JSON object, or None where a step is missing."""
    for step in path:
        if isinstance(step, str) and isinstance(claims, Mapping):
            claims = claims.get(step)
        elif (
            isinstance(step, int)
            and isinstance(claims, list | tuple)
            and -len(claims) <= step < len(claims)
        ):
            claims = claims[step]
        else:
            return None
    return claims


@dataclass(frozen=True, slots=True)
class Fault:
    """What an error slug or number in a provider's answer means.

    `code` is `login_denied`, `token_invalid`, or one that begins with `provider_`; `hint` the fix
    for the developer; `steps` limits it to the answers of these requests; `link` names the field
    of the answer that holds the address of the fix.

    Raises:
        ValueError: there is no such code, or step.
    """

    code: str
    hint: str
    steps: tuple[Step, ...] = ("request_token", "token", "userinfo")
    link: str | None = None

    def __post_init__(self) -> None:
        if self.code not in MEANINGS:
            raise ValueError(f"a fault's code is one of {', '.join(MEANINGS)}; not {self.code!r}")
        if unknown := {*self.steps} - {*get_args(Step)}:
            first, known = min(unknown), get_args(Step)
            advice = did_you_mean(str(first), known)
            raise ValueError(
                f"a fault's steps are among {', '.join(known)}; not {first!r}"
                + (f". {advice}" if advice else "")
            )


@dataclass(frozen=True, slots=True)
class Option:
    """A setting that a record adds to its config table; its URLs use it as `{name}`."""

    name: str
    default: str
    pattern: str
    allowed: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Token:
    """What the token endpoint gave. Nothing of it but its lifetime stands in the `repr`.

    Attributes:
        access_token: sent as a bearer token (OAuth 2.0) or as `oauth_token` (OAuth 1.0a).
        token_secret: OAuth 1.0a only.
        scopes: what was granted; None where the provider does not say.
        expires_in: seconds, counted from the answer; None where the provider does not say.
        refresh_token: only where the scopes asked for one.
    """

    access_token: str = field(repr=False)
    token_secret: str | None = field(default=None, repr=False)
    scopes: tuple[str, ...] | None = None
    expires_in: int | None = None
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider: where its endpoints are, and what its answers mean.

    Attributes:
        name: its name in the configuration, `[a-z][a-z0-9_-]*`.
        label: its name for visitors.
        issuer: the authority that vouches for its subjects (`Identity.issuer`).
        userinfo_url: where the profile is read.
        userinfo_params: query parameters of that URL; kept when the URL is overridden.
        normalize: from a userinfo answer to a `Profile`. Total: any JSON object in, no
            exception out (`pick` helps).
        scopes_fault: what is wrong with a set of scopes, as advice for the site owner, or None.
        change: parameters of the authorization request that make the provider ask which account
            to use; empty where none is documented.
        ask_email: parameters of the authorization request that ask once more for an e-mail address
            which the account did not share; empty where none is documented.
        logout_url: the provider's own log-out page, for where no such parameter is documented.
        options: further keys of its config table.
        faults: error slugs or numbers of its answers, beyond those of the standards.
        rate_limit_reset: header that holds the epoch second at which its rate limit ends.
        clear_fragment: whether it leaves a fragment on the callback URL that must not reach
            the site.
        picture_hosts: where its people's pictures are, the only hosts that they are fetched
            from: `host`, `host:port`, or `*.domain` for every host below one.

    Raises:
        ValueError: parameters are no mapping of texts, or `faults` none from texts to `Fault`.
    """

    name: str
    label: str
    issuer: str
    userinfo_url: str
    normalize: Callable[[Claims], Profile] = field(repr=False)
    scopes: tuple[str, ...] = ()
    scopes_fault: Callable[[Sequence[str]], str | None] | None = field(default=None, repr=False)
    userinfo_params: Mapping[str, str] = field(default_factory=dict)
    change: Mapping[str, str] = field(default_factory=dict)
    ask_email: Mapping[str, str] = field(default_factory=dict)
    logout_url: str | None = None
    options: tuple[Option, ...] = ()
    faults: Mapping[str, Fault] = field(default_factory=dict, repr=False)
    rate_limit_reset: str | None = None
    clear_fragment: bool = False
    picture_hosts: tuple[str, ...] = ()

    protocol: ClassVar[str]
    url_keys: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        for name in ("userinfo_params", "change", "ask_email"):
            _check_mapping(name, getattr(self, name), str)
        _check_mapping("faults", self.faults, Fault)

    def speak(
        self, client: "Client", clock: Callable[[], float], random: Callable[[int], bytes]
    ) -> "Speaker":
        """The protocol's flows for one configured client."""
        raise NotImplementedError

    def identity(
        self, claims: object, authenticated_at: int = 0, *, provider: str | None = None
    ) -> Identity:
        """What this userinfo answer means.

        Args:
            claims: the userinfo answer, parsed from JSON, whole.
            authenticated_at: seconds since the epoch.
            provider: the name in the configuration; by default the record's own.

        Raises:
            ProviderError: `provider_bad_response`: the answer is no JSON object, or has no
                usable subject.
        """
        if not isinstance(claims, Mapping):
            raise self.bad_response("its userinfo answer is not a JSON object")
        try:
            identity = identify(
                self.normalize(claims),
                provider=provider or self.name,
                issuer=self.issuer,
                claims=claims,
                authenticated_at=authenticated_at,
            )
        except Exception as error:  # a site's own record must not cost the visitor a traceback
            raise self.bad_response(f"normalize() led to {type(error).__name__}") from error
        if identity is None:
            raise self.bad_response(
                "its userinfo answer has no usable subject (1 to 255 characters, no spaces)"
            )
        return identity

    def bad_response(self, what: str) -> ProviderError:
        """The error for an answer that cannot be understood."""
        return ProviderError("provider_bad_response", f"{self.label}: {what}", provider=self.label)


def _check_mapping(name: str, value: object, kind: type) -> None:
    """Raises `ValueError` for what would fail, or mean nothing, in the middle of a login."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is a mapping, empty by default; not {value!r}")
    for key, found in value.items():
        if not isinstance(key, str) or not isinstance(found, kind):
            raise ValueError(
                f"{name} maps texts (a number is written as text) to {kind.__name__}; "
                f"not {key!r} to {found!r}"
            )


@dataclass(frozen=True, slots=True)
class Client:
    """A provider as this site has configured it: the record with its overrides, and credentials."""

    record: Provider
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str

    @property
    def name(self) -> str:
        return self.record.name

    @property
    def label(self) -> str:
        return self.record.label


@dataclass(frozen=True, slots=True)
class Authorization:
    """A begun login: where to send the browser, and what to remember until it comes back.

    `key` is what the callback will bring back (the state, or OAuth 1.0a's request token),
    `secret` what only the site may know (the code verifier, or the request token's secret).
    """

    url: str = field(repr=False)
    key: str = field(repr=False)
    secret: str = field(repr=False)


class Speaker(Protocol):
    """A protocol's flows for one client."""

    def begin(self, extra: Mapping[str, str]) -> Flow[Authorization]:
        """Prepares the authorization request, which has these parameters too."""

    def callback_key(self, parameters: Parameters) -> str | None:
        """What in the callback names its transaction; None when absent or empty."""

    def check_callback(self, parameters: Parameters) -> None:
        """Raises the typed error that the callback's parameters report."""

    def complete(self, secret: str, key: str, parameters: Parameters) -> Flow[tuple[Claims, Token]]:
        """Exchanges the callback for a token and reads the userinfo."""

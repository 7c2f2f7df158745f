"""What a provider vouches for (`Profile`), and what every app receives (`Identity`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias

from . import cleaning

#: A provider's userinfo answer, as parsed from JSON.
Claims: TypeAlias = Mapping[str, Any]

GUEST = "guest"


class FrozenClaims(dict[str, Any]):
    """A dict that refuses to be changed; nested objects and arrays are frozen too.

    A dict, so that `json.dumps`, `copy` and `pickle` take an identity's claims as they are.
    """

    def __init__(self, claims: Claims | Iterable[tuple[str, Any]] = ()) -> None:
        super().__init__({name: _freeze(value) for name, value in dict(claims).items()})

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("the claims of an identity cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = setdefault = pop = popitem = clear = _refuse

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return FrozenClaims, (dict(self),)

    def __copy__(self) -> "FrozenClaims":
        return self

    def __deepcopy__(self, _: object) -> "FrozenClaims":
        return self


def _freeze(value: Any) -> Any:
    kind = type(value)  # what a JSON reader gives has exactly these types
    if kind is dict:
        return FrozenClaims(value)
    if kind is list or kind is tuple:
        return tuple(map(_freeze, value))
    return value


_NO_CLAIMS = FrozenClaims()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Where things stand in a provider's userinfo answer, as found: neither checked nor cleaned.

    `normalize()` of a provider record makes it; the fields mean what they mean in `Identity`.
    """

    subject: object
    name: object = None
    username: object = None
    email: object = None
    email_verified: object = None
    profile_url: object = None
    picture_url: object = None
    website_url: object = None
    locale: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who is logged in, whoever vouched for it.

    (`issuer`, `subject`) is the key of an identity. Neither a name nor an e-mail address is:
    both can change hands.

    Attributes:
        provider: the name in the configuration: `facebook`, `twitter`, `wordpress`, `guest`.
        issuer: the authority that vouches for the subject; for guests the site's `base_url`.
        subject: the provider's immutable id.
        name: the name to show, or None.
        username: the handle, or None.
        email: an address, or None.
        email_verified: True or False as the provider says; None when it does not say.
        profile_url: absolute http(s) URL, or None.
        picture_url: absolute http(s) URL, or None.
        website_url: absolute http(s) URL, or None.
        locale: BCP 47 language tag, or None.
        authenticated_at: when the login was completed, in seconds since the epoch.
        claims: what the provider sent, whole and immutable; not in the cookie, outside `==`.

    Raises:
        ValueError: the issuer or the subject is empty, longer than 255 characters, or holds a
            space or a control character.
    """

    provider: str
    issuer: str
    subject: str
    name: str | None = None
    username: str | None = None
    email: str | None = None
    email_verified: bool | None = None
    profile_url: str | None = None
    picture_url: str | None = None
    website_url: str | None = None
    locale: str | None = None
    authenticated_at: int = 0
    claims: Claims = field(default_factory=lambda: _NO_CLAIMS, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (cleaning.is_key_part(self.issuer) and cleaning.is_key_part(self.subject)):
            raise ValueError(
                "an identity's issuer and subject are 1 to 255 characters without spaces"
            )
        if type(self.claims) is not FrozenClaims:
            object.__setattr__(self, "claims", FrozenClaims(self.claims))

    @property
    def key(self) -> str:
        """Issuer and subject in one string; neither holds a space, so no two keys collide."""
        return f"{self.issuer} {self.subject}"

    @property
    def label(self) -> str:
        """What to call this person; never an e-mail address, never empty."""
        return self.name or self.username or "Someone"

    @property
    def is_guest(self) -> bool:
        """Whether nobody but the person vouches for these details."""
        return self.provider == GUEST

    def to_dict(self) -> dict[str, Any]:
        """All fields but `claims`, every key present, as JSON takes them."""
        return {name: getattr(self, name) for name in FIELDS}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Identity":
        """The identity that `to_dict()` wrote. Unknown keys are ignored.

        Raises:
            ValueError: `provider`, `issuer`, `subject` or `authenticated_at` is missing, or a field
                has the wrong type.
        """
        for name, allowed in _TYPES.items():
            if type(values.get(name)) not in allowed:
                raise ValueError(f"{name} is missing or has the wrong type")
        return cls(**{name: values[name] for name in FIELDS if name in values})

    def to_oidc(self) -> dict[str, Any]:
        """The same as OpenID Connect standard claims (OpenID Connect Core 1.0, section 5.1)."""
        return {claim: getattr(self, name) for name, claim in _OIDC_CLAIMS.items()}


#: The fields that `to_dict` writes, in order.
FIELDS = tuple(f.name for f in fields(Identity) if f.name != "claims")

_TEXT, _MAYBE_TEXT = (str,), (str, type(None))
_TYPES: Mapping[str, tuple[type, ...]] = MappingProxyType(
    dict.fromkeys(FIELDS, _MAYBE_TEXT)
    | dict.fromkeys(("provider", "issuer", "subject"), _TEXT)
    | {"email_verified": (bool, type(None)), "authenticated_at": (int,)}
)

_OIDC_CLAIMS: Mapping[str, str] = MappingProxyType(
    {
        "issuer": "iss",
        "subject": "sub",
        "name": "name",
        "username": "preferred_username",
        "email": "email",
        "email_verified": "email_verified",
        "profile_url": "profile",
        "picture_url": "picture",
        "website_url": "website",
        "locale": "locale",
        "authenticated_at": "auth_time",
    }
)


def identify(
    profile: Profile, *, provider: str, issuer: str, claims: Claims, authenticated_at: int
) -> Identity | None:
    """The checked and cleaned identity of a profile, or None when it has no usable subject."""
    subject = profile.subject
    if type(subject) is int:  # WordPress.com and others send numbers; never a bool
        subject = str(subject)
    if not isinstance(subject, str) or not cleaning.is_key_part(subject):
        return None
    email = cleaning.email(profile.email)
    return Identity(
        provider=provider,
        issuer=issuer,
        subject=subject,
        name=cleaning.text(profile.name),
        username=cleaning.text(profile.username),
        email=email,
        email_verified=_said(profile.email_verified) if email else None,
        profile_url=cleaning.url(profile.profile_url),
        picture_url=cleaning.url(profile.picture_url),
        website_url=cleaning.url(profile.website_url),
        locale=cleaning.locale(profile.locale),
        authenticated_at=authenticated_at,
        claims=claims,
    )


def _said(value: object) -> bool | None:
    """Some providers write "true" and "false"; anything else is not said."""
    spoken = {"true": True, "false": False}
    return (
        value if isinstance(value, bool) else spoken.get(value) if isinstance(value, str) else None
    )

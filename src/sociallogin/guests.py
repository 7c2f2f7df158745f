"""What people say of themselves, checked and cleaned: a guest, or an account without e-mail."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace

from . import cleaning
from .errors import RequestError, translatable
from .identity import GUEST, Identity

#: What a guest is asked for.
FIELDS = ("name", "email", "website")

NAME_NEEDED = translatable("Please fill in your name.")
EMAIL_NEEDED = translatable("Please fill in your email address.")
EMAIL_WRONG = translatable(
    "This does not look like an email address. It should look like ada@example.com."
)
WEBSITE_WRONG = translatable(
    "This does not look like a web address. It should look like https://example.com."
)
NAME_WRONG = translatable("Please use letters that can be shown.")


# A scheme ends at the first colon, before any dot: `example.com:8080` has none.
_SCHEME = re.compile(r"[^./?#]*:")


def guest(
    form: Mapping[str, object],
    *,
    policy: str,
    base_url: str,
    current: Identity | None,
    now: float,
    random: Callable[[int], bytes],
) -> Identity:
    """The identity of a guest, whom nobody but the form vouches for.

    Args:
        form: `name`, `email` and `website`; anything else in it is ignored.
        policy: the site's policy.
        base_url: the site, which is a guest's issuer.
        current: who comments so far; a guest keeps the subject, so stays the same guest.
        now: seconds since the epoch.
        random: so many random bytes.

    Raises:
        RequestError: `guest_invalid` with the sentence for each field; `guest_not_allowed`.
    """
    if policy == "login-required":
        raise RequestError("guest_not_allowed")
    needed = policy == "name-and-email"
    given = {field: _stripped(form.get(field)) for field in FIELDS}
    name, email = cleaning.text(given["name"]), _address(given["email"])
    website = cleaning.url(with_scheme(given["website"]))
    faults: dict[str, str] = {}
    if given["name"] and name is None:
        faults["name"] = NAME_WRONG
    elif needed and name is None:
        faults["name"] = NAME_NEEDED
    if email is None and (given["email"] or needed):
        faults["email"] = _email_fault(given["email"])
    if given["website"] and website is None:
        faults["website"] = WEBSITE_WRONG
    if faults:
        raise RequestError(
            "guest_invalid", f"invalid: {', '.join(faults)} (policy {policy})", fields=faults
        )
    stays = current is not None and current.is_guest and current.issuer == base_url
    return Identity(
        provider=GUEST,
        issuer=base_url,
        subject=current.subject if current and stays else _subject(random),
        name=name,
        email=email,
        email_verified=False,
        website_url=website,
        authenticated_at=int(now),
    )


def lacks_email(identity: Identity, policy: str) -> bool:
    """Whether the site wants an e-mail address of everybody, and this account came without."""
    return policy == "name-and-email" and not identity.is_guest and identity.email is None


def with_email(identity: Identity, form: Mapping[str, object]) -> Identity:
    """The same account with the e-mail address that the person typed, which nobody has verified.

    Raises:
        RequestError: `guest_invalid`, with the sentence for the field `email`.
    """
    typed = _stripped(form.get("email"))
    email = _address(typed)
    if email is None:
        fields = {"email": _email_fault(typed)}
        raise RequestError("guest_invalid", "the account shared no e-mail address", fields=fields)
    return replace(identity, email=email, email_verified=False)


def with_scheme(website: str) -> str:
    """People write `example.com`; what names another scheme (`javascript:`) stays wrong."""
    return website if not website or _SCHEME.match(website) else f"https://{website}"


def _stripped(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _address(typed: str) -> str | None:
    email = cleaning.email(typed)
    return email if email and _is_address(email) else None


def _email_fault(typed: str) -> str:
    return EMAIL_WRONG if typed else EMAIL_NEEDED


def _is_address(email: str) -> bool:
    from email.errors import MessageError
    from email.headerregistry import Address  # costs 10 ms, which an import should not

    try:
        address = Address(addr_spec=email)
    except (MessageError, ValueError, IndexError, AttributeError):
        return False  # AttributeError: how its parser ends on an open bracket
    labels = address.domain.split(".")
    # What it reads differently, a comment in parentheses for one, is no address to write to.
    as_read = address.addr_spec == email
    return as_read and all(label and not label.startswith("-") for label in labels)


def _subject(random: Callable[[int], bytes]) -> str:
    return urlsafe_b64encode(random(16)).rstrip(b"=").decode()

"""The guest form: who says so of themselves, checked and cleaned."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping

from . import cleaning
from .errors import RequestError, translatable
from .identity import GUEST, Identity

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
    given = {field: _stripped(form.get(field)) for field in ("name", "email", "website")}
    name, email = cleaning.text(given["name"]), cleaning.email(given["email"])
    website = cleaning.url(with_scheme(given["website"]))
    faults: dict[str, str] = {}
    if given["name"] and name is None:
        faults["name"] = NAME_WRONG
    elif needed and name is None:
        faults["name"] = NAME_NEEDED
    if given["email"] and not (email and _is_address(email)):
        faults["email"] = EMAIL_WRONG
    elif needed and email is None:
        faults["email"] = EMAIL_NEEDED
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


def with_scheme(website: str) -> str:
    """People write `example.com`; what names another scheme (`javascript:`) stays wrong."""
    return website if not website or _SCHEME.match(website) else f"https://{website}"


def _stripped(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


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

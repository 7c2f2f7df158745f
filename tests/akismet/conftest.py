"""Akismet's client on its emulator, without a network."""

from collections.abc import Callable

import pytest

from sociallogin import Identity, SocialLogin
from sociallogin.akismet import Akismet, Comment
from sociallogin.emulators import Emulators
from sociallogin.flows import Request, Response

BASE_URL = "https://blog.example.com"
NOW = 1_800_000_000


@pytest.fixture
def emulators() -> Emulators:
    return Emulators(BASE_URL)


@pytest.fixture
def make(emulators: Emulators) -> Callable[..., Akismet]:
    """A client; keyword arguments are keys of the table `akismet`."""

    def make(
        send: Callable[[Request], Response] = emulators.send, locale: str = "en", **table: object
    ) -> Akismet:
        site = {"base_url": BASE_URL, "secret_keys": ["k" * 32], "locale": locale}
        table = {**emulators.akismet_table(), **table}
        return Akismet.of(SocialLogin.from_mapping({**site, "akismet": table}, transport=send))

    return make


@pytest.fixture
def akismet(make: Callable[..., Akismet]) -> Akismet:
    return make()


def person(**more: object) -> Identity:
    known = {"provider": "guest", "issuer": BASE_URL, "subject": "1", "name": "Ada Lovelace"}
    return Identity(**{**known, **more})


def comment(author: Identity | None = None, **more: object) -> Comment:
    known = {"author": author, "content": "Half the sugar.", "user_ip": "203.0.113.7"}
    return Comment(**{**known, **more})

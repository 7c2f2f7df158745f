"""The fixtures, as pytest finds them by their entry point. Loading them costs nearly nothing."""

from collections.abc import Iterator

import pytest

from . import mounting
from .emulated import EmulatedProviders


@pytest.fixture
def social_login_emulators() -> Iterator[EmulatedProviders]:
    """The providers, emulated in this process: no login of this test needs a network."""
    with mounting.emulated() as providers:
        yield providers


@pytest.fixture
def social_login_emulator_server() -> Iterator[EmulatedProviders]:
    """The providers, emulated on a real socket: `config()` leads there."""
    with mounting.served() as providers:
        yield providers

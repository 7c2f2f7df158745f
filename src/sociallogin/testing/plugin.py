"""The fixtures, which pytest finds by an entry point. Nothing is imported before one is used."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .providers import EmulatedProviders


@pytest.fixture
def social_login_emulators() -> "Iterator[EmulatedProviders]":
    """The providers, emulated in this process: no login of this test needs a network."""
    from .mounting import emulated

    with emulated() as providers:
        yield providers


@pytest.fixture
def social_login_emulator_server() -> "Iterator[EmulatedProviders]":
    """The providers, emulated on a real socket: `config()` leads there."""
    from .mounting import served

    with served() as providers:
        yield providers

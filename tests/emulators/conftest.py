"""Emulators with a clock that moves when it is told to."""

import pytest

from sociallogin.emulators import Emulators

NOW = 1_800_000_000


class Clock:
    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulators(clock: Clock) -> Emulators:
    return Emulators("http://127.0.0.1:8000", clock=clock)

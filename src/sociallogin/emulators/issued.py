"""What an emulator has given out and will be asked about again: codes, tokens, nonces."""

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

FOREVER = float("inf")


class Issued(Generic[T]):
    """Values found by their text until their time is over; the oldest make room for the newest."""

    def __init__(self, clock: Callable[[], float], lifetime: float, limit: int = 10_000) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._limit = limit
        self._values: dict[str, tuple[float, T]] = {}

    def add(self, text: str, value: T) -> None:
        if len(self._values) >= self._limit:
            del self._values[next(iter(self._values))]
        self._values[text] = (self._clock() + self._lifetime, value)

    def get(self, text: str) -> T | None:
        """The value while its time lasts."""
        end, value = self._values.get(text, (0.0, None))
        return value if self._clock() < end else None

    def replace(self, text: str, value: T) -> None:
        """Another value for the same text; its time is not prolonged."""
        end, _ = self._values[text]
        self._values[text] = (end, value)

    def discard(self, text: str) -> None:
        self._values.pop(text, None)

    def is_over(self, text: str) -> bool:
        """Whether it was given out and its time is over."""
        return text in self._values and self.get(text) is None

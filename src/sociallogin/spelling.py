"""Which of the known names a misspelt one means, probably."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches


def closest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The one that is meant, or nothing."""
    return next(iter(get_close_matches(name.lower(), list(known), 1, cutoff)), "")


def did_you_mean(
    name: str, known: Iterable[str], written: Callable[[str], str] = str, cutoff: float = 0.6
) -> str:
    """The question that an error ends with, or nothing. `written`: how the name stands there."""
    meant = closest(name, known, cutoff)
    return f"Did you mean {written(meant)}?" if meant else ""

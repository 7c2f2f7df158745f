"""What a forked process must not take over from its parent.

A fork copies the thread that forks and no other: what another held, the child holds for ever.
"""

import os
from typing import Protocol
from weakref import WeakSet


class Renewable(Protocol):
    """Holds a lock, or something else that only one process can use."""

    def renew_after_fork(self) -> None:
        """Gives it up for one of this process's own."""


_watched: WeakSet[Renewable] = WeakSet()


def watch(renewable: Renewable) -> None:
    """Renews it, while it lives, in every process that is forked from now on."""
    _watched.add(renewable)


def _renew() -> None:
    for renewable in _watched:
        renewable.renew_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)

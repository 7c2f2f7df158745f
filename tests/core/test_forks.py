"""A process that is forked in the middle of something, as by `gunicorn --preload`."""

import os
from collections.abc import Callable

import pytest

from forked import holds_in_a_child
from sites import Clock, Site
from sociallogin import Identity
from sociallogin.avatars.keeping import InMemory
from sociallogin.stores.memory import MemoryStore

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork"),
]


class Meanwhile(str):
    """A name that does something while it is looked up, with the lock in hand."""

    __slots__ = ("act",)
    act: Callable[[], None]

    def __hash__(self) -> int:
        self.act()
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        return super().__eq__(other)


@pytest.mark.parametrize(
    "ask",
    [MemoryStore(Clock()).get, InMemory().get],
    ids=["store", "pictures"],
)
def test_a_lock_that_is_held_does_not_stop_the_child(ask: Callable[[str], object]) -> None:
    name, held = Meanwhile("name"), []
    name.act = lambda: held.append(holds_in_a_child(lambda: ask("other") is None))
    ask(name)
    assert held == [True]


def test_a_picture_that_the_parent_was_fetching_is_fetched_by_the_child() -> None:
    login = Site(avatars={}).login
    avatars = login.avatars
    assert avatars is not None
    who = Identity(
        provider="twitter",
        issuer="https://x.com",
        subject="1",
        picture_url="https://pbs.twimg.com/profile_images/1/a_400x400.jpg",
    )
    opaque = avatars.name(who)
    assert opaque is not None
    fetching = avatars.serve(opaque, 96)
    next(fetching)
    assert holds_in_a_child(lambda: next(avatars.serve(opaque, 96)))
    fetching.close()

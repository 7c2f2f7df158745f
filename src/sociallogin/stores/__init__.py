"""Where one-time use is counted, in this process or for all of them.

Where pages of other sites show the box, it is also where their logins are kept.
"""

from collections.abc import Awaitable, Callable
from types import NoneType
from typing import Any, Protocol

from ..errors import StoreError
from ..flows import Call, Flow, NotAwaited
from .memory import MemoryStore

#: The setting that counts in this process.
MEMORY = "memory"

_KEPT = "a text or None"


class Store(Protocol):
    """What remembers that a name was used. One of your own is given as `store=`.

    It is shared like the login itself: by all threads and tasks, and, where several workers are
    to know of each other, by all of them.
    """

    def use(self, name: str, seconds: int, /) -> bool | Awaitable[bool]:
        """True for the first who uses `name`, False for all others; one atomic step.

        It may be a coroutine function where `AsyncSocialLogin` calls it. Whatever it raises
        refuses the login with `store_unavailable`; a `StoreError` brings its own hint.

        Args:
            name: what is used; it names the site too, so sites may share a store.
            seconds: how long that must be remembered.
        """


class KeepingStore(Store, Protocol):
    """A store that keeps values too, as the box on another site needs it.

    Values are short texts that no store can read. Each of the three is one atomic step, may be a
    coroutine function where `use` may be one, and what it raises is reported alike.
    """

    def put(self, name: str, value: str, seconds: int, /) -> Awaitable[None] | None:
        """Keeps `value` under `name` for so many seconds, in place of what was there."""

    def get(self, name: str, /) -> str | Awaitable[str | None] | None:
        """What is kept under `name`; None when there is nothing, or its seconds have passed."""

    def take(self, name: str, /) -> str | Awaitable[str | None] | None:
        """The same, and it is gone: of several who ask at once, only one gets it."""


def keeps(store: Store) -> bool:
    """Whether a store is a `KeepingStore`."""
    return all(callable(getattr(store, name, None)) for name in ("put", "get", "take"))


def configured(setting: str, clock: Callable[[], float]) -> Store:
    """The store that the configuration's `store` names, for blocking callers."""
    if setting == MEMORY:
        return MemoryStore(clock)
    from .redis import RedisStore

    return RedisStore(setting)


def configured_async(setting: str, clock: Callable[[], float]) -> Store:
    """The same store for asynchronous callers, whom no network may block."""
    if setting == MEMORY:
        return MemoryStore(clock)
    from .async_redis import AsyncRedisStore

    return AsyncRedisStore(setting)


def first_use(store: Store, name: str, seconds: int) -> Flow[bool]:
    """Whether this is the first use of `name`.

    Raises:
        StoreError: the store failed, so nobody knows; never taken for a yes.
    """
    first: bool = yield from _asked(store, "use", (name, seconds), bool, "True or False")
    return first


def put(store: Store, name: str, value: str, seconds: int) -> Flow[None]:
    """Keeps `value` under `name`. Raises `StoreError`: the store failed."""
    yield from _asked(store, "put", (name, value, seconds), NoneType, "None")


def get(store: Store, name: str) -> Flow[str | None]:
    """What is kept under `name`. Raises `StoreError`: the store failed, so nobody knows."""
    kept: str | None = yield from _asked(store, "get", (name,), str | NoneType, _KEPT)
    return kept


def take(store: Store, name: str) -> Flow[str | None]:
    """The same, and it is gone. Raises `StoreError`."""
    kept: str | None = yield from _asked(store, "take", (name,), str | NoneType, _KEPT)
    return kept


def _asked(store: Store, act: str, about: tuple[object, ...], kind: Any, said: str) -> Flow[Any]:
    """What the store's method gives, if it is of this kind."""
    try:
        answer: object = yield Call(getattr(store, act), about)
    except (StoreError, NotAwaited):  # the latter is the developer's, and names the fix
        raise
    except Exception as error:
        raise StoreError(f"the store raised {type(error).__name__}") from error
    if not isinstance(answer, kind):
        raise StoreError(
            f"the store's `{act}` gave {type(answer).__name__}, not {said}: a coroutine function "
            "is for AsyncSocialLogin only"
        )
    return answer

"""Where one-time use is counted, in this process or for all of them."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from ..errors import StoreError
from ..flows import Call, Flow
from .memory import MemoryStore

#: The setting that counts in this process.
MEMORY = "memory"


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
    try:
        first: object = yield Call(store.use, (name, seconds))
    except StoreError:
        raise
    except Exception as error:
        raise StoreError(f"the store raised {type(error).__name__}") from error
    if not isinstance(first, bool):
        raise StoreError(
            f"the store's `use` gave {type(first).__name__}, not True or False: a coroutine "
            "function is for AsyncSocialLogin only"
        )
    return first

"""One-time use, counted in Redis, and what is kept there for a while, for asynchronous apps."""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

from anyio import CapacityLimiter, fail_after, to_thread
from anyio.lowlevel import RunVar

from ..errors import StoreError
from .redis import RedisStore

T = TypeVar("T")
Asked = TypeVarTuple("Asked")

#: Questions at once in one event loop; the others wait for a thread.
THREADS = 16

#: Seconds for one question, the wait for a thread included.
SECONDS = 3.0

# One for each event loop, so that a Redis that hangs takes no threads from the app.
_limiter: RunVar[CapacityLimiter] = RunVar("sociallogin.stores.async_redis")


class AsyncRedisStore:
    """A `RedisStore` that is asked in worker threads, under asyncio and trio.

    It is asked once in a login, and once for each request of a page on another site, which a
    thread costs next to nothing; so it needs neither a second client nor connections of each event
    loop.

    Args:
        url: see `RedisStore`.

    Raises:
        ValueError: no such URL.
    """

    def __init__(self, url: str) -> None:
        self._store = RedisStore(url)

    def __repr__(self) -> str:
        return repr(self._store).replace("<", "<Async", 1)

    async def use(self, name: str, seconds: int) -> bool:
        """True for the first who uses `name`, False for all others.

        Cancelled, it ends at once, and nobody knows whether the name counts as used.

        Raises:
            StoreError: Redis cannot be asked, or too many wait for it.
        """
        return await self._asked(self._store.use, name, seconds)

    async def put(self, name: str, value: str, seconds: int) -> None:
        """Keeps `value` under `name` for so long, in place of what was there. Raises like `use`."""
        await self._asked(self._store.put, name, value, seconds)

    async def get(self, name: str) -> str | None:
        """What is kept under `name`, or None. Raises like `use`."""
        return await self._asked(self._store.get, name)

    async def take(self, name: str) -> str | None:
        """The same, and it is gone: only one of several callers gets it. Raises like `use`."""
        return await self._asked(self._store.take, name)

    async def _asked(self, question: Callable[[Unpack[Asked]], T], *about: *Asked) -> T:
        try:
            with fail_after(SECONDS):
                return await to_thread.run_sync(
                    question, *about, abandon_on_cancel=True, limiter=_threads()
                )
        except TimeoutError as error:
            raise StoreError(f"{self!r} did not answer within {SECONDS:g} seconds") from error


def _threads() -> CapacityLimiter:
    limiter = _limiter.get(None)
    if limiter is None:
        limiter = CapacityLimiter(THREADS)
        _limiter.set(limiter)
    return limiter

"""One-time use, counted in this process; and what is kept for a while."""

import threading
from collections.abc import Callable
from heapq import heapify, heappop, heappush

from .. import forks

#: Values at once. Further ones take the places of those that would end next.
MAX_VALUES = 10_000


class MemoryStore:
    """Remembers what was used until its seconds have passed; other processes know nothing of it.

    What is put here is kept alike, up to `MAX_VALUES` values.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._used: set[str] = set()
        self._ends: list[tuple[float, str]] = []  # a heap: the next to end stands first
        self._values: dict[str, tuple[str, float]] = {}
        self._values_end: list[tuple[float, str]] = []  # the same
        self.renew_after_fork()
        forks.watch(self)

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()

    def use(self, name: str, seconds: int) -> bool:
        """True for the first who uses `name`, False for all others; one atomic step."""
        now = self._clock()
        with self._lock:
            while self._ends and self._ends[0][0] <= now:
                self._used.discard(heappop(self._ends)[1])
            if name in self._used:
                return False
            self._used.add(name)
            heappush(self._ends, (now + seconds, name))
            return True

    def put(self, name: str, value: str, seconds: int) -> None:
        """Keeps `value` under `name` for so long, in place of what was there."""
        now = self._clock()
        with self._lock:
            self._make_room(now)
            self._values[name] = (value, now + seconds)
            heappush(self._values_end, (now + seconds, name))

    def get(self, name: str) -> str | None:
        """What is kept under `name`, or None."""
        with self._lock:
            value, end = self._values.get(name, (None, 0.0))
            return value if self._clock() < end else None

    def take(self, name: str) -> str | None:
        """The same, and it is gone: only one of several callers gets it."""
        with self._lock:
            value, end = self._values.pop(name, (None, 0.0))
            return value if self._clock() < end else None

    def _make_room(self, now: float) -> None:
        """Drops what has ended, and if need be what would end next."""
        if len(self._values_end) >= 2 * MAX_VALUES:  # most are of values that were taken
            self._values_end = [(end, name) for name, (_, end) in self._values.items()]
            heapify(self._values_end)
        while self._values_end:
            end, name = self._values_end[0]
            current = self._values.get(name, (None, 0.0))[1] == end
            if current and end > now and len(self._values) < MAX_VALUES:
                return
            heappop(self._values_end)  # perhaps of a value that was taken or put anew
            if current:
                del self._values[name]

"""One-time use, counted in this process."""

import threading
from collections.abc import Callable
from heapq import heappop, heappush


class MemoryStore:
    """Remembers what was used until its seconds have passed; other processes know nothing of it.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._used: set[str] = set()
        self._ends: list[tuple[float, str]] = []  # a heap: the next to end stands first

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

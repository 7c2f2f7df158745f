"""One-time use, counted in this process."""

import threading
from collections import deque
from collections.abc import Callable


class UsedOnce:
    """Remembers what has been used until it would have ended anyway.

    Args:
        clock: seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._used: set[str] = set()
        self._ends: deque[tuple[float, str]] = deque()

    def take(self, name: str, ends_at: float) -> bool:
        """True for the first who asks for `name`, False for all others; one atomic step.

        Args:
            name: what is used.
            ends_at: when it ends by itself, in seconds since the epoch.
        """
        now = self._clock()
        with self._lock:
            # In the order of use, which is nearly that of their ends: one may stay a little longer.
            while self._ends and self._ends[0][0] <= now:
                self._used.discard(self._ends.popleft()[1])
            if name in self._used:
                return False
            self._used.add(name)
            self._ends.append((ends_at, name))
            return True

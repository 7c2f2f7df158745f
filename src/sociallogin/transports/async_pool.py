"""A pool of connections for one event loop.

httpcore's own pool looks at each of its connections, several times, for every request: with 64 of
them it spends more time on that than on the requests. Here a pool takes the connection that was
used last.
"""

import ssl
import time
from collections import deque
from collections.abc import Callable

from .async_connections import Connection
from .origins import Origin

#: Seconds that a connection stays open unused.
IDLE_SECONDS = 60.0


class ConnectionPool:
    """The connections of one event loop. Not safe to share between event loops.

    As many are opened as are needed at once; unused ones close after `IDLE_SECONDS`, or rather
    with the next request after that.

    Args:
        context: how certificates are checked.
        clock: seconds since whenever.
    """

    def __init__(
        self, context: ssl.SSLContext, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._context = context
        self._clock = clock
        self._idle: dict[Origin, deque[Connection]] = {}
        self._closed = False

    async def take(self, origin: Origin) -> Connection:
        """The connection to `origin` that was used last, or a new one."""
        await self._close_expired()
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.is_reusable:
                return connection
            await connection.aclose()
        return Connection(origin, self._context)

    async def put_back(self, connection: Connection) -> None:
        """Keeps a connection whose answer was read to its end."""
        if self._closed:
            await connection.aclose()
            return
        connection.idle_since = self._clock()
        self._idle.setdefault(connection.origin, deque()).append(connection)

    async def aclose(self) -> None:
        """Closes the idle connections; those in use close when their answer has been read."""
        self._closed = True
        for idle in tuple(self._idle.values()):
            while idle:
                await idle.pop().aclose()

    async def _close_expired(self) -> None:
        before = self._clock() - IDLE_SECONDS
        for origin, idle in tuple(self._idle.items()):
            while idle and idle[0].idle_since < before:
                await idle.popleft().aclose()
            if not idle and self._idle.get(origin) is idle:
                del self._idle[origin]

"""One-time use, counted in Redis for all workers and machines; and what is kept for a while."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis, exceptions
from redis.backoff import NoBackoff
from redis.retry import Retry

from ..errors import StoreError

#: Seconds to connect, and seconds for each answer: a dead Redis must not hold a worker.
SECONDS = 1.0

#: What a password that is not percent-encoded would turn into another host, port or option.
_URL = re.compile(r"(rediss?://[^/?#\s]*(/[0-9]*)?|unix://[^/?#\s]*/[^?#@\s]+)(\?[^?#@\s]*)?")

#: Seconds; so a connection that something on the way forgot is found dead while it is idle.
_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


class RedisStore:
    """Remembers in Redis what was used. Safe to share between threads, and across a fork.

    Nothing is connected before the first use; connections are kept for the process's life.

    Args:
        url: `redis://`, `rediss://` or `unix://`, with the options of redis-py in its query.

    Raises:
        ValueError: no such URL. Its text says nothing of what the URL holds.
    """

    def __init__(self, url: str) -> None:
        self._redis = _client(url)
        given = self._redis.connection_pool.connection_kwargs
        self._where = given.get("path") or (
            f"{given.get('host', 'localhost')}:{given.get('port', 6379)}"
        )

    def __repr__(self) -> str:
        return f"<RedisStore at {self._where}>"

    def use(self, name: str, seconds: int) -> bool:
        """True for the first who uses `name`, False for all others; one atomic step.

        Raises:
            StoreError: Redis cannot be asked.
        """
        with self._failing():
            return bool(self._redis.set(_key(name), b"", nx=True, ex=seconds))

    def put(self, name: str, value: str, seconds: int) -> None:
        """Keeps `value` under `name` for so long, in place of what was there.

        Raises:
            StoreError: Redis cannot be asked.
        """
        with self._failing():
            self._redis.set(_key(name), value.encode(), ex=seconds)

    def get(self, name: str) -> str | None:
        """What is kept under `name`, or None. Raises like `put`."""
        with self._failing():
            return _text(self._redis.get(_key(name)))

    def take(self, name: str) -> str | None:
        """The same, and it is gone: only one of several callers gets it. Raises like `put`."""
        with self._failing():
            return _text(self._redis.getdel(_key(name)))

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (exceptions.RedisError, OSError) as error:
            raise StoreError(f"Redis at {self._where} {_why(error)}") from error


def _key(name: str) -> str:
    return f"sociallogin:{name}"


def _text(value: Any) -> str | None:
    return None if value is None else value.decode()


def _client(url: str) -> Redis:
    options: dict[str, Any] = {
        # A repeated SET would find its own first attempt and call the login a replay.
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": SECONDS,
        # With the newer one, redis-py keeps idle connections that the server has closed.
        "protocol": 2,
    }
    if not url.startswith("unix:"):
        known = {name: value for name, value in _KEEPALIVE.items() if hasattr(socket, name)}
        options |= {
            "socket_connect_timeout": SECONDS,
            "socket_keepalive": True,
            "socket_keepalive_options": {getattr(socket, name): known[name] for name in known},
        }
    if not _URL.fullmatch(url):
        raise ValueError("not a Redis URL")
    try:
        client = Redis.from_url(url, **options)
        pool = client.connection_pool
        pool.connection_class(**pool.connection_kwargs)  # reads the options; opens nothing
    except (ValueError, TypeError, exceptions.RedisError):  # whose texts may quote the URL
        raise ValueError("not a Redis URL") from None
    return client


def _why(error: Exception) -> str:
    """The cause in our own words: what Redis says may quote what it was sent."""
    if isinstance(error, exceptions.AuthenticationError):
        return "refuses the user name or the password in `store`"
    if isinstance(error, exceptions.TimeoutError):
        return "does not answer in time"
    if isinstance(error, exceptions.ConnectionError | OSError):
        cause = error.__context__
        named = cause if isinstance(cause, OSError) else error
        return f"cannot be reached ({type(named).__name__})"
    code = re.match(r"[A-Z]+\b", str(error))
    return f"answers with an error ({code[0] if code else type(error).__name__})"

"""Says what does not hold where several processes count one-time use each for itself."""

import logging
import os
import socket
from collections.abc import Mapping
from zlib import crc32

logger = logging.getLogger("sociallogin")

_EMBEDDED = (
    " And who logs in on a page of `embed_origins` is known to one process only: the others answer "
    "that page that nobody is logged in."
)


def this_process() -> str:
    """A short name for this process, another in each worker and on each machine."""
    return f"{crc32(f'{socket.gethostname()} {os.getpid()}'.encode()):x}"


class CountingAlone:
    """A process that counts alone, and tells the log once when it finds that it is not.

    It cannot see the others. It learns of them from `WEB_CONCURRENCY`, which servers read, or from
    a login that another process began while this one was there; after a restart none is.

    Args:
        since: when this process began to count, in seconds since the epoch.
        environ: the environment.
        embedded: whether pages of other sites show the box: who is logged in there, it knows alone.
    """

    def __init__(self, since: float, environ: Mapping[str, str], embedded: bool = False) -> None:
        self._since = int(since)
        self._told = False
        self._embedded = embedded
        workers = environ.get("WEB_CONCURRENCY", "")
        if workers.isdecimal() and workers.strip("0") not in {"", "1"}:
            self._tell(f"WEB_CONCURRENCY asks for {workers[:5]} workers")

    def came_back(self, begun_in: str, begun_at: int) -> None:
        """Looks at a login that comes back: in which process it was begun, and when."""
        if begun_in not in {"", this_process()} and begun_at > self._since:
            self._tell("a login was begun in one process and came back to another")

    def _tell(self, evidence: str) -> None:
        if not self._told:
            self._told = True
            logger.warning(
                "%s, but each process counts used logins alone: who copies a callback with its "
                "cookie may try it once in each, and only the provider's one-time code stops "
                "that.%s To count them together, set `store` to a redis:// URL.",
                evidence,
                _EMBEDDED if self._embedded else "",
            )

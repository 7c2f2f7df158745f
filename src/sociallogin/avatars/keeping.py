"""What has been fetched: in memory, or in a folder that several processes share."""

import logging
import os
import re
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from struct import Struct
from typing import Protocol

from .. import forks
from .drawing import SIDES

#: Pictures kept in memory: about 8 KB each.
MEMORY = 512
#: Files kept in a folder; when there are more, those asked about longest ago go.
FILES = 20_000
#: The files are counted at every so many of a process's writes.
_COUNTED_EVERY = 256

logger = logging.getLogger("sociallogin")
_LENGTH = Struct(">I")
#: Names of files that are being written, or whose writer died.
_UNFINISHED = "unfinished-"
#: What may be removed from the folder, where its owner may keep other things too.
_OURS = re.compile(rf"[0-9a-f]{{64}}|{_UNFINISHED}.*")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a picture.

    Attributes:
        pictures: our own ones by their side in pixels; empty: there is none.
        due_at: when to ask for it again, in seconds since the epoch.
    """

    pictures: Mapping[int, bytes] = field(repr=False)
    due_at: int


class Keeping(Protocol):
    """What remembers pictures by a name of 64 hexadecimal digits. Safe to share between threads."""

    def get(self, name: str) -> Kept | None:
        """What is known; None: nothing."""

    def put(self, name: str, kept: Kept) -> None:
        """Remembers it, in place of what was known."""


class InMemory:
    """In this process: the `limit` that were used last."""

    def __init__(self, limit: int = MEMORY) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self.renew_after_fork()
        forks.watch(self)

    def renew_after_fork(self) -> None:
        self._lock = threading.Lock()

    def get(self, name: str) -> Kept | None:
        with self._lock:
            kept = self._kept.get(name)
            if kept is not None:
                self._kept.move_to_end(name)
            return kept

    def put(self, name: str, kept: Kept) -> None:
        with self._lock:
            self._kept[name] = kept
            self._kept.move_to_end(name)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)


class InFolder:
    """In a folder, a file for each, whose modification time is when it is due.

    A file is put into its place whole, so any number of processes may share the folder. Files of
    other names stay untouched. A folder
    that cannot be written costs a warning in the log and a request to the provider each time.
    """

    def __init__(self, folder: Path, limit: int = FILES) -> None:
        self._folder = folder
        self._limit = limit
        self._writes = 0

    def get(self, name: str) -> Kept | None:
        try:
            with (self._folder / name).open("rb") as file:
                content = file.read()
                due_at = int(os.fstat(file.fileno()).st_mtime)
        except OSError:
            return None
        return Kept(_pictures(content), due_at)

    def put(self, name: str, kept: Kept) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(
                prefix=_UNFINISHED, dir=self._folder, delete=False
            ) as file:
                try:
                    file.write(_content(kept.pictures))
                    file.close()
                    os.utime(file.name, (kept.due_at, kept.due_at))
                    Path(file.name).replace(self._folder / name)
                except BaseException:
                    Path(file.name).unlink(missing_ok=True)
                    raise
            if self._writes % _COUNTED_EVERY == 0:
                self._remove_oldest()
            self._writes += 1
        except OSError as error:
            logger.warning("avatars: %s cannot be written: %s", self._folder, error.strerror)

    def _remove_oldest(self) -> None:
        with os.scandir(self._folder) as entries:
            ages = []
            for entry in entries:
                if not _OURS.fullmatch(entry.name):
                    continue
                with suppress(FileNotFoundError):  # another process was quicker
                    ages.append((entry.stat().st_mtime, entry.path))
        for _, path in sorted(ages)[: -self._limit]:
            Path(path).unlink(missing_ok=True)


def _content(pictures: Mapping[int, bytes]) -> bytes:
    """Each picture behind its length, in the order of `SIDES`; nothing for none."""
    bodies = [pictures[side] for side in SIDES if side in pictures]
    return b"".join(_LENGTH.pack(len(body)) + body for body in bodies)


def _pictures(content: bytes) -> Mapping[int, bytes]:
    """What `_content` wrote; nothing for what somebody else did."""
    found, start = {}, 0
    for side in SIDES:
        if len(content) < start + _LENGTH.size:
            return {}
        (length,) = _LENGTH.unpack_from(content, start)
        start += _LENGTH.size
        found[side] = content[start : start + length]
        start += length
    return found if start == len(content) else {}

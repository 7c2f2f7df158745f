"""The pictures of one site: their addresses here, and what is served there."""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .. import forks
from ..config import Config
from ..errors import ProviderError
from ..flows import Call, Flow
from ..identity import Identity
from ..sealing import SealBroken, Sealer
from .drawing import redraw
from .fetching import NoPicture, fetch
from .keeping import InFolder, InMemory, Keeping, Kept
from .sources import Source, Sources

PURPOSE = "avatar"
#: Seconds until a picture is fetched again: people change theirs, and the address may stay.
FRESH_SECONDS = 24 * 3600
#: Seconds until one that failed is tried again.
RETRY_SECONDS = 600
#: How many fetches a process has under way at once, and how long others wait for one.
MAX_FETCHES = 8
WAIT_SECONDS = 5.0
_STEP_SECONDS = 0.1

logger = logging.getLogger("sociallogin")


@dataclass(frozen=True, slots=True)
class Avatar:
    """What is served: a picture as WebP, or None where the initials stay; and for how long."""

    body: bytes | None = field(repr=False)
    seconds: int


class Avatars:
    """The pictures of one site. Safe to share between threads and tasks.

    Args:
        config: the site's configuration, in which pictures are on.
        sealer: what makes their addresses unreadable.
        clock: seconds since the epoch.
        keeping: where they are kept; by default as the configuration says.
    """

    def __init__(
        self,
        config: Config,
        sealer: Sealer,
        clock: Callable[[], float],
        keeping: Keeping | None = None,
    ) -> None:
        folder = config.avatars.folder if config.avatars else None
        self._sources = Sources(config)
        self._sealer = sealer
        self._clock = clock
        self._kept = keeping or (InFolder(folder) if folder else InMemory())
        self.renew_after_fork()
        forks.watch(self)

    def renew_after_fork(self) -> None:
        """What another process is fetching does not arrive here."""
        self._guard = threading.Lock()
        self._under_way: set[str] = set()

    def name(self, identity: Identity) -> str | None:
        """What names a person's picture in a URL; None where there is none that may be shown.

        The same each time for the same picture, and neither to be read nor made by others.
        """
        source = self._sources.of(identity)
        if source is None:
            return None
        values = [source.provider, source.person, source.url]
        return self._sealer.seal_deterministic(PURPOSE, values)

    def serve(
        self,
        opaque: str,
        side: int,
        pause: Callable[[float], object] | None = None,
        in_thread: Callable[..., object] | None = None,
    ) -> Flow[Avatar]:
        """The picture of a name.

        Args:
            opaque: what `name` gave.
            side: pixels, one of `drawing.SIDES`.
            pause: waits for so many seconds, where the caller can. Whoever asks for what another
                is fetching already waits with it; without it, the initials stay for this time.
            in_thread: calls a function with its arguments in a worker thread. Decoding a picture
                takes tenths of a second, in which an event loop would answer nobody.
        """
        source = self._opened(opaque)
        if source is None:
            return Avatar(None, RETRY_SECONDS)
        name = _name(source.person, source.url)
        waited = 0.0
        while True:
            with self._turn(name) as is_ours:
                # Looked up with the turn in hand: whoever had it before may have just put it there.
                kept, now = self._kept.get(name), self._clock()
                if kept is not None and now < kept.due_at:
                    break
                if is_ours:
                    kept = yield from self._renewed(source, name, kept, in_thread)
                    break
            if kept is not None and kept.pictures:
                break  # the last good copy serves until the new one is there
            if pause is None or waited >= WAIT_SECONDS:
                return Avatar(None, 0)
            yield Call(pause, (_STEP_SECONDS,))
            waited += _STEP_SECONDS
        return Avatar(kept.pictures.get(side), max(60, int(kept.due_at - now)))

    def _opened(self, opaque: str) -> Source | None:
        try:
            source = Source(*self._sealer.open_deterministic(PURPOSE, opaque))
        except SealBroken:
            return None
        # The configuration may have changed since: another host, no Gravatars any more.
        return source if self._sources.may_fetch(source.provider, source.url) else None

    @contextmanager
    def _turn(self, name: str) -> Iterator[bool]:
        """Whether it is ours to fetch: one at a time for each picture, and few in all."""
        with self._guard:
            is_ours = name not in self._under_way and len(self._under_way) < MAX_FETCHES
            if is_ours:
                self._under_way.add(name)
        try:
            yield is_ours
        finally:
            if is_ours:
                with self._guard:
                    self._under_way.discard(name)

    def _renewed(
        self,
        source: Source,
        name: str,
        kept: Kept | None,
        in_thread: Callable[..., object] | None,
    ) -> Flow[Kept]:
        """What is known after fetching it; when that fails, the last good copy stays."""
        last_of_person = _name(source.person)
        outcome = "ok"
        try:
            body = yield from fetch(
                source.url, lambda url: self._sources.may_fetch(source.provider, url)
            )
            drawn = (yield Call(in_thread, (redraw, body))) if in_thread else redraw(body)
            renewed = Kept(drawn, int(self._clock()) + FRESH_SECONDS)
        except (NoPicture, ProviderError) as error:
            outcome = f"none ({error})"
            if kept is None or not kept.pictures:
                kept = self._kept.get(last_of_person)
            pictures = kept.pictures if kept else {}
            renewed = Kept(pictures, int(self._clock()) + RETRY_SECONDS)
        else:
            self._kept.put(last_of_person, renewed)
        self._kept.put(name, renewed)
        logger.info("avatar provider=%s outcome=%s", source.provider, outcome)
        return renewed


def _name(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()

"""`AsyncSocialLogin`: the face of the flows for asynchronous apps, under asyncio and trio."""

import secrets
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Self, TypeVar

from . import stores
from .config import Config
from .flows import AsyncSend, Flow, run_async
from .login import Params, SignIn, Start
from .site_login import SiteLogin, checked
from .stores import Store

if TYPE_CHECKING:
    from types import TracebackType

T = TypeVar("T")


class AsyncSocialLogin(SiteLogin):
    """Social login for one site, asynchronous. Safe to share between tasks and event loops.

    Made like `SocialLogin`, with the same arguments; `begin` and `complete` are awaited.

    Its connections close when their event loop ends, or before that by `aclose()` or at the end
    of an `async with`. A `transport` of your own stays yours to close.

    Raises:
        ImportError: the extra `async` is not installed, and no transport is given, or the
            configuration names a Redis and no store is given.
    """

    def __init__(
        self,
        config: Config,
        *,
        transport: AsyncSend | None = None,
        store: Store | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        if store is None:
            store = stores.configured_async(checked(config, type(self)).store, clock)
        super().__init__(config, store=store, clock=clock, random=random)
        self._close: Callable[[], Awaitable[None]] | None = None
        if transport is None:
            from .transports.httpx import HttpxTransport

            transport = own = HttpxTransport()
            self._close = own.aclose
            from anyio import sleep, to_thread  # which comes with that transport

            self.pause = sleep
            self.in_thread = to_thread.run_sync
        self._send = transport

    async def run(self, flow: Flow[T]) -> T:
        """Carries a flow to its end on this login's transport."""
        return await run_async(flow, self._send)

    async def begin(
        self, provider: str, next_url: str | None = None, change: bool = False
    ) -> Start:
        """Begins a login; see `SocialLogin.begin`."""
        return await self.run(self.flows.begin(provider, next_url, change=change))

    async def complete(self, provider: str, params: Params, *, transaction: str | None) -> SignIn:
        """Completes a login with the parameters of its callback; see `SocialLogin.complete`.

        Cancelled, because the browser is gone, it leaves the transaction used: the provider may
        have redeemed its code already. That callback, tried again, is `state_replayed`, and a
        new login works.
        """
        return await self.run(self.flows.complete(provider, params, transaction))

    async def aclose(self) -> None:
        """Closes the connections of this event loop. The next login opens new ones."""
        if self._close is not None:
            await self._close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: "TracebackType | None",
    ) -> None:
        await self.aclose()

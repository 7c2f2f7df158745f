"""One text of tests for `SocialLogin`, and for `AsyncSocialLogin` under asyncio and trio."""

from collections.abc import Callable
from functools import partial
from typing import Any

import anyio.lowlevel
from anyio.from_thread import BlockingPortal

from sites import Site
from sociallogin import AsyncSocialLogin, SocialLogin
from sociallogin.flows import Request, Response
from sociallogin.login import SignIn, Start


class Awaited:
    """An `AsyncSocialLogin` that blocking tests can use: `begin` and `complete` are awaited."""

    def __init__(self, login: AsyncSocialLogin, portal: BlockingPortal) -> None:
        self._login = login
        self._portal = portal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._login, name)

    def begin(self, *args: Any, **kwargs: Any) -> Start:
        return self._portal.call(partial(self._login.begin, *args, **kwargs))

    def complete(self, *args: Any, **kwargs: Any) -> SignIn:
        return self._portal.call(partial(self._login.complete, *args, **kwargs))


Face = Callable[[SocialLogin], Any]


def blocking(login: SocialLogin) -> SocialLogin:
    return login


def awaited(portal: BlockingPortal) -> Face:
    """The same logins through `AsyncSocialLogin`, on the portal's event loop."""

    def face(login: SocialLogin) -> Awaited:
        async def send(request: Request) -> Response:
            await anyio.lowlevel.checkpoint()
            return login._send(request)

        made = AsyncSocialLogin(
            login.config, transport=send, clock=login.clock, random=login.random
        )
        return Awaited(made, portal)

    return face


class FacedSite(Site):
    """A site whose `login` is of one face or the other."""

    def __init__(self, face: Face, **site: Any) -> None:
        self._face = face
        super().__init__(**site)

    def restart(self, **config: Any) -> None:
        super().restart(**config)
        self.login = self._face(self.login)

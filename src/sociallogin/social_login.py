"""`SocialLogin`: what an app makes once and uses everywhere; the blocking face of the flows."""

import secrets
import time
from collections.abc import Callable
from typing import TypeVar

from .config import Config
from .flows import Flow, Send, run
from .login import Params, SignIn, Start
from .site_login import SiteLogin
from .stores import Store

T = TypeVar("T")


class SocialLogin(SiteLogin):
    """Social login for one site, blocking. Safe to share between threads.

    Make it with `from_file`, `from_mapping` or `from_env`. All of them take, by keyword:

    Args:
        providers: records of your own, beside the built-in ones.
        transport: what performs HTTP requests; by default requests, pooled for the process.
        store: what counts one-time use (`sociallogin.stores.Store`); by default the one that the
            configuration names.
        clock: seconds since the epoch.
        random: so many random bytes.
    """

    def __init__(
        self,
        config: Config,
        *,
        transport: Send | None = None,
        store: Store | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        if transport is None:
            from .transports.requests import default

            transport = default()
        super().__init__(config, store=store, clock=clock, random=random)
        self.pause = time.sleep
        self._send = transport

    def run(self, flow: Flow[T]) -> T:
        """Carries a flow to its end on this login's transport."""
        return run(flow, self._send)

    def begin(self, provider: str, next_url: str | None = None, change: bool = False) -> Start:
        """Begins a login.

        Args:
            provider: the name of an enabled provider.
            next_url: a path on this site to go to afterwards; anything else becomes `/`.
            change: whether to make the provider ask which account to use.

        Returns:
            The URL to send the browser to, and the transaction to keep in its cookie.

        Raises:
            RequestError: `unknown_provider`.
            ProviderError: the provider did not give a request token (OAuth 1.0a).
        """
        return self.run(self.flows.begin(provider, next_url, change=change))

    def complete(self, provider: str, params: Params, *, transaction: str | None) -> SignIn:
        """Completes a login with the parameters of its callback.

        Args:
            provider: the provider whose callback URL was called.
            params: the callback's query parameters, as a mapping or as pairs.
            transaction: what `begin` gave, from this browser's cookie.

        Raises:
            LoginDenied: the person cancelled.
            StateError: this browser holds no usable transaction for this callback.
            ProviderError, TokenError: the provider failed or refused.
            StoreError: the store failed, so whether this callback came before is not known.
            RequestError: `unknown_provider`.
        """
        return self.run(self.flows.complete(provider, params, transaction))

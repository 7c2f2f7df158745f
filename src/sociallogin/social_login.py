"""`SocialLogin`: what an app makes once and uses everywhere; the blocking face of the flows."""

import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from . import config as configuration
from . import guests, session
from .config import Config
from .flows import Flow, Send, run
from .identity import Identity
from .login import LoginFlows, Params, SignIn, Start
from .sealing import Sealer

if TYPE_CHECKING:
    from .protocols.provider import Client, Provider

T = TypeVar("T")


class SocialLogin:
    """Social login for one site, blocking. Safe to share between threads.

    Make it with `from_file`, `from_mapping` or `from_env`. All of them take, by keyword:

    Args:
        providers: records of your own, beside the built-in ones.
        transport: what performs HTTP requests; by default requests, pooled for the process.
        clock: seconds since the epoch.
        random: so many random bytes.
    """

    def __init__(
        self,
        config: Config,
        *,
        transport: Send | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        if transport is None:
            from .transports.requests import default

            transport = default()
        self.config = config
        self.sealer = Sealer(config.secret_keys, config.base_url, clock, random)
        self.flows = LoginFlows(config, self.sealer, clock, random)
        self.clock = clock
        self.random = random
        self._send = transport

    @classmethod
    def from_file(
        cls,
        path: str | os.PathLike[str],
        *,
        providers: "Iterable[Provider]" = (),
        **given: Any,
    ) -> Self:
        """From a TOML file. Raises `ConfigError` with all its faults."""
        return cls(configuration.from_file(path, providers), **given)

    @classmethod
    def from_mapping(
        cls, values: Mapping[str, Any], *, providers: "Iterable[Provider]" = (), **given: Any
    ) -> Self:
        """From a mapping of the same shape. Raises `ConfigError` with all its faults."""
        return cls(configuration.from_mapping(values, providers), **given)

    @classmethod
    def from_env(cls, *, providers: "Iterable[Provider]" = (), **given: Any) -> Self:
        """From environment variables. Raises `ConfigError` with all their faults."""
        return cls(configuration.from_env(providers=providers), **given)

    def __repr__(self) -> str:
        names = ", ".join(client.name for client in self.providers)
        return f"<{type(self).__name__} for {self.config.base_url}: {names}>"

    @property
    def providers(self) -> "tuple[Client, ...]":
        """The enabled providers in the order of the configuration; each has `name` and `label`."""
        return self.config.providers

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
            RequestError: `unknown_provider`.
        """
        return self.run(self.flows.complete(provider, params, transaction))

    def guest(self, form: Mapping[str, object], current: Identity | None = None) -> Identity:
        """The identity of a guest who filled in `name`, `email` and `website`.

        Args:
            form: the form's fields.
            current: who comments so far; a guest stays the same guest.

        Raises:
            RequestError: `guest_invalid`, with `fields`; `guest_not_allowed` by the policy.
        """
        return guests.guest(
            form, policy=self.config.policy, base_url=self.config.base_url, current=current,
            now=self.clock(), random=self.random,
        )  # fmt: skip

    def seal_identity(self, identity: Identity) -> str:
        """The identity as text for a cookie; it ends after `session_max_age` seconds."""
        return session.seal(self.sealer, identity, self.config.session_max_age)

    def open_identity(self, cookie: str | None) -> Identity | None:
        """Who the cookie says is logged in; None for None, nonsense, or when its time is over."""
        return session.open_(self.sealer, cookie)

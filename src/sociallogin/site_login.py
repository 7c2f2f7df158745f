"""What `SocialLogin` and `AsyncSocialLogin` have in common: everything but the waiting."""

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from . import config as configuration
from . import guests, session, stores
from .config import Config
from .errors import ConfigError, ConfigFault
from .identity import Identity
from .login import LoginFlows
from .sealing import Sealer
from .stores import Store

if TYPE_CHECKING:
    from .avatars import Avatars
    from .protocols.provider import Client, Provider


logger = logging.getLogger("sociallogin")


class SiteLogin:
    """The logins of one site, with no way to carry them out yet."""

    def __init__(
        self,
        config: Config,
        *,
        store: Store | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.config = checked(config, type(self))
        self.sealer = Sealer(config.secret_keys, config.base_url, clock, random)
        self.sessions = session.Sessions(self.sealer, clock)
        self.store = store if store is not None else stores.configured(config.store, clock)
        if config.embed_origins and not stores.keeps(self.store):
            raise ConfigError([_forgetful(self.store)])
        self.flows = LoginFlows(config, self.sealer, self.store, clock, random)
        self.clock = clock
        self.random = random
        #: Waits for so many seconds; where it is asynchronous, the driver of flows awaits it.
        self.pause: Callable[[float], object] | None = None
        #: Calls a function with its arguments in a worker thread; None where it may take its time.
        self.in_thread: Callable[..., object] | None = None
        self.avatars = _avatars(config, self.sealer, clock)

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

    def lacks_email(self, identity: Identity) -> bool:
        """Whether this account shared no e-mail address and the policy wants one."""
        return guests.lacks_email(identity, self.config.policy)

    def avatar_url(self, identity: Identity) -> str | None:
        """The path on this site at which a person's picture is, for an `<img>`.

        The same each time for the same picture, and of no use for finding the provider's own
        address. `?size=192` behind it gives the picture for dense screens; without, it has 96
        pixels.

        Returns:
            The path; None where pictures are off, or where this person has none that may be shown.
        """
        name = self.avatars.name(identity) if self.avatars is not None else None
        return None if name is None else f"{self.config.mount}/avatar/{name}"

    def seal_identity(self, identity: Identity) -> str:
        """The identity as text for a cookie; it ends after `session_max_age` seconds."""
        return session.seal(self.sealer, identity, self.config.session_max_age)

    def open_identity(self, cookie: str | None) -> Identity | None:
        """Who the cookie says is logged in; None for None, nonsense, or when its time is over."""
        return self.sessions.open(cookie)


def checked(config: Config, made: type) -> Config:
    """`config`, if it has been read already. Raises `TypeError`, which names what reads it."""
    if not isinstance(config, Config):
        raise TypeError(
            f"{made.__name__} takes a Config, and no {type(config).__name__}. What reads one: "
            f"{made.__name__}.from_file, from_mapping, from_env"
        )
    return config


def _forgetful(store: Store) -> ConfigFault:
    return ConfigFault(
        "store=",
        f"a {type(store).__name__}, which keeps no values",
        "one with put, get and take (sociallogin.stores.KeepingStore), as embed_origins is set",
    )


def _avatars(config: Config, sealer: Sealer, clock: Callable[[], float]) -> "Avatars | None":
    if config.avatars is None:
        return None
    from .avatars import Avatars, drawing

    if not drawing.is_available():
        logger.warning(
            'no pictures are shown: they need Pillow: pip install "sociallogin[avatars]"'
        )
        return None
    return Avatars(config, sealer, clock)

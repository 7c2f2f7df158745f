"""What a site owner writes, and where it is read. No side effects; all faults in one report."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import tables
from .errors import ConfigError, ConfigFault

if TYPE_CHECKING:
    from .protocols.provider import Client, Provider


@dataclass(frozen=True, slots=True)
class AvatarSettings:
    """How pictures are shown.

    Attributes:
        folder: where they are kept; None: in memory.
        gravatar: whether guests are shown with their Gravatar.
        gravatar_url: where Gravatars are, without a final slash.
    """

    folder: Path | None
    gravatar: bool
    gravatar_url: str


@dataclass(frozen=True, slots=True)
class AkismetConfig:
    """The table `akismet`; the fields are the keys of `sociallogin.schema.AKISMET_KEYS`."""

    api_key: str = field(repr=False)
    test: bool
    endpoint: str


@dataclass(frozen=True, slots=True)
class Config:
    """A checked configuration; the fields are the keys of `sociallogin.schema.SITE_KEYS`.

    `providers` holds the enabled ones as configured clients, in the order of the configuration;
    `avatars` is None where pictures are off, `akismet` where comments are not checked.
    """

    base_url: str
    secret_keys: tuple[str, ...] = field(repr=False)
    mount: str
    policy: str
    session_max_age: int
    cookie_prefix: str
    locale: str
    embed_origins: tuple[str, ...]
    store: str = field(repr=False)
    templates: Path | None
    providers: "tuple[Client, ...]"
    avatars: AvatarSettings | None = None
    akismet: AkismetConfig | None = None

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https:")


def from_file(path: str | os.PathLike[str], providers: "Iterable[Provider]" = ()) -> Config:
    """Reads a TOML file; `file:` references in it are relative to it.

    Raises:
        ConfigError: with all faults.
    """
    path = Path(path)
    return from_mapping(_parse(path), providers, folder=path.parent, source=str(path))


def from_env(
    environ: Mapping[str, str] | None = None, providers: "Iterable[Provider]" = ()
) -> Config:
    """Reads variables such as `SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_ID`.

    `SOCIALLOGIN_CONFIG` names a TOML file to start from, which the other variables override.

    Raises:
        ConfigError: with all faults.
    """
    from . import environment

    environ = os.environ if environ is None else environ
    given = tables.given(providers)
    own = tables.records_among(given)
    path = environ.get(f"{environment.PREFIX}CONFIG")
    values = _parse(Path(path)) if path else {}
    folder = Path(path).parent if path else Path()
    faults = environment.merge(
        values,
        environ,
        lambda name: tables.known_keys(name, own),
        lambda: (*(record.name for record in own), *tables.provider_names()),
    )
    source = f"{path} and the environment" if path else "the environment"
    return from_mapping(values, given, environ=environ, folder=folder, source=source, faults=faults)


def from_mapping(
    values: Mapping[str, Any],
    providers: "Iterable[Provider]" = (),
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    source: str = "the configuration",
    faults: Iterable[ConfigFault] = (),
) -> Config:
    """Checks a mapping of the same shape as the TOML file.

    Args:
        values: the configuration.
        providers: records of the developer's own, beside the built-in ones.
        environ: where `env:NAME` values are read; by default the process's environment.
        folder: what `file:PATH` values are relative to; by default the working directory.
        source: what the report calls the configuration.
        faults: faults found before, to stand in the same report.

    Raises:
        ConfigError: with all faults.
    """
    reading = tables.Reading(
        os.environ if environ is None else environ, folder or Path(), list(faults)
    )
    checked = reading.site(values, tables.given(providers))
    if reading.faults:
        raise ConfigError(reading.faults, source)
    avatars, akismet = checked.pop("avatars"), checked.pop("akismet")
    return Config(
        **checked,
        avatars=AvatarSettings(**avatars) if avatars else None,
        akismet=AkismetConfig(**akismet) if akismet else None,
    )


def _parse(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # some editors add a mark
    except (OSError, UnicodeDecodeError) as error:
        advice = _sought(path) if isinstance(error, FileNotFoundError) else ""
        allowed = "a readable TOML file in UTF-8"
        fault = ConfigFault(str(path), type(error).__name__, allowed, advice)
    except tomllib.TOMLDecodeError as error:
        # Its text names line and column, and perhaps a table; never a value.
        fault = ConfigFault(str(path), f"a syntax error: {error}", "TOML (toml.io)")
    except (ValueError, RecursionError):  # a number of 5000 digits, 1000 brackets
        fault = ConfigFault(str(path), "values beyond all bounds", "TOML (toml.io)")
    raise ConfigError([fault], str(path))


def _sought(path: Path) -> str:
    """Where a relative path leads, which depends on where the app was started."""
    try:
        return "" if path.is_absolute() else f"It was looked for in {path.absolute().parent}."
    except OSError:  # the working directory is gone
        return ""

"""The tables of a configuration, checked: each value in its place, each fault with its fix."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import cleaning, schema
from .errors import ConfigError, ConfigFault
from .identity import GUEST
from .schema import Key
from .spelling import closest, did_you_mean

if TYPE_CHECKING:
    from .protocols.provider import Client, Provider

_PROVIDER_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_REFERENCE = re.compile(r"(env|file):(.*)", re.DOTALL)
_USER_INFO = re.compile(r"//[^/@\s]*@")


def given(providers: object) -> tuple[Any, ...]:
    """What was given as `providers=`, whether it be several of anything or not."""
    return tuple(providers) if isinstance(providers, Iterable) else (providers,)


def records_among(given: tuple[object, ...]) -> "tuple[Provider, ...]":
    """Those of them that are records."""
    from .protocols.provider import Provider

    return tuple(record for record in given if isinstance(record, Provider))


def provider_names() -> Iterable[str]:
    """The built-in providers, and those of installed packages."""
    from . import providers

    return providers.names()


def known_keys(name: str, own: "Iterable[Provider]") -> tuple[Key, ...]:
    """Every key that the table of provider `name` may hold, whatever its protocol."""
    try:
        records = _records(name, own)
    except ConfigError:  # told when the table itself is read
        records = ()
    options = {option.name: schema.option_key(option) for r in records for option in r.options}
    urls = {url: schema.url_key(url) for r in records for url in r.url_keys}
    return (*schema.PROVIDER_KEYS, *options.values(), *urls.values())


def _records(name: str, own: "Iterable[Provider]") -> "tuple[Provider, ...]":
    from . import providers

    return tuple(record for record in own if record.name == name) or providers.records(name)


class Reading:
    """One reading of a configuration; collects its faults."""

    def __init__(self, environ: Mapping[str, str], folder: Path, faults: list[ConfigFault]) -> None:
        self.faults = faults
        self._environ = environ
        self._folder = folder

    def site(self, values: Any, given: tuple[object, ...]) -> dict[str, Any]:
        """The fields of a `Config`, its tables as mappings or None; of no use if there are faults.

        Args:
            values: the whole configuration.
            given: what the developer gave as records of their own.
        """
        if not isinstance(values, Mapping):
            self._fault("configuration", _kind(values), "a table")
            return {}
        own = records_among(given)
        if len(own) != len(given):
            self._fault("providers=", "something else than records", "OAuth2Provider(…) and such")
        site = self._table("", {k: v for k, v in values.items() if k not in schema.TABLES},
                           schema.SITE_KEYS, also=schema.TABLES)  # fmt: skip
        tables = values.get("providers", {})
        if not isinstance(tables, Mapping):
            self._fault("providers", _kind(tables), "a table of providers")
            tables = {}
        base_url, mount = site["base_url"] or "", site["mount"] or ""
        clients = [
            self._client(str(name), table, own, base_url, f"{base_url}{mount}")
            for name, table in tables.items()
        ]
        enabled = tuple(client for client in clients if client is not None)
        avatars = self._avatars(values["avatars"]) if "avatars" in values else None
        akismet = self._own_table("akismet", values["akismet"]) if "akismet" in values else None
        on = [name for name in tables if not self._is_off(f"providers.{name}", tables[name])]
        if site["policy"] == "login-required" and not on:
            self._fault("providers", "none enabled" if tables else "none",
                        "at least one, as policy is login-required")  # fmt: skip
        if site["templates"] is not None:
            site["templates"] = self._folder / site["templates"]
            if not _is_folder(site["templates"]):
                self._fault("templates", str(site["templates"]), "a folder that exists")
        return {**site, "providers": enabled, "avatars": avatars, "akismet": akismet}

    def _avatars(self, table: Any) -> dict[str, Any] | None:
        chosen = self._own_table("avatars", table)
        if chosen is None or not chosen.pop("enabled"):
            return None
        return {**chosen, "folder": self._folder / chosen["folder"] if chosen["folder"] else None}

    def _own_table(self, name: str, table: Any) -> dict[str, Any] | None:
        """The keys of one of `schema.TABLE_KEYS` with their defaults; None if it is no table."""
        if not isinstance(table, Mapping):
            self._fault(name, _kind(table), "a table")
            return None
        keys = schema.TABLE_KEYS[name]
        found = self._table(f"{name}.", table, keys)
        return {key.name: key.default if found[key.name] is None else found[key.name]
                for key in keys}  # fmt: skip

    def _client(
        self, name: str, table: Any, own: "tuple[Provider, ...]", base_url: str, mounted: str
    ) -> "Client | None":
        from . import providers
        from .protocols.provider import Client

        place = f"providers.{name}"
        if not _PROVIDER_NAME.fullmatch(name) or name == GUEST:
            self._fault(place, _shown(name),
                        'a name of lower-case letters, digits, - and _; not "guest"')  # fmt: skip
            return None
        if not isinstance(table, Mapping):
            self._fault(place, _kind(table), "a table")
            return None
        try:
            records = _records(name, own)
            if not records:
                known = sorted({*providers.names(), *(record.name for record in own)})
                allowed = f"one of {', '.join(known)}"
                self._fault(place, _shown(name), allowed, did_you_mean(name, known))
                name = closest(name, known)  # whose keys are told as those that are meant
                records = _records(name, own) if name else ()
        except ConfigError as error:
            self.faults.extend(error.faults)
            return None
        if not records:
            return None
        record = self._record(place, table, records)
        keys = [key for key in known_keys(name, own)
                if record is None or _concerns(key, record)]  # fmt: skip
        disabled = self._is_off(place, table)
        found = self._table(f"{place}.", table, keys, optional=disabled)
        if record is None or disabled:
            return None
        if record.issuer == base_url:
            self._fault(place, f"the issuer {base_url}", "an issuer other than base_url")
        if not cleaning.is_key_part(record.issuer):
            self._fault(f"{place}, its record", f"the issuer {_shown(record.issuer)}",
                        "1 to 255 characters, no spaces")  # fmt: skip
        if found["scopes"] and record.scopes_fault and "scopes" in table:
            advice = record.scopes_fault(found["scopes"])
            if advice:
                self._fault(f"{place}.scopes", " ".join(found["scopes"]), advice)
        record = _overridden(record, found)
        for key in _of_record(record):
            if key.name not in table:
                self._value(f"{place}, its record's {key.name}", key, getattr(record, key.name))
        return Client(
            record,
            client_id=found["client_id"] or "",
            client_secret=found["client_secret"] or "",
            redirect_uri=f"{mounted}/callback/{name}",
        )

    def _record(
        self, place: str, table: Mapping[str, Any], records: "tuple[Provider, ...]"
    ) -> "Provider | None":
        protocol = self._peek(place, schema.PROTOCOL, table)
        if "protocol" not in table:
            return records[0]
        for record in records:
            if record.protocol == protocol:
                return record
        spoken = [record.protocol for record in records]
        if protocol is not None:
            self._fault(f"{place}.protocol", _shown(table["protocol"]), " or ".join(spoken),
                        did_you_mean(protocol, spoken))  # fmt: skip
        return None

    def _table(
        self,
        place: str,
        table: Mapping[str, Any],
        keys: Iterable[Key],
        *,
        also: tuple[str, ...] = (),
        optional: bool = False,
    ) -> dict[str, Any]:
        """The checked value of every key, its default where absent, None where faulty."""
        known = {key.name: key for key in keys}
        for name in table:
            if name not in known:
                names = [*known, *also]
                self._fault(f"{place}{name}", "an unknown key", f"one of {', '.join(names)}",
                            _home(place, str(name)) or did_you_mean(str(name), names))  # fmt: skip
        found = {}
        for key in known.values():
            where = f"{place}{key.name}"
            if key.name in table:
                found[key.name] = self._value(where, key, table[key.name])
            else:
                # Defaults in words are the record's own and stand there.
                found[key.name] = key.default if place == "" else None
                if key.required and not optional:
                    self._fault(where, "nothing", key.allowed)
        return found

    def _value(self, place: str, key: Key, value: Any) -> Any:
        before = len(self.faults)
        if isinstance(value, list | tuple):
            resolved: Any = [self._resolve(f"{place}[{i}]", v) for i, v in enumerate(value)]
            referred = any(map(_reference, value))
        else:
            resolved, referred = self._resolve(place, value), _reference(value) is not None
            if referred and isinstance(resolved, str):
                resolved = key.parse(resolved)
        if len(self.faults) > before:
            return None
        try:
            return key.check(resolved)
        except ValueError as error:
            # What a reference led to may be a secret that landed in the wrong place.
            found = _set(resolved) if key.secret or referred else _shown(value)
            advice = str(error) if isinstance(error, schema.Unfit) else ""
            self._fault(place, found, key.allowed, advice)
            return None

    def _is_off(self, place: str, table: Any) -> bool:
        """Whether a provider's table says `enabled = false`."""
        return isinstance(table, Mapping) and self._peek(place, schema.ENABLED, table) is False

    def _peek(self, place: str, key: Key, table: Mapping[str, Any]) -> Any:
        """The value of a key on which others depend; its own faults are told in its turn."""
        if key.name not in table:
            return None
        reading = Reading(self._environ, self._folder, [])
        return reading._value(place, key, table[key.name])

    def _resolve(self, place: str, value: Any) -> Any:
        """Any value may be `env:NAME` or `file:PATH`."""
        match = _reference(value)
        if match is None:
            return value
        kind, name = match.groups()
        if not name:
            self._fault(place, f"{kind}: with nothing behind it", "env:NAME or file:PATH")
            return None
        if kind == "env":
            try:
                set_to = self._environ.get(name)
            except UnicodeEncodeError:  # half a character, which no variable's name can hold
                set_to = None
            if set_to is None:
                self._fault(place, f"env:{name}, which is not set", "a variable that is set")
            return set_to
        try:
            text = (self._folder / name).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            self._fault(place, f"file:{name} ({type(error).__name__})", "a readable file in UTF-8")
            return None
        return text.removesuffix("\n").removesuffix("\r")

    def _fault(self, place: str, found: str, allowed: str, advice: str = "") -> None:
        self.faults.append(ConfigFault(place, found, allowed, advice))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that no file system takes
        return False


def _reference(value: Any) -> re.Match[str] | None:
    return _REFERENCE.fullmatch(value) if isinstance(value, str) else None


def _concerns(key: Key, record: "Provider") -> bool:
    """Whether a key has a meaning for the chosen protocol of a provider."""
    if key.name.endswith("_url"):
        return key.name in record.url_keys
    return key.name != "pkce" or hasattr(record, "pkce")


def _of_record(record: "Provider") -> Iterable[Key]:
    """What a record says in place of its table, and must say as well."""
    yield schema.LABEL
    yield schema.PICTURE_HOSTS
    if record.scopes != ():
        yield schema.SCOPES
    if record.logout_url is not None:
        yield schema.url_key("logout_url")
    yield from map(schema.url_key, record.url_keys)


def _overridden(record: "Provider", found: Mapping[str, Any]) -> "Provider":
    """The record with what the site owner set, and its options put into its URLs."""
    options = {option.name: found[option.name] or option.default for option in record.options}
    changes: dict[str, Any] = {
        url: found[url] or _with_options(getattr(record, url), options) for url in record.url_keys
    }
    for name in ("label", "scopes", "pkce", "picture_hosts"):
        if found.get(name) is not None:
            changes[name] = found[name]
    return replace(record, **changes)


def _with_options(url: str, options: Mapping[str, str]) -> str:
    for name, value in options.items():
        url = url.replace(f"{{{name}}}", value)
    return url


def _home(place: str, name: str) -> str:
    """Where a key that is unknown at its place belongs, if another table knows it."""
    if place and name in {key.name for key in schema.SITE_KEYS}:
        return "It is a key of the site: put it above the first [table]."
    return f"Did you mean providers.{name}?" if not place and name in {*provider_names()} else ""


def _kind(value: Any) -> str:
    """What stands where a table should; its content may be a secret that slipped there."""
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return "a table" if isinstance(value, Mapping) else f"a value of type {type(value).__name__}"


def _shown(value: Any) -> str:
    """A value that is no secret, bounded, with its kind where that may be the fault."""
    holds_others = isinstance(value, list | tuple) and any(not isinstance(v, str) for v in value)
    if holds_others or isinstance(value, Mapping):
        return _kind(value)
    text = _USER_INFO.sub("//…@", repr(value))
    text = text if len(text) <= 80 else f"{text[:77]}…"
    return text if isinstance(value, str) else f"{text} ({type(value).__name__})"


def _set(value: Any) -> str:
    """What may be said of a secret."""
    if isinstance(value, str):
        size = len(value.encode("utf-8", "surrogatepass"))
        return f"a text of {size} bytes" if value else "an empty text"
    return _kind(value)

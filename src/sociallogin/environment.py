"""The configuration as environment variables: the same keys, in capitals, joined by `_`."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import schema
from .errors import ConfigFault
from .schema import Key
from .spelling import did_you_mean

PREFIX = "SOCIALLOGIN_"
_TABLE = "PROVIDERS_"
_SINGULAR = "PROVIDER_"


def merge(
    values: dict[str, Any],
    environ: Mapping[str, str],
    known_keys: Callable[[str], Iterable[Key]],
    known_names: Callable[[], Iterable[str]],
) -> list[ConfigFault]:
    """Puts the variables over `values`, in place; returns the faults of their names.

    Args:
        values: a configuration as parsed from TOML.
        environ: the variables.
        known_keys: the keys of a provider's table.
        known_names: the providers that there are, beside those that `values` names.
    """
    faults: list[ConfigFault] = []
    names: dict[str, str] = {}  # how a variable writes a name, which may hold no hyphen
    site = {key.name: key for key in schema.SITE_KEYS}
    tables = {
        f"{table}_{key.name}": (table, key)
        for table, keys in schema.TABLE_KEYS.items()
        for key in keys
    }
    referenced = set(re.findall(r"env:(\w+)", " ".join([*environ.values(), repr(values)])))
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable in referenced:
            continue
        name = variable.removeprefix(PREFIX)
        if name.lower() in site:
            values[name.lower()] = site[name.lower()].parse(environ[variable])
        elif name.lower() in tables:
            table, key = tables[name.lower()]
            held = values.setdefault(table, {})
            if isinstance(held, dict):  # else the file's own fault is reported where it stands
                held[key.name] = key.parse(environ[variable])
        elif name.partition("_")[0].lower() in schema.TABLE_KEYS:
            faults.append(_unknown_key(variable, tables))
        elif name.startswith(_TABLE):
            names = names or {name.replace("-", "_"): name for name in _names(values, known_names)}
            fault = _provider(values, variable, environ[variable], known_keys, names)
            if fault:
                faults.append(fault)
        elif name in (_TABLE[:-1], _SINGULAR[:-1]) or name.startswith(_SINGULAR):
            faults.append(_unknown(variable))
        else:
            # Other variables of this prefix may belong to the app; a near miss does not.
            known = [*site, *tables]
            if advice := did_you_mean(name, known, _variable, cutoff=0.85):
                allowed = "the documented names"
                faults.append(ConfigFault(variable, "an unknown variable", allowed, advice))
    return faults


def _provider(
    values: dict[str, Any],
    variable: str,
    text: str,
    known_keys: Callable[[str], Iterable[Key]],
    names: Mapping[str, str],
) -> ConfigFault | None:
    """`PROVIDERS_{NAME}_{KEY}`: both may hold `_`, so the longest key that fits is meant."""
    words = variable.removeprefix(PREFIX + _TABLE).lower().split("_")
    for cut in range(1, len(words)):
        name, key = "_".join(words[:cut]), "_".join(words[cut:])
        name = names.get(name, name)
        known = {known.name: known for known in known_keys(name)}
        if key in known:
            tables = values.setdefault("providers", {})
            if not isinstance(tables, dict) or not isinstance(tables.setdefault(name, {}), dict):
                return None  # the file's own fault is reported where it stands
            tables[name][key] = known[key].parse(text)
            return None
    keys = [known_key.name for known_key in known_keys(words[0])]
    advice = did_you_mean(
        "_".join(words[1:]), keys, lambda key: _variable(f"{_TABLE}{words[0]}_{key}")
    )
    return _unknown(variable, advice)


def _names(values: Mapping[str, Any], known_names: Callable[[], Iterable[str]]) -> Iterable[str]:
    tables = values.get("providers")
    return [*known_names(), *(map(str, tables) if isinstance(tables, dict) else ())]


def _unknown_key(variable: str, known: Iterable[str]) -> ConfigFault:
    """No key of the table that the variable names."""
    name = variable.removeprefix(PREFIX).lower()
    table = name.partition("_")[0]
    fitting = [key for key in known if key.startswith(f"{table}_")]
    allowed = f"one of {', '.join(map(_variable, fitting))}"
    advice = did_you_mean(name, fitting, _variable)
    return ConfigFault(variable, "an unknown variable", allowed, advice)


def _variable(key: str) -> str:
    return f"{PREFIX}{key.upper()}"


def _unknown(variable: str, advice: str = "") -> ConfigFault:
    allowed = f"{PREFIX}{_TABLE}NAME_KEY with a KEY such as CLIENT_ID"
    return ConfigFault(variable, "an unknown variable", allowed, advice)

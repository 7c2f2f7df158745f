"""The configuration as environment variables: the same keys, in capitals, joined by `_`."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import schema
from .errors import ConfigFault
from .schema import Key

PREFIX = "SOCIALLOGIN_"
_TABLE = "PROVIDERS_"
_AVATARS = "AVATARS_"


def merge(
    values: dict[str, Any],
    environ: Mapping[str, str],
    known_keys: Callable[[str], Iterable[Key]],
) -> list[ConfigFault]:
    """Puts the variables over `values`, in place; returns the faults of their names.

    Args:
        values: a configuration as parsed from TOML.
        environ: the variables.
        known_keys: the keys of a provider's table.
    """
    faults: list[ConfigFault] = []
    site = {key.name: key for key in schema.SITE_KEYS}
    avatars = {f"{_AVATARS}{key.name}".lower(): key for key in schema.AVATAR_KEYS}
    referenced = set(re.findall(r"env:(\w+)", " ".join([*environ.values(), repr(values)])))
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable in referenced:
            continue
        name = variable.removeprefix(PREFIX)
        if name.lower() in site:
            values[name.lower()] = site[name.lower()].parse(environ[variable])
        elif name.lower() in avatars:
            key, table = avatars[name.lower()], values.setdefault("avatars", {})
            if isinstance(table, dict):  # else the file's own fault is reported where it stands
                table[key.name] = key.parse(environ[variable])
        elif name.startswith(_TABLE):
            fault = _provider(values, variable, environ[variable], known_keys)
            if fault:
                faults.append(fault)
        else:
            # Other variables of this prefix may belong to the app; a near miss does not.
            known = [*site, *avatars]
            close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.85)
            if close:
                faults.append(ConfigFault(
                    variable, "an unknown variable", "the documented names",
                    f"Did you mean {PREFIX}{close[0].upper()}?",
                ))  # fmt: skip
    return faults


def _provider(
    values: dict[str, Any],
    variable: str,
    text: str,
    known_keys: Callable[[str], Iterable[Key]],
) -> ConfigFault | None:
    """`PROVIDERS_{NAME}_{KEY}`: both may hold `_`, so the longest key that fits is meant."""
    words = variable.removeprefix(PREFIX + _TABLE).lower().split("_")
    for cut in range(1, len(words)):
        name, key = "_".join(words[:cut]), "_".join(words[cut:])
        known = {known.name: known for known in known_keys(name)}
        if key in known:
            tables = values.setdefault("providers", {})
            if not isinstance(tables, dict) or not isinstance(tables.setdefault(name, {}), dict):
                return None  # the file's own fault is reported where it stands
            tables[name][key] = known[key].parse(text)
            return None
    names = [known_key.name for known_key in known_keys(words[0])]
    close = difflib.get_close_matches("_".join(words[1:]), names, n=1)
    advice = f"Did you mean {PREFIX}{_TABLE}{words[0].upper()}_{close[0].upper()}?" if close else ""
    allowed = f"{PREFIX}{_TABLE}NAME_KEY with a KEY such as CLIENT_ID"
    return ConfigFault(variable, "an unknown variable", allowed, advice)

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
_LISTS = {"secret_keys", "scopes", "embed_origins"}
_FLAGS = {"enabled", "pkce"}
_WHOLE = re.compile(r"\d{1,12}")


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
    site = {key.name for key in schema.SITE_KEYS}
    referenced = set(re.findall(r"env:(\w+)", " ".join([*environ.values(), repr(values)])))
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable in referenced:
            continue
        name = variable.removeprefix(PREFIX)
        if name.lower() in site:
            values[name.lower()] = _typed(name.lower(), environ[variable])
        elif name.startswith(_TABLE):
            fault = _provider(values, variable, environ[variable], known_keys)
            if fault:
                faults.append(fault)
        else:
            # Other variables of this prefix may belong to the app; a near miss does not.
            close = difflib.get_close_matches(name.lower(), site, n=1, cutoff=0.85)
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
        if key in {known.name for known in known_keys(name)}:
            tables = values.setdefault("providers", {})
            if not isinstance(tables, dict) or not isinstance(tables.setdefault(name, {}), dict):
                return None  # the file's own fault is reported where it stands
            tables[name][key] = _typed(key, text)
            return None
    known = [key.name for key in known_keys(words[0])]
    close = difflib.get_close_matches("_".join(words[1:]), known, n=1)
    advice = f"Did you mean {PREFIX}{_TABLE}{words[0].upper()}_{close[0].upper()}?" if close else ""
    allowed = f"{PREFIX}{_TABLE}NAME_KEY with a KEY such as CLIENT_ID"
    return ConfigFault(variable, "an unknown variable", allowed, advice)


def _typed(key: str, text: str) -> Any:
    """Variables are text; lists are comma-separated, flags are true or false."""
    if key in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    if key in _FLAGS:
        return {"true": True, "false": False}.get(text.lower(), text)
    if key == "session_max_age" and _WHOLE.fullmatch(text):
        return int(text)
    return text

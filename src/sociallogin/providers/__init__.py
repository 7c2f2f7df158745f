"""The built-in providers: one small file each, a record and a pure `normalize()`.

Only those that are asked for are imported, by name.
"""

import pkgutil
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from ..errors import ConfigError, ConfigFault
from ..protocols.provider import Provider

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "sociallogin.providers"


def names() -> tuple[str, ...]:
    """The names of the built-in providers and of those that other packages register."""
    from importlib.metadata import entry_points  # costs 20 ms, which an import should not

    registered = entry_points(group=ENTRY_POINTS).names
    return tuple(sorted({*_built_in(), *registered}))


def records(name: str) -> tuple[Provider, ...]:
    """The records of the provider `name`, one per protocol, the default first; () if unknown.

    Raises:
        ConfigError: an installed package registers something else under this name.
    """
    from importlib.metadata import entry_points

    if name in _built_in():
        found = import_module(f"{__name__}.{name}").records
    else:
        found = tuple(map(_loaded, entry_points(group=ENTRY_POINTS, name=name)))
    return cast(tuple[Provider, ...], tuple(_flat(found)))


@cache
def _built_in() -> frozenset[str]:
    """The modules of this package, whose folder is read once."""
    return frozenset(module.name for module in pkgutil.iter_modules(__path__))


def _loaded(point: "EntryPoint") -> object:
    """The record or the records that an entry point names; both must go by its name."""
    try:
        found = point.load()
    except Exception as error:  # whatever another package's import may raise
        raise _unfit(point, f"{type(error).__name__}: {error}") from error
    for record in _flat([found]):
        if not isinstance(record, Provider):
            raise _unfit(point, f"an object of type {type(record).__name__}")
        if record.name != point.name:
            raise _unfit(point, f'a record whose name is "{record.name}"')
    return found


def _unfit(point: "EntryPoint", found: str) -> ConfigError:
    allowed = "a provider record, or several, of the entry point's name"
    place = f"entry point {point.name} = {point.value} ({ENTRY_POINTS})"
    return ConfigError([ConfigFault(place, found, allowed)], "the installed packages")


def _flat(found: Iterable[object]) -> Iterable[object]:
    """An entry point may name one record or several."""
    for item in found:
        if isinstance(item, list | tuple):
            yield from item
        else:
            yield item


def get(name: str, *, protocol: str | None = None) -> Provider:
    """The record of the provider `name`.

    Args:
        name: `facebook`, `twitter`, `wordpress`, or the name of a registered entry point.
        protocol: which one, where a provider speaks several; by default its first.

    Raises:
        LookupError: there is no such provider, or it does not speak that protocol.
    """
    for record in records(name):
        if protocol in (None, record.protocol):
            return record
    spoken = f" that speaks {protocol}" if protocol else ""
    raise LookupError(f"no provider {name!r}{spoken}; there are {', '.join(names())}")

"""The built-in providers: one small file each, a record and a pure `normalize()`.

Only those that are asked for are imported, by name.
"""

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from typing import cast

from ..protocols.provider import Provider

ENTRY_POINTS = "sociallogin.providers"


def names() -> tuple[str, ...]:
    """The names of the built-in providers and of those that other packages register."""
    built_in = [module.name for module in pkgutil.iter_modules(__path__)]
    from importlib.metadata import entry_points  # costs 20 ms, which an import should not

    registered = entry_points(group=ENTRY_POINTS).names
    return tuple(sorted({*built_in, *registered}))


def records(name: str) -> tuple[Provider, ...]:
    """The records of the provider `name`, one per protocol, the default first; () if unknown."""
    from importlib.metadata import entry_points

    if any(module.name == name for module in pkgutil.iter_modules(__path__)):
        found = import_module(f"{__name__}.{name}").records
    else:
        found = tuple(point.load() for point in entry_points(group=ENTRY_POINTS, name=name))
    return cast(tuple[Provider, ...], tuple(flatten(found)))


def flatten(found: Iterable[object]) -> Iterable[object]:
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

"""What a form or a query of ours says."""

from collections.abc import Iterable, Mapping

from .. import guests
from ..errors import RequestError
from ..next_url import safe_next
from .messages import Pairs, WebRequest

CSRF = "csrf_token"
#: The fields that every form of the box may have.
OURS = frozenset({"next", "change", "popup", CSRF})
#: Those of the box's guest.
GUESTS = frozenset({*guests.FIELDS, "remember"})

_YES = {"1", "true", "on", "yes"}


def first(pairs: Pairs) -> dict[str, str]:
    """Of a field given twice the first counts."""
    return dict(reversed(pairs))


def is_yes(value: str | None) -> bool:
    """Whether a box is ticked, or a query says yes."""
    return value in _YES


def without(form: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The other fields: the app's own."""
    return {name: value for name, value in form.items() if name not in set(names)}


def readable(request: WebRequest, part: str) -> Pairs:
    """The pairs of `form` or `parameters`, or nothing of what cannot be read."""
    try:
        pairs: Pairs = getattr(request, part)
    except RequestError:
        return []
    return pairs


def next_of(request: WebRequest) -> str:
    """The way back that a request itself names, as far as it can be read."""
    for part in ("form", "parameters"):
        asked = first(readable(request, part))
        if "next" in asked:
            return safe_next(asked["next"])
    return safe_next(None)

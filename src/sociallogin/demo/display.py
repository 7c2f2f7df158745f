"""How times are shown: "3 hours ago"."""

from datetime import UTC, datetime

_STEPS = ((86400, "day"), (3600, "hour"), (60, "minute"))
_LONG_AGO = 14 * 86400


def ago(then: int, now: float) -> str:
    """How long ago `then` was, in words; a date when it is long ago."""
    passed = int(now) - then
    if passed >= _LONG_AGO:
        return day(then)
    for seconds, name in _STEPS:
        if passed >= seconds:
            count = passed // seconds
            return f"{count} {name}{'s' if count != 1 else ''} ago"
    return "just now"


def day(then: int) -> str:
    """A date as it is written in a letter: 4 May 2027."""
    date = datetime.fromtimestamp(then, UTC)
    return f"{date.day} {date:%B %Y}"


def timestamp(then: int) -> str:
    """A time as the `datetime` attribute takes it."""
    return datetime.fromtimestamp(then, UTC).isoformat()

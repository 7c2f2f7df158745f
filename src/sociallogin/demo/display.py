"""How times are shown: "3 hours ago"."""

from datetime import UTC, datetime

from ..errors import translatable
from .language import gettext as _
from .language import ngettext

_DAY, _HOUR, _MINUTE = 86400, 3600, 60
_LONG_AGO = 14 * _DAY
_MONTHS = (
    translatable("January"), translatable("February"), translatable("March"),
    translatable("April"), translatable("May"), translatable("June"), translatable("July"),
    translatable("August"), translatable("September"), translatable("October"),
    translatable("November"), translatable("December"),
)  # fmt: skip


def ago(then: int, now: float) -> str:
    """How long ago `then` was, in words; a date when it is long ago."""
    passed = int(now) - then
    if passed >= _LONG_AGO:
        return day(then)
    if passed >= _DAY:
        return ngettext("%(count)d day ago", "%(count)d days ago", passed // _DAY) % {
            "count": passed // _DAY
        }
    if passed >= _HOUR:
        return ngettext("%(count)d hour ago", "%(count)d hours ago", passed // _HOUR) % {
            "count": passed // _HOUR
        }
    if passed >= _MINUTE:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", passed // _MINUTE) % {
            "count": passed // _MINUTE
        }
    return _("just now")


def day(then: int) -> str:
    """A date as it is written in a letter: 4 May 2027."""
    date = datetime.fromtimestamp(then, UTC)
    # Translators: a date, such as 4 May 2027.
    return _("%(day)d %(month)s %(year)d") % {
        "day": date.day,
        "month": _(_MONTHS[date.month - 1]),
        "year": date.year,
    }


def timestamp(then: int) -> str:
    """A time as the `datetime` attribute takes it."""
    return datetime.fromtimestamp(then, UTC).isoformat()

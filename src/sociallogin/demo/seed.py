"""The first comments and likes, so that nobody has to be the first to speak."""

import sqlite3
from collections.abc import Callable

from ..identity import Identity
from .conversation import Conversation

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def _person(
    provider: str, issuer: str, subject: str, name: str, website: str | None = None
) -> Identity:
    # Subjects that no provider gives out, so that nobody can log in as one of these.
    return Identity(
        provider=provider, issuer=issuer, subject=f"seed-{subject}", name=name, website_url=website
    )


_BEATRIZ = _person(
    "wordpress", "https://wordpress.com", "beatriz", "Beatriz Conceição", "https://beatriz.example/"
)
_TOMASZ = _person("twitter", "https://x.com", "tomasz", "Tomasz Wrona")
_MARYAM = _person("facebook", "https://www.facebook.com", "maryam", "مريم الخطيب")
_HENRIK = _person("guest", "https://blog.example", "henrik", "Henrik")
_MAY = _person("facebook", "https://www.facebook.com", "may", "May Okonkwo")

_LIKES = (_MAY, _BEATRIZ, _TOMASZ, _MARYAM, _HENRIK)

# (author, how many seconds before the first start, which of these it answers, words)
_COMMENTS: tuple[tuple[Identity, int, int | None, str], ...] = (
    (
        _BEATRIZ,
        2 * _DAY + 5 * _HOUR,
        None,
        "I ran a recipe blog for nine years. The recipes were borrowed, as all recipes are. The"
        " comments were not: somebody's grandmother in Porto used half the sugar, somebody in"
        " Oslo had no cinnamon and told us what happened.\n\nWhen I moved house I took the"
        " comments with me and left the photographs behind.",
    ),
    (
        _TOMASZ,
        2 * _DAY + 2 * _HOUR,
        0,
        "Half the sugar was right, by the way.",
    ),
    (
        _MARYAM,
        1 * _DAY + 3 * _HOUR,
        None,
        "أحببت فكرة الهامش. جدّي كان يكتب ملاحظاته بقلم الرصاص حول القصائد، وصرنا نقرأ الهامش"
        " قبل القصيدة.",
    ),
    (
        _HENRIK,
        6 * _HOUR,
        None,
        "Agreed on all of it, except the bit about editing. I want my typos to be left alone."
        " They are how my friends know it is me.",
    ),
    (
        _MAY,
        40 * _MINUTE,
        3,
        "We would know you annywhere.",
    ),
)


def sow(connection: sqlite3.Connection, now: int) -> None:
    """Writes the first conversation, as of `now`, inside the caller's transaction."""
    numbers: list[int] = []
    for author, before, answers, text in _COMMENTS:
        then = Conversation(connection, _at(now - before))
        numbers.append(then.add(author, text, None if answers is None else numbers[answers]))
    for place, person in enumerate(_LIKES):
        Conversation(connection, _at(now - _DAY + place)).like(person, liked=True)


def _at(moment: int) -> Callable[[], float]:
    return lambda: moment

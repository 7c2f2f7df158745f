"""Strings from outside made fit to be shown: names, e-mail addresses, URLs, language tags.

Only what is shown is cleaned. A subject or an issuer is taken whole or refused (`is_key_part`):
folding or cutting one could make two people the same.
"""

import re
import unicodedata
from urllib.parse import urlsplit

NAME_CHARACTERS = 200
EMAIL_BYTES = 254  # RFC 5321 counts octets
URL_CHARACTERS = 1000

# A run of combining marks longer than any living script uses only serves to deface a page.
_MARKS_IN_A_ROW = 6
_JOINERS = "\u200c\u200d"  # Persian spelling and composed emoji need them
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"  # letters and symbols that show nothing
_SPACING = {"Zs", "Zl", "Zp"}
_MARKS = {"Mn", "Me"}
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn"}

_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_KEY_PART = re.compile(r"[^\s\x00-\x20\x7f-\x9f\ud800-\udfff]{1,255}")
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f\\<>\"`{|}^\ud800-\udfff]+", re.IGNORECASE)
_LOCALE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def is_key_part(value: object) -> bool:
    """Whether `value` may be a subject or an issuer: 1 to 255 characters, no space or control."""
    return isinstance(value, str) and _KEY_PART.fullmatch(value) is not None


def text(value: object) -> str | None:
    """`value` as a line of text: NFC, no control or direction-override characters, bounded.

    None when it is no string or nothing visible is left.
    """
    if not isinstance(value, str):
        return None
    # Far more than can be kept, so that normalizing a megabyte costs nothing.
    value = value[: NAME_CHARACTERS * 10]
    if len(value) <= NAME_CHARACTERS and _PLAIN.fullmatch(value):
        return value
    kept: list[str] = []
    marks = 0
    for character in value:
        category = unicodedata.category(character)
        if category in _SPACING or character in "\t\r\n":
            kept.append(" ")
            marks = 0
        elif category in _HIDDEN:  # neither ends a run of marks nor is part of it
            if character in _JOINERS:
                kept.append(character)
        else:
            marks = marks + 1 if category in _MARKS else 0
            if marks <= _MARKS_IN_A_ROW:
                kept.append(character)
    # Composed only now: what was removed may have stood between a letter and its mark.
    composed = unicodedata.normalize("NFC", "".join(kept))
    line = " ".join(composed.split())[:NAME_CHARACTERS].rstrip()
    return line if any(map(_is_visible, line)) else None


def _is_visible(character: str) -> bool:
    if character in _JOINERS or character in _BLANK_LETTERS:
        return False
    return unicodedata.category(character) not in _MARKS | _SPACING


def _hides_something(value: str) -> bool:
    """Whether a text without ASCII's control characters holds any other that nobody sees."""
    return not value.isascii() and any(
        unicodedata.category(character) in _HIDDEN for character in value
    )


def email(value: object) -> str | None:
    """`value` if it can be an e-mail address; never altered, since an altered one is another."""
    if not isinstance(value, str) or not _EMAIL.fullmatch(value):
        return None
    if _hides_something(value):
        return None
    return value if len(value.encode()) <= EMAIL_BYTES else None


def url(value: object) -> str | None:
    """`value` if it is an absolute http(s) URL of at most 1000 characters without user info."""
    if not isinstance(value, str) or len(value) > URL_CHARACTERS or not _URL.fullmatch(value):
        return None
    if _hides_something(value):
        return None
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  (raises on a port that is no number)
    except ValueError:
        return None
    return value if parts.hostname and "@" not in parts.netloc else None


def locale(value: object) -> str | None:
    """`value` as a BCP 47 language tag; `en_US`, as some providers write it, becomes `en-US`."""
    if not isinstance(value, str):
        return None
    tag = value.replace("_", "-")
    return tag if len(tag) <= 35 and _LOCALE.fullmatch(tag) else None

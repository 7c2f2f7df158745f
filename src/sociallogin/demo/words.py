"""What may stand in a comment, and the sentences that the blog itself says."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from ..errors import translatable
from .language import gettext, ngettext

MAX_CHARACTERS = 8000

EMPTY = translatable("Your comment is still empty. Write a few words, then publish it.")
GONE = translatable(
    "The comment you were answering has been deleted. Your text is still here: publish it as a"
    " comment of its own, or answer somebody else."
)

#: What the next page says about what was just done.
_NOTICES: Mapping[str, str] = MappingProxyType(
    {
        "waits": translatable("Your comment waits for approval."),
        "approved": translatable("The comment is published."),
        "approved-told": translatable(
            "The comment is published. Akismet was told that it is not spam."
        ),
        "approved-untold": translatable("The comment is published. Akismet could not be told."),
        "removed": translatable("The comment is removed."),
        "removed-told": translatable("The comment is removed. Akismet was told that it is spam."),
        "removed-untold": translatable("The comment is removed. Akismet could not be told."),
        "gone": translatable("That comment is no longer there, or was decided already."),
    }
)
_NOT_THE_OWNER = (
    translatable("This page is the owner's"),
    translatable("Open it with the link that was printed when the demo started."),
)

# Controls other than tab and line feed, and what turns the direction of all text after it.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_VISIBLE = re.compile(r"[^\s\u00ad\u115f\u1160\u200b-\u200d\u2060\u2800\u3164\uffa0]")


def clean(text: str) -> str:
    """A comment as it will be shown; empty when nothing in it could be seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _BLANK_LINES.sub("\n\n", _UNSEEN.sub("", text)).strip()
    return text if _VISIBLE.search(text) else ""


def too_long(characters: int) -> str:
    """The sentence for a comment of so many characters."""
    sentence = ngettext(
        "Your comment has %(count)d character; up to %(most)d fit here."
        " Shorten it a little, or publish it in two parts.",
        "Your comment has %(count)d characters; up to %(most)d fit here."
        " Shorten it a little, or publish it in two parts.",
        characters,
    )
    return sentence % {"count": characters, "most": MAX_CHARACTERS}


CROSS_SITE = translatable("That came from somewhere else")
_AGAIN = (
    translatable("That did not work"),
    translatable("The request could not be read. Please go back and try again."),
)

#: Title and sentence of an error page, by HTTP status.
_PAGES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        403: (
            translatable("That is not yours to do"),
            translatable("Only the person who wrote a comment can delete it."),
        ),
        404: (
            translatable("There is no such page"),
            translatable("Perhaps it was deleted, or the address has a slip in it."),
        ),
        405: _AGAIN,
        413: (
            translatable("That was too long"),
            translatable(
                "So much text cannot be read at once. Go back: your browser still has it."
            ),
        ),
        500: (
            translatable("Something went wrong here"),
            translatable("It is not your fault. Please try again in a minute."),
        ),
        503: (
            translatable("The blog is busy"),
            translatable("Your request could not be kept. Please try again in a minute."),
        ),
    }
)


def error_page(status: int) -> tuple[str, str]:
    """Title and sentence for this HTTP status."""
    title, sentence = _PAGES.get(status, _AGAIN if status < 500 else _PAGES[500])
    return gettext(title), gettext(sentence)


def notice(name: str) -> str:
    """The sentence about what was just done; empty for none."""
    sentence = _NOTICES.get(name)
    return gettext(sentence) if sentence else ""


def not_the_owner() -> tuple[str, str]:
    """Title and sentence for whoever is not the owner."""
    title, sentence = _NOT_THE_OWNER
    return gettext(title), gettext(sentence)

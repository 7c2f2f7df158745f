"""A language in which every translated message stands in brackets, and a reader of its pages."""

import json
from dataclasses import dataclass, field
from gettext import NullTranslations
from html.parser import HTMLParser

from sociallogin.web.languages import Language

TAG = "x-pseudo"
_OPEN, _CLOSE = "⟦", "⟧"
_READ_ALOUD = ("aria-label", "title", "placeholder", "alt")
_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"}
#: What is not shown, and what the visitor wrote.
_NOT_OURS = {"style", "script", "svg", "textarea"}


class Pseudo(NullTranslations):
    """Puts every message into brackets, and remembers it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return f"{_OPEN}{message}{_CLOSE}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.asked.add(msgid1)
        return f"{_OPEN}{msgid1 if n == 1 else msgid2}{_CLOSE}"


def language() -> tuple[Language, set[str]]:
    """The language, and the messages that it was asked for."""
    catalogue = Pseudo()
    return Language(TAG, catalogue), catalogue.asked


def untranslated(page: str) -> list[str]:
    """What a visitor reads or hears of a page outside the brackets.

    Names (in `bdi`) and what says of itself that it is in another language (`lang`) are left out.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.depth == 0, "a bracket is missing"
    return reader.found


@dataclass
class _Reader(HTMLParser):
    found: list[str] = field(default_factory=list)
    depth: int = 0
    #: Open elements, and whether they are left out.
    within: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        skipped = self.skipping or tag in _NOT_OURS or tag == "bdi" or _initials(given)
        skipped = skipped or given.get("lang", TAG) != TAG
        if not skipped:
            for name in _READ_ALOUD:
                self.say(given.get(name, ""))
            for words in json.loads(given.get("data-words", "{}")).values():
                self.say(words)
        if tag not in _EMPTY:
            self.within.append((tag, skipped))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _EMPTY:
            opened, _ = self.within.pop()
            assert opened == tag, f"<{opened}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.say(data)

    @property
    def skipping(self) -> bool:
        return bool(self.within) and self.within[-1][1]

    def say(self, text: str) -> None:
        outside = ""
        for character in text:
            if character == _OPEN:
                self.depth += 1
            elif character == _CLOSE:
                self.depth -= 1
            elif self.depth == 0:
                outside += character
        if any(character.isalnum() for character in outside):
            self.found.append(outside.strip())


def _initials(attributes: dict[str, str]) -> bool:
    """What stands in for a picture."""
    return "sociallogin-hue-" in attributes.get("class", "")

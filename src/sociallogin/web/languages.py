"""What a visitor reads: one language with its catalogue, and how it is chosen."""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from ..errors import SocialLoginError
from ..schema import LANGUAGES

#: What the sources are written in.
ENGLISH = "en"
_RIGHT_TO_LEFT = {"ar", "he"}

_KNOWN = {
    **{tag.lower(): tag for tag in LANGUAGES},
    "iw": "he",  # as Java and older Androids call it
    "pt": "pt-BR",  # nearer to any reader of Portuguese than another language
}
_MAX_TAG = 35
_MAX_HEADER = 1000
_RANGE = re.compile(
    r"([A-Za-z0-9-]{1,35}|\*)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?"
)
_ISOLATE, _END = "\u2068", "\u2069"


@dataclass(frozen=True, slots=True)
class Language:
    """One language and its catalogue.

    Attributes:
        tag: as BCP 47 writes it, for the attribute `lang`.
        catalogue: what gettext reads.
    """

    tag: str
    catalogue: NullTranslations = field(repr=False)

    @property
    def direction(self) -> str:
        """The attribute `dir`."""
        return "rtl" if self.tag in _RIGHT_TO_LEFT else "ltr"

    def gettext(self, message: str) -> str:
        """The message in this language, or as it is."""
        return self.catalogue.gettext(message) if message else ""  # "" is a catalogue's header

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        """The form of the message that goes with the number `n`."""
        return self.catalogue.ngettext(singular, plural, n)

    def isolate(self, text: str) -> str:
        """A name whose brackets and dots stay with it in a text from right to left."""
        return f"{_ISOLATE}{text}{_END}" if self.direction == "rtl" else text

    def message(self, error: SocialLoginError) -> str:
        """The visitor's sentence of an error."""
        return error.message_in(self)


@cache
def language(tag: str, package: str = "sociallogin") -> Language:
    """The language of one of `LANGUAGES`, with the catalogue that a package has of it."""
    if tag == ENGLISH:
        return Language(tag, NullTranslations())
    folder = files(package).joinpath("locale", tag.replace("-", "_"), "LC_MESSAGES")
    name = package.rpartition(".")[2]
    with folder.joinpath(f"{name}.mo").open("rb") as file:
        return Language(tag, GNUTranslations(file))


def known(tag: object) -> str | None:
    """The one of `LANGUAGES` that comes nearest: `de` for `de-AT` (RFC 4647 section 3.4)."""
    subtags = str(tag)[: _MAX_TAG + 1].replace("_", "-").lower().split("-")
    while subtags:
        found = _KNOWN.get("-".join(subtags))
        if found is not None:
            return found
        subtags.pop()
    return None


def accepted(header: str, default: str) -> str:
    """The language for a browser that sends this `Accept-Language` (RFC 9110 section 12.5.4)."""
    return _accepted(header[:_MAX_HEADER], default)


@lru_cache(maxsize=256)  # many browsers send few of them
def _accepted(header: str, default: str) -> str:
    ranges = [
        (float(match[2] or 1), match[1])
        for part in header.split(",")
        if (match := _RANGE.fullmatch(part.strip(" \t"))) is not None
    ]
    refused = {known(tag) for quality, tag in ranges if quality == 0}
    for quality, tag in sorted(ranges, key=lambda one: -one[0]):
        found = default if tag == "*" else known(tag)
        if quality > 0 and found is not None and found not in refused:
            return found
    return default

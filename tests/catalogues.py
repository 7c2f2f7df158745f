"""The messages in the sources, and the catalogues that translate them."""

import tempfile
from collections.abc import Callable
from functools import cache
from gettext import c2py
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "sociallogin"
#: Where each catalogue is, and what it is made from: as in the Makefile.
FOLDERS = {"sociallogin": PACKAGE / "locale", "demo": PACKAGE / "demo" / "locale"}
SOURCES = {
    "sociallogin": [PACKAGE / "errors.py", PACKAGE / "guests.py", PACKAGE / "web"],
    "demo": [PACKAGE / "demo"],
}
KEYWORDS = "translatable Failure:2"


@cache
def messages(domain: str) -> frozenset[tuple[str, str]]:
    """Singular and plural of every message in the sources; of most the plural is empty."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.pot"
        CommandLineInterface().run(
            ["pybabel", "--quiet", "extract", "--mapping-file", str(ROOT / "babel.cfg"),
             "--keywords", KEYWORDS, "--output-file", str(template), *map(str, SOURCES[domain])]
        )  # fmt: skip
        with template.open("rb") as file:
            return frozenset(pair(message.id) for message in read_po(file) if message.id)


def pair(message_id: str | tuple[str, ...] | list[str]) -> tuple[str, str]:
    return (message_id, "") if isinstance(message_id, str) else (message_id[0], message_id[1])


def path(domain: str, name: str, suffix: str) -> Path:
    """A catalogue of a language, `name` being its folder."""
    return FOLDERS[domain] / name / "LC_MESSAGES" / f"{domain}{suffix}"


def written(domain: str, name: str) -> Catalog:
    """What translators write."""
    with path(domain, name, ".po").open("rb") as file:
        return read_po(file)


def compiled(domain: str, name: str) -> Catalog:
    """What gettext reads."""
    with path(domain, name, ".mo").open("rb") as file:
        return read_mo(file)


def rule(expression: str) -> Callable[[int], int]:
    """Which plural form goes with a number."""
    return c2py(expression)

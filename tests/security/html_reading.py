"""HTML as a browser would take it: elements and their attributes, and nothing else."""

from functools import lru_cache
from html.parser import HTMLParser

Elements = list[tuple[str, dict[str, str]]]


@lru_cache(maxsize=64)
def elements(page: str) -> Elements:
    """Every element of the page with its attributes, in order."""
    return _Reader(page).found


def shape(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """The page without what it says: each element with the names of its attributes."""
    return [(element, tuple(attributes)) for element, attributes in elements(page)]


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: Elements = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

"""Somebody before a box that opens windows."""

from collections.abc import Iterator

import pytest

from browser.popup.boxes import WIDE
from browser.visitor import Arrive, Visitor

#: However long the box takes to answer it, a window waits and does not go on by itself.
PATIENT = """{
  const later = window.setTimeout;
  window.setTimeout = (act, ms, ...more) => later(act, ms === 1500 ? 60000 : ms, ...more);
}"""


@pytest.fixture
def visitor(arrive: Arrive) -> Iterator[Visitor]:
    """Somebody with a mouse and a wide screen, on a page that must never be loaded again."""
    person = arrive(**WIDE)
    person.context.add_init_script(PATIENT)
    person.open().page.evaluate("() => { window.stays = true; }")
    yield person
    assert person.page.evaluate("window.stays") is True, "the page was loaded again"

"""How the box looks in another site's page: UX 24."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from browser.embed.reader import NARROW, WIDE, Reader
from browser.windows import press

OUTPUT = Path(__file__).parents[2] / "output"
#: Whether every style sheet has come, those that the script asked for too.
STYLED = "[...document.querySelectorAll('link[rel=stylesheet]')].every(link => link.sheet)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_24_every_state_fits_and_axe_finds_nothing(arrive: Any, viewport: Any, scheme: str) -> None:
    """Breaks when a page or a window is wider than its screen, or axe has something to say."""
    # What axe puts into a page is against the blog's own policy, which the other tests keep.
    reader: Reader = arrive(viewport, color_scheme=scheme, bypass_csp=True).open()
    looked_at = partial(look, where=f"{viewport['width']}-{scheme}")
    looked_at(reader.page, "anonymous")
    reader.write()
    if viewport is NARROW:
        reader.button("Log in with Facebook").click()
        reader.page.wait_for_url("**/embed/login/**")
        looked_at(reader.page, "confirm")
        reader.log_in_here()
    else:
        window = reader.choose()
        looked_at(reader.page, "connecting")
        press(window, "server_error")
        window.get_by_text("You can close this window.").wait_for()
        looked_at(window, "failed-window")
        reader.becomes("error")
        looked_at(reader.page, "error")
        window.close()
        reader.log_in()
    reader.becomes("signed-in")
    looked_at(reader.page, "signed-in")
    reader.button("Change").click()
    reader.becomes("changing")
    looked_at(reader.page, "changing")
    reader.button("Keep commenting as Nora Lind").click()
    reader.becomes("signed-in")
    reader.button("Log Out").click()
    reader.becomes("anonymous")
    looked_at(reader.page, "logged-out")


def look(page: Page, state: str, where: str) -> None:
    page.mouse.move(0, 0)
    page.wait_for_function(STYLED)
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"embed-{state}-{where}.png", full_page=True)
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0, state
    found = Axe().run(page)
    assert found.violations_count == 0, f"{state}: {found.generate_report()}"

"""Every state of the box, in every language and theme: it fits, axe finds nothing, and it is still.

One page goes through all of it: a language is a header, a theme is emulated, and somebody is who
their cookie says.
"""

from collections.abc import Iterator, Mapping

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from browser.conftest import TIMEOUT_MS
from browser.served import Served
from browser.test_layout import BORDERLESS, WIDTHS, ZOOMED
from browser.visitor import Arrive, Visitor
from sociallogin.schema import LANGUAGES

STATES = ("anonymous", "connecting", "unsure", "error", "signed-in", "changing", "guest")

#: A window that never answers; `gone` closes it as a person does.
STILL_WINDOW = """
window.gone = () => { window.still.closed = true; };
window.open = () => (window.still = { closed: false, close() {}, postMessage() {} });
"""
#: How far the page goes sideways, and what of the box reaches out of it or is clipped.
MISFITS = """() => {
  const box = document.querySelector(".sociallogin").getBoundingClientRect();
  const reaches = [...document.querySelectorAll(".sociallogin *")]
    .filter(e => e.checkVisibility() && !e.closest("legend"))
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([e, at]) => at.left < box.left - 1 || at.right > box.right + 1
      || (getComputedStyle(e).display !== "inline" && e.scrollWidth > e.clientWidth + 1))
    .map(([e]) => e.outerHTML.slice(0, 160));
  return [document.documentElement.scrollWidth - innerWidth, reaches];
}"""
#: Where everything stands that can be pressed or filled in.
PLACES = """() => [...document.querySelectorAll(".composer button, .composer input")]
  .filter(e => e.checkVisibility() && !e.matches(".sociallogin-act"))
  .map(e => { const { x, y } = e.getBoundingClientRect();
    return [e.innerText || e.name, x, y + scrollY]; })"""
AXE = Axe()

ANONYMOUS = """\
- region "Who is commenting":
  - status
  - alert
  - paragraph: "Fill in your details below or click an icon to log in:"
  - list:
    - listitem:
      - button "Log in with WordPress.com"
    - listitem:
      - button "Log in with X (Twitter)"
    - listitem:
      - button "Log in with Facebook"
  - group "Your details":
    - text: Your details
    - paragraph:
      - text: Name
      - textbox "Name"
    - paragraph:
      - text: Email
      - textbox "Email"
      - text: Address never made public
    - paragraph:
      - text: Website
      - textbox "Website"
    - paragraph:
      - checkbox "Remember me in this browser"
      - text: Remember me in this browser
  - paragraph:
    - text: This site uses Akismet to reduce spam.
    - link "Learn how your comment data is processed.":
      - /url: https://akismet.com/privacy/
"""
SIGNED_IN = """\
- region "Who is commenting":
  - status: You are logged in as Nora Lind.
  - alert
  - paragraph:
    - strong: Nora Lind
    - text: You are commenting using your Facebook account.
  - button "Log Out"
  - button "Change"
  - paragraph:
    - text: This site uses Akismet to reduce spam.
    - link "Learn how your comment data is processed.":
      - /url: https://akismet.com/privacy/
"""


@pytest.fixture(scope="module")
def cookies(browser: Browser, demo: Served) -> Mapping[str, list[dict[str, object]]]:
    """What the browsers of somebody who is logged in, and of a guest, bring along."""
    kept = {}
    for who in ("signed-in", "guest"):
        context = browser.new_context(viewport={"width": 720, "height": 900})
        context.set_default_timeout(TIMEOUT_MS)
        visitor = Visitor(context, demo).open()
        if who == "guest":
            visitor.write(f"A comment of {who}")
            visitor.page.get_by_label("Name").fill("Nora")
            visitor.publish()
        else:
            visitor.log_in("Facebook")
        kept[who] = [c for c in context.cookies() if "identity" in c["name"]]
        context.close()
    return kept


class Walk:
    """Somebody whose box goes through its states."""

    def __init__(self, visitor: Visitor, cookies: Mapping[str, list[dict[str, object]]]) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self._cookies = cookies
        self.page.clock.install()
        self.page.add_init_script(STILL_WINDOW)

    def through(self, tag: str, *states: str) -> Iterator[str]:
        """The name of each state, when the box is in it and in this language."""
        self.page.set_extra_http_headers({"Accept-Language": tag})
        self.visitor.context.clear_cookies()
        for state in states or STATES:
            self.into(state)
            for place in ("html", ".sociallogin"):
                assert self.page.locator(place).get_attribute("lang") == tag
            yield state

    def into(self, state: str) -> None:
        if state in self._cookies:
            self.visitor.context.clear_cookies()
            self.visitor.context.add_cookies(self._cookies[state])
        match state:
            case "connecting":
                self.page.set_viewport_size({"width": WIDTHS[-1], "height": 900})
                self._press("[data-provider=twitter]")
            case "unsure":
                self.page.evaluate("gone()")
                self.page.clock.run_for(4_000)
            case "error":
                self.page.locator("[name=email]").fill("nora@")
                self._press(".send .primary")
            case "changing":
                self._press("[data-act=change]")
            case _:
                self.visitor.open()
        self.visitor.becomes(state)
        self.page.wait_for_load_state()  # its style sheets too

    def _press(self, selector: str) -> None:
        self.page.locator(selector).first.click()


@pytest.fixture
def walk(arrive: Arrive, cookies: Mapping[str, list[dict[str, object]]]) -> Walk:
    return Walk(arrive(viewport={"width": WIDTHS[-1], "height": 900}), cookies)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_state_fits_and_passes_axe_in_every_language_and_theme(walk: Walk, tag: str) -> None:
    """Breaks when words of some language reach out of the box, or a theme is hard to read."""
    passed = []
    for state in walk.through(tag):
        for width in WIDTHS:
            walk.page.set_viewport_size({"width": width, "height": 900})
            assert walk.page.evaluate(MISFITS) == [0, []], (state, width)
        for scheme in ("light", "dark"):
            walk.page.emulate_media(color_scheme=scheme)
            found = AXE.run(walk.page, context=".composer")
            assert found.violations_count == 0, (state, scheme, found.generate_report())
        passed.append(state)
    assert passed == list(STATES)


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_colours_and_motion_of_the_visitor_s_own_at_400_percent(walk: Walk, tag: str) -> None:
    """Breaks when forced colours hide an edge, something goes on moving, or it scrolls sideways."""
    walk.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    for state in walk.through(tag):
        walk.page.set_viewport_size(ZOOMED)
        assert walk.page.evaluate(MISFITS) == [0, []], state
        assert walk.page.evaluate(BORDERLESS) == [], state
        assert walk.page.evaluate("document.getAnimations().length") == 0, state
        for line in walk.page.locator(".sociallogin p, .sociallogin button").all():
            if line.is_visible() and line.inner_text().strip():
                assert line.bounding_box()["height"] > 10, state


def test_waiting_moves_only_for_those_who_do_not_mind(walk: Walk) -> None:
    """Breaks when nothing shows that something happens, which the test above could not tell."""
    list(walk.through("en", "anonymous", "connecting"))
    assert walk.page.evaluate("document.getAnimations().length") == 1


def test_from_right_to_left_all_of_it_is_mirrored(walk: Walk) -> None:
    """Breaks when an icon stands behind its word, or an edge on the wrong side."""
    list(walk.through("ar", "anonymous", "connecting"))

    def left(selector: str) -> float:
        return walk.page.locator(selector).first.bounding_box()["x"]

    assert left(".sociallogin-button svg") > left(".sociallogin-button span")
    assert left(".sociallogin-providers") > left(".sociallogin-guest")
    assert left(".sociallogin-status") > left(".sociallogin-act")
    walk.into("error")
    alert = walk.page.locator(".sociallogin-alert")
    widths = alert.evaluate(
        "e => ['Right', 'Left'].map(s => getComputedStyle(e)[`border${s}Width`])"
    )
    assert widths == ["4px", "1px"]
    list(walk.through("ar", "signed-in"))
    assert left(".sociallogin-picture") > left(".sociallogin-line") > left("[data-act=change]")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_nothing_moves_while_one_waits(walk: Walk, tag: str) -> None:
    """Breaks when the button under the pointer is another one after it was pressed."""
    list(walk.through(tag, "anonymous"))
    before = walk.page.evaluate(PLACES)
    assert len(before) > len(STATES)
    for state in ("connecting", "unsure"):
        walk.into(state)
        assert walk.page.evaluate(PLACES) == before, state
    walk.page.locator(".sociallogin-act").click()
    walk.visitor.becomes("anonymous")
    assert walk.page.evaluate(PLACES) == before


def test_whoever_listens_hears_this_before_and_after_a_login(visitor: Visitor) -> None:
    """Breaks when a role, a name or the order of what is read aloud changes unseen."""
    box = visitor.open().page.locator(".sociallogin")
    before = box.aria_snapshot()
    print(before)  # noqa: T201  (shown where it differs)
    assert before == ANONYMOUS.strip()
    visitor.log_in("Facebook")
    after = box.aria_snapshot()
    print(after)  # noqa: T201
    assert after == SIGNED_IN.strip()

"""Every page in every state: it fits, it can be pressed, and axe finds nothing.

Pictures of all of them are kept in tests/output, to be looked at.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from browser.visitor import Arrive, Visitor

OUTPUT = Path(__file__).parent.parent / "output"
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 6
NARROW, MIDDLE, WIDE = WIDTHS = (360, 768, 1280)
#: What 1280 CSS pixels are at 400 % zoom.
ZOOMED = {"width": 320, "height": 256}
TARGET = 44

WAITS = "Your comment waits for approval."
SPAM = "Cheap clocks"

State = Callable[[Visitor], object]


def signed_in(visitor: Visitor) -> None:
    visitor.open().log_in("Facebook")


def guest(visitor: Visitor, name: str = "Nora") -> None:
    visitor.open().write("With butter, not oil")
    visitor.page.get_by_label("Name").fill(name)
    visitor.publish()


def long_words(visitor: Visitor) -> None:
    visitor.open().write(f"https://example.org/{LONG}")
    visitor.page.get_by_label("Name").fill(LONG)
    visitor.publish()


def changing(visitor: Visitor) -> None:
    signed_in(visitor)
    visitor.button("Change").click()


def changing_guest(visitor: Visitor) -> None:
    guest(visitor)
    visitor.button("Change").click()


def logged_out(visitor: Visitor) -> None:
    visitor.open().log_in("WordPress.com")
    visitor.button("Log Out").click()


def cancelled(visitor: Visitor) -> None:
    visitor.open().log_in("Facebook", "deny")


def guest_fault(visitor: Visitor) -> None:
    visitor.open().write("With butter, not oil")
    visitor.page.get_by_label("Email").fill("nora@")
    visitor.page.get_by_label("Website").fill("javascript:alert(1)")
    visitor.button("Publish comment").click()


def empty_comment(visitor: Visitor) -> None:
    visitor.open().button("Publish comment").click()


def reply(visitor: Visitor) -> None:
    visitor.open().write("Twice the sugar")
    visitor.page.get_by_role("button", name="Reply to").nth(1).click()


def deleting(visitor: Visitor) -> None:
    signed_in(visitor)
    visitor.write("To be deleted")
    visitor.publish().get_by_text("Delete", exact=True).click()


def consent(visitor: Visitor) -> None:
    visitor.open("/auth/login/facebook?change=1").leave_for("Facebook")


def faults(visitor: Visitor) -> None:
    visitor.open().leave_for("X (Twitter)")
    visitor.page.get_by_text("Ask for a fault").click()


def waits(visitor: Visitor) -> None:
    visitor.open().write("Cheap watches")
    visitor.page.get_by_label("Name").fill("viagra-test-123")
    visitor.button("Publish comment").click()


def moderation(visitor: Visitor) -> None:
    guest(visitor)
    visitor.write(SPAM)
    visitor.button("Change").click()
    visitor.page.get_by_label("Name").fill("viagra-test-123")
    visitor.page.get_by_label("Email").fill(f"{LONG[:60]}@example.org")
    visitor.button("Publish comment").click()
    visitor.page.get_by_text(WAITS).wait_for()
    visitor.page.goto(visitor.served.owner_url)


def box(state: str) -> str:
    """The selector of a box in this state."""
    return f'.sociallogin[data-state="{state}"]'


#: How to come to each, and what is seen only there.
STATES: Mapping[str, tuple[State, str]] = {
    "anonymous": (lambda visitor: visitor.open(), box("anonymous")),
    "signed-in": (signed_in, box("signed-in")),
    "signed-in-arabic": (
        lambda visitor: visitor.open().log_in("X (Twitter)", "arabic"),
        f'{box("signed-in")} bdi:text("ليلى حداد")',
    ),
    "guest": (guest, box("guest")),
    "long-words": (long_words, f'.comment bdi:text("{LONG[:200]}")'),
    "changing": (changing, box("changing")),
    "changing-guest": (changing_guest, f"{box('changing')} [name=name]"),
    "logged-out": (logged_out, f'{box("anonymous")} :text("logged out of this site")'),
    "cancelled": (cancelled, f'{box("error")} :text("You cancelled the login")'),
    "guest-fault": (guest_fault, f"{box('error')} [name=website][aria-invalid]"),
    "empty-comment": (empty_comment, "#comment-fault"),
    "reply": (reply, '#respond-title:text("Reply to")'),
    "deleting": (deleting, 'button:text("Yes, delete this comment")'),
    "waits": (waits, f'.notice:text("{WAITS}")'),
    "moderation": (moderation, f'.comment:has-text("{SPAM}") .verdict'),
    "not-the-owner": (lambda visitor: visitor.open("/moderation"), 'h1:text("the owner")'),
    "choices": (lambda visitor: visitor.open("/auth/"), box("anonymous")),
    "confirm": (lambda visitor: visitor.open("/auth/login/facebook"), 'h1:text("Facebook")'),
    "unknown-provider": (lambda visitor: visitor.open("/auth/login/nobody"), box("error")),
    "no-such-page": (lambda visitor: visitor.open("/post/2"), 'h1:text("no such page")'),
    "consent": (consent, "button[name=press][value=grant]"),
    "faults": (faults, "button[name=press][value=timeout]"),
    "provider-problem": (
        lambda visitor: visitor.page.goto(
            f"{visitor.served.emulators_url}/facebook/v25.0/dialog/oauth?client_id=nobody"
        ),
        'h1:text("Unknown app")',
    ),
    "emulators": (
        lambda visitor: visitor.page.goto(visitor.served.emulators_url),
        'h1:text("Stand-ins")',
    ),
}


def press(visitor: Visitor, selector: str) -> None:
    """Presses what looks different in each language."""
    visitor.page.locator(selector).click()


def log_in_at_facebook(visitor: Visitor) -> None:
    visitor.open()
    press(visitor, "[data-provider=facebook]")
    visitor.press("grant")


#: How far the page goes beyond the window, and what is clipped in its own box.
OVERFLOW = """() => ({
  sideways: document.documentElement.scrollWidth - innerWidth,
  clipped: [...document.querySelectorAll("a, button, summary, label, p, h1, h2")]
    .filter(e => !e.matches(".unseen, .unseen *") && e.scrollWidth > e.clientWidth + 1)
    .filter(e => getComputedStyle(e).display !== "inline").map(e => e.outerHTML.slice(0, 200)),
})"""

#: Targets that are too small. A checkbox is not one of its own: its label is.
SMALL = """(least) =>
  [...document.querySelectorAll(
     "button, summary, textarea, .sociallogin-keep, input:not([type=hidden], [type=checkbox])")]
    .filter(e => !e.matches(".unseen") && e.checkVisibility())
    .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
    .filter(([, box]) => box.width < least || box.height < least)
    .map(([html, box]) => `${box.width} x ${box.height}: ${html}`)"""

#: Buttons and fields whose border cannot be told from what is behind them.
BORDERLESS = r"""() =>
  [...document.querySelectorAll(".sociallogin button, .sociallogin input:not([type=hidden])")]
    .filter(e => e.type !== "checkbox").filter(e => {
      const style = getComputedStyle(e);
      return style.borderTopStyle === "none" || style.borderTopColor === style.backgroundColor
        || /^rgba.* 0\)$/.test(style.borderTopColor);
    }).map(e => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize("name", STATES)
def test_every_state_fits_can_be_pressed_and_passes_axe(visitor: Visitor, name: str) -> None:
    """Breaks when a page scrolls sideways, clips words, or is hard to press, to read or to hear."""
    come, seen = STATES[name]
    come(visitor)
    visitor.page.locator(seen).first.wait_for()
    judge(visitor, name)


def test_the_box_keeps_the_language_that_the_app_chose(arrive: Arrive) -> None:
    """Breaks when what the script brings is in the browser's language and not in the page's."""
    visitor = arrive(locale="ar")
    log_in_at_facebook(visitor)
    box = visitor.page.locator(".sociallogin")
    box.evaluate("(box) => { box.dataset.locale = 'de'; }")
    press(visitor, "[data-act=change]")
    visitor.becomes("changing")
    assert (box.get_attribute("lang"), box.get_attribute("dir")) == ("de", "ltr")
    assert visitor.button("Mit Facebook anmelden").is_visible()
    press(visitor, "[data-act=keep]")
    visitor.becomes("signed-in")
    assert visitor.button("Abmelden").is_visible()


def test_waiting_for_a_window_is_said_in_the_language_of_the_box(arrive: Arrive) -> None:
    """Breaks when the script's own words are English, or names stand out of order."""
    visitor = arrive(locale="ar", viewport={"width": WIDE, "height": 900}).open()
    with visitor.page.expect_popup() as popup:
        press(visitor, "[data-provider=twitter]")
    visitor.becomes("connecting")
    assert visitor.status == "جارٍ الاتصال بموقع \u2068X (Twitter)\u2069…"
    assert visitor.button("إلغاء").is_visible()
    found = Axe().run(visitor.page)
    assert found.violations_count == 0, found.generate_report()
    visitor.button("إلغاء").click()
    popup.value.close()


def judge(visitor: Visitor, name: str) -> None:
    """Looks at a page in every width and theme, and keeps pictures of it."""
    page = visitor.page
    page.wait_for_load_state()  # a click waits for the page, not for its style sheets
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(OVERFLOW) == {"sideways": 0, "clipped": []}, width
            if page.url.startswith(visitor.served.url):
                assert page.evaluate(SMALL, TARGET) == [], width
            if width != MIDDLE:
                keep(page, f"{name}-{width}-{scheme}")
        # Once per scheme, so once per extreme width.
        page.set_viewport_size({"width": NARROW if scheme == "light" else WIDE, "height": 900})
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.set_viewport_size(ZOOMED)
    assert page.evaluate(OVERFLOW) == {"sideways": 0, "clipped": []}
    page.emulate_media(color_scheme="light", forced_colors="active")
    assert page.evaluate(BORDERLESS) == []
    keep(page, f"{name}-320-forced")


def test_the_words_beside_the_checkbox_are_a_target_too(visitor: Visitor) -> None:
    """Breaks when "Remember me" is harder to hit than the buttons around it."""
    label = visitor.open("/auth/").page.get_by_text("Remember me in this browser")
    assert label.bounding_box()["height"] >= TARGET


def test_the_post_is_kept_as_a_picture(arrive: Arrive) -> None:
    """Breaks when the page is wider than its window; the pictures are for looking at."""
    visitor = arrive().open()
    for scheme in ("light", "dark"):
        visitor.page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            visitor.page.set_viewport_size({"width": width, "height": 900})
            visitor.page.screenshot(path=OUTPUT / f"post-{width}-{scheme}.png", full_page=True)
            assert visitor.page.evaluate(OVERFLOW)["sideways"] == 0


def keep(page: Page, name: str) -> None:
    """Keeps a picture: of what is below the post where there is one, else of the whole page."""
    path = OUTPUT / f"{name}.png"
    below = page.locator("#below")
    if below.count():
        below.screenshot(path=path)
    else:
        page.screenshot(path=path, full_page=True)

"""The themes of the documentation: they can be read, and the pictures show them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Route

from browser.conftest import Keep
from browser.test_keyboard import FOCUSED, contrast
from browser.visitor import POST, Arrive, Visitor
from docs_pages import ROOT, blocks

THEMES = {
    block.title.removesuffix(".css"): block.text
    for block in blocks(ROOT / "docs" / "theming.md")
    if block.language == "css"
}
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
#: A page of somebody's, as plain as can be, with the box in it.
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/theme.css">
<main><h1>A page</h1><div class="around">{box}</div></main></html>"""
AROUND = ".around {{ padding: 24px; max-width: 46rem; margin: auto }}\n{theme}"


def dressed(visitor: Visitor, theme: str, query: str = "") -> Locator:
    """The box on a page with a theme; the part of the page around it."""
    url = visitor.served.url

    def page(route: Route) -> None:
        box = visitor.context.request.get(f"{url}/auth/box?next={POST}{query}").text()
        route.fulfill(body=PAGE.format(box=box), headers=HEADERS)

    def style(route: Route) -> None:
        route.fulfill(body=AROUND.format(theme=theme), content_type="text/css")

    visitor.context.unroute_all()
    visitor.context.route(f"{url}/themed", page)
    visitor.context.route(f"{url}/theme.css", style)
    visitor.page.goto(f"{url}/themed")
    return visitor.page.locator(".around")


@pytest.mark.parametrize("name", ["brand", "plain", "dark"])
@pytest.mark.parametrize("reader", ["light", "dark"])
def test_a_theme_of_the_docs_can_be_read_in_every_state(
    arrive: Arrive, keep: Keep, name: str, reader: str
) -> None:
    """Breaks when the docs advise colours that cannot be told apart, or a property does nothing."""
    visitor = arrive(color_scheme=reader, device_scale_factor=2)
    visitor.page.set_viewport_size({"width": 784, "height": 900})
    for query in ("", "&error=login_denied&provider=facebook"):
        around = dressed(visitor, THEMES[name], query)
        can_be_read(visitor)
    around = dressed(visitor, THEMES[name])
    if reader == "light":
        keep(around, f"theme-{name}")
    plain = around.screenshot()
    assert dressed(visitor, "").screenshot() != plain
    visitor.page.set_viewport_size({"width": 720, "height": 900})
    visitor.open().log_in("Facebook")
    for query in ("", "&change=1"):
        dressed(visitor, THEMES[name], query)
        can_be_read(visitor)


def can_be_read(visitor: Visitor) -> None:
    """Texts by axe, what else one must see by ourselves: the focus, and the edges of fields."""
    page = visitor.page
    found = Axe().run(page, context=".around")
    assert found.violations_count == 0, found.generate_report()
    page.locator(".sociallogin button").first.focus()
    page.keyboard.press("Tab")
    focus = page.evaluate(FOCUSED)
    assert contrast(*focus["colours"]) >= 3, focus
    for field in page.locator(".sociallogin-field input[type=text]").all():
        edge, behind = field.evaluate(EDGE)
        assert contrast(edge, behind) >= 3, (edge, behind)


EDGE = """field => {
  let behind = field;
  const clear = (e) => getComputedStyle(e).backgroundColor === "rgba(0, 0, 0, 0)";
  while (behind.parentElement && clear(behind)) behind = behind.parentElement;
  const ground = clear(behind) ? "rgb(255, 255, 255)" : getComputedStyle(behind).backgroundColor;
  return [getComputedStyle(field).borderTopColor, ground];
}"""


def test_a_light_page_has_a_light_box_whatever_its_reader_wants(arrive: Arrive) -> None:
    """Breaks when the box is dark on a page that is not, or stays light on one that is."""
    visitor = arrive(color_scheme="dark")
    for theme, light in (
        ("", True),
        (":root { color-scheme: light dark }", False),
        (":root { color-scheme: light }", True),
        (":root { color-scheme: dark }", False),
    ):
        dressed(visitor, theme)
        box = visitor.page.locator(".sociallogin")
        ground = box.evaluate("box => getComputedStyle(box).backgroundColor")
        assert (ground == "rgb(255, 255, 255)") is light, theme
        assert contrast(box.evaluate("box => getComputedStyle(box).color"), ground) >= 4.5


def test_the_pictures_of_the_docs(arrive: Arrive, keep: Keep) -> None:
    """Breaks when a state that the docs picture does not come about."""

    def at(**options: object) -> Visitor:
        wide = {"viewport": {"width": 784, "height": 1000}, "device_scale_factor": 2}
        visitor = arrive(**wide | options).open()
        visitor.page.evaluate("() => document.fonts.ready")
        return visitor

    def composer(visitor: Visitor, name: str) -> None:
        visitor.page.mouse.move(0, 0)
        keep(visitor.page.locator(".composer"), name)

    for name, options in {
        "comment-box": {},
        "comment-box-dark": {"color_scheme": "dark"},
        "comment-box-german": {"locale": "de"},
        "comment-box-arabic": {"locale": "ar"},
        "comment-box-narrow": {"viewport": {"width": 360, "height": 1000}},
    }.items():
        composer(at(**options), name)
    visitor = at()
    with visitor.page.expect_popup() as popup:
        visitor.button("Log in with Facebook").click()
    visitor.becomes("connecting")
    composer(visitor, "connecting")
    window = popup.value
    window.locator('button[value="deny"]').click(no_wait_after=True)
    visitor.becomes("error")
    composer(visitor, "error")
    with visitor.page.expect_popup() as popup:
        visitor.button("Log in with Facebook").click()
    popup.value.locator('button[value="grant"]').first.click(no_wait_after=True)
    visitor.becomes("signed-in")
    visitor.write("Half the sugar was right. It keeps its shape, and one tastes the lemon.")
    composer(visitor, "signed-in")

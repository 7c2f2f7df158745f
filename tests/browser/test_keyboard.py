"""The box by keyboard alone."""

from uuid import uuid4

import pytest

from browser.visitor import LABELS, POST, Arrive, Visitor

ORDER = [
    *(f"Log in with {label}" for label in LABELS),
    "Name",
    "Email",
    "Website",
    "Remember me in this browser",
    "Learn how your comment data is processed.",
    "Publish comment",
]

#: The focused element: its role and name, the outline it has, and the colour behind it.
FOCUSED = """() => {
  const element = document.activeElement, style = getComputedStyle(element);
  let behind = element.parentElement;
  const clear = (node) => getComputedStyle(node).backgroundColor === "rgba(0, 0, 0, 0)";
  while (behind.parentElement && clear(behind)) behind = behind.parentElement;
  const ground = clear(behind) ? "rgb(255, 255, 255)" : getComputedStyle(behind).backgroundColor;
  return {
    name: element.labels?.length ? element.labels[0].innerText : element.innerText,
    isButton: element.tagName === "BUTTON",
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    colours: [style.outlineColor, ground],
  };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tab_goes_through_the_box_in_order_and_shows_where_it_is(
    arrive: Arrive, scheme: str
) -> None:
    """Breaks when a choice is no button, has no words, is out of order, or its focus is unseen."""
    visitor = arrive(color_scheme=scheme).open()
    visitor.page.get_by_label("Your comment").focus()
    stops = []
    for _ in ORDER:
        visitor.page.keyboard.press("Tab")
        stops.append(visitor.page.evaluate(FOCUSED))
    assert [stop["name"].strip() for stop in stops] == ORDER
    assert [stop["isButton"] for stop in stops] == [
        name.startswith(("Log", "Pub")) for name in ORDER
    ]
    for stop in stops:
        assert stop["outline"] >= 2, stop
        assert contrast(*stop["colours"]) >= 3, stop


def test_a_login_a_comment_and_a_log_out_need_no_mouse(either: Visitor) -> None:
    """Breaks when some step can be done by pointing only."""
    keyboard = either.page.keyboard
    either.open().page.get_by_label("Your comment").focus()
    keyboard.type(text := f"Typed by hand, {uuid4().hex}")
    for _ in LABELS:
        keyboard.press("Tab")
    keyboard.press("Enter")
    either.page.wait_for_url("http://localhost:*/**")
    keyboard.press("Tab")
    keyboard.press("Space")
    either.page.wait_for_url(f"**{POST}#respond")
    assert "You are commenting using your Facebook account." in either.line
    tab_to(either, "Publish comment")
    keyboard.press("Enter")
    either.page.wait_for_url("**#comment-*")
    assert either.page.get_by_text(text).count() == 1
    either.open(f"{POST}#respond")
    tab_to(either, "Log Out")
    keyboard.press("Enter")
    either.becomes("anonymous")


def test_enter_in_a_field_publishes_and_does_not_log_in(visitor: Visitor) -> None:
    """Breaks when the form's first button, a login, is what Enter presses."""
    visitor.open().write("Sent by Enter")
    visitor.page.get_by_label("Name").fill("Nora")
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**#comment-*")
    assert visitor.line == "You are commenting as Nora."


@pytest.mark.parametrize("fault", ["login", "guest"])
def test_an_error_page_begins_at_its_sentence(visitor: Visitor, fault: str) -> None:
    """Breaks when whoever does not see the page has to search it for what went wrong."""
    visitor.open()
    if fault == "login":
        visitor.log_in("Facebook", "deny")
    else:
        visitor.page.get_by_label("Email").fill("nora@")
        visitor.button("Publish comment").click()
        visitor.page.wait_for_url("**/comments#*")
    visitor.page.locator(".sociallogin-alert:focus").wait_for()


def tab_to(visitor: Visitor, name: str) -> None:
    """Presses Tab until the element of this name has the focus."""
    for _ in range(60):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate(FOCUSED)["name"].strip() == name:
            return
    pytest.fail(f"Tab does not reach {name}")


def contrast(one: str, other: str) -> float:
    """The contrast of two CSS colours, as WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = colour.partition("(")[2].rstrip(")").split(",")
    red, green, blue = (linear(float(part) / 255) for part in parts[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

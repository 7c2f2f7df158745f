"""What other windows and other pages say to the box, and what it believes of it."""

import pytest

from browser.popup.boxes import HEARD, PATIENCE_MS, opened
from browser.visitor import Visitor
from browser.windows import press

#: Run in another window than the box's: says there that somebody is logged in.
FORGED = """how => {
  const message = { kind: "changed", identity: { name: "Mallory" } };
  if (how === "channel") new BroadcastChannel("sociallogin").postMessage(message);
  if (how === "storage") localStorage.setItem("sociallogin", JSON.stringify(message));
  if (how === "post") opener.postMessage({ sociallogin: message }, location.origin);
}"""


def test_a_stranger_s_link_starts_no_login(visitor: Visitor) -> None:
    """Breaks when the page that a box opens posts its form without asking."""
    page = visitor.context.new_page()
    page.goto(f"{visitor.served.url}/auth/login/facebook?popup=1#{'0' * 32}")
    page.wait_for_timeout(PATIENCE_MS / 2)
    assert page.get_by_role("button", name="Log in with Facebook").is_visible()
    names = {cookie["name"] for cookie in visitor.context.cookies()}
    assert not [name for name in names if name.startswith("sociallogin_login")]


@pytest.mark.parametrize("how", ["channel", "storage", "post"])
def test_a_forged_message_costs_one_question(visitor: Visitor, how: str) -> None:
    """Breaks when the box believes a message, and not the server, or hears none."""
    other = opened(visitor, "WordPress.com")  # a post is heard from a window of the box's own
    press(other, "server_error")
    visitor.becomes("error")
    other.locator(".sociallogin-alert").wait_for()
    visitor.page.evaluate(HEARD)
    with visitor.page.expect_request("**/auth/identity"):
        other.evaluate(FORGED, how)
    visitor.page.wait_for_timeout(500)
    assert visitor.state == "error"
    assert visitor.page.evaluate("() => heard") == []
    assert "Mallory" not in visitor.page.inner_text("body")


def test_a_post_of_any_other_window_costs_none(visitor: Visitor) -> None:
    """Breaks when whoever has a handle of the page can make it ask."""
    visitor.page.evaluate("addEventListener('message', () => { window.posted = true; })")
    with visitor.page.expect_popup() as popup:
        visitor.page.evaluate("() => { window.open('/auth/login/facebook'); }")
    popup.value.wait_for_load_state()
    visitor.watch.requested.clear()
    popup.value.evaluate(FORGED, "post")
    visitor.page.wait_for_function("window.posted")
    visitor.page.wait_for_timeout(500)
    assert visitor.watch.requested == []

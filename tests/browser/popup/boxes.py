"""The box in a wide window, and the window that it opens."""

from playwright.sync_api import Page

from browser.visitor import Visitor

DRAFT = "Half the sugar 🍲👩🏽‍🍳 was right, مرحبا.\n" * 125
WIDE = {"viewport": {"width": 1280, "height": 900}}
#: Longer than the box takes to say that it is in doubt (2 s), or goes on by itself (1.5 s).
PATIENCE_MS = 5_000
HEARD = """
window.heard = [];
for (const name of ["signin", "signout", "error"]) {
  document.addEventListener(`sociallogin:${name}`, ({ detail }) => heard.push([name, detail]));
}
"""


def opened(visitor: Visitor, label: str = "Facebook") -> Page:
    """Presses a provider's button; gives its window, at the provider's."""
    with visitor.page.expect_popup() as popup:
        visitor.button(f"Log in with {label}").click()
    popup.value.wait_for_url(lambda url: not url.startswith(visitor.served.url))
    return popup.value

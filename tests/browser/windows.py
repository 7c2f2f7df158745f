"""The window of a login, at the provider's."""

from playwright.sync_api import Page


def press(window: Page, value: str = "grant") -> None:
    """Presses a button of the consent page."""
    button = window.locator(f'button[name="press"][value="{value}"]')
    button.wait_for(state="attached")
    if not button.is_visible():
        window.get_by_text("Ask for a fault").click()
    button.click(no_wait_after=True)


def closes(window: Page) -> None:
    """Waits until the window is gone, for whatever reason it was not yet."""
    if not window.is_closed():
        window.wait_for_event("close")

"""Scenario 25: Akismet says spam, Akismet is down. The owner decides."""

from collections.abc import Callable
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Locator

from browser.served import Counted
from browser.visitor import Arrive, Visitor

SPAM_AUTHOR = "viagra-test-123"
WAITS = "Your comment waits for approval."
NOTICE = "This site uses Akismet to reduce spam. Learn how your comment data is processed."


def send(visitor: Visitor, name: str) -> str:
    """Sends a comment that no other test writes; its text."""
    text = f"Twice the lemon, {uuid4().hex}"
    visitor.open().write(text)
    visitor.page.get_by_label("Name").fill(name)
    visitor.button("Publish comment").click()
    return text


def is_held(visitor: Visitor, text: str) -> None:
    """What the commenter sees of a comment that waits: it was taken, and is not shown."""
    visitor.page.wait_for_url("**/post/1#respond")
    notice = visitor.page.get_by_role("status").filter(has_text=WAITS)
    notice.wait_for()
    assert notice.evaluate("e => e.getBoundingClientRect().bottom > 0")
    assert visitor.text == ""
    assert visitor.page.get_by_text(text).count() == 0
    visitor.page.reload()
    assert visitor.page.get_by_text(WAITS).count() == 0
    assert visitor.text == "", "the draft was taken"


def entry(owner: Visitor, text: str) -> Locator:
    """The comment as it stands on the owner's page."""
    owner.page.goto(owner.served.owner_url)
    assert urlsplit(owner.page.url).query == "", "the secret leaves the address bar"
    return owner.page.locator(".comment").filter(has_text=text)


def test_spam_waits_until_the_owner_approves_it(either: Visitor, arrive: Arrive) -> None:
    """Breaks when spam is shown, its sender is left in the dark, or the owner cannot publish it."""
    text = send(either, SPAM_AUTHOR)
    is_held(either, text)

    owner = arrive(java_script_enabled=False)
    waiting = entry(owner, text)
    assert "Akismet takes this for spam." in waiting.inner_text()
    waiting.get_by_role("button", name="Approve").click()
    said = owner.page.get_by_role("status").inner_text()
    assert said == "The comment is published. Akismet was told that it is not spam."

    assert either.open().page.get_by_text(text).is_visible()


def test_the_owner_removes_what_got_through(visitor: Visitor, arrive: Arrive) -> None:
    """Breaks when the owner has no way to take published spam away."""
    text = send(visitor, "Ada")
    visitor.page.wait_for_url("**#comment-*")
    assert visitor.page.get_by_text(text).is_visible()

    owner = arrive()
    entry(owner, text).get_by_role("button", name="Remove as spam").click()
    said = owner.page.get_by_role("status").inner_text()
    assert said == "The comment is removed. Akismet was told that it is spam."
    assert visitor.open().page.get_by_text(text).count() == 0


@pytest.fixture(params=["server_error", "html_error", "slow"])
def trouble(request: pytest.FixtureRequest, blog: Counted) -> Callable[[], str]:
    with blog.emulators.emulators.akismet.failing(request.param):
        yield request.param


def test_with_akismet_in_trouble_no_comment_is_lost(
    trouble: str, blog: Counted, arrive: Arrive
) -> None:
    """Breaks when Akismet's trouble costs a comment, publishes one unseen, or shows an error."""
    visitor = arrive(at=blog)
    text = send(visitor, "Ada")
    if trouble == "slow":
        visitor.page.wait_for_url("**#comment-*")
        assert visitor.page.get_by_text(text).is_visible()
        return
    is_held(visitor, text)
    waiting = entry(arrive(at=blog), text)
    assert "Akismet had no answer about this." in waiting.inner_text()


def test_the_notice_stands_below_the_box_whoever_comments(either: Visitor) -> None:
    """Breaks when visitors are not told, or the script that swaps the box loses the sentence."""
    either.open()
    notice = either.page.locator(".sociallogin-notice")
    assert notice.inner_text() == NOTICE
    link = notice.get_by_role("link")
    assert link.get_attribute("href") == "https://akismet.com/privacy/"
    assert link.get_attribute("rel") == "noopener noreferrer"
    either.log_in("Facebook")
    either.becomes("signed-in")
    assert notice.inner_text() == NOTICE
    either.button("Log Out").click()
    either.becomes("anonymous")
    assert notice.inner_text() == NOTICE

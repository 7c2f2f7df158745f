"""Scenario 21: an account without an e-mail address, where the site wants one."""

from collections.abc import Iterator

import pytest

from browser import served
from browser.served import Counted
from browser.visitor import Arrive, Visitor

DRAFT = "As for the margin, I agree 🍲"
SENTENCE = "Facebook did not share an e-mail address. Please add one below."
WRONG = "This does not look like an email address. It should look like ada@example.com."
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """The blog with the policy `name-and-email`."""
    with served.blog(tmp_path_factory.mktemp("strict"), policy="name-and-email") as running:
        yield running


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def visitor(request: pytest.FixtureRequest, arrive: Arrive, strict: Counted) -> Visitor:
    return arrive(strict, java_script_enabled=request.param).open()


def test_it_is_asked_for_below_and_everything_else_stays(visitor: Visitor) -> None:
    """Breaks when nobody says what is missing, the draft is gone, or a wrong one is taken."""
    visitor.write(DRAFT)
    visitor.log_in("Facebook", "no_email")
    assert visitor.status.startswith(SENTENCE)
    assert "You are commenting using your Facebook account." in visitor.line
    assert visitor.text == DRAFT

    visitor.page.get_by_label("Email").fill("ada@")
    visitor.button("Publish comment").click()
    visitor.page.get_by_role("link", name=WRONG).click()
    assert visitor.page.locator(":focus").get_attribute("name") == "email"
    assert visitor.page.locator(":focus").input_value() == "ada@"
    assert visitor.text == DRAFT
    assert (visitor.identity or {})["email"] is None

    visitor.page.get_by_label("Email").fill("ada@example.org")
    assert DRAFT in visitor.publish().inner_text()
    identity = visitor.identity or {}
    assert (identity["email"], identity["email_verified"]) == ("ada@example.org", False)
    assert identity["provider"] == "facebook"
    assert visitor.page.get_by_label("Email").count() == 0
    assert "ada@example.org" not in visitor.page.content()


def test_facebook_is_asked_once_more_and_the_draft_stays(visitor: Visitor) -> None:
    """Breaks when the press asks for what was declined as if it never had been."""
    visitor.log_in("Facebook", "no_email")
    visitor.write(DRAFT)
    visitor.button("Ask Facebook again").click()
    visitor.page.wait_for_url("**auth_type=rerequest**")
    visitor.press("grant")
    assert (visitor.identity or {})["email"]
    assert visitor.text == DRAFT
    assert visitor.page.get_by_label("Email").count() == 0


def test_in_a_window_it_is_asked_for_too(arrive: Arrive, strict: Counted) -> None:
    """Breaks when a box that is refreshed in place does not have the field, or loses the draft."""
    visitor = arrive(strict, viewport=WIDE).open()
    visitor.write(DRAFT)
    with visitor.context.expect_page() as opened:
        visitor.button("Log in with Facebook").click()
    window = opened.value
    window.get_by_text("Ask for a fault").click()
    window.locator('button[value="no_email"]').click(no_wait_after=True)
    visitor.becomes("signed-in")
    assert visitor.status == SENTENCE
    assert visitor.page.get_by_label("Email").is_visible()
    assert visitor.text == DRAFT

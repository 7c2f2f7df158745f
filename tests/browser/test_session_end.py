"""Who may comment only when logged in, and whose login ends while they are typing."""

from collections.abc import Iterator

import pytest

from browser import served
from browser.served import Counted
from browser.visitor import LABELS, POST, Arrive, Visitor

DRAFT = "Typed for half an hour 🍲, and never sent"
LOG_IN = "Please log in first."
ENDED = "Your login has ended. What you typed is still here."
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def members_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """The blog with the policy `login-required`."""
    with served.blog(tmp_path_factory.mktemp("members"), policy="login-required") as running:
        yield running


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def nobody(request: pytest.FixtureRequest, arrive: Arrive, members_only: Counted) -> Visitor:
    return arrive(members_only, java_script_enabled=request.param).open()


def end_the_login(visitor: Visitor) -> None:
    """What happens when its time is over, or the site's keys are gone."""
    visitor.context.clear_cookies(name="sociallogin_identity")


def test_login_required_leads_from_publish_to_the_choices_and_keeps_the_text(
    nobody: Visitor,
) -> None:
    """Breaks when guests find fields, Publish is disabled or silent, or the text is gone."""
    box = nobody.page.locator(".sociallogin")
    assert "Log in to leave a reply:" in box.inner_text()
    assert box.locator("input:not([type=hidden])").count() == 0
    nobody.write(DRAFT)
    assert nobody.button("Publish comment").is_enabled()
    nobody.button("Publish comment").click()
    nobody.becomes("error")
    assert nobody.alert == LOG_IN
    choices = [nobody.button(f"Log in with {label}") for label in LABELS]
    assert all(choice.is_visible() for choice in choices)
    assert nobody.text == DRAFT
    nobody.open()  # gone elsewhere, and back
    assert nobody.text == DRAFT
    nobody.log_in("Facebook")
    assert nobody.text == DRAFT
    assert DRAFT in nobody.publish().inner_text()


def test_a_login_that_ends_while_somebody_types_is_told_before_they_publish(
    arrive: Arrive,
) -> None:
    """Breaks when the box goes on naming somebody who is not logged in, or says nothing."""
    visitor = arrive().open().log_in("Facebook")
    visitor.write(DRAFT)
    end_the_login(visitor)
    # What a browser tells a page that one comes back to; headless, none is ever left.
    visitor.page.evaluate("() => { dispatchEvent(new Event('focus')); }")
    visitor.becomes("anonymous")
    assert visitor.status == ENDED
    assert visitor.text == DRAFT
    visitor.log_in("Facebook")
    assert visitor.text == DRAFT


def test_a_login_that_ended_unseen_costs_no_comment(either: Visitor) -> None:
    """Breaks when the comment is lost, published as somebody else's, or refused without a word."""
    either.open().log_in("Facebook").write(DRAFT)
    end_the_login(either)
    either.button("Publish comment").click()
    either.becomes("error")
    assert either.alert == LOG_IN
    assert either.text == DRAFT
    either.log_in("Facebook")
    assert either.text == DRAFT
    comment = either.publish()
    assert DRAFT in comment.inner_text()
    assert "via Facebook" in comment.inner_text()


def test_forget_me_is_no_login_that_ended(arrive: Arrive) -> None:
    """Breaks when the box tells as news what somebody has just asked for."""
    visitor = arrive(viewport=WIDE).open()
    visitor.write("Hello")
    visitor.page.get_by_label("Name").fill("Nora")
    visitor.publish()
    visitor.button("Forget me").click()
    visitor.becomes("anonymous")
    visitor.page.wait_for_timeout(300)
    assert visitor.status == ""
    visitor.open(POST)

"""Logging in, and what can come between, in a real browser in front of the demo."""

import pytest

from browser.served import Counted
from browser.visitor import LABELS, POST, Arrive, Visitor

DRAFT = (
    "Half the sugar 🍲👩🏽‍🍳 was right: “naïve” & <b>bold</b>, twice.\n\nمرحبا, and good night 🌙"
)
LOST = "The login took too long or was started in another window. Please try again."
#: Chromium notes what stands in a page's fields up to a second late; its back button shows that.
FIELDS_KEPT_MS = 2_000
DOWN = "{} is not answering right now. Try again in a minute, or choose another way."
MISCONFIGURED = (
    "Logging in with {} does not work on this site at the moment. "
    "We have told the site's owner in the log."
)
AGAIN = "It asks you to choose the account anew"

#: Every fault of the consent page that ends in an error, each at some provider.
FAILING = [
    ("timeout", "X (Twitter)", DOWN),
    ("denied", "Facebook", "You cancelled the login at {}. Nothing was shared."),
    ("wrong_state", "WordPress.com", LOST),
    ("rate_limited", "X (Twitter)", "{} asks us to wait. Try again in 15 minutes."),
    ("server_error", "Facebook", DOWN),
    ("html_error", "WordPress.com", DOWN),
    ("bad_json", "X (Twitter)", DOWN),
    ("truncated", "Facebook", DOWN),
    ("revoked", "WordPress.com", MISCONFIGURED),
]
HARMLESS = {"no_email", "no_name", "unverified_email", "silhouette", "slow"}


@pytest.mark.parametrize("label", LABELS)
def test_a_draft_becomes_the_comment_of_who_logged_in_and_is_deleted_by_them(
    either: Visitor, label: str
) -> None:
    """Breaks when a login loses a character, shows or signs as somebody else, or needs script."""
    either.open().write(DRAFT)
    either.log_in(label)
    assert either.page.url == f"{either.served.url}{POST}#respond"
    assert either.text == DRAFT
    assert either.state == "signed-in"
    assert either.line.split("\n")[0].strip() == "Nora Lind"
    assert f"You are commenting using your {label} account." in either.line
    assert either.status == "You are logged in as Nora Lind."
    comment = either.publish()
    paragraphs = comment.locator(".text p").all_inner_texts()
    assert "\n\n".join(paragraphs) == DRAFT
    assert comment.locator("bdi.name, .name bdi").inner_text() == "Nora Lind"
    assert f"via {label}" in comment.inner_text()
    assert either.text == ""
    comment.get_by_text("Delete", exact=True).click()
    comment.get_by_role("button", name="Yes, delete this comment").click()
    either.page.wait_for_url("**#comments")
    assert either.page.get_by_text("Half the sugar 🍲").count() == 0


def test_oauth_1_comes_to_the_same(arrive: Arrive, blog: Counted) -> None:
    """Breaks when OAuth 1.0a loses the way back, the draft or the name."""
    visitor = arrive(blog)
    twitter = blog.emulators.emulators.twitter_oauth1
    exchanges = len(twitter.asked("token"))
    visitor.open().write(DRAFT)
    visitor.log_in("X (Twitter)")
    assert len(twitter.asked("token")) == exchanges + 1
    assert visitor.text == DRAFT
    assert "You are commenting using your X (Twitter) account." in visitor.line
    assert visitor.identity["subject"].isdigit()
    visitor.publish()


def test_cancelling_says_so_and_keeps_the_draft(either: Visitor) -> None:
    """Breaks when Cancel shares something, blames, loses the draft, or hides the way to retry."""
    either.open().write(DRAFT)
    either.log_in("Facebook", "deny")
    sentence = "You cancelled the login at Facebook. Nothing was shared."
    assert either.page.title() == f"Error: {sentence}"
    assert either.alert == sentence
    assert either.identity is None
    assert login_buttons(either) == ["Facebook", "WordPress.com", "X (Twitter)"]
    either.page.get_by_role("link", name="Back to the page").click()
    either.page.wait_for_url(f"**{POST}#respond")
    assert either.text == DRAFT


@pytest.mark.parametrize(
    ("fault", "label", "sentence"), FAILING, ids=[fault for fault, _, _ in FAILING]
)
def test_a_fault_of_the_provider_ends_in_a_sentence_and_a_second_try(
    visitor: Visitor, fault: str, label: str, sentence: str
) -> None:
    """Breaks when a fault logs somebody in, is blamed on the wrong one, or is the end."""
    visitor.open().write(DRAFT)
    visitor.log_in(label, fault)
    assert visitor.alert == sentence.format(label)
    assert visitor.page.title() == f"Error: {sentence.format(label)}"
    assert visitor.state == "error"
    assert visitor.identity is None
    if sentence != LOST:
        assert login_buttons(visitor)[0] == label
    visitor.log_in(label)
    assert visitor.state == "signed-in"
    assert visitor.text == DRAFT


@pytest.mark.parametrize("fault", sorted(HARMLESS))
def test_what_a_provider_withholds_costs_nobody_the_login(visitor: Visitor, fault: str) -> None:
    """Breaks when a missing e-mail, name or picture, or a slow answer, ends a login."""
    visitor.open().log_in("Facebook", fault)
    assert visitor.state == "signed-in"
    assert "You are commenting using your Facebook account." in visitor.line


def test_every_fault_of_the_consent_page_is_tried_here(visitor: Visitor) -> None:
    """Breaks when the consent page offers a fault that none of these tests asks for."""
    visitor.open().leave_for("Facebook")
    values = visitor.page.locator("details button[name=press]").evaluate_all(
        "buttons => buttons.map(button => button.value)"
    )
    assert set(values) == {fault for fault, _, _ in FAILING} | HARMLESS


def test_log_out_then_log_in_asks_for_the_account(either: Visitor) -> None:
    """Breaks when the click after Log Out signs the same person straight back in."""
    either.open().leave_for("Facebook")
    assert AGAIN not in either.page.inner_text("body")
    either.press("grant")
    either.button("Log Out").click()
    either.becomes("anonymous")
    assert either.identity is None
    assert either.status == (
        "You are logged out of this site. You may still be logged in at Facebook."
    )
    either.leave_for("Facebook")
    assert AGAIN in either.page.inner_text("body")
    either.press("grant")
    assert either.state == "signed-in"
    either.open("/auth/login/facebook").leave_for("Facebook")
    assert AGAIN not in either.page.inner_text("body")


def test_where_no_chooser_is_documented_the_box_tells_the_way(visitor: Visitor) -> None:
    """Breaks when Log Out promises another account where the provider cannot be asked for one."""
    visitor.open().log_in("WordPress.com")
    visitor.button("Log Out").click()
    visitor.becomes("anonymous")
    item = visitor.page.get_by_role("listitem").filter(has=visitor.button("Log in with Facebook"))
    assert "cannot be asked" not in item.inner_text()
    link = visitor.page.get_by_role("link", name="log out at WordPress.com")
    assert link.get_attribute("href") == "https://wordpress.com/log-out"


def test_change_then_keep_leaves_everything_as_it_was(either: Visitor) -> None:
    """Breaks when looking at the choices changes who one is, or asks a provider."""
    either.open().log_in("Facebook")
    before = either.identity
    either.watch.requested.clear()
    either.button("Change").click()
    either.becomes("changing")
    assert either.identity == before
    either.page.get_by_role("link", name="Keep commenting as Nora Lind").click()
    either.becomes("signed-in")
    assert either.page.url.endswith(f"{POST}#respond")
    assert either.identity == before
    assert either.watch.hosts == {either.served.url.removeprefix("http://")}


def test_change_replaces_the_identity_once_the_new_login_succeeds(either: Visitor) -> None:
    """Breaks when Change forgets who one is before it is done, or forgets it afterwards."""
    either.open().log_in("Facebook")
    before = either.identity
    either.button("Change").click()
    either.leave_for("Facebook")
    assert AGAIN in either.page.inner_text("body")
    either.press("deny")
    assert either.identity == before
    either.log_in("X (Twitter)", "unverified")
    assert either.page.url.endswith(f"{POST}#respond")
    assert "Ines Moreau" in either.line
    assert "You are commenting using your X (Twitter) account." in either.line
    assert either.identity["provider"] == "twitter"


@pytest.mark.parametrize(("button", "state"), [("Change", "changing"), ("Log Out", "anonymous")])
def test_a_draft_survives_change_and_log_out(either: Visitor, button: str, state: str) -> None:
    """Breaks when a button beside the text area costs the text."""
    either.open().log_in("Facebook")
    either.write(DRAFT)
    either.button(button).click()
    either.becomes(state)
    either.log_in("X (Twitter)")
    assert either.text == DRAFT


def test_back_from_the_consent_page_finds_the_draft_and_a_box_that_works(visitor: Visitor) -> None:
    """Breaks when leaving for a provider and coming back by the browser's button costs anything."""
    visitor.open().write(DRAFT)
    visitor.page.wait_for_timeout(FIELDS_KEPT_MS)
    visitor.leave_for("Facebook")
    visitor.page.go_back()
    assert visitor.text == DRAFT
    assert visitor.state == "anonymous"
    visitor.log_in("WordPress.com")
    assert visitor.text == DRAFT
    assert "You are commenting using your WordPress.com account." in visitor.line


def test_a_callback_opened_again_is_a_calm_page_and_no_second_exchange(
    arrive: Arrive, blog: Counted
) -> None:
    """Breaks when reload or the back button redeems a code twice, or logs somebody out."""
    visitor = arrive(blog)
    facebook = blog.emulators.emulators.facebook
    visitor.open().log_in("Facebook")
    exchanges = len(facebook.asked("token"))
    callback = next(url for url in visitor.watch.requested if "/auth/callback/" in url)
    visitor.page.goto(callback)
    assert visitor.alert == LOST
    visitor.page.reload()
    assert visitor.alert == LOST
    visitor.open()
    assert "Nora Lind" in visitor.line
    assert len(facebook.asked("token")) == exchanges


def test_the_consent_page_found_again_by_the_back_button_changes_nobody(visitor: Visitor) -> None:
    """Breaks when an old consent page, pressed again, logs in as somebody else."""
    visitor.open().log_in("Facebook")
    before = visitor.identity
    visitor.page.go_back()
    visitor.press("arabic")
    assert visitor.alert == LOST
    assert visitor.identity == before


def test_two_pending_logins_finish_in_reverse_order_each_at_its_own_place(
    visitor: Visitor,
) -> None:
    """Breaks when one tab's login overwrites, or completes, another's."""
    visitor.open().write(DRAFT)
    visitor.leave_for("Facebook")
    first = visitor.page
    visitor.new_tab()
    visitor.open(f"/auth/?next={POST}%23likes").leave_for("X (Twitter)")
    visitor.press("unverified")
    assert visitor.page.url.endswith(f"{POST}#likes")
    assert "Ines Moreau" in visitor.line
    visitor.page = first
    visitor.press("grant")
    assert visitor.page.url.endswith(f"{POST}#respond")
    assert "Nora Lind" in visitor.line
    assert visitor.text == DRAFT


def login_buttons(visitor: Visitor) -> list[str]:
    """The providers in the order of their buttons."""
    names = visitor.page.locator(".sociallogin-providers button").all_inner_texts()
    return [name.removeprefix("Log in with ") for name in names]

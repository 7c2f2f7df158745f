"""Logging in by a window of its own, and what can come between. The page is never left."""

import pytest
from playwright.sync_api import Route

from browser.popup.boxes import DRAFT, HEARD, PATIENCE_MS, WIDE, opened
from browser.visitor import LABELS, POST, SAID, Arrive, Visitor
from browser.windows import closes, press
from docs_pages import ROOT, blocks

DOWN = "Facebook is not answering right now. Try again in a minute, or choose another way."
DENIED = "You cancelled the login at Facebook. Nothing was shared."
WAITING = "Still waiting for Facebook. If you closed that window, choose again."
#: A provider has ten seconds to answer.
SLOWEST_MS = 20_000
#: Nobody types as many while a login ends.
MANY_KEYS = 5_000

NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
}
"""
NO_WINDOWS = "window.open = () => null;"
#: The next answer about who is logged in comes three seconds late; `late` is when it has come.
FIRST_ANSWER_LATE = """
window.late = new Promise((come) => {
  const fetched = window.fetch;
  window.fetch = async (address, options) => {
    const answer = await fetched(address, options);
    if (!String(address).includes("/identity")) return answer;
    window.fetch = fetched;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    setTimeout(come);
    return answer;
  };
});
"""
#: While the box fetches what to show, the window gets the focus.
ASKED_MEANWHILE = """
const fetched = window.fetch;
window.fetch = async (address, options) => {
  if (String(address).includes("/box")) {
    dispatchEvent(new Event("focus"));
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return fetched(address, options);
};
"""


@pytest.mark.parametrize("label", LABELS)
def test_a_login_keeps_page_draft_and_caret(visitor: Visitor, label: str) -> None:
    """Breaks when the window stays, the page is left, or a character or the caret is lost."""
    visitor.write(DRAFT)
    visitor.page.evaluate(SAID)
    window = opened(visitor, label)
    assert visitor.page.evaluate("said[0]") == ["connecting", f"Connecting to {label}…"]
    button = visitor.button(f"Log in with {label}")
    assert button.is_enabled()
    described_by = button.get_attribute("aria-describedby")
    assert visitor.page.locator(f"#{described_by}.sociallogin-status").count() == 1
    area = visitor.page.get_by_label("Your comment")
    area.evaluate("area => { area.focus(); area.setSelectionRange(3, 7); }")
    press(window)
    visitor.becomes("signed-in")
    closes(window)
    assert f"You are commenting using your {label} account." in visitor.line
    assert visitor.status == "You are logged in as Nora Lind."
    assert visitor.text == DRAFT
    caret = "area => [document.activeElement === area, area.selectionStart, area.selectionEnd]"
    assert area.evaluate(caret) == [True, 3, 7]


def test_somebody_who_types_meanwhile_loses_no_key(visitor: Visitor) -> None:
    """Breaks when what the script shows takes focus, caret or a character from who is typing."""
    window = opened(visitor)
    area = visitor.page.get_by_label("Your comment")
    area.fill("ad")
    area.evaluate("area => area.setSelectionRange(1, 1)")
    press(window)
    typed = ""
    while visitor.state != "signed-in" and len(typed) < MANY_KEYS:
        visitor.page.keyboard.type("b")
        typed += "b"
    for _ in range(10):
        visitor.page.keyboard.type("c")
    assert visitor.state == "signed-in"
    assert visitor.text == f"a{typed}{'c' * 10}d"
    assert visitor.status == "You are logged in as Nora Lind."
    assert area.evaluate("area => document.activeElement === area")


def test_focus_goes_to_the_identity_line_if_it_was_in_the_box(visitor: Visitor) -> None:
    """Breaks when somebody who does not see the page is left at a button that is gone."""
    press(opened(visitor))
    visitor.becomes("signed-in")
    focused = visitor.page.locator(":focus")
    focused.wait_for()
    assert "You are commenting using your Facebook account." in focused.inner_text()


def test_the_window_is_never_taken_for_closed_where_it_is_cut_off(visitor: Visitor) -> None:
    """Breaks when `popup.closed` counts: Facebook's opener policy makes it true at once."""
    window = opened(visitor)
    visitor.page.wait_for_timeout(PATIENCE_MS)
    assert visitor.state in ("connecting", "unsure")
    assert visitor.alert == ""
    assert "cancelled" not in visitor.page.locator(".sociallogin").inner_text()
    press(window)
    visitor.becomes("signed-in")


def test_a_denied_login_closes_and_is_said_in_the_box(visitor: Visitor) -> None:
    """Breaks when Cancel at the provider leaves a window, an identity, or no word."""
    visitor.write(DRAFT)
    window = opened(visitor)
    press(window, "deny")
    visitor.becomes("error")
    closes(window)
    assert visitor.alert == DENIED
    assert visitor.identity is None
    assert visitor.text == DRAFT
    press(opened(visitor))
    visitor.becomes("signed-in")


@pytest.mark.parametrize(("fault", "sentence"), [
    ("timeout", DOWN), ("server_error", DOWN), ("html_error", DOWN),
    ("rate_limited", "Facebook asks us to wait. Try again in a few minutes."),
])  # fmt: skip
def test_a_fault_is_said_in_both_windows_and_can_be_tried_again_in_either(
    visitor: Visitor, fault: str, sentence: str
) -> None:
    """Breaks when one of the two says nothing, something else, or offers no second try."""
    window = opened(visitor)
    press(window, fault)
    visitor.page.locator('[data-state="error"]').wait_for(timeout=SLOWEST_MS)
    assert visitor.alert == sentence
    assert window.locator(".sociallogin-alert").inner_text() == sentence
    window.get_by_role("button", name="Log in with Facebook").click()
    press(window)
    visitor.becomes("signed-in")
    closes(window)


def test_a_window_that_was_closed_leads_to_a_doubt_and_a_second_try(visitor: Visitor) -> None:
    """Breaks when the box waits for ever for a window that is gone."""
    opened(visitor, "Facebook").close()
    visitor.becomes("unsure")
    assert visitor.status == WAITING
    press(opened(visitor, "WordPress.com"))
    visitor.becomes("signed-in")


def test_cancel_ends_the_wait_and_a_late_success_still_counts(visitor: Visitor) -> None:
    """Breaks when Cancel makes the box deaf, or leaves it waiting."""
    window = opened(visitor)  # which the opener policy of its page has cut off: it stays
    visitor.button("Cancel").click()
    assert visitor.state == "anonymous"
    assert visitor.status == ""
    focused = visitor.page.locator(":focus")
    assert focused.inner_text() == "Log in with Facebook"
    press(window)
    visitor.becomes("signed-in")
    assert visitor.status == "You are logged in as Nora Lind."


def test_two_windows_at_once_and_the_last_one_completed_wins(visitor: Visitor) -> None:
    """Breaks when one attempt overwrites the other's transaction or its nonce."""
    first = opened(visitor, "WordPress.com")
    second = opened(visitor, "Facebook")
    press(second)
    visitor.becomes("signed-in")
    assert "Facebook" in visitor.line
    press(first)
    visitor.page.get_by_text("using your WordPress.com account").wait_for()
    closes(first)
    closes(second)


def test_change_then_keep_asks_nobody_and_change_replaces(visitor: Visitor) -> None:
    """Breaks when looking costs the identity, or a new login does not replace it in place."""
    press(opened(visitor))
    visitor.becomes("signed-in")
    before = visitor.identity
    visitor.button("Change").click()
    visitor.becomes("changing")
    visitor.page.get_by_role("link", name="Keep commenting as Nora Lind").click()
    visitor.becomes("signed-in")
    visitor.page.locator(':focus:text("Change")').wait_for()
    assert visitor.identity == before
    visitor.write(DRAFT)
    visitor.button("Change").click()
    visitor.becomes("changing")
    window = opened(visitor, "X (Twitter)")
    assert visitor.identity == before
    press(window, "unverified")
    visitor.page.get_by_text("using your X (Twitter) account").wait_for()
    assert visitor.identity["name"] == "Ines Moreau"
    assert visitor.text == DRAFT


def test_keep_without_a_network_says_so(visitor: Visitor) -> None:
    """Breaks when Keep, whose link leads to the page that is here already, does nothing at all."""
    press(opened(visitor))
    visitor.becomes("signed-in")
    visitor.button("Change").click()
    visitor.becomes("changing")
    keep = visitor.page.get_by_role("link", name="Keep commenting as Nora Lind")
    visitor.context.set_offline(True)
    keep.click()
    visitor.page.locator(".sociallogin-alert:not(:empty)").wait_for()
    assert visitor.alert == "That did not work. Please check your connection and try again."
    visitor.context.set_offline(False)
    keep.click()
    visitor.becomes("signed-in")
    assert visitor.alert == ""
    problems = visitor.watch.problems  # Chromium tells of it, too
    problems[:] = [said for said in problems if "ERR_INTERNET_DISCONNECTED" not in said]


def test_log_out_is_done_in_place_and_the_next_login_asks_for_the_account(
    visitor: Visitor,
) -> None:
    """Breaks when Log Out loads the page, or the next click signs straight back in."""
    press(opened(visitor))
    visitor.becomes("signed-in")
    visitor.button("Log Out").click()
    visitor.becomes("anonymous")
    assert visitor.status.startswith("You are logged out of this site.")
    assert visitor.identity is None
    assert "choose the account anew" in opened(visitor).inner_text("body")


def test_a_second_press_of_log_out_does_nothing_more(visitor: Visitor) -> None:
    """Breaks when it takes sentence and focus, or forgets the guest who is remembered here."""
    press(opened(visitor))
    visitor.becomes("signed-in")
    visitor.button("Log Out").focus()
    visitor.watch.requested.clear()
    visitor.page.evaluate("() => { for (const _ of '12') document.activeElement.click(); }")
    visitor.becomes("anonymous")
    visitor.page.locator(".sociallogin-lead:focus").wait_for()
    visitor.page.wait_for_timeout(500)
    assert visitor.page.locator(".sociallogin-lead:focus").count() == 1
    assert visitor.status.startswith("You are logged out of this site.")
    assert sum(url.endswith("/auth/logout") for url in visitor.watch.requested) == 1


def test_another_tab_shows_it_too_and_keeps_its_own_draft(visitor: Visitor) -> None:
    """Breaks when a tab shows who one was, or drafts meet."""
    first = visitor.page
    visitor.write("in the first")
    visitor.new_tab()
    visitor.open().write("in the second")
    press(opened(visitor))
    visitor.becomes("signed-in")
    second, visitor.page = visitor.page, first
    visitor.becomes("signed-in")
    assert visitor.text == "in the first"
    visitor.button("Log Out").click()
    visitor.becomes("anonymous")
    visitor.page = second
    visitor.becomes("anonymous")
    assert visitor.text == "in the second"
    visitor.page = first


def test_the_app_hears_what_happened(visitor: Visitor) -> None:
    """Breaks when an app cannot follow the box, or gets more than `/identity` tells."""
    visitor.page.evaluate(HEARD)
    press(opened(visitor), "deny")
    visitor.becomes("error")
    press(opened(visitor))
    visitor.becomes("signed-in")
    identity = visitor.identity
    visitor.button("Log Out").click()
    visitor.becomes("anonymous")
    heard = visitor.page.evaluate("() => heard")
    assert heard == [
        ["error", {"code": "login_denied", "message": DENIED}], ["signin", identity],
        ["signout", None],
    ]  # fmt: skip


def test_the_app_hears_it_once_however_often_the_box_asks(visitor: Visitor) -> None:
    """Breaks when two questions that meet, of a focus and of a window, are told as two logins."""
    visitor.page.evaluate(HEARD)
    visitor.page.evaluate(ASKED_MEANWHILE)
    press(opened(visitor))
    visitor.becomes("signed-in")
    visitor.button("Log Out").click()
    visitor.becomes("anonymous")
    assert [name for name, _ in visitor.page.evaluate("heard")] == ["signin", "signout"]


def test_a_box_that_cannot_be_fetched_once_is_asked_for_again(visitor: Visitor) -> None:
    """Breaks when one failed answer leaves the box at Connecting for ever."""
    window = opened(visitor)
    failed: list[str] = []

    def once(route: Route) -> None:
        failed.append(route.request.url)
        route.fulfill(status=503, body="") if len(failed) == 1 else route.continue_()

    visitor.page.route("**/auth/box*", once)
    press(window)
    visitor.becomes("signed-in")
    assert len(failed) >= 2
    visitor.button("Log Out").wait_for()
    assert visitor.page.get_by_role("button", name="Cancel").count() == 0


def test_an_answer_that_comes_late_overrules_no_newer_one(visitor: Visitor) -> None:
    """Breaks when who is logged in is told to have left, by an answer from before."""
    visitor.page.evaluate(HEARD)
    window = opened(visitor)
    visitor.page.evaluate(FIRST_ANSWER_LATE)
    visitor.page.evaluate("dispatchEvent(new Event('focus'))")
    press(window)
    visitor.becomes("signed-in")
    visitor.page.evaluate("late")
    visitor.page.wait_for_timeout(500)
    assert visitor.state == "signed-in"
    assert [name for name, _ in visitor.page.evaluate("heard")] == ["signin"]


def test_keep_while_a_window_is_open_leaves_no_wait_behind(visitor: Visitor) -> None:
    """Breaks when the account line stands beside a Cancel for what was given up."""
    press(opened(visitor))
    visitor.becomes("signed-in")
    visitor.button("Change").click()
    visitor.becomes("changing")
    window = opened(visitor, "WordPress.com")
    visitor.page.get_by_role("link", name="Keep commenting as Nora Lind").click()
    visitor.becomes("signed-in")
    assert visitor.page.get_by_role("button", name="Cancel").count() == 0
    visitor.page.wait_for_timeout(PATIENCE_MS)
    assert visitor.state == "signed-in"
    press(window)  # its news counts all the same
    visitor.page.get_by_text("using your WordPress.com account.").wait_for()


def test_change_after_the_login_has_ended_says_so(visitor: Visitor) -> None:
    """Breaks when the choices come as if one were still logged in, or the app hears nothing."""
    press(opened(visitor))
    visitor.becomes("signed-in")
    visitor.page.evaluate(HEARD)
    visitor.context.clear_cookies()
    visitor.button("Change").click()
    visitor.becomes("anonymous")
    assert visitor.status == "Your login has ended. What you typed is still here."
    assert visitor.page.evaluate("heard") == [["signout", None]]


def test_without_a_box_that_hears_the_window_goes_on(arrive: Arrive) -> None:
    """Breaks when somebody whose tab is gone is left at an empty page."""
    visitor = arrive(**WIDE).open()
    window = opened(visitor)
    visitor.new_tab()
    visitor.context.pages[0].close()
    press(window)
    window.wait_for_url(f"{visitor.served.url}{POST}**")
    assert visitor.identity["name"] == "Nora Lind"


def test_a_blocked_window_leads_on_in_the_same_one(arrive: Arrive) -> None:
    """Breaks when a blocked window ends the login, or costs the draft."""
    visitor = arrive(**WIDE)
    visitor.page.add_init_script(NO_WINDOWS)
    visitor.open().write(DRAFT)
    visitor.button("Log in with Facebook").click()
    assert visitor.status == "Your browser blocked the login window."
    visitor.button("Continue in this window").click()
    visitor.page.wait_for_url("http://localhost:*/**")
    visitor.press("grant")
    assert visitor.state == "signed-in"
    assert visitor.text == DRAFT


def test_a_login_needs_no_storage(arrive: Arrive) -> None:
    """Breaks when a browser that forbids storage meets an exception, or no result."""
    visitor = arrive(**WIDE)
    visitor.context.add_init_script(NO_STORAGE)
    visitor.open()
    press(opened(visitor))
    visitor.becomes("signed-in")


def test_without_script_the_window_is_a_page_on_the_way(arrive: Arrive) -> None:
    """Breaks when a window needs script to go on."""
    visitor = arrive(java_script_enabled=False)
    visitor.open(f"/auth/login/facebook?popup=1&next={POST}").leave_for("Facebook")
    visitor.press("grant")
    visitor.page.wait_for_url(f"{visitor.served.url}{POST}#")
    assert visitor.state == "signed-in"


LATER = next(b.text for b in blocks(ROOT / "docs" / "comment-box.md") if b.language == "javascript")
#: A page without a box, in which there is a form now, and the place for one.
PLACE = """() => {
  window.stays = true;
  document.querySelector("main").innerHTML = `<form id="comment-form"><label>Your comment
    <textarea name="text"></textarea></label></form><div id="reply"></div>`;
}"""


def test_a_box_that_comes_later_is_made_one_as_the_docs_say(arrive: Arrive) -> None:
    """Breaks when it logs in by a page load, twice at once, or keeps no draft."""
    visitor = arrive(**WIDE).open("/nowhere")
    visitor.page.evaluate(PLACE)
    visitor.page.evaluate(HEARD)
    visitor.page.evaluate(f"async () => {{ {LATER} }}")
    visitor.write(DRAFT)
    press(opened(visitor))
    visitor.becomes("signed-in")
    assert visitor.text == DRAFT
    assert [name for name, _ in visitor.page.evaluate("heard")] == ["signin"]
    assert visitor.page.evaluate("stays") is True
    assert "Half the sugar" in visitor.page.evaluate("JSON.stringify(sessionStorage)")

"""The box in a page of another site: UX 24, with the example that shows it.

The browser is a strict one: storage is parted by site, no third-party cookie is kept or sent, and
windows open in a click alone.
"""

from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Response, Route

from browser.embed.reader import DRAFT, NARROW, Reader
from browser.visitor import LABELS, SAID
from browser.windows import closes, press

DENIED = "You cancelled the login at Facebook. Nothing was shared."
UNREACHED = "That did not work. Please check your connection and try again."
BLOCKED = "Your browser blocked the login window."
WAITING = "Still waiting for Facebook. If you closed that window, choose again."
#: Who this bearer stands for is asked only when it has ended: `late` holds these questions.
LATE_ABOUT = """(bearer) => {
  const fetched = window.fetch;
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
  const kept = () => Object.values(sessionStorage).some((text) => text.includes(bearer));
  window.late = [];
  window.fetch = async (address, options) => {
    const old = options?.headers?.get?.("Authorization")?.endsWith(bearer);
    if (!old || !String(address).endsWith("/identity")) return fetched(address, options);
    const question = { ended: false };
    late.push(question);
    while (kept()) await pause();
    for (;;) {
      const answer = await fetched(address, options);
      if ((await answer.clone().json()).identity === null) {
        setTimeout(() => { question.ended = true; }, 500);
        return answer;
      }
      await pause();
    }
  };
}"""


#: As another page of this tab does, which the box cannot hear.
LEARN = """(bearer) => {
  const found = Object.keys(sessionStorage).find((key) => key.startsWith("sociallogin:embed:"));
  const mount = document.querySelector("[data-sociallogin-embed]").dataset.socialloginEmbed;
  const key = found ?? `sociallogin:embed:${mount.replace(/\\/$/, "")}`;
  sessionStorage.setItem(key, JSON.stringify({ bearer, pending: [] }));
}"""
ALL_ENDED = """async () => {
  while (!late.every(({ ended }) => ended)) await new Promise((resolve) => setTimeout(resolve, 50));
}"""


def ends_a_bearer(answer: Response) -> bool:
    return answer.url.endswith("/auth/logout") and answer.request.method == "POST"


def test_24_the_browser_is_as_strict_as_it_is_said_to_be(reader: Reader) -> None:
    """Breaks when the flags no longer part storage, or let a window open without a click.

    A service's frame in the blog's page must not see what a window of the service keeps.
    """
    window = reader.context.new_page()
    window.goto(f"{reader.sites.comments}/auth/static/facebook.svg")
    window.evaluate("localStorage.setItem('seen', 'yes')")
    frame_url = f"{reader.sites.comments}/auth/static/provider.svg"
    page = (
        "<!doctype html><script>window.opened = Boolean(window.open('about:blank'))</script>"
        f'<iframe src="{frame_url}"></iframe>'
    )
    reader.page.route(
        f"{reader.sites.blog}/frame",
        lambda route: route.fulfill(content_type="text/html", body=page),
    )
    reader.page.goto(f"{reader.sites.blog}/frame")
    reader.page.wait_for_load_state("load")
    (frame,) = reader.page.main_frame.child_frames
    assert frame.url == frame_url
    assert frame.evaluate("localStorage.getItem('seen')") is None
    assert window.evaluate("localStorage.getItem('seen')") == "yes"
    assert reader.page.evaluate("opened") is False


@pytest.mark.parametrize("label", LABELS)
def test_24_a_comment_from_another_site_without_its_cookies(arrive: Any, label: str) -> None:
    """Breaks when the result needs a cookie, a message from a cut-off window, or a page load.

    Facebook's consent page cuts its window off from the page, as the real one does.
    """
    reader: Reader = arrive().open()
    draft = f"{DRAFT} {uuid4().hex}"
    reader.write(draft)
    reader.page.evaluate(SAID)
    reader.page.evaluate("window.stays = true")
    window = reader.choose(label)
    assert reader.page.evaluate("said[0]") == ["connecting", f"Connecting to {label}…"]
    press(window)
    reader.becomes("signed-in")
    closes(window)
    assert f"You are commenting using your {label} account." in reader.said("line")
    assert reader.said("status").startswith("You are logged in as ")
    assert (reader.text, reader.page.evaluate("stays")) == (draft, True)
    bearer = reader.bearer
    assert reader.identity_by(bearer) is not None
    reader.button("Post comment").click()
    reader.page.get_by_text("Thank you.").wait_for()
    reader.page.locator("#comments li").filter(has_text=draft).wait_for()
    assert reader.text == ""
    window = reader.context.new_page()
    window.goto(f"{reader.sites.comments}/auth/identity")
    assert window.inner_text("body") == '{"identity": null}', "nobody is logged in over there"
    window.close()
    reader.button("Log Out").click()
    reader.becomes("anonymous")
    assert reader.said("status") == (
        f"You are logged out of this site. You may still be logged in at {label}."
    )
    assert reader.bearer is None
    assert reader.identity_by(bearer) is None, "it is dead over there too"
    assert [name for name, _ in reader.page.evaluate("heard")] == ["signin", "signout"]
    told = str(reader.page.evaluate("[told, location.href, heard]"))
    assert str(bearer) not in told
    names = {cookie["name"] for cookie in reader.context.cookies()}
    assert not {name for name in names if "identity" in name}


def test_24_after_log_out_the_next_login_asks_for_the_account(reader: Reader) -> None:
    """Breaks when Log Out on the other site is forgotten by the next login."""
    reader.log_in()
    reader.button("Log Out").click()
    reader.becomes("anonymous")
    reader.page.reload()
    reader.becomes("anonymous")
    window = reader.choose()
    assert "auth_type=reauthenticate" in window.url
    press(window)
    reader.becomes("signed-in")
    reader.button("Change").click()
    reader.becomes("changing")
    again = reader.choose("WordPress.com")
    again.close()


def test_24_change_takes_the_place_of_the_first_and_ends_its_bearer(reader: Reader) -> None:
    """Breaks when the old bearer lives on, or an abandoned Change loses the account."""
    first = reader.log_in().bearer
    reader.button("Change").click()
    reader.becomes("changing")
    reader.page.get_by_role("button", name="Keep commenting as").click()
    reader.becomes("signed-in")
    assert reader.bearer == first
    reader.button("Change").click()
    reader.becomes("changing")
    window = reader.choose("WordPress.com")
    with reader.page.expect_response(ends_a_bearer):
        press(window)
    reader.page.get_by_text("You are commenting using your WordPress.com account.").wait_for()
    closes(window)
    assert reader.bearer != first
    assert reader.identity_by(first) is None
    assert reader.identity_by(reader.bearer)["provider"] == "wordpress"


def test_24_an_answer_about_the_old_bearer_ends_not_the_new_one(reader: Reader) -> None:
    """Breaks when a question that was under way during Change logs out whom it led to."""
    first = reader.log_in().bearer
    reader.button("Change").click()
    reader.becomes("changing")
    reader.page.evaluate(LATE_ABOUT, first)
    reader.page.evaluate("dispatchEvent(new Event('focus'))")
    press(reader.choose("WordPress.com"))
    reader.page.get_by_text("You are commenting using your WordPress.com account.").wait_for()
    reader.page.evaluate(ALL_ENDED)
    assert reader.page.evaluate("late.length") > 0
    assert reader.identity_by(reader.bearer)["provider"] == "wordpress"
    reader.button("Log Out").wait_for()


def test_24_where_the_window_is_blocked_the_page_offers_its_own_tab(arrive: Any) -> None:
    """Breaks when the draft, the page's own fragment or the way back is lost."""
    reader: Reader = arrive()
    reader.context.add_init_script("window.open = () => null;")
    reader.open("/?a=1#comments")
    reader.write()
    reader.button("Log in with Facebook").click()
    assert reader.said("status") == BLOCKED
    reader.button("Continue in this window").click()
    reader.log_in_here()
    reader.becomes("signed-in")
    assert reader.page.url == f"{reader.sites.blog}/?a=1#comments", "the code is gone from it"
    assert reader.text == DRAFT
    assert reader.said("status").endswith("Your draft was kept.")
    assert reader.identity_by(reader.bearer) is not None
    reader.page.reload()
    reader.becomes("signed-in")


def test_24_a_narrow_screen_stays_in_its_tab(arrive: Any) -> None:
    """Breaks when a phone is given a window, or a denial does not come back to the page."""
    reader: Reader = arrive(NARROW).open()
    reader.write()
    reader.button("Log in with Facebook").click()
    reader.log_in_here("deny")
    reader.becomes("error")
    assert reader.said("alert") == DENIED
    assert (reader.text, reader.bearer) == (DRAFT, None)
    assert reader.page.url == f"{reader.sites.blog}/"
    assert len(reader.context.pages) == 1
    reader.button("Log in with Facebook").click()
    reader.log_in_here()
    reader.becomes("signed-in")


def test_24_a_page_that_cuts_its_windows_off_offers_its_own_tab(arrive: Any) -> None:
    """Breaks when a blog with Cross-Origin-Opener-Policy can never log anybody in."""

    def cut_off(route: Route) -> None:
        answer = route.fetch()
        headers = {**answer.headers, "Cross-Origin-Opener-Policy": "same-origin"}
        route.fulfill(response=answer, headers=headers)

    reader: Reader = arrive()
    reader.context.route(f"{reader.sites.blog}/", cut_off)
    reader.open()
    with reader.context.expect_page() as popup:
        reader.button("Log in with Facebook").click()
    lost = "This window has lost the page that opened it. Close it, and try again there."
    popup.value.get_by_text(lost).wait_for()
    assert not popup.value.get_by_role("button").is_visible(), "no way to begin a login by it"
    popup.value.close()
    reader.page.bring_to_front()
    reader.button("Continue in this window").click()
    reader.log_in_here()
    reader.becomes("signed-in")


def test_24_cancelled_there_it_is_said_here(reader: Reader) -> None:
    """Breaks when the window stays, or the box goes on waiting."""
    window = reader.choose("Facebook")
    press(window, "deny")
    reader.becomes("error")
    closes(window)
    assert reader.said("alert") == DENIED
    assert reader.page.evaluate("heard") == [["error", {"code": "login_denied", "message": DENIED}]]
    reader.log_in()


def test_24_a_failure_stands_in_the_window_and_in_the_box(reader: Reader) -> None:
    """Breaks when the sentence differs, or the window closes on what is being read."""
    window = reader.choose()
    press(window, "server_error")
    reader.becomes("error")
    down = "Facebook is not answering right now. Try again in a minute, or choose another way."
    assert reader.said("alert") == down
    window.get_by_text(down).wait_for()
    window.get_by_text("You can close this window.").wait_for()


def test_24_closed_on_the_consent_page_it_can_be_tried_again(reader: Reader) -> None:
    """Breaks when a closed window is taken for a blocked one, or for the end of waiting."""
    window = reader.choose("WordPress.com")
    window.close()
    reader.becomes("unsure")
    assert reader.said("status") == WAITING.replace("Facebook", "WordPress.com")
    reader.log_in("WordPress.com")


def test_24_a_page_that_is_loaded_anew_hears_of_its_login_too(reader: Reader) -> None:
    """Breaks when the verifier is lost with the page: then nobody could redeem the result."""
    window = reader.choose("WordPress.com")
    reader.page.reload()
    reader.becomes("anonymous")
    press(window)
    reader.page.bring_to_front()
    reader.page.evaluate("dispatchEvent(new Event('focus'))")
    reader.becomes("signed-in")


def test_24_what_another_page_of_the_tab_has_learnt_is_not_lost(arrive: Any) -> None:
    """Breaks when a page out of the browser's cache saves who it thinks is logged in."""
    other: Reader = arrive().open()
    bearer = other.log_in().bearer
    reader: Reader = arrive().open()
    reader.page.evaluate(LEARN, bearer)
    window = reader.choose()
    assert reader.bearer == bearer, "the login that begins is kept beside it"
    window.close()
    reader.page.evaluate("dispatchEvent(new Event('focus'))")
    reader.becomes("signed-in")
    assert reader.bearer == bearer


def test_24_a_login_that_comes_back_without_a_network_is_not_lost(arrive: Any) -> None:
    """Breaks when the code is thrown away with the answer that did not come, or no box is there."""
    reader: Reader = arrive(NARROW).open()
    reader.write()
    failed: list[str] = []

    def once(route: Route) -> None:
        failed.append(route.request.url)
        route.abort() if len(failed) == 1 else route.continue_()

    reader.page.route("**/embed/redeem*", once)
    reader.button("Log in with Facebook").click()
    reader.log_in_here()
    reader.becomes("signed-in")
    assert len(failed) >= 2
    assert reader.text == DRAFT


def test_24_without_storage_a_login_still_completes(arrive: Any) -> None:
    """Breaks when a refused sessionStorage or localStorage is an error."""
    reader: Reader = arrive()
    reader.context.add_init_script("""
      if (location.hostname === "localhost")
        for (const name of ["localStorage", "sessionStorage"])
          Object.defineProperty(window, name, {
            get() { throw new DOMException("no", "SecurityError"); } });
    """)
    reader.open().log_in("WordPress.com")


def test_24_what_no_network_lets_be_done_is_said_and_can_be_done_later(reader: Reader) -> None:
    """Breaks when a button does nothing, or a log-out is later told as a login that ended."""
    reader.log_in("WordPress.com")
    reader.write()
    for name, state in (
        ("Change", "changing"), ("Keep commenting as Nora Lind", "signed-in"),
        ("Log Out", "anonymous"),
    ):  # fmt: skip
        pressed = reader.button(name)
        reader.context.set_offline(True)
        pressed.click()
        reader.page.locator(".sociallogin-alert", has_text=UNREACHED).wait_for()
        assert reader.said("status") == ""
        assert pressed.evaluate("button => button === document.activeElement")
        reader.context.set_offline(False)
        pressed.click()
        reader.becomes(state)
        assert reader.said("alert") == ""
    assert reader.said("status").startswith("You are logged out of this site.")
    assert (reader.text, reader.bearer) == (DRAFT, None)


def test_24_a_comment_that_cannot_be_sent_is_not_lost(reader: Reader) -> None:
    """Breaks when the example's page says nothing, or empties what was not posted."""
    reader.log_in("WordPress.com")
    reader.write()
    reader.context.set_offline(True)
    reader.button("Post comment").click()
    reader.page.locator("#told", has_text=UNREACHED).wait_for()
    assert reader.text == DRAFT
    reader.context.set_offline(False)


def test_24_a_log_out_without_a_network_is_shown_as_one(reader: Reader) -> None:
    """Breaks when who has logged out reads, back in the network, that the login has ended."""
    reader.log_in("WordPress.com")
    reader.context.set_offline(True)
    reader.button("Log Out").click()
    reader.page.locator(".sociallogin-alert", has_text=UNREACHED).wait_for()
    reader.context.set_offline(False)
    reader.page.evaluate("dispatchEvent(new Event('focus'))")
    reader.becomes("anonymous")
    assert reader.said("status").startswith("You are logged out of this site.")

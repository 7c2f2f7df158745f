"""The box in a page of another site: UX 24, with the example that shows it.

The browser is a strict one: storage is parted by site, no third-party cookie is kept or sent, and
windows open in a click alone.
"""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, Route, sync_playwright

from browser.conftest import ARGUMENTS, TIMEOUT_MS
from browser.reader import DRAFT, Reader, Sites
from browser.served import STOP_SECONDS
from browser.visitor import LABELS, SAID
from browser.windows import closes, press
from ports import free_port

EXAMPLE = Path(__file__).parents[2] / "examples" / "static-blog"
OUTPUT = Path(__file__).parent.parent / "output"
DENIED = "You cancelled the login at Facebook. Nothing was shared."
UNREACHED = "That did not work. Please check your connection and try again."
BLOCKED = "Your browser blocked the login window."
WAITING = "Still waiting for Facebook. If you closed that window, choose again."
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
STRICT = [*ARGUMENTS, "--test-third-party-cookie-phaseout",
          "--disable-features=MediaRouter,OptimizationHints,LocalNetworkAccessChecks"]  # fmt: skip
#: Whether every style sheet has come, those that the script asked for too.
STYLED = "[...document.querySelectorAll('link[rel=stylesheet]')].every(link => link.sheet)"


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium, args=STRICT, ignore_default_args=["--disable-popup-blocking"]
        )
        yield running
        running.close()


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


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    port = free_port()
    log = tmp_path_factory.mktemp("static-blog") / "log.txt"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-u", str(EXAMPLE / "app.py"), "--port", str(port)],
            stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    found = re.match(r"Open (http://localhost:\d+)/", process.stdout.readline())
    assert found is not None, log.read_text()
    try:
        while "Running on" not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)  # a server does not tell when it listens
        yield Sites(found[1], f"http://127.0.0.1:{port}")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOP_SECONDS)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def arrive(browser: Browser, sites: Sites) -> Iterator[Any]:
    readers: list[Reader] = []

    def arrive(viewport: Any = WIDE, **options: Any) -> Reader:
        context = browser.new_context(viewport=viewport, **options)
        context.set_default_timeout(TIMEOUT_MS)
        readers.append(Reader(context, sites))
        return readers[-1]

    yield arrive
    for reader in readers:
        reader.leave()
    assert [problem for reader in readers for problem in reader.problems] == []


@pytest.fixture
def reader(arrive: Any) -> Reader:
    opened: Reader = arrive().open()
    return opened


@pytest.fixture
def strangers_blog(sites: Sites, tmp_path: Path) -> Iterator[str]:
    """The blog's files on an origin that is not listed."""
    for file in (EXAMPLE / "blog").iterdir():
        text = file.read_text().replace("https://comments.example", sites.comments)
        (tmp_path / file.name).write_text(text)
    (tmp_path / "bare.html").write_text("<!doctype html><title>Bare</title><p>Nothing here")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """The test's output is for failures."""

    server = ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


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


def test_24_an_unlisted_origin_gets_a_refusal_and_no_message(
    reader: Reader, strangers_blog: str
) -> None:
    """Breaks when the box, or a message of the login, reaches an origin that is not listed."""
    page = reader.context.new_page()
    page.goto(f"{strangers_blog}/")
    page.get_by_text("Comments need JavaScript here.").wait_for()
    page.wait_for_timeout(500)
    assert page.locator(".sociallogin-button").count() == 0
    page.goto(f"{strangers_blog}/bare.html")
    address = f"{reader.sites.comments}/auth/embed/login/facebook?origin={strangers_blog}"
    with page.expect_popup() as popup:
        opens(page, address)
    refusal = "The page that you come from may not use this site's login."
    popup.value.get_by_text(refusal).first.wait_for()
    popup.value.wait_for_load_state("load")
    assert page.evaluate("told") == []
    refused = ("CORS", "Failed to fetch")  # as it must be
    reader.problems[:] = [
        said for said in reader.problems if not any(word in said for word in refused)
    ]


def test_24_a_strangers_window_plants_no_challenge(reader: Reader, strangers_blog: str) -> None:
    """Breaks when the window takes a challenge from an opener of another origin than it names."""
    page = reader.context.new_page()
    page.goto(f"{strangers_blog}/bare.html")
    address = f"{reader.sites.comments}/auth/embed/login/facebook?origin={reader.sites.blog}"
    with page.expect_popup() as popup:
        opens(page, address)
    window = popup.value
    window.get_by_text("Connecting to Facebook…").wait_for()
    window.wait_for_load_state("load")
    for _ in range(3):
        page.evaluate("""() => opened.postMessage(
          { sociallogin: { kind: "challenge", challenge: "A".repeat(43) } }, "*")""")
        page.wait_for_timeout(200)
    assert window.url == address, "no login has begun"
    assert window.locator('input[name="challenge"]').input_value() == ""
    assert page.evaluate("told") == [], "its ready was for the blog alone"
    reader.problems[:] = [said for said in reader.problems if "postMessage" not in said]


def test_24_a_strangers_address_signs_nobody_in(reader: Reader) -> None:
    """Breaks when a code in an address is worth anything without this tab's verifier."""
    reader.page.goto("about:blank")
    reader.page.goto(f"{reader.sites.blog}/#sociallogin={'A' * 43}")
    reader.becomes("anonymous")
    assert reader.page.url == f"{reader.sites.blog}/"
    assert reader.said("alert") == ""


def test_24_the_bearer_goes_to_no_other_site(reader: Reader, strangers_blog: str) -> None:
    """Breaks when `socialloginFetch` can be led elsewhere with the bearer in its hands."""
    reader.log_in("WordPress.com")
    for elsewhere in (f"{strangers_blog}/bare.html", "//evil.example/", "http://127.0.0.1:1/"):
        refused = reader.page.evaluate(
            """(url) => {
              try { document.querySelector(".sociallogin").socialloginFetch(url); }
              catch (error) { return error.name; } }""",
            elsewhere,
        )
        assert refused == "TypeError"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_24_every_state_fits_and_axe_finds_nothing(arrive: Any, viewport: Any, scheme: str) -> None:
    """Breaks when a page or a window is wider than its screen, or axe has something to say."""
    # What axe puts into a page is against the blog's own policy, which the other tests keep.
    reader: Reader = arrive(viewport, color_scheme=scheme, bypass_csp=True).open()
    looked_at = partial(look, where=f"{viewport['width']}-{scheme}")
    looked_at(reader.page, "anonymous")
    reader.write()
    if viewport is NARROW:
        reader.button("Log in with Facebook").click()
        reader.page.wait_for_url("**/embed/login/**")
        looked_at(reader.page, "confirm")
        reader.log_in_here()
    else:
        window = reader.choose()
        looked_at(reader.page, "connecting")
        press(window, "server_error")
        window.get_by_text("You can close this window.").wait_for()
        looked_at(window, "failed-window")
        reader.becomes("error")
        looked_at(reader.page, "error")
        window.close()
        reader.log_in()
    reader.becomes("signed-in")
    looked_at(reader.page, "signed-in")
    reader.button("Change").click()
    reader.becomes("changing")
    looked_at(reader.page, "changing")
    reader.button("Keep commenting as Nora Lind").click()
    reader.becomes("signed-in")
    reader.button("Log Out").click()
    reader.becomes("anonymous")
    looked_at(reader.page, "logged-out")


def opens(page: Page, address: str) -> None:
    """Opens a window in a click, which the browser asks for; `opened` is its handle."""
    page.evaluate(
        """(address) => addEventListener("click", () => {
          window.opened = window.open(address, "", "popup,width=600,height=700"); },
          { once: true })""",
        address,
    )
    page.click("body")


def look(page: Page, state: str, where: str) -> None:
    page.mouse.move(0, 0)
    page.wait_for_function(STYLED)
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"embed-{state}-{where}.png", full_page=True)
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wider <= 0, state
    found = Axe().run(page)
    assert found.violations_count == 0, f"{state}: {found.generate_report()}"

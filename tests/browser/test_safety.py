"""What strangers' words, strangers' pages and the pages' own policy may and may not do."""

import http.server
import re
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Request

from browser.visitor import POST, Visitor, faults_of

MARKUP = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{7*7}}"
ARABIC = "ليلى حداد"
#: A name is cut there.
LONGEST = 200
OVERRIDE = "Nora\u202egnp.exe"


@pytest.mark.parametrize(
    ("person", "name", "direction"),
    [("script", "<script>alert(1)</script>", "ltr"), ("arabic", ARABIC, "rtl")],
)
def test_h1_a_name_from_a_provider_is_text_of_its_own_direction(
    visitor: Visitor, person: str, name: str, direction: str
) -> None:
    """Breaks when a name becomes markup, or turns the sentence around it."""
    visitor.open().log_in("Facebook", person)
    visitor.write(name)
    comment = visitor.publish()
    shown = [visitor.page.locator(".sociallogin-line bdi"), comment.locator("bdi").first]
    visitor.page.get_by_role("button", name="Reply to").first.wait_for()
    for bdi in shown:
        assert bdi.inner_text() == name
        assert style(bdi, "direction") == direction
    assert style(visitor.page.locator(".sociallogin-line"), "direction") == "ltr"
    assert comment.locator(".text").inner_text() == name
    comment.get_by_role("button", name="Reply to").click()
    visitor.page.wait_for_url("**#comment-text")
    assert visitor.page.locator("#respond-title").inner_text() == f"Reply to {name}"
    visitor.open("/auth/?change=1")
    assert visitor.page.locator(".sociallogin-line bdi").inner_text() == name
    assert visitor.page.locator("script").count() == 0


def test_h1_h2_a_guest_cannot_write_markup_nor_turn_text_round(visitor: Visitor) -> None:
    """Breaks when a field that nobody vouches for reaches the page as anything but text."""
    visitor.open().write(MARKUP)
    visitor.page.get_by_label("Name").fill(MARKUP)
    visitor.page.get_by_label("Email").fill(MARKUP)
    visitor.button("Publish comment").click()
    visitor.page.wait_for_url("**/comments#respond")
    assert visitor.page.get_by_label("Email").input_value() == MARKUP
    visitor.page.get_by_label("Email").fill("")
    comment = visitor.publish()
    assert comment.locator(".text").inner_text() == MARKUP
    assert comment.locator(".name").inner_text() == MARKUP
    assert visitor.page.locator("script:not([src]), [onerror]").count() == 0
    visitor.button("Forget me").click()
    visitor.becomes("anonymous")
    visitor.write("Hello")
    visitor.page.get_by_label("Name").fill(OVERRIDE)
    assert visitor.publish().locator(".name").inner_text() == OVERRIDE.replace("\u202e", "")


def test_a_name_of_300_letters_fits(visitor: Visitor) -> None:
    """Breaks when a long name pushes the page sideways, or Log Out out of the box."""
    name = "Wolfeschlegelsteinhausenbergerdorff" * 9
    visitor.open().write("Hello")
    visitor.page.get_by_label("Name").fill(name)
    comment = visitor.publish()
    shown = comment.locator(".name").inner_text()
    assert name.startswith(shown)
    assert len(shown) == LONGEST
    visitor.page.set_viewport_size({"width": 320, "height": 600})
    assert visitor.page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    box = visitor.page.locator(".sociallogin").bounding_box()
    button = visitor.button("Forget me").bounding_box()
    assert box["x"] <= button["x"]
    assert button["x"] + button["width"] <= box["x"] + box["width"]
    visitor.button("Forget me").click()
    visitor.becomes("anonymous")


def test_h4_every_page_has_a_strict_policy_and_keeps_to_it(visitor: Visitor) -> None:
    """Breaks when a page of the login's or the blog's has a weak policy, or one inline style."""
    pages = {
        POST: 200, "/auth/": 200, "/auth/?change=1": 200, "/auth/login/facebook": 200,
        "/auth/login/facebook?popup=1": 200, "/auth/login/nobody": 404, "/auth/box": 200,
        "/auth/callback/facebook?error=access_denied": 403, "/auth/nowhere": 404,
        "/moderation": 403, "/post/2": 404,
    }  # fmt: skip
    for path, status in pages.items():
        answer = visitor.page.goto(f"{visitor.served.url}{path}")
        assert answer.status == status, path
        assert faults_of(answer) == [], path
        html = visitor.page.content()
        assert not re.search(r"<[^>]+\s(?:style|on[a-z]+)=|<style|<script(?![^>]* src=)", html), (
            path
        )


def test_h4_the_watch_sees_a_violation_and_a_dialog(visitor: Visitor) -> None:
    """Breaks when what guards all these tests has gone blind."""
    visitor.open("/auth/")
    with visitor.page.expect_console_message(lambda message: "policy violated" in message.text):
        visitor.page.evaluate(
            """() => {
              const style = document.createElement("style");
              style.textContent = "body { color: red }";
              document.body.append(style);
              alert("here");
            }"""
        )
    said = " ".join(visitor.watch.problems)
    visitor.watch.problems.clear()
    assert "policy violated: style-src" in said
    assert "a dialog: here" in said


def test_h5_a_login_hops_through_a_second_origin_under_our_policy(visitor: Visitor) -> None:
    """Breaks when a policy of ours has `form-action`: Chromium applies it to every redirect."""
    visitor.open("/auth/").leave_for("WordPress.com")
    assert len({host for host in visitor.watch.hosts if host.startswith("localhost:")}) == 2
    visitor.press("grant")
    assert visitor.identity["provider"] == "wordpress"


@pytest.fixture
def stranger() -> Iterator[str]:
    """Another site: it frames whatever its address asks for."""

    class Framing(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><p>I am framed</p>"
            if "?" in self.path:
                body = f'<iframe src="{self.path.partition("?")[2]}"></iframe>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("localhost", 0), Framing) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "path",
    [
        POST,
        "/auth/",
        "/auth/login/facebook",
        "/auth/callback/facebook?error=access_denied",
        "/auth/login/nobody",
        "/auth/box",
    ],
)
def test_h6_a_stranger_cannot_frame_our_pages(visitor: Visitor, stranger: str, path: str) -> None:
    """Breaks when a login page can be laid under somebody else's button."""
    visitor.page.goto(f"{stranger}?{stranger}")
    assert framed(visitor) == "I am framed"
    with visitor.page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        visitor.page.goto(f"{stranger}?{visitor.served.url}{quote(path, '/?=&')}")
    assert "Log in" not in framed(visitor)
    refusals = [problem for problem in visitor.watch.problems if "frame-ancestors" in problem]
    visitor.watch.problems.clear()  # the stranger's own page has no policy at all
    assert len(refusals) == 1


@pytest.mark.parametrize("path", [POST, "/auth/", "/auth/login/facebook"])
def test_d4_a_provider_is_not_told_from_which_page_somebody_came(
    visitor: Visitor, path: str
) -> None:
    """Breaks when the redirection to a provider carries the address, or the host, of a page."""
    theirs: list[Request] = []

    def note(request: Request) -> None:
        if request.url.startswith(visitor.served.emulators_url):
            theirs.append(request)

    visitor.open(path)
    visitor.page.on("request", note)
    visitor.log_in("Facebook")
    told = [request.all_headers().get("referer", "") for request in theirs]
    assert told
    assert [referer for referer in told if referer.startswith(visitor.served.url)] == []


def test_reading_asks_no_provider_for_anything(visitor: Visitor) -> None:
    """Breaks when a picture, a font or a style tells a provider who reads what."""
    visitor.open().log_in("Facebook")
    visitor.write("Read me")
    visitor.publish()
    visitor.watch.requested.clear()
    for path in (POST, "/auth/?change=1", "/auth/login/facebook", "/auth/box", "/auth/callback/x"):
        visitor.open(path)
    assert visitor.watch.hosts == {urlsplit(visitor.served.url).netloc}


def framed(visitor: Visitor) -> str:
    """The text in the page's one frame."""
    frame = visitor.page.frames[1]
    frame.wait_for_load_state()
    return frame.locator("body").inner_text()


def style(locator: Any, name: str) -> str:
    return locator.evaluate("(element, name) => getComputedStyle(element)[name]", name)

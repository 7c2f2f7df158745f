"""No visible word escapes translation: every page and state in a language that shows it."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import catalogues
import pseudo
from carrying import Reply
from embedding import BLOG as BLOG_ELSEWHERE
from embedding import Page, confirmation
from pseudo import untranslated
from sites import NOW, Browser, Site
from sociallogin.demo import create_app
from sociallogin.demo.folder import DATABASE, owner_key
from sociallogin.emulators import Emulators
from sociallogin.emulators.akismet import SPAM_AUTHOR
from sociallogin.errors import COOKIES_REFUSED, FAILURES
from sociallogin.web import languages
from sociallogin.web.endpoints import Endpoints
from sociallogin.web.messages import WebRequest

WINDOW = "0123456789abcdef" * 2
WRONG = {"name": "Ada", "email": "no address", "website": "javascript:x"}
PROSE = "Leave room in the margin"
BLOG = "Marginalia"
DAY = 86_400


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Everybody reads the pseudo-language; the messages that were asked of it."""
    language, asked = pseudo.language()
    monkeypatch.setattr(languages, "language", lambda *_: language)
    return asked


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p>Plain</p>", ["Plain"]),
        ("<p>⟦Said as <bdi>Ada</bdi>⟧ and more</p>", ["and more"]),
        ('<p aria-label="Heard" lang="x-pseudo">⟦x⟧</p>', ["Heard"]),
        ('<section data-words=\'{"a": "⟦b⟧", "c": "d"}\'></section>', ["d"]),
        ('<input placeholder="Here"><img alt="There">', ["Here", "There"]),
        ('<p lang="en">Prose</p><span class="sociallogin-hue-1">AL</span><title>⟦x⟧</title>', []),
        ("<p>⟦One ⟦in⟧ another⟧ …:</p>", []),
    ],
)
def test_the_reader_finds_what_is_untranslated(page: str, found: list[str]) -> None:
    assert untranslated(page) == found


@pytest.mark.server
def test_every_word_of_the_box_and_its_pages_is_translated(asked: set[str]) -> None:
    host = "blog.example.com"
    count = 0
    for page in states():
        left = {text for text in untranslated(page) if text != host}
        assert not left, left
        count += 1
    assert count > 60
    assert asked == {first for first, _ in catalogues.messages("sociallogin")}


def test_a_message_in_json_is_translated_too(asked: set[str]) -> None:
    reply = Site().browser().get("/auth/callback/facebook", accept="application/json")
    assert reply.json["error"] == {"code": "state_missing", "message": f"⟦{COOKIES_REFUSED}⟧"}


def states() -> Iterator[str]:
    """Every state of the box and every page, as HTML."""
    for policy in ("open", "name-and-email", "login-required"):
        browser = Site(policy=policy).browser()
        yield from told(browser, "/box", "/", "/login/facebook", "/login/facebook?popup=1")
        yield browser.post("/auth/guest", WRONG).text
        yield browser.post("/auth/guest", {"name": "\u202e"}).text
        yield browser.post("/auth/guest").text
        yield browser.site.browser().get("/auth/callback/facebook?state=x&code=y").text
    yield from in_a_form(Site().browser())
    for provider in ("facebook", "wordpress"):
        site = Site()
        browser = site.browser()
        browser.log_in(provider)
        yield from accounts(browser)
        site.clock.forward(61)
        yield from accounts(browser)
        browser.post("/auth/logout")
        yield from told(browser, "/box", "/")
    browser = Site(policy="name-and-email").browser()
    browser.log_in("facebook", "no_email")
    yield from accounts(browser)
    browser = Site().browser()
    browser.post("/auth/guest", {"name": "Ada"})
    yield from accounts(browser)
    browser.cookies.clear()
    browser.post("/auth/guest", {"name": ""})  # nobody in particular
    yield from accounts(browser)
    yield from failures(Site().browser())
    yield from windows(Site())
    yield from for_other_sites(Page(Site(embed_origins=[BLOG_ELSEWHERE])))
    yield from told(Site(akismet={"api_key": "a key"}).browser(), "/box", "/")


def accounts(browser: Browser) -> Iterator[str]:
    yield from told(browser, "/box", "/box?change=1", "/", "/?change=1")
    yield from in_a_form(browser)


def in_a_form(browser: Browser) -> Iterator[str]:
    yield from told(browser, "/box?form=reply", "/box?form=reply&change=1")


def failures(browser: Browser) -> Iterator[str]:
    for code in FAILURES:
        yield from told(browser, f"/box?error={code}", f"/box?error={code}&provider=facebook")
    for seconds in (1, 600, 36_000):
        query = f"error=provider_rate_limited&provider=facebook&wait={seconds}"
        yield from told(browser, f"/box?{query}")
    yield from told(browser, "/nowhere", "/login/nobody", "/callback/facebook?state=x&code=y")
    yield browser.request("POST", "/auth/logout", {}, {"Sec-Fetch-Site": "cross-site"}).text
    endpoints = Endpoints(browser.site.login, debug=True)
    request = WebRequest("GET", "/callback/facebook", "state=s&code=c")
    yield browser.site.login.run(endpoints.handle(request)).body.decode()


def windows(site: Site) -> Iterator[str]:
    browser = site.browser()
    yield browser.get(site.emulators.press(browser.begin("facebook", popup=WINDOW))).text
    yield browser.get(site.emulators.press(browser.begin("facebook", popup=WINDOW), "deny")).text
    reply = site.browser().request("POST", "/auth/callback/facebook", {"code": "c", "state": "s"})
    assert 'name="code"' in reply.text, "the page that posts again"
    yield reply.text


def for_other_sites(page: Page) -> Iterator[str]:
    back = f"{BLOG_ELSEWHERE}/post"
    yield page.window.get(confirmation(origin=BLOG_ELSEWHERE, change="1")).text
    in_tab = {"return": back, "challenge": page.challenge}
    yield page.window.get(confirmation(**in_tab)).text
    yield page.window.get(confirmation(origin="https://evil.example")).text
    yield page.finish("deny").text
    callback = page.window.consent(page.begin(**{"return": back}))
    kept = dict(page.window.cookies)
    page.window.get(callback)
    page.window.cookies = kept
    yield page.window.get(callback).text  # what is replayed goes nowhere by itself
    page = Page(page.site)
    yield page.finish().text
    yield page.ask("GET", "/auth/box?form=reply").text
    page.bearer = page.redeem().json["access_token"]
    for target in ("/auth/box", "/auth/box?change=1"):
        yield page.ask("GET", target).text


def told(browser: Browser, *paths: str) -> Iterator[str]:
    for path in paths:
        yield browser.get(f"/auth{path}").text


# The demo's blog


def blog(data: Path, **config: Any) -> Site:
    """The demo in place of the site's app."""
    site = Site(**config)
    app = create_app(site.login, data=data)

    def answer(method: str, target: str, headers: Any, body: bytes) -> Reply:
        client = app.test_client(use_cookies=False)
        response = client.open(target, method=method, headers=list(headers.items()), data=body,
                               base_url=site.base_url)  # fmt: skip
        return Reply(response.status_code, tuple(response.headers.items()), response.data)

    site.app = answer
    return site


@pytest.mark.server
def test_every_word_of_the_blog_is_translated(asked: set[str], tmp_path: Path) -> None:
    allowed = {PROSE, f"{PROSE}  · {BLOG}", f"{PROSE} · {BLOG}", f"· {BLOG}", BLOG}
    for page in (*visits(tmp_path / "post"), *decisions(tmp_path / "moderation")):
        left = set(untranslated(page)) - allowed
        assert not left, left
    assert {first for first, _ in catalogues.messages("demo")} - asked == set()


def visits(data: Path) -> Iterator[str]:
    """Every state of the post's page, as HTML."""
    site, database = blog(data), data / DATABASE
    browser = site.browser()
    yield browser.get("/post/1").text
    for text in ("", "x" * 8001):
        yield browser.post("/post/1/comments", {"text": text, "name": "Ada"}).text
    yield browser.post("/post/1/comments", {"text": "x", "reply_to": "999", "name": "Ada"}).text
    yield browser.post("/post/1/comments", {"text": "x", **WRONG}).text
    yield browser.post("/post/1/comments", {"text": "x"}).text  # a session that ended
    browser.post("/post/1/draft", {"text": "half", "answer": "4"})
    yield browser.get("/post/1").text
    browser.log_in("facebook")
    browser.post("/post/1/like", {"liked": "yes", "text": "half"})
    browser.post("/post/1/comments", {"text": "A comment"})
    yield browser.get("/post/1").text
    number = re.findall(r'id="comment-(\d+)"', browser.get("/post/1").text)[0]
    browser.post("/post/1/comments", {"text": "An answer", "reply_to": number})
    browser.post(f"/post/1/comments/{number}/delete")
    yield browser.get("/post/1").text
    yield browser.post("/post/1/comments/1/delete").text
    yield browser.request("POST", "/post/1/like", {}, {"Sec-Fetch-Site": "cross-site"}).text
    yield browser.get("/nowhere").text
    yield browser.get("/post/1/comments").text
    yield browser.post("/post/1/comments", {"text": "x" * 300_000}).text
    site.clock.forward(400 * DAY)
    for month in range(12):
        change(database, "UPDATE comments SET written_at = ?", NOW + month * 30.5 * DAY)
        yield browser.get("/post/1").text
    change(database, "DELETE FROM likes WHERE person <> (SELECT max(person) FROM likes)")
    yield browser.get("/post/1").text
    change(database, "DELETE FROM likes")
    yield browser.get("/post/1").text
    browser.log_in("facebook")
    browser.post("/post/1/like", {"liked": "yes"})
    yield browser.get("/post/1").text
    site.clock.now = float("nan")  # which nothing can reckon with
    yield browser.get("/post/1").text
    site.clock.now = NOW
    change(database, "DROP TABLE comments")
    yield browser.get("/post/1").text


def decisions(data: Path) -> Iterator[str]:
    """Every state of the owner's page, and what is said after each button, as HTML."""
    site = blog(data, akismet=Emulators().akismet_table())
    akismet, visitor, owner = site.emulators.akismet, site.browser(), site.browser()
    yield owner.get("/moderation").text
    owner.get(f"/moderation?key={owner_key(data)}")
    yield owner.get("/moderation").text
    yield owner.get("/post/1").text
    for number in range(5):
        visitor.post("/post/1/comments", {"text": f"Spam {number}", "name": SPAM_AUTHOR})
    yield visitor.get("/post/1").text
    visitor.post("/post/1/comments", {"text": "Fine", "name": "Ada"})
    with akismet.failing("server_error"):
        visitor.post("/post/1/comments", {"text": "Who knows", "name": "Ada"})
    yield owner.get("/moderation").text
    numbers = re.findall(r'id="comment-(\d+)"', owner.get("/moderation").text)
    told, untold, removed, first, second, unknown, ham = numbers
    for number, act in (
        (told, "approve"), (removed, "spam"), (removed, "spam"), (ham, "spam"),
    ):  # fmt: skip
        owner.post(f"/moderation/{number}/{act}")
        yield owner.get("/moderation").text
    with akismet.failing("server_error"):
        for number, act in ((untold, "approve"), (unknown, "spam")):
            owner.post(f"/moderation/{number}/{act}")
            yield owner.get("/moderation").text
    without = blog(data).browser()  # a new process, and the site has given Akismet up
    without.get(f"/moderation?key={owner_key(data)}")
    for number, act in ((first, "approve"), (second, "spam")):
        without.post(f"/moderation/{number}/{act}")
        yield without.get("/moderation").text


def change(database: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement, values)

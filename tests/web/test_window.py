"""A login in a window of its own, as the server sees it; and what the script asks for."""

import gzip
import re
from typing import Any

import pytest

from embedding import BLOG, Page
from sites import Browser, Site
from sociallogin.schema import LANGUAGES
from sociallogin.web import assets

NONCE = "0123456789abcdef" * 2
MAX_BYTES = 12 * 1024


def window(page: str) -> dict[str, str]:
    """What the page tells our script."""
    found = re.search(r"<body[^>]*>", page)
    assert found is not None
    return dict(re.findall(r'data-([\w-]+)="([^"]*)"', found[0]))


def begin(browser: Browser, popup: str = NONCE) -> str:
    reply = browser.post("/auth/login/facebook", {"next": "/post/1", "popup": popup})
    return reply.header("Location") or ""


def test_the_callback_signs_in_and_tells_the_window_where_to_go(site: Site) -> None:
    browser = site.browser()
    callback = site.emulators.press(begin(browser))
    reply = browser.get(callback)
    assert reply.status == 200
    assert window(reply.text) == {
        "sociallogin-window": NONCE, "outcome": "signin", "next": "/post/1#"
    }  # fmt: skip
    assert 'http-equiv="refresh" content="0; url=/post/1#"' in reply.text
    assert reply.header("Cross-Origin-Opener-Policy") == "unsafe-none"
    assert reply.header("Referrer-Policy") == "no-referrer"
    assert (browser.identity() or {})["name"] == "Nora Lind"
    again = browser.get(callback)
    assert again.status == 400  # its transaction is gone, and nothing is exchanged anew


@pytest.mark.parametrize(
    ("fault", "code"),
    [("denied", "login_denied"), ("server_error", "provider_unreachable")],
)
def test_a_failure_tells_the_window_its_code_and_keeps_it_for_a_second_try(
    site: Site, fault: str, code: str
) -> None:
    browser = site.browser()
    address = begin(browser)
    with site.emulators.facebook.failing(fault):
        reply = browser.get(site.emulators.press(address))
    told = window(reply.text)
    assert (told["sociallogin-window"], told["outcome"], told["code"]) == (NONCE, "error", code)
    assert f'<input type="hidden" name="popup" value="{NONCE}">' in reply.text


def test_how_long_to_wait_is_told(site: Site) -> None:
    browser = site.browser()
    address = begin(browser)
    with site.emulators.twitter.failing("rate_limited"):
        address = browser.post(
            "/auth/login/twitter", {"next": "/", "popup": NONCE}
        ).header("Location")  # fmt: skip
        reply = browser.get(site.emulators.press(address))
    told = window(reply.text)
    box = browser.get(f"/auth/box?error={told['code']}&provider=twitter&wait={told['wait']}")
    sentence = re.search(r"<p>(X \(Twitter\) asks us to wait[^<]*)</p>", reply.text)
    assert sentence is not None
    assert sentence[1] in box.text


@pytest.mark.parametrize("popup", ["", "0", "a b", "x" * 65, '"><script>', "é"])
def test_what_names_no_window_is_none(browser: Browser, popup: str) -> None:
    reply = browser.get(browser.site.emulators.press(begin(browser, popup)))
    assert reply.status == 303


def test_the_page_of_a_window_asks_before_it_begins(browser: Browser) -> None:
    reply = browser.get("/auth/login/facebook?popup=1&next=/post/1&change=1")
    assert window(reply.text)["sociallogin-window"] == "1"
    assert "script-src 'self'" in (reply.header("Content-Security-Policy") or "")
    assert '<input type="hidden" name="popup" value="1">' in reply.text
    assert "script" not in browser.get("/auth/login/facebook").text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("error=login_denied&provider=facebook", "You cancelled the login at Facebook."),
        ("error=login_denied&provider=%3Cb%3E", "You cancelled the login at The provider."),
        ("error=provider_rate_limited&provider=facebook&wait=600", "Try again in 10 minutes."),
        ("error=provider_rate_limited&provider=facebook&wait=1e9", "Try again in a few minutes."),
        ("error=none", ""),
    ],
)
def test_the_box_says_the_sentence_of_a_code(browser: Browser, query: str, sentence: str) -> None:
    reply = browser.get(f"/auth/box?{query}")
    assert reply.status == 200
    assert sentence in reply.text
    assert ('data-state="error"' in reply.text) == bool(sentence)


def test_the_box_belongs_to_the_form_that_is_asked_for(browser: Browser) -> None:
    assert 'form="reply"' in browser.get("/auth/box?form=reply").text
    assert "<x" not in browser.get("/auth/box?form=%22%3E%3Cx%3E").text
    # It is repeated at every button, and the box is kept: what is no id costs nothing.
    for none in ("", "%20", "two%20words", 101 * "x"):
        assert browser.get(f"/auth/box?form={none}").text == browser.get("/auth/box").text
    assert f'form="{100 * "x"}"' in browser.get(f"/auth/box?form={100 * 'x'}").text


def test_leaving_an_account_hands_the_app_what_stood_in_its_form(site: Site) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    told = Site(
        site.framework, hooks={"on_begin": lambda name, form: heard.append((name, dict(form)))}
    )
    browser = told.browser()
    browser.post("/auth/change", {"next": "/post/1", "text": "of nobody"})
    browser.log_in("facebook")
    heard.clear()
    reply = browser.post("/auth/change", {"next": "/post/1?a=b", "text": "one"})
    assert (reply.status, reply.header("Location")) == (
        303, "/auth/?next=%2Fpost%2F1%3Fa%3Db&change=1"
    )  # fmt: skip
    assert browser.identity() is not None
    browser.post("/auth/logout", {"next": "/post/1"})
    assert heard == [("facebook", {"text": "one"})]
    browser.log_in("facebook")
    heard.clear()
    browser.post("/auth/logout", {"next": "/post/1", "text": "two"})
    assert heard == [("facebook", {"text": "two"})]
    assert browser.identity() is None


@pytest.mark.parametrize("tag", LANGUAGES)
def test_box_style_and_script_are_small(browser: Browser, tag: str) -> None:
    files = [assets.assets()[name].content for name in ("sociallogin.css", "sociallogin.js")]
    sent = gzip.compress(b"".join([browser.get("/auth/box", accept_language=tag).body, *files]))
    assert len(sent) <= MAX_BYTES


def test_the_same_is_small_in_a_page_of_another_site() -> None:
    page = Page(Site(embed_origins=[BLOG]))
    files = ("sociallogin.css", "sociallogin.js", "embed.js")
    content = [assets.assets()[name].content for name in files]
    box = page.ask("GET", "/auth/box?form=reply", **{"Accept-Language": "ar"}).body
    assert len(gzip.compress(b"".join([box, *content]))) <= MAX_BYTES


def test_a_login_that_fails_when_it_begins_is_told_to_the_box_too() -> None:
    site = Site(twitter="oauth1")
    browser = site.browser()
    with site.emulators.twitter_oauth1.failing("server_error", at="request_token"):
        page = browser.post("/auth/login/twitter", {"next": "/post/1", "popup": NONCE})
    assert page.status == 503
    assert f'data-sociallogin-window="{NONCE}"' in page.text
    assert 'data-outcome="error"' in page.text
    assert f'name="popup" value="{NONCE}"' in page.text
    assert 'name="next" value="/post/1"' in page.text


def test_who_cancels_a_change_is_asked_for_the_account_at_the_next_try(browser: Browser) -> None:
    browser.log_in("facebook")
    start = browser.post("/auth/login/facebook", {"next": "/post/1", "change": "1"}).location
    page = browser.get(browser.consent(start, "deny")).text
    assert 'name="change" value="1"' in page
    assert browser.identity() is not None

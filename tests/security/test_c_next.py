"""SECURITY C: redirects and `next`."""

import html
import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest

from sites import Browser, Site, query

DROPPED = [
    # C1
    "https://e.org", "//e.org", "///e.org", "http:e.org", "javascript:x", "e.org",
    # C2
    "/\\e.org", "\\/e.org", "\\\\e.org", "/\\/e.org",
    # C3
    "/\t/e.org", "/\r/e.org", "/\n/e.org", "/\x0b/e.org", " //e.org", "/ /e.org",
    "/%09/e.org", "/%0a/e.org", "/%0d%0aSet-Cookie:a=b",
    # C4
    "/%2fe.org", "/%5ce.org", "%2f%2fe.org", "/%252fe.org", "/..//e.org", "/.//e.org",
]  # fmt: skip
HONEST = {
    "/post/1?u=https://x.org/a#comments": "/post/1?u=https://x.org/a#comments",
    "/möwe/海?q=é": "/m%C3%B6we/%E6%B5%B7?q=%C3%A9",
    "/a%20b": "/a%20b",
    "/": "/",
}


def by_confirm_page(browser: Browser, value: str) -> str:
    return _hidden_next(browser.get(f"/auth/login/wordpress?{urlencode({'next': value})}").text)


def by_choices(browser: Browser, value: str) -> str:
    return _hidden_next(browser.get(f"/auth/?{urlencode({'next': value})}").text)


def by_box(browser: Browser, value: str) -> str:
    return _hidden_next(browser.get(f"/auth/box?{urlencode({'next': value})}").text)


def by_login(browser: Browser, value: str) -> str:
    return browser.log_in("wordpress", next_url=value).location


def by_guest(browser: Browser, value: str) -> str:
    return browser.post("/auth/guest", {"name": "Ada", "next": value}).location


def by_logout(browser: Browser, value: str) -> str:
    return browser.post("/auth/logout", {"next": value}).location


def by_error_page(browser: Browser, value: str) -> str:
    page = browser.post("/auth/guest", {"email": "no address", "next": value}).text
    found = re.search(r'class="sociallogin-back"><a href="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


def by_python(browser: Browser, value: str) -> str:
    login = browser.site.login
    start = login.begin("wordpress", next_url=value)
    callback = browser.site.emulators.press(start.url, "grant")
    return login.complete("wordpress", query(callback), transaction=start.transaction).next_url


def _hidden_next(page: str) -> str:
    found = re.search(r'name="next" value="([^"]*)"', page)
    assert found is not None
    return html.unescape(found[1])


DOORS = [
    by_confirm_page, by_choices, by_box, by_login, by_guest, by_logout, by_error_page, by_python,
]  # fmt: skip
Door = Callable[[Browser, str], str]


@pytest.mark.parametrize("value", DROPPED, ids=ascii)
@pytest.mark.parametrize("door", DOORS)
def test_c1_to_c5_what_may_lead_away_is_dropped_at_every_door(
    browser: Browser, door: Door, value: str
) -> None:
    assert door(browser, value) == "/"


@pytest.mark.parametrize(("value", "arrives"), HONEST.items(), ids=ascii)
@pytest.mark.parametrize("door", DOORS)
def test_c7_an_honest_next_arrives_whole(
    browser: Browser, door: Door, value: str, arrives: str
) -> None:
    assert door(browser, value) == arrives


def test_c6_a_next_in_the_callback_is_ignored(browser: Browser) -> None:
    callback = browser.consent(browser.begin("wordpress", "/sealed"))
    assert browser.get(f"{callback}&next={quote('/forged', safe='')}").location == "/sealed"


@pytest.mark.parametrize("door", [by_login, by_guest, by_logout])
def test_c8_a_redirection_after_a_post_is_303_and_says_nothing_of_anybody(
    site: Site, door: Door
) -> None:
    browser = site.browser()
    location = door(browser, "/post/1")
    assert location == "/post/1"


def test_c8_every_redirection_is_303(browser: Browser) -> None:
    begun = browser.post("/auth/login/facebook", {"next": "/"})
    assert begun.status == 303
    assert browser.get(browser.consent(begun.location)).status == 303
    assert browser.post("/auth/logout").status == 303
    assert browser.post("/auth/guest", {"name": "Ada"}).status == 303

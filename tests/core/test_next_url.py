"""`next`: a path on this site, or dropped. Judged by a browser's own URL parser (WHATWG)."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from ada_url import URL
from hypothesis import given
from hypothesis import strategies as st

from sociallogin.next_url import safe_next
from strategies import QUICK, hostile_paths

SITE = "https://site.example"

C1 = [
    "https://e.org", "HTTPS://e.org", "//e.org", "///e.org", "////e.org", "http:e.org",
    "http:/e.org", "https:///e.org", "javascript:x", "data:text/html,x", "e.org", "e.org/x",
    "?x", "#x", "@e.org", ".e.org", "mailto:a@e.org", f"{SITE}/x", f"{SITE}.e.org/",
]  # fmt: skip
C2 = ["/\\e.org", "\\/e.org", "\\\\e.org", "/\\/e.org", "/\\\\e.org", "\\e.org", "/x\\..\\\\e.org"]
_BLANKS = ["\t", "\r", "\n", "\v", "\f", " ", "\x00", "\x85", "\xa0", "\u2028", "%09", "%0a", "%0D"]
C3 = [
    *(f"/{blank}/e.org" for blank in _BLANKS),
    *(f"{blank}//e.org" for blank in _BLANKS),
    *(f"/{blank}\\e.org" for blank in _BLANKS),
    "/%0b/e.org", "/%00/e.org", "/x\r\nSet-Cookie: a=b", "/x%0d%0aSet-Cookie: a=b",
]  # fmt: skip
C4 = [
    "/%2fe.org", "/%2Fe.org", "/%5ce.org", "/%5Ce.org", "%2f%2fe.org", "%2fe.org", "/%252fe.org",
    "/%25252fe.org", "/%255ce.org", "/..//e.org", "/.//e.org", "/x/..//e.org", "/%2e//e.org",
    "/%2e%2e//e.org", "/.%2f/e.org", "/%2e/%2fe.org", "/%c0%af/e.org", "/%2525252525252fe.org",
    "/;//e.org", "/x//e.org",
]  # fmt: skip


def host_in_a_browser(location: str) -> str:
    return str(URL(location, base=f"{SITE}/auth/callback/x").host)


def stays(location: str) -> bool:
    """Whether `Location` keeps a browser, and every reader of RFC 3986, on our host."""
    return (
        location.startswith("/")
        and location.isascii()
        and location.isprintable()
        and " " not in location
        and "\\" not in location
        and host_in_a_browser(location) == "site.example"
        and urlsplit(urljoin(f"{SITE}/auth/callback/x", location)).netloc == "site.example"
    )


@pytest.mark.parametrize("value", C1, ids=ascii)
def test_c1_another_host_or_scheme_is_dropped(value: str) -> None:
    assert safe_next(value) == "/"


@pytest.mark.parametrize("value", C2, ids=ascii)
def test_c2_a_backslash_is_dropped(value: str) -> None:
    assert safe_next(value) == "/"


@pytest.mark.parametrize("value", C3, ids=ascii)
def test_c3_blanks_and_controls_among_slashes_are_dropped(value: str) -> None:
    assert safe_next(value) == "/" or stays(safe_next(value))
    assert safe_next(value) in ("/", "/%C2%A0/e.org")


@pytest.mark.parametrize("value", C4, ids=ascii)
def test_c4_encoded_slashes_and_dot_segments_are_dropped(value: str) -> None:
    assert safe_next(value) == "/"


@pytest.mark.parametrize(
    ("value", "location"),
    [
        ("/", "/"),
        ("/post/1#comments", "/post/1#comments"),
        ("/post/1?u=https://x.org/a#comments", "/post/1?u=https://x.org/a#comments"),
        ("/post/1?u=//x.org&v=%2f%2fx", "/post/1?u=//x.org&v=%2f%2fx"),
        ("/straße/日本?q=é#ü", "/stra%C3%9Fe/%E6%97%A5%E6%9C%AC?q=%C3%A9#%C3%BC"),
        ("/a%20b?c=%41", "/a%20b?c=%41"),
        ("/search?q=two words", "/search?q=two%20words"),
        ("/a;b=c/~me/(x)!'*,@:$&=+", "/a;b=c/~me/(x)!'*,@:$&=+"),
        ("/a/../b/.", "/a/../b/."),
        ("/" + "x" * 999, "/" + "x" * 999),
    ],
)
def test_c7_an_honest_path_arrives_whole_and_percent_encoded(value: str, location: str) -> None:
    assert safe_next(value) == location
    assert stays(location)


def test_a_path_has_the_same_length_however_it_is_written() -> None:
    for letters, kept in ((166, True), (167, False)):
        plain, encoded = "/" + "é" * letters, "/" + "%C3%A9" * letters
        assert safe_next(plain) == safe_next(encoded) == (encoded if kept else "/")


@pytest.mark.parametrize(
    "value", ["/" + "x" * 1000, "/" + "é" * 999, "/" + "x" * 100_000, "/?" + "%25" * 40_000]
)
def test_g8_more_than_1000_bytes_are_dropped(value: str) -> None:
    assert safe_next(value) == "/"


@pytest.mark.parametrize("value", [None, "", 5, b"/x", ["/x"], "/\ud800"], ids=ascii)
def test_what_is_no_text_is_dropped(value: object) -> None:
    assert safe_next(value) == "/"


@given(hostile_paths | hostile_paths.map("/{}".format) | st.text().map("/{}".format))
@QUICK
def test_the_result_stays_on_our_host_whatever_comes(value: str) -> None:
    assert stays(safe_next(value))


@given(hostile_paths.map("/{}".format) | st.text().map("/{}".format))
@QUICK
def test_judging_the_result_again_changes_nothing(value: str) -> None:
    once = safe_next(value)
    assert safe_next(once) == once


@pytest.mark.parametrize("value", [C1[2], C2[0], C3[0], C4[0]], ids=ascii)
def test_c5_begin_judges_next_and_complete_gives_it_back(conversation: Any, value: str) -> None:
    assert conversation.log_in(next_url=value).next_url == "/"
    assert conversation.log_in(next_url="/post/1#comments").next_url == "/post/1#comments"
    assert conversation.log_in().next_url == "/"


def test_c6_a_next_in_the_callback_is_ignored(conversation: Any) -> None:
    conversation.expect()
    start = conversation.begin("/sealed")
    params = {**conversation.params(start), "next": "/other", "next_url": "//e.org"}
    assert conversation.complete(start, params).next_url == "/sealed"

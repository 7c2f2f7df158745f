"""What pages of other origins may read, and whom their browsers are told so."""

import pytest

from carrying import Reply
from embedding import BLOG, Page, base64url
from sites import Browser, Site

SHARED = ["/auth/identity", "/auth/logout", "/auth/box", "/auth/embed/redeem",
          "/auth/static/embed.js"]  # fmt: skip
OURS_ALONE = ["/auth/", "/auth/login/facebook", "/auth/guest", "/auth/change",
              "/auth/callback/facebook", "/auth/embed/login/facebook"]  # fmt: skip
STRANGERS = ["https://evil.example", "null", "https://static.example.evil.example",
             "http://static.example", "https://static.example:8443", "https://STATIC.example",
             "https://static.example/", ""]  # fmt: skip


def preflight(site: Site, target: str, origin: str, method: str = "POST") -> Reply:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
    }
    return Browser(site).request("OPTIONS", target, headers=headers)


def cors(reply: Reply) -> set[str]:
    return {name.lower() for name, _ in reply.headers if "access-control" in name.lower()}


@pytest.mark.parametrize("target", SHARED)
def test_a_listed_page_may_ask(site: Site, target: str) -> None:
    reply = preflight(site, target, BLOG)
    assert reply.status == 200
    assert reply.header("Access-Control-Allow-Origin") == BLOG
    assert reply.header("Access-Control-Allow-Methods") == "GET, POST"
    assert reply.header("Access-Control-Allow-Headers") == "Authorization, Content-Type"
    assert reply.header("Access-Control-Allow-Credentials") is None
    assert "Origin" in (reply.header("Vary") or "")
    assert not reply.body


@pytest.mark.parametrize("origin", STRANGERS)
@pytest.mark.parametrize("target", SHARED)
def test_a_strangers_page_may_not(site: Site, target: str, origin: str) -> None:
    asked = preflight(site, target, origin)
    assert asked.status == 405
    assert not cors(asked)
    for method in ("GET", "POST"):
        reply = Browser(site).request(method, target, headers={"Origin": origin})
        assert not cors(reply)
        assert "Origin" in (reply.header("Vary") or ""), "a cache keeps them apart"


@pytest.mark.parametrize("target", OURS_ALONE)
def test_nothing_else_is_shared(site: Site, target: str) -> None:
    for reply in (
        preflight(site, target, BLOG),
        Browser(site).request("GET", target, headers={"Origin": BLOG}),
    ):
        assert not cors(reply)


def test_options_without_the_headers_of_a_preflight_is_no_method_of_ours(site: Site) -> None:
    reply = Browser(site).request("OPTIONS", "/auth/identity", headers={"Origin": BLOG})
    assert reply.status == 405
    assert reply.header("Access-Control-Allow-Methods") is None


def test_files_are_for_other_sites_and_are_sent_once(site: Site) -> None:
    page = Page(site)
    first = page.ask("GET", "/auth/static/embed.js")
    assert first.status == 200
    assert first.header("Cross-Origin-Resource-Policy") == "cross-origin"
    tag = first.header("ETag")
    assert tag is not None
    again = page.ask("GET", "/auth/static/embed.js", **{"If-None-Match": f'W/"x", {tag}'})
    assert (again.status, again.body) == (304, b"")
    assert again.header("Access-Control-Allow-Origin") == BLOG


def test_an_error_can_be_read_too(site: Site) -> None:
    page = Page(site)
    assert page.ask("GET", "/auth/redeem").header("Access-Control-Allow-Origin") is None
    page.bearer = f"sociallogin_{base64url(b'0' * 32)}"
    refused = page.ask("POST", "/auth/logout")
    assert (refused.status, refused.header("Access-Control-Allow-Origin")) == (401, BLOG)

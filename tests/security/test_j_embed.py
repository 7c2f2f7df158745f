"""SECURITY J: the box on another site: challenge, result, bearer, origin."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from attacks import JSON, still_usable, token_requests
from leaks import Overheard, assert_kept

from carrying import Reply
from embedding import BLOG, OTHER, Page, base64url, code_of, confirmation
from redis_server import RedisServer
from sites import Browser, Clock, Site, shown_error

EVIL = "https://evil.example"


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site(embed_origins=[BLOG, OTHER])


@pytest.fixture
def page(site: Site) -> Page:
    return Page(site)


def refused(reply: Reply, code: str, status: int) -> None:
    assert (shown_error(reply), reply.status) == (code, status)
    assert not [name for name in reply.set_cookies if "identity" in name or "login" in name]


@pytest.mark.parametrize(
    "origin",
    [EVIL, "", "null", f"{BLOG}.evil.example", f"{BLOG}/", f"{BLOG}@evil.example",
     "http://static.example", "https://STATIC.example", f" {BLOG}", f"{BLOG}\n{EVIL}", "*"],
)  # fmt: skip
def test_j1_a_window_for_an_unlisted_origin_is_a_refusal_page(page: Page, origin: str) -> None:
    asked = confirmation(origin=origin)
    refused(page.window.get(asked, **JSON), "origin_not_allowed", 403)
    shown = page.window.get(asked)
    assert shown.status == 403
    assert "<script" not in shown.text, "no message is sent by it"
    form = {"origin": origin, "challenge": page.challenge}
    refused(page.window.post("/auth/embed/login/facebook", form, **JSON), "origin_not_allowed", 403)
    assert token_requests(page.site, "facebook") == 0


@pytest.mark.parametrize(
    "url",
    [f"{EVIL}/", f"{BLOG}.evil.example/", f"{BLOG}@evil.example/", f"{BLOG}:8443/", BLOG,
     f"{BLOG}?x", "//static.example/", "/post", "javascript:alert(1)", f"{BLOG}/#a",
     f"{BLOG}/ ", f"{BLOG}/\r\nSet-Cookie: a=b", f"{BLOG}/é", f"{BLOG}/{'a' * 1000}",
     f"{BLOG}\\@evil.example/"],
)  # fmt: skip
def test_j2_no_login_comes_back_to_an_unlisted_address(page: Page, url: str) -> None:
    asked = {"return": url, "challenge": page.challenge}
    refused(page.window.get(confirmation(**asked), **JSON), "origin_not_allowed", 403)
    reply = page.window.post("/auth/embed/login/facebook", asked, **JSON)
    refused(reply, "origin_not_allowed", 403)


def test_j3_a_link_begins_no_login_and_plants_no_challenge(page: Page) -> None:
    """The window's challenge comes by its opener's message; an address with one is not heard."""
    planted = page.window.get(confirmation(origin=BLOG, challenge=page.challenge))
    assert page.challenge not in planted.text
    assert not page.window.pending
    link = page.window.get(confirmation(**{"return": f"{BLOG}/", "challenge": page.challenge}))
    assert "<script" not in link.text, "only a press goes on"
    assert not page.window.pending
    assert page.redeem().status == 202
    assert token_requests(page.site, "facebook") == 0


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": BLOG},
     {"Origin": "null"}, {}],
    ids=str,
)  # fmt: skip
def test_j4_another_sites_page_posts_no_login(page: Page, headers: dict[str, str]) -> None:
    form = {"origin": BLOG, "challenge": page.challenge}
    reply = page.window.request("POST", "/auth/embed/login/facebook", form, {**JSON, **headers})
    refused(reply, "cross_site_request", 403)
    still_usable(page.window)


@pytest.mark.parametrize(
    "challenge", ["", "A" * 42, "A" * 44, "A" * 42 + "+", "é" * 43, "A" * 9999]
)
def test_j5_only_an_s256_challenge_begins_a_login(page: Page, challenge: str) -> None:
    form = {"origin": BLOG, "challenge": challenge}
    refused(page.window.post("/auth/embed/login/facebook", form, **JSON), "bad_request", 400)


def test_j6_who_knows_the_code_alone_or_the_verifier_alone_gets_nothing(page: Page) -> None:
    """An attacker's own verifier in a link that the victim pressed; or the victim's code seen."""
    done = page.finish(**{"return": f"{BLOG}/"})
    for verifier, code in ((page.verifier, ""), (base64url(b"1" * 32), code_of(done.location))):
        form = {"verifier": verifier, "code": code}
        reply = page.ask("POST", "/auth/embed/redeem", form)
        assert (reply.status, reply.json) == (202, {"pending": True})
    assert page.redeem(code=code_of(done.location)).status == 200


def test_j7_an_attackers_result_signs_nobody_in_on_the_victims_page(page: Page) -> None:
    """The address with the attacker's code is opened by the victim, who has another verifier."""
    attacker = Page(page.site)
    planted = code_of(attacker.finish(**{"return": f"{BLOG}/"}).location)
    assert page.redeem(code=planted).status == 202


@pytest.mark.parametrize("origin", [OTHER, EVIL, None, "null"])
def test_j8_a_result_is_for_its_origin_and_stays_for_it(page: Page, origin: str | None) -> None:
    page.finish()
    reply = page.redeem(origin=origin)
    refused(reply, "origin_not_allowed", 403)
    allowed = reply.header("Access-Control-Allow-Origin")
    assert allowed == (OTHER if origin == OTHER else None)
    assert page.redeem().status == 200


@pytest.mark.parametrize(
    "verifier", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "é" * 43, "A" * 60_000], ids=len
)
def test_j9_a_verifier_that_is_none_is_refused_before_the_store(page: Page, verifier: str) -> None:
    refused(page.ask("POST", "/auth/embed/redeem", {"verifier": verifier}), "bad_request", 400)


def test_j10_a_result_is_redeemed_once(page: Page) -> None:
    page.finish()
    assert [page.redeem().status for _ in range(3)] == [200, 202, 202]


def test_j10_a_result_is_redeemed_once_across_workers(
    framework: str, redis_server: RedisServer
) -> None:
    clock = Clock()
    workers = [Site(framework, embed_origins=[BLOG], store=redis_server.url, clock=clock)
               for _ in range(2)]  # fmt: skip
    page = Page(workers[0])
    page.finish()
    pages = [Page(worker, verifier=page.verifier) for worker in workers for _ in range(4)]
    with ThreadPoolExecutor(len(pages)) as pool:
        replies = list(pool.map(Page.redeem, pages))
    assert sorted(reply.status for reply in replies) == [200] + [202] * 7
    (won,) = [reply for reply in replies if reply.status == 200]
    for one in pages:
        one.bearer = won.json["access_token"]
        assert one.identity() is not None, "every worker knows it"
    assert pages[0].ask("POST", "/auth/logout").status == 200
    assert pages[-1].identity() is None, "and that it is over"


@pytest.mark.parametrize("origin", [OTHER, EVIL, None, "null", f"{BLOG}:443"])
def test_j11_a_bearer_counts_at_its_origin_alone(page: Page, origin: str | None) -> None:
    page.log_in()
    assert page.identity(origin=origin) is None
    reply = page.ask("POST", "/auth/logout", origin=origin)
    refused(reply, "login_required", 401)
    assert page.identity() is not None, "and it is not ended from elsewhere"


def test_j11_a_bearer_of_an_origin_that_is_no_longer_listed_counts_for_nothing(
    framework: str, redis_server: RedisServer
) -> None:
    site = Site(framework, embed_origins=[BLOG], store=redis_server.url)
    page = Page(site).log_in()
    site.restart(embed_origins=[OTHER])
    assert page.identity() is None
    site.restart(embed_origins=[BLOG])
    assert page.identity() is not None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda b: b[:-1] + ("A" if b[-1] != "A" else "B"),
        lambda b: b[:-1],
        lambda b: f"{b}A",
        str.swapcase,
        lambda b: b.removeprefix("sociallogin_"),
        lambda b: f"{b}, {b}",
        lambda _: "sociallogin_" + "A" * 43,
        lambda _: "sociallogin_" + "A" * 60_000,
        lambda _: "",
    ],
)
def test_j12_a_damaged_bearer_is_nobodys(page: Page, spoil: Callable[[str], str]) -> None:
    page.log_in()
    good, page.bearer = page.bearer, spoil(page.bearer)
    assert page.identity() is None
    page.bearer = good
    assert page.identity() is not None


def test_j12_a_bearer_that_was_logged_out_is_nobodys(page: Page) -> None:
    page.log_in()
    assert page.ask("POST", "/auth/logout").status == 200
    assert page.identity() is None
    assert "You are commenting" not in page.ask("GET", "/auth/box").text


def test_j13_a_bearer_opens_nothing_else_of_ours(page: Page) -> None:
    """It is no cookie: nobody is signed in by it as a guest or in another account."""
    page.log_in()
    for target in ("/auth/guest", "/auth/change", "/auth/login/facebook"):
        refused(page.ask("POST", target, {"name": "Ada"}), "cross_site_request", 403)
    for header in ("Basic", "Token"):
        headers = {"Origin": BLOG, "Authorization": f"{header} {page.bearer}"}
        reply = Browser(page.site).request("GET", "/auth/identity", headers=headers)
        assert reply.json["identity"] is None
    bare = Page(page.site)
    assert bare.ask("GET", f"/auth/identity?access_token={page.bearer}").json["identity"] is None


def test_j14_sealed_values_are_not_taken_for_each_other(page: Page) -> None:
    """What an identity cookie holds is no bearer, and what the store holds is no cookie."""
    page.window.log_in("facebook")
    page.bearer = page.window.identity_cookie
    assert page.identity() is None
    page = Page(page.site).log_in()
    page.window.cookies["__Host-sociallogin_identity"] = page.bearer
    assert page.window.identity() is None


def test_j15_a_store_that_fails_lets_nobody_in(
    make_site: Callable[..., Site], redis_server: RedisServer
) -> None:
    page = Page(make_site(embed_origins=[BLOG], store=redis_server.url)).log_in()
    late = Page(page.site)
    callback = late.window.consent(late.begin())
    redis_server.stop()
    for method, target in (("GET", "identity"), ("GET", "box"), ("POST", "logout")):
        refused(page.ask(method, f"/auth/{target}"), "store_unavailable", 503)
    refused(late.redeem(), "store_unavailable", 503)
    done = late.window.get(callback)
    assert done.status == 503
    assert not [name for name in done.set_cookies if "identity" in name]
    redis_server.start()
    assert page.identity() is None, "it kept nothing"
    still_usable(late.window)


def test_j16_nothing_of_it_is_written_anywhere(
    framework: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    emulators = Overheard("https://blog.example.com", "/auth", clock=(clock := Clock()))
    site = Site(framework, embed_origins=[BLOG], emulators=emulators, clock=clock)
    page = Page(site)
    done = page.finish(**{"return": f"{BLOG}/"})
    reply = page.redeem(code=code_of(done.location))
    page.bearer = reply.json["access_token"]
    replies = [done, page.ask("GET", "/auth/box"), page.ask("POST", "/auth/logout")]
    told = reply.json["identity"]
    logged = "\n".join(f"{record.getMessage()} {record.args!r}" for record in caplog.records)
    for secret in (page.bearer, page.verifier, page.challenge, code_of(done.location)):
        assert secret not in logged
    for value in (told["subject"], told["name"], page.bearer, page.verifier):
        assert value not in done.location
        assert value not in done.text
    for answered in replies[1:]:
        assert page.bearer not in answered.text
    assert_kept(emulators.confidences, caplog, replies=[done, reply, *replies])
    token = re.fullmatch(r"sociallogin_([A-Za-z0-9_-]{43})", page.bearer)
    assert token is not None, "256 bits"


def test_j17_fields_of_a_redemption_are_bounded(page: Page) -> None:
    long = {"verifier": page.verifier, "more": "x" * 300_000}
    refused(page.ask("POST", "/auth/embed/redeem", long), "too_large", 413)
    many: Any = [("verifier", page.verifier)] * 500
    headers = {"Origin": BLOG, "Content-Type": "application/x-www-form-urlencoded"}
    reply = Browser(page.site).request(
        "POST", "/auth/embed/redeem", headers=headers, body=urlencode(many).encode()
    )
    refused(reply, "too_large", 413)

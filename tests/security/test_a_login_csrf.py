"""SECURITY A: login CSRF, state, session fixation."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from attacks import JSON, refused, still_usable, token_requests

from redis_server import RedisServer
from sites import Browser, Site, query, shown_error
from sociallogin import LoginRefused, SignIn


def test_a1_a_callback_begun_in_another_browser_is_refused(
    make_site: Callable[..., Site], spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    attacker, victim = site.browser(), site.browser()
    callback = attacker.consent(attacker.begin(provider))
    refused(victim, callback, "state_missing", 400)
    assert token_requests(site, provider, protocol) == 0
    still_usable(victim, provider)


def test_a2_a_foreign_callback_leaves_the_victims_own_login_alone(
    make_site: Callable[..., Site], spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    attacker, victim = site.browser(), site.browser()
    own = victim.begin(provider, "/own")
    callback = attacker.consent(attacker.begin(provider))
    refused(victim, callback, "state_mismatch", 400)
    assert victim.get(victim.consent(own)).location.startswith("/own")
    assert token_requests(site, provider, protocol) == 1


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda state: None, "state_missing"),
        (lambda state: "", "state_missing"),
        (lambda state: state[:-1] + ("A" if state[-1] != "A" else "B"), "state_mismatch"),
        (lambda state: state[:-1], "state_mismatch"),
        (str.swapcase, "state_mismatch"),
    ],
    ids=["absent", "empty", "one character", "truncated", "case"],
)
def test_a3_a_damaged_state_is_refused(
    browser: Browser, damage: Callable[[str], str | None], code: str
) -> None:
    callback = browser.consent(browser.begin("facebook"))
    parameters: dict[str, Any] = query(callback)
    parameters["state"] = damage(parameters["state"])
    kept = {name: value for name, value in parameters.items() if value is not None}
    refused(browser, f"{urlsplit(callback).path}?{urlencode(kept)}", code, 400)
    assert token_requests(browser.site, "facebook") == 0
    still_usable(browser)


def test_a4_a_planted_plain_cookie_is_not_read_on_https(site: Site) -> None:
    loopback = Site(site.framework, base_url="http://127.0.0.1:8000")
    attacker, victim = loopback.browser(), site.browser()
    attacker.log_in("facebook")
    assert set(attacker.cookies) == {"sociallogin_identity"}
    sealed = site.login.seal_identity(loopback.login.open_identity(attacker.identity_cookie))
    victim.cookies["sociallogin_identity"] = sealed
    assert victim.identity() is None
    start = site.login.begin("facebook")
    name = site.browser()
    name.begin("facebook")
    plain = name.pending[0].removeprefix("__Host-")
    victim.cookies = {plain: start.transaction}
    refused(victim, f"/auth/callback/facebook?code=c&state={start.key}", "state_missing", 400)


@pytest.mark.parametrize("before", ["\xa0", "\x85", "\x1c", "\x1f", "\x0b"], ids=ascii)
def test_a4_a_name_that_is_ours_but_for_a_byte_before_it_is_not_ours(
    site: Site, before: str
) -> None:
    """A sibling host may set it with a Domain: for the browser it does not begin with `__Host-`."""
    attacker, victim = site.browser(), site.browser()
    attacker.log_in("facebook")
    (name,) = (name for name in attacker.cookies if name.endswith("identity"))
    victim.cookies = {f"{before}{name}": attacker.identity_cookie}
    assert victim.identity() is None
    start = site.login.begin("facebook")
    own = site.browser()
    own.begin("facebook")
    victim.cookies = {f"{before}{own.pending[0]}": start.transaction}
    refused(victim, f"/auth/callback/facebook?code=c&state={start.key}", "state_missing", 400)


@pytest.mark.parametrize(
    "end", ["a/b", "a@b", "a(b", "a,b", 'a"b', "é", "AAAAAAAAA", ""], ids=ascii
)
def test_a9_a_name_that_begins_like_a_pending_logins_is_never_sent_back(
    site: Site, end: str
) -> None:
    browser = site.browser()
    browser.begin("facebook")
    start = browser.pending[0][:-8]
    browser.cookies = {f"{start}{end}": "x"} | {f"{start}{n:08}": "x" for n in range(100)}
    reply = browser.post("/auth/login/facebook")
    assert reply.status == 303
    names = {cookie.partition("=")[0] for cookie in reply.all("Set-Cookie")}
    assert f"{start}{end}" not in names
    assert len(names) == 1 + 20


def test_a5_a_reloaded_callback_exchanges_nothing_and_keeps_the_identity(
    make_site: Callable[..., Site], spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    browser = site.browser()
    callback = browser.consent(browser.begin(provider, "/post/1"))
    assert browser.get(callback).status == 303
    first = browser.identity()
    refused(browser, callback, "state_missing", 400)
    browser.begin(provider)
    refused(browser, callback, "state_mismatch", 400)
    assert browser.identity() == first
    assert token_requests(site, provider, protocol) == 1


def test_a5_a_repeat_that_still_carries_both_cookies_is_sent_on_calmly(browser: Browser) -> None:
    callback = browser.consent(browser.begin("facebook", "/post/1"))
    transaction = {name: browser.cookies[name] for name in browser.pending}
    browser.get(callback)
    browser.cookies |= transaction
    reply = browser.request("GET", callback, headers=JSON)
    assert (reply.status, reply.location) == (303, "/post/1#")
    assert "__Host-sociallogin_identity" not in reply.set_cookies
    assert token_requests(browser.site, "facebook") == 1


@pytest.mark.parametrize("who", ["nobody", "guest", "another provider", "an older login"])
def test_a5_a_repeat_without_this_logins_identity_is_refused(site: Site, who: str) -> None:
    browser = site.browser()
    if who == "an older login":
        browser.log_in("facebook")
        older = dict(browser.cookies)
        site.clock.forward(30)
    callback = browser.consent(browser.begin("facebook"))
    transaction = {name: browser.cookies[name] for name in browser.pending}
    browser.get(callback)
    exchanges = token_requests(site, "facebook")
    browser.cookies = {}
    if who == "guest":
        browser.post("/auth/guest", {"name": "Ada"})
    elif who == "another provider":
        browser.log_in("wordpress")
    elif who == "an older login":
        browser.cookies = older
    browser.cookies |= transaction
    refused(browser, callback, "state_replayed", 400)
    assert token_requests(site, "facebook") == exchanges


def test_a6_fifty_identical_callbacks_at_once_make_one_exchange(site: Site) -> None:
    browser = site.browser()
    callback = browser.consent(browser.begin("facebook"))
    copies = [Browser(site, dict(browser.cookies)) for _ in range(50)]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda b: b.request("GET", callback, headers=JSON), copies))
    assert sorted(reply.status for reply in replies) == [303] + [400] * 49
    codes = {shown_error(reply) for reply in replies if reply.status == 400}
    assert codes == {"state_replayed"}
    assert token_requests(site, "facebook") == 1


def worker(site: Site) -> Site:
    """Another process or machine that serves the same site."""
    return Site(site.framework, emulators=site.emulators, clock=site.clock, **site.config)


def test_a6_fifty_callbacks_at_once_on_two_workers_make_one_exchange(
    make_site: Callable[..., Site], redis_server: RedisServer
) -> None:
    one = make_site(store=redis_server.url)
    other = worker(one)
    browser = one.browser()
    callback = browser.consent(browser.begin("facebook"))
    copies = [Browser((one, other)[n % 2], dict(browser.cookies)) for n in range(50)]
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda b: b.request("GET", callback, headers=JSON), copies))
    assert sorted(reply.status for reply in replies) == [303] + [400] * 49
    codes = {shown_error(reply) for reply in replies if reply.status == 400}
    assert codes == {"state_replayed"}
    assert token_requests(one, "facebook") == 1


def test_a6_a_cookie_and_callback_copied_to_another_machine_are_refused_there(
    make_site: Callable[..., Site], redis_server: RedisServer, spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    twitter = protocol if provider == "twitter" else "oauth2"
    one = make_site(twitter=twitter, store=redis_server.url)
    other = worker(one)
    browser = one.browser()
    callback = browser.consent(browser.begin(provider))
    thief = Browser(other, dict(browser.cookies))
    assert browser.get(callback).status == 303
    refused(thief, callback, "state_replayed", 400)
    assert token_requests(one, provider, protocol) == 1
    still_usable(thief, provider)


def test_a7_a_callback_after_ten_minutes_is_too_late(site: Site) -> None:
    browser = site.browser()
    callback = browser.consent(browser.begin("facebook"))
    site.clock.forward(601)
    refused(browser, callback, "state_expired", 400)
    assert not browser.pending
    late = browser.consent(browser.begin("facebook", "/post/1"))
    site.clock.forward(601)
    assert 'name="next" value="/post/1"' in browser.get(late).text
    assert token_requests(site, "facebook") == 0
    still_usable(browser)


def test_a7_a_head_request_redeems_nothing(browser: Browser) -> None:
    callback = browser.consent(browser.begin("facebook"))
    reply = browser.request("HEAD", callback)
    assert (reply.status, reply.header("Allow")) == (405, "GET, POST")
    assert browser.get(callback).status == 303


@pytest.mark.parametrize("began", ["wordpress", "twitter", "facebook"])
@pytest.mark.parametrize("answered", ["wordpress", "twitter", "facebook"])
@pytest.mark.parametrize("twitter", ["oauth1", "oauth2"])
def test_a8_a_transaction_of_another_provider_is_refused(
    make_site: Callable[..., Site], began: str, answered: str, twitter: str
) -> None:
    if began == answered:
        return
    site = make_site(twitter=twitter)
    browser = site.browser()
    callback = browser.consent(browser.begin(began))
    moved = callback.replace(f"/callback/{began}", f"/callback/{answered}")
    refused(browser, moved, "state_foreign_provider", 400)
    for provider in (began, answered):
        assert token_requests(site, provider, twitter if provider == "twitter" else "oauth2") == 0


def test_a9_six_logins_keep_five_and_each_ends_at_its_own_next(browser: Browser) -> None:
    started = []
    for number in range(6):
        started.append(browser.begin("facebook", f"/{number}{'x' * 300}"))
        browser.site.clock.forward(1)
    assert len(browser.pending) == 5
    callbacks = [browser.consent(url) for url in started]
    refused(browser, callbacks[0], "state_mismatch", 400)
    for number in (5, 3):
        assert browser.get(callbacks[number]).location.startswith(f"/{number}x")


def test_a9_the_longest_next_still_leaves_the_newest_login(browser: Browser) -> None:
    for number in range(6):
        url = browser.begin("facebook", f"/{number}{'y' * 998}")
        browser.site.clock.forward(1)
        held = [(name, browser.cookies[name]) for name in browser.pending]
        assert sum(len(name) + len(value) for name, value in held) <= 4096
    assert len(browser.pending) >= 2
    assert browser.get(browser.consent(url)).location.startswith("/5y")


@pytest.mark.parametrize("provider", ["wordpress", "twitter", "facebook"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a10_a_get_begins_no_login(
    make_site: Callable[..., Site], provider: str, method: str
) -> None:
    site = make_site(twitter="oauth1")
    browser = site.browser()
    reply = browser.request(method, f"/auth/login/{provider}?next=/post/1")
    assert reply.status == 200
    assert not browser.pending
    if method == "GET":
        assert f'action="/auth/login/{provider}"' in reply.text
    assert not any(emulator.requests for emulator in site.emulators.all)


POSTS = ["/auth/login/facebook", "/auth/guest", "/auth/logout"]


@pytest.mark.parametrize("target", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://blog.example.com"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://blog.example.com"},
        {"Origin": "https://blog.example.com.evil.example"},
    ],
    ids=lambda headers: ",".join(headers.values()),
)
def test_a11_a_form_posted_by_another_site_is_refused(
    browser: Browser, target: str, headers: dict[str, str]
) -> None:
    browser.log_in("wordpress")
    before = dict(browser.cookies)
    reply = browser.request("POST", target, {"name": "Mallory"}, headers=headers | JSON)
    assert (shown_error(reply), reply.status) == ("cross_site_request", 403)
    assert browser.cookies == before
    assert not browser.site.emulators.of("facebook").requests


@pytest.mark.parametrize("target", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://blog.example.com"},
    ],
    ids=["same-origin", "none", "origin"],
)
def test_a11_a_form_of_our_own_pages_passes(
    browser: Browser, target: str, headers: dict[str, str]
) -> None:
    assert browser.request("POST", target, {"name": "Ada"}, headers=headers).status == 303


@pytest.mark.parametrize("target", POSTS)
@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}], ids=["silent", "null"])
def test_a12_without_a_word_from_the_browser_the_token_decides(
    site: Site, target: str, headers: dict[str, str]
) -> None:
    victim, attacker = site.browser(), site.browser()
    mine, others = _token(victim), _token(attacker)
    for token in ("", "nonsense", others, mine[:-1], mine.swapcase()):
        form = {"csrf_token": token, "name": "Ada"}
        reply = victim.request("POST", target, form, headers=headers | JSON)
        assert (shown_error(reply), reply.status) == ("cross_site_request", 403)
    reply = victim.request("POST", target, {"csrf_token": mine, "name": "Ada"}, headers=headers)
    assert reply.status == 303


def test_a12_the_refusal_page_carries_the_token_that_lets_the_next_press_pass(
    browser: Browser,
) -> None:
    page = browser.request("POST", "/auth/login/facebook", {"next": "/post/1"})
    assert page.status == 403
    form = {"next": "/post/1", "csrf_token": _token_in(page.text)}
    assert browser.request("POST", "/auth/login/facebook", form).status == 303


def _token(browser: Browser) -> str:
    return _token_in(browser.get("/auth/").text)


def _token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("before", ["guest", "older login"])
def test_a13_a_login_carries_nothing_over_from_the_identity_before(
    browser: Browser, before: str
) -> None:
    if before == "guest":
        browser.post("/auth/guest", {"name": "Mallory", "email": "m@example.org"})
    else:
        browser.log_in("facebook")
    browser.log_in("wordpress", "phone")
    fresh = browser.site.browser()
    fresh.log_in("wordpress", "phone")
    assert browser.identity() == fresh.identity()


def test_a14_a_forged_denial_without_state_touches_no_login(
    make_site: Callable[..., Site], spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    browser = site.browser()
    begun = browser.begin(provider)
    refused(browser, f"/auth/callback/{provider}?error=access_denied", "login_denied", 403)
    assert browser.get(browser.consent(begun)).status == 303


def test_a15_a_refusal_by_the_app_sets_no_cookie_and_says_its_sentence(
    make_site: Callable[..., Site],
) -> None:
    def refuse(signin: SignIn) -> None:
        if signin.identity.provider == "facebook":
            raise LoginRefused("100% of you are banned.")

    site = make_site(hooks={"on_login": refuse})
    browser = site.browser()
    browser.log_in("wordpress")
    before = browser.identity()
    callback = browser.consent(browser.begin("facebook"))
    reply = refused(browser, callback, "identity_refused", 403)
    assert reply.json["error"]["message"] == "100% of you are banned."
    assert browser.identity() == before
    assert not browser.pending


def test_a15_an_app_that_raises_gets_its_own_error_and_signs_nobody_in(
    make_site: Callable[..., Site],
) -> None:
    def fail(signin: SignIn) -> None:
        raise ZeroDivisionError

    site = make_site(hooks={"on_login": fail})
    browser = site.browser()
    callback = browser.consent(browser.begin("facebook"))
    with suppress(ZeroDivisionError):  # where the framework makes no 500 of it, the server does
        assert browser.get(callback).status == 500
    assert browser.identity() is None

"""SECURITY F: OAuth 1.0a."""

import re
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest
from attacks import JSON, refused, still_usable, token_requests
from leaks import Overheard, assert_kept

from carrying import Reply
from sites import Browser, Clock, Site, query, shown_error
from sociallogin import ProviderError
from sociallogin.emulators import Answer, Emulators
from sociallogin.emulators.emulators import CREDENTIALS
from sociallogin.flows import Response

X = ("twitter", "oauth1")


@pytest.fixture
def site(framework: str) -> Site:
    return Site(framework, twitter="oauth1")


def begun(browser: Browser) -> Reply:
    """The answer to the press of the login button, failures told as JSON."""
    headers = {"Sec-Fetch-Site": "same-origin", **JSON}
    return browser.request("POST", "/auth/login/twitter", {"next": "/post/1"}, headers=headers)


def form(**pairs: str) -> Answer:
    body = urlencode(pairs).encode()
    return Answer(Response(200, {"content-type": "text/html; charset=utf-8"}, body))


def raw(body: bytes, status: int, kind: str) -> Answer:
    return Answer(Response(status, {"content-type": kind}, body))


@pytest.mark.parametrize("confirmed", [None, "", "false", "TRUE", "1", "true "])
def test_f1_an_unconfirmed_callback_sends_nobody_to_the_provider(
    site: Site, confirmed: str | None
) -> None:
    pairs = {"oauth_token": "key", "oauth_token_secret": "secret"}
    if confirmed is not None:
        pairs["oauth_callback_confirmed"] = confirmed
    site.emulators.of(*X).answer_next("request_token", form(**pairs))
    browser = site.browser()
    reply = begun(browser)
    assert (shown_error(reply), reply.status) == ("provider_bad_response", 502)
    assert reply.header("Location") is None
    assert not browser.pending
    still_usable(browser, "twitter")


def test_f2_an_attackers_request_token_and_verifier_are_refused(site: Site) -> None:
    attacker, victim = site.browser(), site.browser()
    callback = attacker.consent(attacker.begin("twitter"))
    refused(victim, callback, "state_missing", 400)
    own = victim.begin("twitter")
    refused(victim, callback, "state_mismatch", 400)
    assert token_requests(site, *X) == 0
    assert victim.get(victim.consent(own)).status == 303


@pytest.mark.parametrize("verifier", ["mine", "the attacker's"])
def test_f2_a_request_token_swapped_in_ones_own_callback_is_refused(
    site: Site, verifier: str
) -> None:
    attacker, victim = site.browser(), site.browser()
    theirs = query(attacker.consent(attacker.begin("twitter")))
    mine = query(victim.consent(victim.begin("twitter")))
    swapped = {
        "oauth_token": theirs["oauth_token"],
        "oauth_verifier": (mine if verifier == "mine" else theirs)["oauth_verifier"],
    }
    refused(victim, f"/auth/callback/twitter?{urlencode(swapped)}", "state_mismatch", 400)
    assert token_requests(site, *X) == 0
    assert victim.get(f"/auth/callback/twitter?{urlencode(mine)}").status == 303


def test_f2_another_logins_verifier_is_refused_by_the_provider(site: Site) -> None:
    attacker, victim = site.browser(), site.browser()
    theirs = query(attacker.consent(attacker.begin("twitter")))
    mine = query(victim.consent(victim.begin("twitter")))
    mixed = urlencode({**mine, "oauth_verifier": theirs["oauth_verifier"]})
    refused(victim, f"/auth/callback/twitter?{mixed}", "token_invalid", 502)
    assert token_requests(site, *X) == 1


@pytest.mark.parametrize(
    ("damage", "code", "status"),
    [
        (lambda verifier: "", "provider_bad_response", 502),
        (lambda verifier: "&oauth_verifier=", "provider_bad_response", 502),
        (lambda v: f"&oauth_verifier={v}&oauth_verifier={v}", "state_mismatch", 400),
        (lambda v: f"&oauth_verifier=x&oauth_verifier={v}", "state_mismatch", 400),
    ],
    ids=["missing", "empty", "twice", "twice, differing"],
)
def test_f2_without_one_verifier_no_token_is_asked_for(
    site: Site, damage: Callable[[str], str], code: str, status: int
) -> None:
    browser = site.browser()
    sent = query(browser.consent(browser.begin("twitter")))
    target = f"/auth/callback/twitter?oauth_token={sent['oauth_token']}"
    refused(browser, target + damage(sent["oauth_verifier"]), code, status)
    assert token_requests(site, *X) == 0


def test_f2_a_repeated_callback_asks_for_no_second_token(site: Site) -> None:
    browser = site.browser()
    callback = browser.consent(browser.begin("twitter"))
    cookies = {name: browser.cookies[name] for name in browser.pending}
    assert browser.get(callback).status == 303
    browser.cookies = dict(cookies)
    refused(browser, callback, "state_replayed", 400)
    assert token_requests(site, *X) == 1


def test_f3_a_denial_of_ours_ends_this_login_alone(site: Site) -> None:
    browser = site.browser()
    other, own = browser.begin("twitter"), browser.begin("twitter")
    denial = browser.consent(own, "deny")
    assert list(query(denial)) == ["denied"]
    refused(browser, denial, "login_denied", 403)
    assert len(browser.pending) == 1
    assert token_requests(site, *X) == 0
    assert browser.get(browser.consent(other)).status == 303


def test_f3_a_denial_of_somebody_elses_token_touches_no_login(site: Site) -> None:
    attacker, victim = site.browser(), site.browser()
    own = victim.begin("twitter")
    denial = attacker.consent(attacker.begin("twitter"), "deny")
    before = dict(victim.cookies)
    reply = victim.request("GET", denial, headers=JSON)
    assert shown_error(reply) in {"login_denied", "state_mismatch"}
    assert victim.cookies == before
    assert victim.get(victim.consent(own)).status == 303


def test_f4_the_token_secret_travels_sealed(
    framework: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    clock = Clock()
    emulators = Overheard("https://blog.example.com", clock=clock)
    site = Site(framework, twitter="oauth1", emulators=emulators, clock=clock)
    given = form(
        oauth_token="request-token",
        oauth_token_secret="whispered-token-secret",
        oauth_callback_confirmed="true",
    )
    emulators.of(*X).answer_next("request_token", given)
    browser = site.browser()
    reply = begun(browser)
    assert query(reply.location) == {"oauth_token": "request-token"}
    assert "whispered-token-secret" in emulators.confidences.secrets
    assert_kept(emulators.confidences, caplog, replies=[reply])
    (transaction,) = (browser.cookies[name] for name in browser.pending)
    pending = site.login.flows.pending(transaction)
    assert pending is not None
    assert pending.transaction.secret == "whispered-token-secret"
    assert "whispered" not in repr(pending)


#: Everything that a signature base string must encode twice, or not at all.
ODD = "a%20b~c*d%2Be%25f%26g%3Dh%C3%A9i+j"


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("key", "a&b"),
        ("k~e*y", "&&"),
        ("k+e%y", "50% + x=y"),
        ("k e&y=1", "~*+%&= é€"),
        ("ключ", "пароль"),
    ],
)
def test_f5_signatures_hold_for_odd_secrets_and_parameters(
    framework: str, key: str, secret: str
) -> None:
    clock = Clock()
    emulators = Emulators(
        "https://blog.example.com",
        "/~a.b-c_d",
        credentials={**CREDENTIALS, X: (key, secret)},
        clock=clock,
    )
    emulator = emulators.of(*X)
    real = emulator.urls()
    tables = {
        "twitter": {
            name: f"{real[name]}?{ODD}&a2=1&a=~"
            for name in ("request_token_url", "access_token_url", "userinfo_url")
        }
    }
    site = Site(
        framework, twitter="oauth1", emulators=emulators, clock=clock, providers=tables,
        mount="/~a.b-c_d",
    )  # fmt: skip
    start = site.login.begin("twitter")
    callback = emulators.press(start.url, "grant")
    signin = site.login.complete("twitter", query(callback), transaction=start.transaction)
    assert signin.identity.username == "noralind"
    for request in emulator.asked("userinfo"):
        assert ("a b~c*d+e%f&g=héi j", "") in parse_qsl(
            urlsplit(request.url).query, keep_blank_values=True
        )


def test_f5_a_token_and_secret_of_any_letters_are_signed_with(site: Site) -> None:
    odd = "~*+%&= \u00e9\u20ac"
    emulator = site.emulators.of(*X)
    emulator.answer_next(
        "request_token",
        form(oauth_token=odd, oauth_token_secret=odd, oauth_callback_confirmed="true"),
    )
    browser = site.browser()
    location = begun(browser).location
    assert query(location)["oauth_token"] == odd
    emulator.answer_next("token", form(oauth_token=f"2{odd}", oauth_token_secret=odd))
    emulator.answer_next("userinfo", raw(b'{"id_str":"7"}', 200, "application/json"))
    target = f"/auth/callback/twitter?{urlencode({'oauth_token': odd, 'oauth_verifier': odd})}"
    assert browser.get(target).status == 303
    (exchange,), (userinfo,) = emulator.asked("token"), emulator.asked("userinfo")
    assert oauth(exchange.headers)["oauth_token"] == odd
    assert oauth(exchange.headers)["oauth_verifier"] == odd
    assert oauth(userinfo.headers)["oauth_token"] == f"2{odd}"


def oauth(headers: Any) -> dict[str, str]:
    """The parameters of an Authorization header, decoded."""
    pairs = re.findall(r'(\w+)="([^"]*)"', headers["Authorization"])
    return {name: unquote(value) for name, value in pairs}


def test_f6_ten_thousand_nonces_are_all_different_and_ascii() -> None:
    site = Site(twitter="oauth1")
    (client,) = (client for client in site.login.providers if client.name == "twitter")
    speaker = client.record.speak(client, site.clock, site.login.random)
    nonces = set()
    for _ in range(10_000):
        flow = speaker.begin({})
        nonces.add(oauth(next(flow).headers)["oauth_nonce"])
        flow.close()
    assert len(nonces) == 10_000
    assert all(nonce.isascii() and nonce.isalnum() for nonce in nonces)


@pytest.mark.parametrize("off", [301, -301])
def test_f6_a_clock_five_minutes_off_is_named_as_the_cause(
    framework: str, off: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    clock = Clock()
    emulators = Emulators("https://blog.example.com", clock=Clock())
    site = Site(framework, twitter="oauth1", emulators=emulators, clock=clock)
    clock.forward(off)
    browser = site.browser()
    reply = begun(browser)
    assert (shown_error(reply), reply.status) == ("provider_rejected_client", 502)
    assert not browser.pending
    with pytest.raises(ProviderError) as caught:
        site.login.begin("twitter")
    assert "clock" in caught.value.hint
    assert "clock" in caplog.text
    clock.forward(-off + off // 301 * 299)
    still_usable(browser, "twitter")


@pytest.mark.parametrize("user_id", ["1534887201662763002", "", "1534887201662763001 ", "0"])
def test_f7_the_token_and_the_profile_must_be_of_one_user(site: Site, user_id: str) -> None:
    emulator = site.emulators.of(*X)
    browser = site.browser()
    callback = browser.consent(browser.begin("twitter"))
    emulator.answer_next(
        "token", form(oauth_token="t", oauth_token_secret="s", user_id=user_id, screen_name="n")
    )
    me = b'{"id":1534887201662763001,"id_str":"1534887201662763001","name":"Nora"}'
    emulator.answer_next("userinfo", raw(me, 200, "application/json"))
    refused(browser, callback, "provider_bad_response", 502)


XML = b"<?xml version='1.0' encoding='UTF-8'?><errors><error code=\"%d\">no</error></errors>"
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    b"<errors><error>&b;</error></errors>"
)
REFUSALS: dict[str, tuple[Answer, set[str]]] = {
    "XML 415": (raw(XML % 415, 403, "application/xml"), {"provider_rejected_client"}),
    "XML 32": (raw(XML % 32, 401, "application/xml"), {"provider_rejected_client"}),
    "XML with entities": (raw(BOMB, 403, "application/xml"), {"provider_bad_response"}),
    "HTML": (raw(b"<h1>No</h1>", 403, "text/html"), {"provider_bad_response"}),
    "HTML with 200": (raw(b"<h1>No</h1>", 200, "text/html"), {"provider_bad_response"}),
    "JSON 32": (
        raw(b'{"errors":[{"code":32,"message":"no"}]}', 401, "application/json"),
        {"provider_rejected_client"},
    ),
    "JSON 453 with 200": (
        raw(b'{"errors":[{"code":453,"message":"no"}]}', 200, "application/json"),
        {"provider_rejected_client"},
    ),
    "JSON without errors": (raw(b'{"errors":[]}', 400, "application/json"),
                            {"provider_bad_response"}),
    "text": (raw(b"Failed to validate oauth signature and token", 401, "text/plain"),
             {"provider_bad_response"}),
    "nothing": (raw(b"", 200, "text/html"), {"provider_bad_response"}),
}  # fmt: skip
Step = Literal["request_token", "token", "userinfo"]


@pytest.mark.parametrize("what", REFUSALS)
@pytest.mark.parametrize("step", ["request_token", "token", "userinfo"])
def test_f7_an_error_in_any_language_ends_the_login(site: Site, step: Step, what: str) -> None:
    answer, codes = REFUSALS[what]
    emulator = site.emulators.of(*X)
    emulator.answer_next(step, answer)
    browser = site.browser()
    reply = begun(browser)
    if step != "request_token":
        reply = browser.request("GET", browser.consent(reply.location), headers=JSON)
    if step == "userinfo":  # there the token is what is refused
        codes = codes | {"provider_refused_userinfo", "provider_bad_response"}
    assert shown_error(reply) in codes
    assert reply.status == 502
    assert browser.identity() is None
    still_usable(browser, "twitter")

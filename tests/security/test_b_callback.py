"""SECURITY B: callback and mix-up."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import pytest
from attacks import JSON, refused, still_usable, token_requests

from sites import Browser, Site, query, shown_error
from sociallogin import Profile, providers

ISSUERS = {
    "wordpress": "https://public-api.wordpress.com",
    "facebook": "https://www.facebook.com",
}


@pytest.mark.parametrize("provider", ISSUERS)
@pytest.mark.parametrize(
    "wrong", [lambda i: f"{i}/", str.upper, lambda i: "https://evil.example", lambda i: ""]
)
def test_b1_a_callback_of_another_issuer_is_refused(
    browser: Browser, provider: str, wrong: Callable[[str], str]
) -> None:
    callback = browser.consent(browser.begin(provider))
    target = f"{callback}&iss={quote(wrong(ISSUERS[provider]), safe='')}"
    refused(browser, target, "state_foreign_provider", 400)
    assert token_requests(browser.site, provider) == 0


@pytest.mark.parametrize("provider", ISSUERS)
def test_b1_the_right_issuer_passes(browser: Browser, provider: str) -> None:
    callback = browser.consent(browser.begin(provider))
    assert browser.get(f"{callback}&iss={quote(ISSUERS[provider], safe='')}").status == 303


@pytest.mark.parametrize("name", ["code", "state", "iss", "error"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_b2_a_parameter_given_twice_is_refused(browser: Browser, name: str, first: bool) -> None:
    callback = browser.consent(browser.begin("facebook"))
    path, _, rest = callback.partition("?")
    twice = f"{name}=x" if f"{name}=" in rest else f"{name}=x&{name}=y"
    target = f"{path}?{twice}&{rest}" if first else f"{path}?{rest}&{twice}"
    refused(browser, target, "state_mismatch", 400)
    assert token_requests(browser.site, "facebook") == 0
    assert browser.get(callback).status == 303, "the login itself still completes"


@pytest.mark.parametrize(
    ("report", "code", "status"),
    [
        ("error=access_denied", "login_denied", 403),
        ("error=user_denied", "login_denied", 403),
        ("error=user_cancelled_authorize", "login_denied", 403),
        ("error=server_error", "provider_unreachable", 502),
        ("error=temporarily_unavailable", "provider_unreachable", 502),
        ("error=invalid_scope", "provider_rejected_client", 502),
        ("error=%3Cscript%3E", "provider_rejected_client", 502),
        ("error_code=1349126&error_message=App+Not+Set+Up", "provider_rejected_client", 502),
    ],
)
def test_b3_an_error_beside_a_code_is_an_error(
    browser: Browser, report: str, code: str, status: int
) -> None:
    callback = browser.consent(browser.begin("facebook"))
    refused(browser, f"{callback}&{report}", code, status)
    assert token_requests(browser.site, "facebook") == 0
    assert not browser.pending, "a callback that finds its transaction deletes it"


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)>", "line\r\nSet-Cookie: a=b", "\x1b[31mred", "Call LURE now"],
    ids=["markup", "line breaks", "ansi", "phishing"],
)
@pytest.mark.parametrize("name", ["error_description", "error_message", "error_reason"])
def test_b4_the_providers_words_are_not_passed_on(
    browser: Browser, caplog: pytest.LogCaptureFixture, name: str, text: str
) -> None:
    caplog.set_level("DEBUG")
    callback = browser.consent(browser.begin("facebook"))
    state = query(callback)["state"]
    report = urlencode({"error": "access_denied", "state": state, name: text})
    reply = browser.get(f"/auth/callback/facebook?{report}")
    assert reply.status == 403
    for part in (text, "onerror", "LURE", "\x1b"):
        assert part not in reply.text
        assert part not in caplog.text
    lines = [record for record in caplog.records if record.name == "sociallogin"]
    assert len(lines) == 1


def test_b5_a_posted_callback_is_posted_again_from_our_own_page_once(site: Site) -> None:
    browser = site.browser()
    callback = browser.consent(browser.begin("facebook", "/post/1"))
    posted = {**query(callback), "user": '{"email":"evil@example.org"}', "access_token": "x"}
    stranger = site.browser()  # a cross-site POST brings no Lax cookies
    page = stranger.request(
        "POST", "/auth/callback/facebook", posted, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert page.status == 200
    assert "evil@example.org" not in page.text
    assert "access_token" not in page.text
    assert 'action="/auth/callback/facebook"' in page.text
    again = {**query(callback), "sociallogin_reposted": "1"}
    assert browser.post("/auth/callback/facebook", again).location == "/post/1#"
    identity = browser.identity()
    assert identity is not None
    assert identity["email"] != "evil@example.org"


def test_b5_a_forged_marker_neither_loops_nor_skips_a_check(site: Site) -> None:
    attacker, victim = site.browser(), site.browser()
    posted = {**query(attacker.consent(attacker.begin("facebook"))), "sociallogin_reposted": "1"}
    refused(victim, "/auth/callback/facebook", "state_missing", 400, method="POST", form=posted)


@pytest.mark.parametrize("provider", ["twitter", "facebook"])
def test_b6_each_exchange_proves_its_own_challenge(browser: Browser, provider: str) -> None:
    url = browser.begin(provider)
    asked = query(url)
    assert asked["code_challenge_method"] == "S256"
    browser.get(browser.consent(url))
    (exchange,) = browser.site.emulators.of(provider).asked("token")
    verifier = parse_qs((exchange.body or b"").decode())["code_verifier"][0]
    digest = hashlib.sha256(verifier.encode()).digest()
    assert urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
    assert 43 <= len(verifier) <= 128


@pytest.mark.parametrize("provider", ["twitter", "facebook"])
def test_b6_a_stolen_code_in_a_login_of_ones_own_is_refused(site: Site, provider: str) -> None:
    victim, attacker = site.browser(), site.browser()
    stolen = query(victim.consent(victim.begin(provider)))["code"]
    own = query(attacker.consent(attacker.begin(provider)))
    target = f"/auth/callback/{provider}?{urlencode({**own, 'code': stolen})}"
    refused(attacker, target, "token_invalid", 502)
    assert token_requests(site, provider) == 1


def test_b6_pkce_is_absent_only_where_it_is_undocumented_or_turned_off(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(providers={"facebook": {"pkce": False}})
    browser = site.browser()
    assert "code_challenge" not in browser.begin("facebook")
    assert "code_challenge" not in browser.begin("wordpress")
    assert "code_challenge" in browser.begin("twitter")


@pytest.mark.parametrize("beside", [True, False], ids=["beside a code", "without a code"])
def test_b7_a_token_in_the_callback_is_never_used(browser: Browser, beside: bool) -> None:
    parameters = query(browser.consent(browser.begin("facebook")))
    parameters |= {"access_token": "EAAstolen", "id_token": "e.y.J"}
    if beside:
        assert browser.get(f"/auth/callback/facebook?{urlencode(parameters)}").status == 303
    else:
        del parameters["code"]
        target = f"/auth/callback/facebook?{urlencode(parameters)}"
        refused(browser, target, "provider_bad_response", 502)
    for request in browser.site.emulators.of("facebook").requests:
        assert "stolen" not in repr((request.url, request.headers, request.body))


@pytest.mark.parametrize(
    "hostile",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        {"X-Forwarded-Prefix": "/evil", "Forwarded": "host=evil.example"},
    ],
    ids=["host", "forwarded", "prefix"],
)
def test_b8_no_header_moves_the_redirect_uri(browser: Browser, hostile: dict[str, str]) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", **hostile}
    reply = browser.request("POST", "/auth/login/facebook", {"next": "/post/1"}, headers=headers)
    ours = "https://blog.example.com/auth/callback/facebook"
    assert query(reply.location)["redirect_uri"] == ours
    assert all(name.startswith("__Host-") for name in reply.set_cookies)
    callback = browser.consent(reply.location)
    assert browser.request("GET", callback, headers=hostile).location == "/post/1#"
    (exchange,) = browser.site.emulators.of("facebook").asked("token")
    assert parse_qs((exchange.body or b"").decode())["redirect_uri"] == [ours]


def test_b8_the_mount_point_itself_redirects_nowhere(browser: Browser) -> None:
    for target in ("/auth", "/auth/"):
        reply = browser.request("GET", target, headers={"Host": "evil.example"})
        assert reply.status == 200
        assert "evil.example" not in reply.text


@pytest.mark.parametrize("change", ["removed", "client_id", "protocol"])
def test_b9_a_configuration_changed_meanwhile_refuses_the_old_callback(
    site: Site, change: str
) -> None:
    browser = site.browser()
    callback = browser.consent(browser.begin("twitter"))
    tables = {name: dict(table) for name, table in site.config["providers"].items()}
    if change == "removed":
        del tables["twitter"]
    elif change == "client_id":
        tables["twitter"]["client_id"] = "another"
    else:
        tables["twitter"]["protocol"] = "oauth1"
    site.restart(providers=tables)
    refused(browser, callback, "state_foreign_provider", 400)
    assert token_requests(site, "twitter", "oauth1") == token_requests(site, "twitter") == 0


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/auth/callback/facebook?state=%zz&code=c", 400),
        ("/auth/callback/facebook?state=%ff&code=c", 400),
        ("/auth/callback/facebook?state=a%00b&code=c", 400),
        (f"/auth/callback/facebook?state={'a' * 65536}", 414),
        ("/auth/static/..%2fx", 404),
        ("/auth/static/%2e%2e/pages.py", 404),
        ("/auth/login/%3Cscript%3Ealert(1)%3C%2Fscript%3E", 404),
        ("/auth/callback/%3Cscript%3E?code=c&state=s", 404),
        ("/auth/identity?a=%zz", 400),
        (f"/auth/identity?{'a' * 20000}", 414),
        ("/auth/static/sociallogin.css?%00", 400),
        ("/auth/login/nobody", 404),
        ("/auth/nowhere", 404),
    ],
)
def test_b10_what_cannot_be_read_is_refused_and_not_reflected(
    browser: Browser, target: str, status: int
) -> None:
    reply = browser.get(target)
    assert reply.status == status
    assert "<script>" not in reply.text
    assert "alert(1)" not in reply.text
    as_json = browser.request("GET", target, headers=JSON)
    assert as_json.status == status
    assert shown_error(as_json) in {"bad_request", "too_large", "not_found", "unknown_provider"}
    still_usable(browser)


def test_b10_a_callback_of_no_provider_says_so(browser: Browser) -> None:
    refused(browser, "/auth/callback/nobody?code=c&state=s", "unknown_provider", 404)
    refused(browser, "/auth/callback/nobody", "unknown_provider", 404, "POST", form={"code": "c"})
    refused(browser, "/auth/callback/facebook", "state_missing", 400, "POST", form={"code": "c"})


@pytest.mark.parametrize(
    "broken", ["a dict", "an exception", "a prepare_userinfo that raises", "a huge number"]
)
def test_b10_a_record_of_ones_own_costs_no_traceback(
    make_site: Callable[..., Site], broken: str
) -> None:
    changes: dict[str, Any] = {
        "a dict": {"normalize": lambda claims: {"subject": "7"}},
        "an exception": {"normalize": lambda claims: claims["none"]},
        "a prepare_userinfo that raises": {"prepare_userinfo": lambda *given: given[9]},
        "a huge number": {"normalize": lambda claims: Profile(subject=10**5000)},
    }[broken]
    own = replace(providers.get("facebook"), **changes)
    reply = make_site(own=[own]).browser().log_in("facebook")
    assert reply.status == 503

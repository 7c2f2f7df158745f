"""SECURITY D: what a login sends to a provider, and takes from it."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from attacks import JSON, refused, token_requests
from claims import scripted
from leaks import Overheard, OverheardServer, socket_site
from wire import Wire, answer, hangs_up

from sites import PROTOCOLS, Browser, Clock, Site, query, shown_error
from sociallogin import SocialLogin, SocialLoginError
from sociallogin.emulators import Answer
from sociallogin.emulators.emulators import CREDENTIALS
from sociallogin.flows import Response
from sociallogin.transports.requests import RequestsTransport

STEPS = {"oauth2": ["token", "userinfo"], "oauth1": ["request_token", "token", "userinfo"]}
SPOKEN_STEPS = [(*spoken, step) for spoken in PROTOCOLS for step in STEPS[spoken[1]]]


@pytest.mark.server
def test_d5_a_providers_cookie_never_comes_back_with_anybody(
    spoken: tuple[str, str], server: OverheardServer
) -> None:
    provider, protocol = spoken
    site = socket_site("bare", protocol, server)
    server.extra = {"set-cookie": "session=of-the-first; Path=/"}
    try:
        site.browser().log_in(provider)
        site.browser().log_in(provider)
    finally:
        server.extra = {}
    requests = server.emulators.of(provider, protocol).requests
    assert len(requests) >= 6
    for request in requests:
        assert "cookie" not in {name.lower() for name in request.headers}


@pytest.mark.server
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(("provider", "protocol", "step"), SPOKEN_STEPS)
def test_d6_no_redirection_takes_a_secret_to_another_host(
    provider: str, protocol: str, step: Any, status: int, server: OverheardServer
) -> None:
    site = socket_site("bare", protocol, server)
    emulator = server.emulators.of(provider, protocol)
    away = Answer(Response(status, {"location": f"{server.hop_url}/stolen"}))
    emulator.answer_next(step, away)
    browser = site.browser()
    headers = {"Sec-Fetch-Site": "same-origin", **JSON}
    reply = browser.request("POST", f"/auth/login/{provider}", {"next": "/"}, headers=headers)
    if step != "request_token":
        reply = browser.request("GET", browser.consent(reply.location), headers=JSON)
    assert (shown_error(reply), reply.status) == ("provider_bad_response", 502)
    assert not [url for url in server.addressed if "stolen" in url]


@pytest.mark.parametrize("provider", ["wordpress", "twitter", "facebook"])
@pytest.mark.parametrize(
    "token",
    [
        {"access_token": "tok", "token_type": "mac"},
        {"access_token": "tok", "token_type": "DPoP"},
        {"access_token": "tok", "token_type": "bearer "},
        {"access_token": "tok", "token_type": None},
        {"access_token": "tok", "token_type": ["bearer"]},
        {"token_type": "bearer"},
        {"access_token": None, "token_type": "bearer"},
        {"access_token": "", "token_type": "bearer"},
        {"access_token": 123456, "token_type": "bearer"},
        {"access_token": ["tok"], "token_type": "bearer"},
        {"access_token": "tok\r\nX-Injected: 1", "token_type": "bearer"},
        {"access_token": "tok\nx", "token_type": "bearer"},
        {"access_token": "to k", "token_type": "bearer"},
        {"access_token": "tök", "token_type": "bearer"},
        {},
    ],
    ids=str,
)
def test_d7_an_unusable_token_answer_ends_the_login(
    browser: Browser, provider: str, token: dict[str, Any]
) -> None:
    emulator = browser.site.emulators.of(provider)
    callback = browser.consent(browser.begin(provider))
    emulator.answer_next("token", scripted(token))
    refused(browser, callback, "token_invalid", 502)
    assert not emulator.asked("userinfo")


@pytest.mark.parametrize("kind", ["bearer", "Bearer", "BEARER"])
def test_d7_bearer_is_bearer_in_any_case(browser: Browser, kind: str) -> None:
    emulator = browser.site.emulators.wordpress
    callback = browser.consent(browser.begin("wordpress"))
    emulator.answer_next("token", scripted({"access_token": "tok", "token_type": kind}))
    emulator.answer_next("userinfo", scripted({"ID": 7, "display_name": "Ada"}))
    assert browser.get(callback).status == 303
    assert emulator.asked("userinfo")[0].headers["Authorization"] == "Bearer tok"


OFFERED = {
    "access_token": "offered", "subject": "1", "sub": "1", "id": "1", "provider": "facebook",
    "issuer": "https://www.facebook.com", "email_verified": "true", "authenticated_at": "1",
    "claims": "{}", "user": '{"email":"offered@example.org"}', "id_token": "e.y.J",
}  # fmt: skip


def _begin_offering(browser: Browser, provider: str) -> str:
    return browser.post(f"/auth/login/{provider}?{urlencode(OFFERED)}", OFFERED).location


def test_d8_nothing_offered_to_a_login_changes_who_it_is(
    make_site: Callable[..., Site], spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    plain, offering = site.browser(), site.browser()
    plain.log_in(provider)
    target = offering.consent(_begin_offering(offering, provider))
    assert offering.get(f"{target}&{urlencode(OFFERED)}").status == 303
    assert offering.identity() == plain.identity()


def test_d8_nothing_offered_to_the_other_doors_makes_anybody_of_somebody(browser: Browser) -> None:
    offered = urlencode(OFFERED)
    for target in ("/auth/identity", "/auth/", "/auth/box", "/auth/login/facebook"):
        browser.get(f"{target}?{offered}")
        assert browser.identity() is None
    browser.post("/auth/guest", {"name": "Ada", **OFFERED})
    guest = browser.identity()
    assert guest is not None
    assert (guest["provider"], guest["issuer"]) == ("guest", "https://blog.example.com")
    assert guest["email_verified"] is False
    assert len(guest["subject"]) >= 22
    assert guest["authenticated_at"] != 1
    browser.post("/auth/logout", OFFERED)
    assert browser.identity() is None


@pytest.mark.parametrize("fault", ["server_error", "rate_limited", "html_error", "timeout"])
def test_d9_a_token_request_is_never_repeated(
    make_site: Callable[..., Site], spoken: tuple[str, str], fault: str
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    browser = site.browser()
    callback = browser.consent(browser.begin(provider))
    emulator = site.emulators.of(provider, protocol)
    with emulator.failing(fault, at="token"):
        assert browser.get(callback).status >= 400
    assert token_requests(site, provider, protocol) == 1
    assert not emulator.asked("userinfo")


@pytest.mark.server
@pytest.mark.parametrize("step", ["token", "userinfo"])
def test_d9_a_connection_that_dies_unanswered_is_tried_again_only_for_userinfo(step: str) -> None:
    token = answer(b'{"access_token":"tok","token_type":"bearer"}')
    with Wire(*([token] if step == "userinfo" else []), hangs_up) as wire:
        tables = {"wordpress": {"token_url": f"{wire.url}/t", "userinfo_url": f"{wire.url}/me"}}
        site = Site(providers=tables)
        site.login = SocialLogin.from_mapping(
            site.config, transport=RequestsTransport({}), clock=site.clock
        )
        start = site.login.begin("wordpress")
        params = query(site.emulators.press(start.url, "grant"))
        with pytest.raises(SocialLoginError) as caught:
            site.login.complete("wordpress", params, transaction=start.transaction)
    assert caught.value.code == "provider_unreachable"
    asked = [re.match(rb"\w+ \S+", request)[0] for request in wire.received]  # type: ignore[index]
    posts, gets = asked.count(b"POST /t"), len([a for a in asked if a.startswith(b"GET /me")])
    assert posts == 1
    assert gets == (0 if step == "token" else 2)


@pytest.mark.parametrize(
    ("client_id", "client_secret"),
    [
        ("id:with:colons", "secret:with:colons"),
        ("100%", "50%25 %zz"),
        ("a+b c", "d+e f"),
        ("ключ-é", "пароль €"),
        ("a&b=c", "d&e=f"),
        ("~*'()!", '"<>\\^`{|}'),
    ],
)
def test_d10_credentials_of_any_letters_log_in(
    framework: str, spoken: tuple[str, str], client_id: str, client_secret: str
) -> None:
    provider, protocol = spoken
    clock = Clock()
    credentials = {**CREDENTIALS, spoken: (client_id, client_secret)}
    emulators = Overheard("https://blog.example.com", credentials=credentials, clock=clock)
    site = Site(framework, twitter=protocol, emulators=emulators, clock=clock)
    browser = site.browser()
    assert browser.log_in(provider).status == 303
    assert browser.identity() is not None

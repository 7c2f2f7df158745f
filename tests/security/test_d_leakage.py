"""SECURITY D: tokens, secrets, leakage."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from attacks import JSON
from click.testing import CliRunner
from html_reading import elements
from leaks import Confidences, Overheard, OverheardServer, assert_kept, socket_site

from carrying import Reply
from sites import KEY, Browser, Clock, Site, query, shown_error
from sociallogin import ConfigError, SocialLogin, SocialLoginError
from sociallogin.cli import main
from sociallogin.emulators import FAULTS, Answer
from sociallogin.flows import Request, Response
from sociallogin.web.messages import WebRequest

#: What each fault of the emulators comes to; the others leave the login whole.
OUTCOMES = {
    "denied": "login_denied",
    "timeout": "provider_timeout",
    "rate_limited": "provider_rate_limited",
    "server_error": "provider_unreachable",
    "html_error": "provider_bad_response",
    "bad_json": "provider_bad_response",
    "truncated": "provider_bad_response",
    "wrong_state": "state_mismatch",
    "revoked": "provider_refused_userinfo",
}
BUTTONS = ["grant", *(name for name, fault in FAULTS.items() if fault.words)]
WAITS = {"slow", "timeout"}  # they take real time on a real socket


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that anybody logs."""
    caplog.set_level(logging.DEBUG)
    return caplog


def overheard_site(framework: str, protocol: str = "oauth2", **given: Any) -> Site:
    clock = Clock()
    emulators = Overheard("https://blog.example.com", clock=clock)
    return Site(framework, twitter=protocol, clock=clock, emulators=emulators, **given)


def confidences_of(site: Site) -> Confidences:
    found: Confidences = site.emulators.confidences  # type: ignore[attr-defined]
    return found


def whole_login(browser: Browser, provider: str, button: str) -> list[Reply]:
    """Every answer of a login, asked as a page."""
    site = browser.site
    begun = browser.post(f"/auth/login/{provider}", {"next": "/post/1"})
    callback = browser.consent(begun.location, button)
    confidences_of(site).hear_callback(callback)
    back = browser.get(callback)
    return [begun, back, browser.get("/auth/"), browser.get("/auth/box")]


@pytest.mark.parametrize("button", BUTTONS)
def test_d1_a_login_leaks_nothing_whatever_becomes_of_it(
    framework: str, spoken: tuple[str, str], button: str, log: pytest.LogCaptureFixture
) -> None:
    provider, protocol = spoken
    site = overheard_site(framework, protocol)
    browser = site.browser()
    replies = whole_login(browser, provider, button)
    assert_kept(confidences_of(site), log, replies=replies)
    told = [record.getMessage() for record in log.records if record.name == "sociallogin"]
    assert len(told) == 1, "one line a login"
    assert f"provider={provider} outcome={OUTCOMES.get(button, 'ok')} " in told[0]


@pytest.mark.server
@pytest.mark.parametrize("button", [button for button in BUTTONS if button not in WAITS])
def test_d1_nor_does_the_library_below_us_log_it(
    spoken: tuple[str, str], button: str, server: OverheardServer, log: pytest.LogCaptureFixture
) -> None:
    provider, protocol = spoken
    site = socket_site("bare", protocol, server)
    replies = whole_login(site.browser(), provider, button)
    asked = protocol == "oauth1" or OUTCOMES.get(button) not in ("login_denied", "state_mismatch")
    assert any(record.name.startswith("urllib3") for record in log.records) == asked
    assert_kept(server.confidences, log, replies=replies)


@pytest.mark.parametrize("button", [button for button in OUTCOMES if button != "wrong_state"])
def test_d1_d2_no_error_quotes_what_led_to_it(
    spoken: tuple[str, str], button: str, log: pytest.LogCaptureFixture
) -> None:
    provider, protocol = spoken
    site = overheard_site("bare", protocol)
    start = site.login.begin(provider)
    params = query(site.emulators.press(start.url, button))
    confidences_of(site).hear_callback(f"?{urlencode(params)}")
    with pytest.raises(SocialLoginError) as caught:
        site.login.complete(provider, params, transaction=start.transaction)
    assert caught.value.code == OUTCOMES[button]
    assert_kept(confidences_of(site), log, errors=[caught.value])


@pytest.mark.parametrize("step", ["token", "userinfo"])
@pytest.mark.parametrize(
    "tail", [b",,", b"\xff\xfe}", b',"x":' + b"[" * 100_000], ids=["json", "utf8", "deep"]
)
def test_d1_d2_no_error_quotes_an_answer_that_cannot_be_read(
    spoken: tuple[str, str], step: Any, tail: bytes, log: pytest.LogCaptureFixture
) -> None:
    provider, protocol = spoken
    site = overheard_site("bare", protocol)
    start = site.login.begin(provider)
    params = query(site.emulators.press(start.url, "grant"))
    told = b'{"access_token":"tok-said-in-confidence","name":"Nora Lind"' + tail
    broken = Answer(Response(200, {"content-type": "application/json"}, told))
    site.emulators.of(provider, protocol).answer_next(step, broken)
    confidences_of(site).secrets |= {"tok-said-in-confidence", "Nora Lind"}
    with pytest.raises(SocialLoginError) as caught:
        site.login.complete(provider, params, transaction=start.transaction)
    assert caught.value.code == "provider_bad_response"
    assert_kept(confidences_of(site), log, errors=[caught.value])


@pytest.mark.parametrize("what", ["missing", "mismatch", "expired", "foreign", "replayed", "twice"])
def test_d1_d2_no_state_error_quotes_the_callback(
    spoken: tuple[str, str], what: str, log: pytest.LogCaptureFixture
) -> None:
    provider, protocol = spoken
    site = overheard_site("bare", protocol)
    start, other = site.login.begin(provider), site.login.begin(provider)
    callback = site.emulators.press(start.url, "grant")
    confidences_of(site).hear_callback(callback)
    confidences_of(site).secrets |= {start.transaction, other.transaction}
    pairs, transaction, name = list(query(callback).items()), start.transaction, provider
    if what == "missing":
        transaction = ""
    elif what == "mismatch":
        transaction = other.transaction
    elif what == "expired":
        site.clock.forward(601)
    elif what == "foreign":
        name = "facebook" if provider != "facebook" else "wordpress"
    elif what == "replayed":
        site.login.complete(provider, pairs, transaction=start.transaction)
    else:
        pairs = [*pairs, pairs[0]]
    with pytest.raises(SocialLoginError) as caught:
        site.login.complete(name, pairs, transaction=transaction)
    assert caught.value.code in {f"state_{what}", "state_foreign_provider", "state_mismatch"}
    assert_kept(confidences_of(site), log, errors=[caught.value])


def test_d1_d2_a_wrong_secret_is_not_quoted(
    framework: str, spoken: tuple[str, str], log: pytest.LogCaptureFixture
) -> None:
    provider, protocol = spoken
    wrong = "wrong&sécret %2B"
    site = overheard_site(framework, protocol, providers={provider: {"client_secret": wrong}})
    confidences_of(site).secrets.add(wrong)
    browser = site.browser()
    begun = browser.request(
        "POST",
        f"/auth/login/{provider}",
        {"next": "/"},
        headers={"Sec-Fetch-Site": "same-origin", **JSON},
    )
    replies = [begun]
    if protocol == "oauth2":
        replies.append(browser.request("GET", browser.consent(begun.location), headers=JSON))
    assert (shown_error(replies[-1]), replies[-1].status) == ("provider_rejected_client", 502)
    assert_kept(confidences_of(site), log, replies=replies)


def test_d1_a_guest_is_not_named_in_the_log(
    browser: Browser, log: pytest.LogCaptureFixture
) -> None:
    browser.post("/auth/guest", {"name": "Ada Lovelace", "email": "ada@example.org"})
    browser.post("/auth/guest", {"name": "Ada Lovelace", "email": "ada@example,org"})
    browser.get("/auth/identity")
    assert "Ada" not in log.text
    assert "example" not in log.text


def test_d2_no_repr_reveals_a_secret(spoken: tuple[str, str]) -> None:
    provider, protocol = spoken
    site = overheard_site("bare", protocol)
    seen: list[object] = []
    login = SocialLogin.from_mapping(
        site.config, transport=lambda request: _shown(seen, request, site), clock=site.clock
    )
    start = login.begin(provider)
    callback = site.emulators.press(start.url, "grant")
    opened = login.flows.pending(start.transaction)
    assert opened is not None
    pending = opened.transaction
    signin = login.complete(provider, query(callback), transaction=start.transaction)
    secrets = confidences_of(site)
    secrets.hear_callback(callback)
    secrets.secrets |= {start.key, start.transaction, pending.key, pending.secret}
    web = WebRequest(
        "POST",
        f"/callback/{provider}",
        callback.partition("?")[2],
        {"cookie": f"sociallogin_login_x={start.transaction}", "host": "blog.example.com"},
        callback.partition("?")[2].encode(),
    )
    objects = [
        *seen, login, login.config, login.sealer, login.flows, *login.providers,
        *(client.record for client in login.providers), start, pending, signin, signin.token, web,
    ]  # fmt: skip
    for thing in objects:
        for secret in secrets.secrets:
            for text in (repr(thing), str(thing)):
                assert secret not in text, f"{type(thing).__name__} gives away {secret!r}"


def _shown(seen: list[object], request: Request, site: Site) -> Response:
    response = site.emulators.send(request)
    seen += [request, replace(request, deadline=1.0), response]
    return response


SENTINEL = "S3NTINEL-of-a-secret"
BAD_SECRETS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a line break in it": lambda c: _facebook(c, client_secret=f"{SENTINEL}\n"),
    "a space before it": lambda c: _facebook(c, client_secret=f" {SENTINEL}"),
    "a list": lambda c: _facebook(c, client_secret=[SENTINEL]),
    "a table": lambda c: _facebook(c, client_secret={"value": SENTINEL}),
    "a misspelt key": lambda c: _facebook(c, client_secrt=SENTINEL),
    "a misspelt key of the site": lambda c: {**c, "secret_key": SENTINEL},
    "a key too short": lambda c: {**c, "secret_keys": [SENTINEL]},
    "a key too short, as text": lambda c: {**c, "secret_keys": SENTINEL},
    "keys in a table": lambda c: {**c, "secret_keys": {"first": SENTINEL * 3}},
    "the same key twice": lambda c: {**c, "secret_keys": [SENTINEL * 3] * 2},
    "an unknown provider": lambda c: {**c, "providers": {"facebok": {"client_secret": SENTINEL}}},
    "[[providers.facebook]]": lambda c: {
        **c, "providers": {"facebook": [{"client_secret": SENTINEL}]},
    },
    "[[providers]]": lambda c: {**c, "providers": [{"facebook": {"client_secret": SENTINEL}}]},
    "facebook = the secret": lambda c: {**c, "providers": {"facebook": SENTINEL}},
    "a list for all": lambda c: [{"providers": {"facebook": {"client_secret": SENTINEL}}}],
    "a reference in the wrong place": lambda c: _facebook({**c, "mount": "env:S"}, label="env:S"),
}  # fmt: skip


def _facebook(config: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**config, "providers": {"facebook": {"client_id": "1", "client_secret": "x", **more}}}


@pytest.mark.parametrize("what", BAD_SECRETS)
def test_d2_a_config_error_never_quotes_a_secret(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S", SENTINEL)
    config = BAD_SECRETS[what]({"base_url": "https://blog.example.com", "secret_keys": [KEY]})
    with pytest.raises(ConfigError) as caught:
        SocialLogin.from_mapping(config)
    assert caught.value.faults
    shown = f"{caught.value} {caught.value!r} {caught.value.faults!r}"
    assert SENTINEL not in shown
    assert KEY not in shown


def test_d2_nor_does_that_of_a_file_that_is_no_toml(tmp_path: Path) -> None:
    path = tmp_path / "sociallogin.toml"
    path.write_text(f'[providers.facebook]\nclient_secret = "{SENTINEL}\n', encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        SocialLogin.from_file(path)
    assert SENTINEL not in str(caught.value)
    assert "line 2" in str(caught.value)


@pytest.mark.parametrize("arguments", [["providers"], ["emulate", "--port", "1x"], ["--help"]])
def test_d2_the_command_line_does_not_print_the_environment(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_SECRET", SENTINEL)
    monkeypatch.setenv("SOCIALLOGIN_SECRET_KEYS", SENTINEL)
    assert SENTINEL not in CliRunner().invoke(main, arguments).output


def test_d3_the_identity_cookie_holds_who_it_is_and_nothing_else(
    framework: str, spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = overheard_site(framework, protocol)
    browser = site.browser()
    browser.log_in(provider)
    sealed = str(site.login.sealer.open("identity", browser.identity_cookie).value)
    for secret in confidences_of(site).secrets:
        assert secret not in sealed
    opened = site.login.open_identity(browser.identity_cookie)
    assert opened is not None
    assert not opened.claims
    assert "claims" not in browser.get("/auth/identity").text


def test_d4_callback_and_error_pages_tell_no_other_site_of_their_address(
    framework: str, spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = overheard_site(framework, protocol)
    browser = site.browser()
    target = browser.consent(browser.begin(provider))
    denied = browser.consent(browser.begin(provider), "deny")
    replies = [
        browser.get(target),
        browser.get(target),
        browser.get(denied),
        browser.request("GET", target, headers=JSON),
        browser.get("/auth/callback/nobody?code=c&state=s"),
        site.browser().request("POST", f"/auth/callback/{provider}", query(target)),
    ]
    assert [reply.status for reply in replies] == [303, 400, 403, 400, 404, 200]
    for reply in replies:
        assert reply.header("Referrer-Policy") == "no-referrer"
        assert reply.header("Cache-Control") == "no-store"
        for element, attributes in elements(reply.text if reply.status != 303 else ""):
            for name in ("src", "srcset", "poster", "data", "background"):
                assert name not in attributes
            if element == "link":
                assert attributes["href"].startswith("/auth/static/")

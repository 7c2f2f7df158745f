"""A login from its beginning to its Identity, over provider and protocol, in Python alone."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from login.faces import Face, FacedSite
from sites import NOW, Site, query
from sociallogin import (
    Identity,
    LoginDenied,
    ProviderError,
    RequestError,
    SocialLogin,
    SocialLoginError,
    StateError,
    TokenError,
)
from sociallogin.emulators.answers import html, json, raw
from sociallogin.flows import Request, Response

ISSUERS = {
    "wordpress": "https://wordpress.com",
    "twitter": "https://x.com",
    "facebook": "https://www.facebook.com",
}


def log_in(site: Site, provider: str, button: str = "grant", **begin: Any) -> Identity:
    start = site.login.begin(provider, **begin)
    callback = site.emulators.press(start.url, button)
    return site.login.complete(provider, query(callback), transaction=start.transaction).identity


def test_a_login_gives_one_normalized_identity(site: Site, provider: str) -> None:
    identity = log_in(site, provider)
    assert (identity.provider, identity.issuer) == (provider, ISSUERS[provider])
    assert (identity.name, identity.label) == ("Nora Lind", "Nora Lind")
    assert identity.email == "nora.lind@example.org"
    assert identity.email_verified is (None if provider == "facebook" else True)
    assert identity.picture_url is not None
    assert identity.picture_url.startswith("https://")
    assert identity.authenticated_at == NOW
    assert identity.claims
    assert site.login.open_identity(site.login.seal_identity(identity)) == identity


def test_what_a_newer_version_began_is_refused_and_not_misread(
    site: Site, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = site.login.sealer.seal
    more = lambda purpose, values, seconds: seal(purpose, [*values, *[""] * 9], seconds)  # noqa: E731
    monkeypatch.setattr(site.login.sealer, "seal", more, raising=True)
    start = site.login.begin(provider)
    callback = query(site.emulators.press(start.url))
    with pytest.raises(StateError, match="newer version") as raised:
        site.login.complete(provider, callback, transaction=start.transaction)
    assert raised.value.code == "state_mismatch"


def test_the_same_person_is_the_same_identity_the_next_time(site: Site, provider: str) -> None:
    first, second = log_in(site, provider), log_in(site, provider)
    assert first.key == second.key
    assert first.key != log_in(site, provider, "arabic").key


def test_a_login_ends_where_it_was_begun(site: Site, provider: str) -> None:
    start = site.login.begin(provider, next_url="/post/1#comments")
    callback = query(site.emulators.press(start.url))
    signin = site.login.complete(provider, list(callback.items()), transaction=start.transaction)
    assert signin.next_url == "/post/1#comments"
    assert signin.token.access_token


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        ("phone", {"email": None, "email_verified": None}),
        ("arabic", {"name": "ليلى حداد"}),
        ("script", {"name": "<script>alert(1)</script>"}),
        ("nameless", {"name": None}),
    ],
)
def test_what_a_person_lacks_is_absent_and_nothing_stands_in_for_it(
    site: Site, provider: str, person: str, expected: dict[str, object]
) -> None:
    identity = log_in(site, provider, person)
    found = {name: getattr(identity, name) for name in expected}
    if person == "nameless" and provider != "facebook":
        # Where a user name is a must, the provider itself may show it as the name.
        assert identity.label in ("quietone", identity.name)
    else:
        assert found == expected
    assert identity.label
    assert "@" not in identity.label


def test_an_unverified_address_is_never_called_verified(site: Site, provider: str) -> None:
    identity = log_in(site, provider, "unverified")
    assert identity.email_verified is not True


def test_change_asks_for_another_account_where_the_provider_documents_how(
    site: Site, spoken: tuple[str, str]
) -> None:
    asked = query(site.login.begin(spoken[0], change=True).url)
    plain = query(site.login.begin(spoken[0]).url)
    expected = {
        ("facebook", "oauth2"): {"auth_type": "reauthenticate"},
        ("twitter", "oauth1"): {"force_login": "true"},
    }.get(spoken, {})
    assert {name: asked[name] for name in asked.keys() - plain.keys()} == expected


def test_a_cancelled_login_is_a_denial(site: Site, provider: str) -> None:
    with pytest.raises(LoginDenied) as denied:
        log_in(site, provider, "deny")
    assert denied.value.message.startswith("You cancelled the login at ")


@pytest.mark.parametrize(
    ("fault", "expected", "code"),
    [
        ("denied", LoginDenied, "login_denied"),
        ("timeout", ProviderError, "provider_timeout"),
        ("rate_limited", ProviderError, "provider_rate_limited"),
        ("server_error", ProviderError, "provider_unreachable"),
        ("html_error", ProviderError, "provider_bad_response"),
        ("bad_json", ProviderError, "provider_bad_response"),
        ("truncated", ProviderError, "provider_bad_response"),
        ("wrong_state", StateError, "state_mismatch"),
        ("revoked", ProviderError, "provider_refused_userinfo"),
    ],
)
def test_every_fault_of_a_provider_has_its_error(
    site: Site, provider: str, fault: str, expected: type[SocialLoginError], code: str
) -> None:
    with pytest.raises(expected) as raised:
        log_in(site, provider, fault)
    assert raised.value.code == code
    assert raised.value.hint
    assert "%(" not in raised.value.message


@pytest.mark.parametrize("fault", ["no_email", "no_name", "silhouette", "slow", "coop"])
def test_what_is_merely_withheld_or_slow_still_logs_in(
    site: Site, spoken: tuple[str, str], fault: str
) -> None:
    provider = spoken[0]
    with site.emulators.of(*spoken).failing(fault):
        assert log_in(site, provider).subject


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt, BaseException])
def test_a_worker_that_stops_amid_a_login_ends_it_there(
    end: type[BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    def stopped(_: Request) -> Response:
        raise end

    caplog.set_level(logging.INFO, "sociallogin")
    login = SocialLogin.from_mapping(Site().config, transport=stopped)
    start = login.begin("facebook")
    callback = {"code": "c", "state": start.key}
    with pytest.raises(end) as kept:  # which keeps the frames that it passed
        login.complete("facebook", callback, transaction=start.transaction)
    assert "login provider=facebook outcome=cancelled" in caplog.text
    del kept


def test_a_wrong_secret_is_the_sites_fault_and_says_so(face: Face, spoken: tuple[str, str]) -> None:
    provider, protocol = spoken
    site = FacedSite(
        face,
        twitter="oauth1" if protocol == "oauth1" else "oauth2",
        providers={provider: {"client_secret": "not-the-secret"}},
    )
    with pytest.raises(ProviderError) as raised:
        log_in(site, provider)
    assert raised.value.code == "provider_rejected_client"
    assert "not-the-secret" not in f"{raised.value!r} {raised.value.hint}"


def test_an_unknown_provider_is_refused_with_the_known_ones(site: Site) -> None:
    with pytest.raises(RequestError) as raised:
        site.login.begin("myspace")
    assert raised.value.code == "unknown_provider"
    assert "wordpress, twitter, facebook" in raised.value.hint


def test_a_code_that_was_used_elsewhere_is_refused_as_a_token_error(
    site: Site, provider: str
) -> None:
    start = site.login.begin(provider)
    callback = query(site.emulators.press(start.url))
    site.login.complete(provider, callback, transaction=start.transaction)
    site.restart()  # another process: it has not seen this transaction
    with pytest.raises(TokenError) as raised:
        site.login.complete(provider, callback, transaction=start.transaction)
    assert raised.value.code == "token_invalid"


NONSENSE: dict[str, Callable[[], Any]] = {
    "html": lambda: html("<h1>Down for maintenance</h1>"),
    "empty": lambda: raw(b"", "application/json"),
    "a list": lambda: json([1, 2]),
    "false": lambda: json(False),
    "null": lambda: json(None),
    "truncated": lambda: raw(b'{"id": "1', "application/json"),
    "no utf-8": lambda: raw(b'{"id": "\xff"}', "application/json"),
    "deep": lambda: raw(b"[" * 900 + b"]" * 900, "application/json"),
    "no subject": lambda: json({"data": {}}),
    "subject of the wrong type": lambda: json({"id": ["1"], "ID": True, "id_str": 1.5, "data": 5}),
    "empty subject": lambda: json({"id": "", "ID": "", "id_str": "", "data": {"id": ""}}),
    "subject with a space": lambda: json(
        {"id": "1 2", "ID": "1 2", "id_str": "1 2", "data": {"id": "1 2"}}
    ),
    "infinite": lambda: raw(b'{"id": 1e400}', "application/json"),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_for_userinfo_is_never_an_identity(
    site: Site, spoken: tuple[str, str], nonsense: str
) -> None:
    provider, protocol = spoken
    site.emulators.of(provider, protocol).answer_next("userinfo", NONSENSE[nonsense]())
    with pytest.raises(ProviderError) as raised:
        log_in(site, provider)
    assert raised.value.code == "provider_bad_response"


def test_a_key_taken_out_of_the_list_ends_pending_logins_with_the_cause(site: Site) -> None:
    start = site.login.begin("facebook")
    callback = query(site.emulators.press(start.url))
    site.restart(secret_keys=["another-key-of-thirty-two-bytes-or-more"])
    with pytest.raises(StateError) as raised:
        site.login.complete("facebook", callback, transaction=start.transaction)
    assert raised.value.code == "state_mismatch"
    assert "unknown key" in raised.value.hint

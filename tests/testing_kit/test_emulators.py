"""The emulated providers of a test: where they stand in, and what they tell of it."""

import asyncio
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from sociallogin import AsyncSocialLogin, ProviderError, SocialLogin
from sociallogin.emulators import PEOPLE, Emulators, emulator
from sociallogin.emulators.faults import OF_ANY_ANSWER
from sociallogin.flows import Request
from sociallogin.testing import EmulatedProviders, emulated, log_in
from sociallogin.transports.requests import RequestsTransport

#: Longer than any machine takes for a login in process, and no timeout yet.
SLOW_SECONDS = 9


def complete(login: SocialLogin, providers: EmulatedProviders, provider: str = "facebook") -> Any:
    start = login.begin(provider)
    query = dict(parse_qsl(urlsplit(providers.press(start.url)).query))
    return login.complete(provider, query, transaction=start.transaction).identity


def test_they_stand_in_for_logins_that_were_made_before_and_leave_no_trace(
    config: dict[str, Any],
) -> None:
    before = RequestsTransport.__call__
    login = SocialLogin.from_mapping(config)
    with emulated() as providers:
        providers.register(login)
        assert complete(login, providers).name == "Nora Lind"
        with emulated() as others:
            others.register(login)
            assert complete(login, others).name == "Nora Lind"
            assert len(providers.facebook.sent("token")) == 1
        assert complete(login, providers).name == "Nora Lind"
    assert RequestsTransport.__call__ is before


def test_they_stand_in_for_asynchronous_logins(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    async def logged_in() -> Any:
        async with AsyncSocialLogin.from_mapping(config) as login:
            social_login_emulators.register(login)
            start = await login.begin("twitter")
            query = dict(parse_qsl(urlsplit(social_login_emulators.press(start.url)).query))
            return await login.complete("twitter", query, transaction=start.transaction)

    assert asyncio.run(logged_in()).identity.name == "Nora Lind"


def test_a_transport_of_ones_own_is_left_alone(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    own = Emulators()
    login = SocialLogin.from_mapping({**config, **own.config()}, transport=own.send)
    start = login.begin("facebook")
    query = dict(parse_qsl(urlsplit(own.press(start.url)).query))
    login.complete("facebook", query, transaction=start.transaction)
    assert social_login_emulators.facebook.sent() == []


def test_whoever_is_no_provider_is_unreachable(social_login_emulators: EmulatedProviders) -> None:
    with pytest.raises(ProviderError) as raised:
        RequestsTransport()(Request("GET", "https://elsewhere.example.org/"))
    assert raised.value.code == "provider_unreachable"


def test_an_app_may_be_made_with_their_configuration(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    login = SocialLogin.from_mapping({**config, **social_login_emulators.config()})
    assert complete(login, social_login_emulators).name == "Nora Lind"


def test_the_secret_must_be_the_apps(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    social_login_emulators.register(SocialLogin.from_mapping(config))
    config["providers"] = {"facebook": {"client_id": "facebook-67890", "client_secret": "another"}}
    with pytest.raises(ProviderError) as raised:
        complete(SocialLogin.from_mapping(config), social_login_emulators)
    assert raised.value.code == "provider_rejected_client"


@pytest.mark.server
def test_on_a_socket_the_same_is_there(
    config: dict[str, Any], social_login_emulator_server: EmulatedProviders
) -> None:
    assert str(social_login_emulator_server.url).startswith("http://localhost:")
    login = SocialLogin.from_mapping({**config, **social_login_emulator_server.config()})
    with social_login_emulator_server.facebook.as_user(name="Ada"):
        assert complete(login, social_login_emulator_server).name == "Ada"
    assert len(social_login_emulator_server.facebook.sent("userinfo")) == 1


def test_a_name_is_an_account_of_its_own_and_stays_it(
    flask_app: Any, social_login_emulators: EmulatedProviders
) -> None:
    facebook = social_login_emulators.facebook

    def key() -> Any:
        log_in(flask_app.client, "facebook")
        identity = flask_app.client.get("/auth/identity").json["identity"]
        return identity["subject"], identity["name"], identity["email"]

    with facebook.as_user(name="Ada"):
        ada = key()
    with facebook.as_user(name="Ada", email=None):
        assert key() == (ada[0], "Ada", None)
    with facebook.as_user(username="ada", name="Ada"):
        renamed = key()
    with facebook.as_user(username="ada", name="Ada Lovelace"):
        assert key()[:2] == (renamed[0], "Ada Lovelace")
    with facebook.as_user(name="Layla"):
        assert key()[0] != ada[0]
    with facebook.as_user("phone"):
        assert key()[1] == PEOPLE["phone"].name
    with facebook.as_user(email=None):
        assert key()[1:] == ("Nora Lind", None)
    assert ada[2] == "ada@example.org"


def test_the_consent_page_offers_to_be_who_is_named(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    login = SocialLogin.from_mapping(config)
    social_login_emulators.register(login)
    url = login.begin("facebook").url
    with social_login_emulators.facebook.as_user(name="Ada <3"):
        page = social_login_emulators.send(Request("GET", url)).body.decode()
    assert page.index("Continue as <bdi>Ada &lt;3</bdi>") < page.index("<bdi>Nora Lind</bdi>")


@pytest.mark.parametrize("protocol", ["oauth2", "oauth1"])
def test_x_is_one_provider_with_two_protocols(
    config: dict[str, Any], protocol: str, social_login_emulators: EmulatedProviders
) -> None:
    config["providers"] = {"twitter": {**config["providers"]["twitter"], "protocol": protocol}}
    login = SocialLogin.from_mapping(config)
    social_login_emulators.register(login)
    with social_login_emulators.twitter.as_user(name="Ada"):
        assert complete(login, social_login_emulators, "twitter").name == "Ada"
    (token,) = social_login_emulators.twitter.sent("token")
    proof = {"oauth2": "code_verifier", "oauth1": "oauth_signature"}[protocol]
    assert len(token.parameters[proof]) > 20


def test_what_was_sent_can_be_read_and_its_repr_tells_no_secret(
    flask_app: Any, social_login_emulators: EmulatedProviders
) -> None:
    log_in(flask_app.client, "facebook", person="arabic")
    facebook = social_login_emulators.facebook
    steps = [facebook.sent(step) for step in ("authorize", "token", "userinfo")]
    assert [len(sent) for sent in steps] == [1, 1, 1]
    assert facebook.sent() == [sent for (sent,) in steps]
    token = facebook.sent("token")[0]
    assert token.method == "POST"
    assert token.url == "https://graph.facebook.com/v25.0/oauth/access_token"
    assert token.parameters["client_secret"] == "facebook-secret-of-the-app"
    assert token.parameters["redirect_uri"] == "http://127.0.0.1:8000/auth/callback/facebook"
    shown = f"{facebook.sent()!r}{token.parameters!r}{facebook!r}"
    assert "client_id=facebook-67890" in shown
    for name in ("client_secret", "code", "code_verifier", "state", "appsecret_proof"):
        secret = next(s.parameters[name] for s in facebook.sent() if name in s.parameters)
        assert secret not in shown
    bearer = facebook.sent("userinfo")[0].headers["Authorization"].removeprefix("Bearer ")
    assert bearer not in shown


@pytest.mark.parametrize("protocol", ["oauth2", "oauth1"])
def test_asking_for_a_chooser_can_be_asserted(
    config: dict[str, Any], protocol: str, social_login_emulators: EmulatedProviders
) -> None:
    provider = "facebook" if protocol == "oauth2" else "twitter"
    config["providers"][provider] = {**config["providers"][provider], "protocol": protocol}
    login = SocialLogin.from_mapping(config)
    social_login_emulators.register(login)
    handle = getattr(social_login_emulators, provider)
    with pytest.raises(AssertionError, match="nobody was sent to "):
        handle.assert_asked_chooser()
    social_login_emulators.press(login.begin(provider).url)
    with pytest.raises(AssertionError, match="was not asked for a chooser"):
        handle.assert_asked_chooser()
    social_login_emulators.press(login.begin(provider, change=True).url)
    handle.assert_asked_chooser()


def test_a_chooser_that_is_not_documented_cannot_be_asserted(
    flask_app: Any, social_login_emulators: EmulatedProviders
) -> None:
    log_in(flask_app.client, "wordpress")
    with pytest.raises(AssertionError, match=r"WordPress\.com documents no parameter"):
        social_login_emulators.wordpress.assert_asked_chooser()


def test_what_was_sent_can_be_asserted_and_a_failure_tells_what_was(
    flask_app: Any, social_login_emulators: EmulatedProviders
) -> None:
    facebook = social_login_emulators.facebook
    with pytest.raises(AssertionError, match=r"Facebook was sent no token request; .*\n  nothing$"):
        facebook.assert_sent("token")

    log_in(flask_app.client, "facebook")
    assert [sent.step for sent in facebook.sent()] == ["authorize", "token", "userinfo"]
    callback = "http://127.0.0.1:8000/auth/callback/facebook"
    token = facebook.assert_sent("token", redirect_uri=callback)
    assert token.parameters["client_secret"] == "facebook-secret-of-the-app"

    with pytest.raises(AssertionError) as raised:
        facebook.assert_sent("authorize", scope="email", client_secret="guessed")
    first, _, rest = str(raised.value).partition("\n")
    wanted = "no authorize request with scope=email client_secret=…"
    assert first == f"Facebook was sent {wanted}; it was sent:"
    assert "  authorize: GET https://www.facebook.com/" in rest
    assert "scope=public_profile email" in rest
    assert "facebook-secret-of-the-app" not in rest


@pytest.mark.parametrize("method", ["sent", "assert_sent"])
def test_a_step_that_does_not_exist_is_named(
    method: str, social_login_emulators: EmulatedProviders
) -> None:
    steps = r"no step 'request_token'; there are: authorize, token, userinfo$"
    with pytest.raises(LookupError, match=steps):
        getattr(social_login_emulators.facebook, method)("request_token")
    assert social_login_emulators.twitter.sent("request_token") == []


@pytest.mark.parametrize("provider", ["wordpress", "twitter", "facebook"])
def test_where_nothing_is_sent_there_is_nothing_of_the_test_before(
    provider: str, flask_app: Any, social_login_emulators: EmulatedProviders
) -> None:
    assert getattr(social_login_emulators, provider).sent() == []
    log_in(flask_app.client, provider)
    assert len(getattr(social_login_emulators, provider).sent("userinfo")) == 1


def test_a_fault_that_does_not_exist_is_named(social_login_emulators: EmulatedProviders) -> None:
    with (
        pytest.raises(LookupError, match="no fault 'explode'; there are: denied, no_email"),
        social_login_emulators.facebook.fault("explode"),
    ):
        pass
    with (
        pytest.raises(LookupError, match="a login at Facebook has no step 'request_token'"),
        social_login_emulators.facebook.fault("timeout", at="request_token"),
    ):
        pass
    with (
        pytest.raises(LookupError, match=r"no step 'tokn'; .*\. Did you mean token\?"),
        social_login_emulators.facebook.fault("timeout", at="tokn"),  # type: ignore[arg-type]
    ):
        pass


@pytest.mark.parametrize(
    ("fault", "at"),
    [
        ("timeout", "authorize"),
        ("wrong_state", "token"),
        ("denied", "token"),
        ("no_email", "token"),
    ],
)
def test_a_fault_that_cannot_strike_a_step_is_named(
    fault: str, at: Any, social_login_emulators: EmulatedProviders
) -> None:
    with (
        pytest.raises(LookupError, match=f"'{fault}' cannot strike the step '{at}'"),
        social_login_emulators.facebook.fault(fault, at=at),
    ):
        pass


@pytest.mark.parametrize("at", ["request_token", "token", "userinfo"])
@pytest.mark.parametrize("fault", sorted(OF_ANY_ANSWER - {"slow"}))
def test_a_fault_strikes_every_answer_of_x_in_oauth1(
    config: dict[str, Any], fault: str, at: Any, social_login_emulators: EmulatedProviders
) -> None:
    config["providers"] = {"twitter": {**config["providers"]["twitter"], "protocol": "oauth1"}}
    login = SocialLogin.from_mapping(config)
    social_login_emulators.register(login)
    with (
        social_login_emulators.twitter.fault(fault, at=at),
        pytest.raises(ProviderError),
    ):
        complete(login, social_login_emulators, "twitter")


def test_an_app_that_is_registered_during_a_login_spoils_it_not(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    login = SocialLogin.from_mapping(config)
    for provider in ("facebook", "twitter"):
        social_login_emulators.register(login)
        start = login.begin(provider)
        callback = social_login_emulators.press(start.url)
        other = SocialLogin.from_mapping({**config, "base_url": "http://127.0.0.1:5000"})
        social_login_emulators.register(other)
        params = parse_qsl(urlsplit(callback).query)
        assert login.complete(provider, params, transaction=start.transaction).identity.subject


def test_the_last_login_at_x_counts_in_whichever_protocol(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    twitter = social_login_emulators.twitter
    for protocol in ("oauth1", "oauth2", "oauth1"):
        config["providers"]["twitter"] = {
            **config["providers"]["twitter"], "protocol": protocol,
        }  # fmt: skip
        login = SocialLogin.from_mapping(config)
        social_login_emulators.register(login)
        social_login_emulators.press(login.begin("twitter", change=True).url)
        sent = twitter.sent("authorize")[-1]
        assert ("oauth_token" in sent.parameters) == (protocol == "oauth1")
    twitter.assert_asked_chooser()


@pytest.mark.parametrize("fault", ["slow", "timeout"])
def test_in_process_no_fault_waits(
    fault: str,
    flask_app: Any,
    social_login_emulators: EmulatedProviders,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emulator, "SLOW_SECONDS", SLOW_SECONDS)
    before = time.monotonic()
    with social_login_emulators.facebook.fault(fault):
        log_in(flask_app.client, "facebook")
    assert time.monotonic() - before < SLOW_SECONDS


@pytest.mark.server
def test_a_browser_logs_in_at_the_emulators_on_a_socket(
    config: dict[str, Any], social_login_emulator_server: EmulatedProviders
) -> None:
    """Nothing but the configuration tells the app of them: `log_in` and its help are not used."""
    base_url = "http://127.0.0.1:5123"
    tables = social_login_emulator_server.config(base_url)
    login = SocialLogin.from_mapping({**config, "base_url": base_url, **tables})
    start = login.begin("facebook")
    with requests.Session() as browser:
        page = browser.get(start.url)
        assert "Continue as" in page.text
        leaving = browser.post(page.url, data={"press": "grant"}, allow_redirects=False)
    callback = urlsplit(leaving.headers["Location"])
    assert callback.netloc == "127.0.0.1:5123"
    params = dict(parse_qsl(callback.query))
    signin = login.complete("facebook", params, transaction=start.transaction)
    assert signin.identity.name == "Nora Lind"

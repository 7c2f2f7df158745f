"""The emulated providers of a test: where they stand in, and what they tell of it."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sociallogin import AsyncSocialLogin, ProviderError, SocialLogin
from sociallogin.emulators import PEOPLE, Emulators
from sociallogin.flows import Request
from sociallogin.testing import EmulatedProviders, emulated, log_in
from sociallogin.transports.requests import RequestsTransport


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


def test_log_out_makes_the_next_login_ask_for_a_chooser(
    flask_app: Any, social_login_emulators: EmulatedProviders
) -> None:
    log_in(flask_app.client, "facebook")
    flask_app.post("/auth/logout")
    log_in(flask_app.client, "facebook")
    social_login_emulators.facebook.assert_asked_chooser()
    log_in(flask_app.client, "wordpress")
    with pytest.raises(AssertionError, match=r"WordPress\.com documents no parameter"):
        social_login_emulators.wordpress.assert_asked_chooser()


def test_a_fault_that_does_not_exist_is_named(social_login_emulators: EmulatedProviders) -> None:
    with (
        pytest.raises(LookupError, match="no fault 'explode'; there are: denied, no_email"),
        social_login_emulators.facebook.fault("explode"),
    ):
        pass

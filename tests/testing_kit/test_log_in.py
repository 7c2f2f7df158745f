"""`log_in`: a whole login in one call, with the test client of every framework."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sociallogin import SocialLogin, providers
from sociallogin.testing import EmulatedProviders, log_in, log_out

PROVIDERS = ["wordpress", "twitter", "facebook"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_it_ends_at_the_page_and_the_client_stays_logged_in(
    app: Any, provider: str, social_login_emulators: EmulatedProviders
) -> None:
    response = app.log_in(provider, next_url="/post/1")
    assert response.status_code == 200
    assert response.text == "You are Nora Lind."
    assert app.page() == "You are Nora Lind."


def test_log_out_ends_at_the_page_and_nobody_is_logged_in(
    app: Any, social_login_emulators: EmulatedProviders
) -> None:
    app.log_in("facebook")
    response = app.readable(app.wait(log_out(app.client, "/post/1")))
    assert response.text == "You are nobody."
    assert app.page() == "You are nobody."


def test_after_log_out_and_by_change_the_provider_is_asked_for_a_chooser(
    app: Any, social_login_emulators: EmulatedProviders
) -> None:
    app.log_in("facebook")
    with pytest.raises(AssertionError, match="was not asked for a chooser"):
        social_login_emulators.facebook.assert_asked_chooser()
    app.log_in("facebook", change=True)
    social_login_emulators.facebook.assert_asked_chooser()
    app.wait(log_out(app.client))
    app.log_in("facebook")
    social_login_emulators.facebook.assert_asked_chooser()


def test_the_next_logins_are_of_the_user_that_is_named(
    app: Any, social_login_emulators: EmulatedProviders
) -> None:
    with social_login_emulators.facebook.as_user(name="Ada Lovelace", email=None) as ada:
        assert ada.email is None
        assert app.log_in("facebook", "/post/1").text == "You are Ada Lovelace."
        assert app.log_in("twitter", "/post/1").text == "You are Nora Lind."
    assert app.log_in("facebook", "/post/1").text == "You are Nora Lind."


def test_a_person_may_be_named_for_one_login(
    app: Any, social_login_emulators: EmulatedProviders
) -> None:
    response = app.log_in("wordpress", "/post/1", person="phone")
    assert response.text == "You are Tom Field."
    with pytest.raises(LookupError, match="nobody is called 'nobody'; there are: complete, phone"):
        app.log_in("wordpress", person="nobody")


def test_a_denied_login_ends_at_the_page_that_says_so(
    app: Any, social_login_emulators: EmulatedProviders
) -> None:
    with social_login_emulators.twitter.denied():
        response = app.log_in("twitter")
    assert response.status_code == 403
    assert "You cancelled the login at " in response.text
    assert app.page() == "You are nobody."
    app.log_in("twitter")
    assert app.page() == "You are Nora Lind."


@pytest.mark.parametrize(
    ("fault", "at", "status"),
    [("timeout", None, 503), ("server_error", "userinfo", 503), ("wrong_state", None, 400)],
)
def test_a_fault_spoils_the_login_as_the_real_thing_would(
    app: Any, fault: str, at: Any, status: int, social_login_emulators: EmulatedProviders
) -> None:
    with social_login_emulators.facebook.fault(fault, at):
        assert app.log_in("facebook").status_code == status
    assert app.page() == "You are nobody."


def test_further_fields_reach_the_app_before_the_browser_leaves(
    app: Any, social_login_emulators: EmulatedProviders
) -> None:
    app.log_in("facebook", form={"comment": "A draft"})
    assert app.begun == [("facebook", {"comment": "A draft"})]


@pytest.mark.parametrize("address", ["http://testserver", "https://testserver"])
def test_on_an_https_site_the_client_stays_logged_in_wherever_it_takes_itself_to_be(
    make: Callable[..., Any], address: str, social_login_emulators: EmulatedProviders
) -> None:
    app = make(address, base_url="https://blog.example.com")
    assert app.log_in("facebook", "/post/1").text == "You are Nora Lind."
    assert app.page() == "You are Nora Lind."
    app.wait(log_out(app.client))
    assert app.page() == "You are nobody."


def test_a_login_that_fails_at_its_beginning_ends_there(
    make: Callable[..., Any], config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    config["providers"]["twitter"] = {**config["providers"]["twitter"], "protocol": "oauth1"}
    app = make(providers=config["providers"])
    with social_login_emulators.twitter.fault("server_error", at="request_token"):
        assert app.log_in("twitter").status_code == 503
    assert app.log_in("twitter", "/post/1").text == "You are Nora Lind."


def test_a_provider_that_the_app_has_not_is_named(
    flask_app: Any, social_login_emulators: EmulatedProviders
) -> None:
    with pytest.raises(LookupError, match="no provider 'myspace'; enabled are: wordpress, twitter"):
        log_in(flask_app.client, "myspace")


def test_a_provider_that_no_emulator_plays_is_named(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    elsewhere = {"authorize_url": "http://localhost:9000/dialog"}
    table = {**config["providers"]["facebook"], **elsewhere}
    made = _flask_app(SocialLogin.from_mapping({**config, "providers": {"facebook": table}}))
    with pytest.raises(LookupError, match="sends the browser to localhost:9000, where no emulator"):
        log_in(made.test_client(), "facebook")


def test_an_app_without_the_endpoints_is_told_apart(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    from flask import Flask

    client = Flask("bare").test_client()
    with pytest.raises(LookupError, match="pass login="):
        log_in(client, "facebook")
    login = SocialLogin.from_mapping(config)
    with pytest.raises(LookupError, match="answers POST /auth/login/facebook with 404"):
        log_in(client, "facebook", login=login)


def test_without_emulators_nothing_is_sent_anywhere(flask_app: Any) -> None:
    with pytest.raises(LookupError, match="social_login_emulators"):
        log_in(flask_app.client, "facebook")


@pytest.mark.parametrize("client", [None, object(), "http://127.0.0.1:8000"])
def test_an_unknown_client_is_named(client: Any, social_login_emulators: EmulatedProviders) -> None:
    with pytest.raises(TypeError, match=r"builtins\.\w+ is no known test client; known are those"):
        log_in(client, "facebook")


def test_an_asynchronous_client_without_an_address_is_told_to_have_one(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    import httpx

    login = SocialLogin.from_mapping(config)
    with pytest.raises(ValueError, match="base_url='http://testserver'"):
        asyncio.run(log_in(httpx.AsyncClient(), "facebook", login=login))


def test_a_record_of_ones_own_is_left_to_its_own_server(
    config: dict[str, Any], social_login_emulators: EmulatedProviders
) -> None:
    from dataclasses import replace

    own = replace(
        providers.get("facebook"), name="own", authorize_url="https://login.example.org/authorize"
    )
    tables = {"own": {"client_id": "1", "client_secret": "2"}}
    login = SocialLogin.from_mapping({**config, "providers": tables}, providers=[own])
    with pytest.raises(LookupError, match=r"sends the browser to login\.example\.org"):
        log_in(_flask_app(login).test_client(), "own")


@pytest.mark.parametrize("framework", ["flask", "webtest", "httpx on wsgi", "django"])
def test_an_app_below_a_prefix_is_found_there(
    config: dict[str, Any],
    framework: str,
    social_login_emulators: EmulatedProviders,
    below_a_prefix: Callable[..., Any],
) -> None:
    app = below_a_prefix(framework, {**config, "mount": "/blog/auth"}, "/blog")
    assert app.log_in("facebook", "/blog/post/1").text == "You are Nora Lind."
    assert app.page() == "You are Nora Lind."


def _flask_app(login: SocialLogin) -> Any:
    from flask import Flask

    from sociallogin.integrations.flask import SocialLoginFlask

    app = Flask("tested")
    SocialLoginFlask(app, login)
    return app

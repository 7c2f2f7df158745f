"""Every emulator's userinfo: whom it is given to, and what of it."""

import json

import pytest

from emulators.apps import LEFT_OUT, PROVIDERS, App, named
from sociallogin.emulators import Emulators


@pytest.mark.parametrize(
    ("provider", "missing", "invalid"),
    [
        ("wordpress", (403, "authorization_required"), (400, "invalid_token")),
        ("twitter", (401, "Unauthorized"), (401, "Unauthorized")),
        ("facebook", (400, (2500, None)), (400, (190, 458))),
    ],
)
def test_userinfo_without_a_good_token_is_refused(emulators, provider, missing, invalid):
    app = App(emulators, provider)
    for token, (status, name) in ((None, missing), ("made-up", invalid)):
        answer = app.userinfo(token)
        assert (answer.status, named(answer)) == (status, name)
    revoked = app.token_answer(app.code("revoked"))
    answer = app.userinfo(json.loads(revoked.body)["access_token"])
    assert (answer.status, named(answer)) == invalid


def test_an_x_token_lives_two_hours(emulators, clock):
    app = App(emulators, "twitter")
    token = app.token()
    clock.now += 7199
    assert app.userinfo(token).status == 200
    clock.now += 1
    assert app.userinfo(token).status == 401


@pytest.mark.parametrize("scope", ["users.read", "tweet.read"])
def test_x_users_me_needs_both_scopes(emulators, scope):
    app = App(emulators, "twitter")
    answer = app.userinfo(app.token(scope=scope), user__fields="url")
    assert answer.status == 403


def test_x_gives_the_confirmed_email_only_with_its_scope(emulators):
    app = App(emulators, "twitter")
    token = app.token(scope="users.read tweet.read")
    assert app.userinfo(token).status == 403
    answer = app.userinfo(token, user__fields=LEFT_OUT)
    assert json.loads(answer.body)["data"].keys() == {"id", "name", "username"}


def test_x_refuses_a_field_that_does_not_exist(emulators):
    app = App(emulators, "twitter")
    assert app.userinfo(app.token(), user__fields="email").status == 400


@pytest.mark.parametrize("proof", [LEFT_OUT, "0" * 64, "€"])
def test_facebook_needs_the_appsecret_proof(emulators, proof):
    app = App(emulators, "facebook")
    answer = app.userinfo(app.token(), appsecret_proof=proof)
    assert (answer.status, named(answer)) == (400, (100, None))
    assert "appsecret_proof" in answer.body.decode()


def test_facebook_gives_the_fields_asked_for_and_no_others(emulators):
    app = App(emulators, "facebook")
    token = app.token()
    assert json.loads(app.userinfo(token, fields=LEFT_OUT).body).keys() == {"id", "name"}
    chosen = json.loads(app.userinfo(token, fields="email,link,picture{url}").body)
    assert chosen.keys() == {"id", "email", "picture"}
    assert chosen["picture"]["data"].keys() == {"url"}
    assert named(app.userinfo(token, fields="name,shoe_size")) == (100, None)


def test_facebook_withholds_an_email_that_was_not_asked_for(emulators):
    app = App(emulators, "facebook")
    assert "email" not in json.loads(app.userinfo(app.token(scope="public_profile")).body)


@pytest.mark.parametrize(
    ("path", "answered_as"),
    [("/v25.0/me", "v25.0"), ("/v3.1/me", "v21.0"), ("/me", "v21.0"), ("/v99.0/me", None)],
)
def test_facebook_answers_an_expired_version_as_the_oldest_that_lives(emulators, path, answered_as):
    app = App(emulators, "facebook")
    token = app.token()
    app.urls["userinfo_url"] = f"https://graph.facebook.com{path}"
    answer = app.userinfo(token)
    assert answer.headers.get("facebook-api-version") == answered_as


def test_a_facebook_id_is_another_one_for_another_app(emulators, clock):
    credentials = {(p, "oauth2"): ("another", "s") for p in PROVIDERS}
    others = Emulators(credentials={**credentials, ("twitter", "oauth1"): ("k", "s")}, clock=clock)
    ids = {
        json.loads(app.userinfo(app.token()).body)["id"]
        for app in (App(emulators, "facebook"), App(others, "facebook"))
    }
    assert len(ids) == 2

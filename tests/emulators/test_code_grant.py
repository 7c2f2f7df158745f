"""OAuth 2.0 at the wire: every emulator grants what is right, and refuses as its provider does."""

import json
from base64 import b64encode
from urllib.parse import quote_plus, urlencode

import pytest

from emulators.apps import LEFT_OUT, PROVIDERS, VERIFIER, App, named
from sociallogin.emulators import PEOPLE, Client, Emulators, PressError
from sociallogin.emulators.twitter import Twitter
from sociallogin.flows import Request


@pytest.fixture(params=PROVIDERS)
def app(request: pytest.FixtureRequest, emulators: Emulators) -> App:
    return App(emulators, request.param)


def test_what_is_right_is_granted(app):
    answer = app.userinfo(app.token())
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    me = json.loads(answer.body)
    assert PEOPLE["complete"].email in (me.get("email"), me.get("data", {}).get("confirmed_email"))


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"client_id": "12"}, "Unknown app"),
        ({"client_id": LEFT_OUT}, "Unknown app"),
        (
            {"redirect_uri": "http://127.0.0.1:8000/auth/callback/wordpress/"},
            "It is “http://127.0.0.1:8000/auth/callback/wordpress/”; registered: http",
        ),
        ({"redirect_uri": "http://127.0.0.1:8000/auth/callback/x?a=b"}, "not allowed"),
        ({"redirect_uri": LEFT_OUT}, "not allowed"),
        ({"response_type": "token"}, "Invalid request"),
    ],
)
def test_a_wrong_authorization_request_ends_on_the_provider_s_own_page(app, changes, title):
    answer = app.emulators.send(Request("GET", app.authorize_url(**changes)))
    assert answer.status == 400
    assert "location" not in answer.headers
    assert title in answer.body.decode()
    assert app.provider != "twitter" or "Something went wrong" in answer.body.decode()
    with pytest.raises(PressError, match="400"):
        app.emulators.press(app.authorize_url(**changes))


@pytest.mark.parametrize(
    ("provider", "changes"),
    [
        ("wordpress", {"scope": "auth openid"}),
        ("wordpress", {"scope": "global"}),
        ("wordpress", {"scope": LEFT_OUT}),
        ("twitter", {"scope": "users.read everything"}),
        ("twitter", {"scope": LEFT_OUT}),
        ("twitter", {"state": LEFT_OUT}),
        ("twitter", {"state": "s" * 501}),
        ("twitter", {"code_challenge": LEFT_OUT}),
        ("twitter", {"code_challenge": "short"}),
        ("twitter", {"code_challenge_method": "s256"}),
        ("facebook", {"scope": "email user_link"}),
    ],
)
def test_what_a_provider_does_not_know_ends_on_its_own_page(emulators, provider, changes):
    answer = emulators.send(Request("GET", App(emulators, provider).authorize_url(**changes)))
    assert (answer.status, "location" in answer.headers) == (400, False)


def test_a_parameter_given_twice_ends_on_the_provider_s_own_page(app):
    url = f"{app.authorize_url()}&state=another"
    assert app.emulators.send(Request("GET", url)).status == 400


TOKEN_REFUSALS = [
    # changes to the token request, then what WordPress.com, X and Facebook name it
    ({"client_id": LEFT_OUT}, "invalid_client", "unauthorized_client", (101, None)),
    ({"client_id": "12"}, "invalid_client", "unauthorized_client", (101, None)),
    ({"client_secret": LEFT_OUT}, "invalid_client", "unauthorized_client", (1, None)),
    ({"client_secret": "wrong"}, "invalid_client", "unauthorized_client", (1, None)),
    ({"client_secret": "€"}, "invalid_client", "unauthorized_client", (1, None)),
    ({"code": LEFT_OUT}, "invalid_request", "invalid_request", (100, None)),
    ({"code": "made-up"}, "invalid_grant", "invalid_request", (100, None)),
    ({"redirect_uri": LEFT_OUT}, "invalid_request", "invalid_request", (191, None)),
    ({"redirect_uri": "http://127.0.0.1/"}, "invalid_grant", "invalid_request", (100, 36008)),
    (
        {"grant_type": "password"},
        "unsupported_grant_type", "unsupported_grant_type", (100, None),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "names"), [(changes, names) for changes, *names in TOKEN_REFUSALS]
)
def test_a_wrong_token_request_is_refused_as_the_provider_does(app, changes, names):
    answer = app.token_answer(app.code(), **changes)
    assert named(answer) == names[PROVIDERS.index(app.provider)]
    is_basic = app.provider == "twitter" and not changes.keys().isdisjoint(
        ("client_id", "client_secret")
    )
    assert answer.status == (401 if is_basic else 400)


def test_a_code_works_once(app):
    code = app.code()
    assert app.token_answer(code).status == 200
    expected = {
        "wordpress": "invalid_grant", "twitter": "invalid_request", "facebook": (100, 36009),
    }  # fmt: skip
    assert named(app.token_answer(code)) == expected[app.provider]


@pytest.mark.parametrize(
    ("provider", "seconds", "name"),
    [
        ("wordpress", 600, "invalid_grant"),
        ("twitter", 30, "invalid_request"),
        ("facebook", 600, (100, 36007)),
    ],
)
def test_a_code_lives_as_long_as_the_provider_says(emulators, clock, provider, seconds, name):
    app = App(emulators, provider)
    in_time, too_late = app.code(), app.code()
    clock.now += seconds - 1
    assert app.token_answer(in_time).status == 200
    clock.now += 1
    assert named(app.token_answer(too_late)) == name


def test_a_refused_token_request_uses_the_code_up(app):
    code = app.code()
    app.token_answer(code, redirect_uri="http://127.0.0.1/")
    assert app.token_answer(code).status == 400


@pytest.mark.parametrize("provider", ["twitter", "facebook"])
@pytest.mark.parametrize("verifier", [LEFT_OUT, "w" * 43])
def test_a_wrong_code_verifier_is_refused(emulators, provider, verifier):
    app = App(emulators, provider)
    assert app.token_answer(app.code(), code_verifier=verifier).status == 400


def test_a_code_verifier_without_a_challenge_is_refused(emulators):
    app = App(emulators, "facebook")
    code = app.code(code_challenge=LEFT_OUT, code_challenge_method=LEFT_OUT)
    assert app.token_answer(code).status == 400
    code = app.code(code_challenge=LEFT_OUT, code_challenge_method=LEFT_OUT)
    assert app.token_answer(code, code_verifier=LEFT_OUT).status == 200


def test_wordpress_heeds_no_pkce(emulators):
    app = App(emulators, "wordpress")
    assert app.token_answer(app.code(), code_verifier="w" * 43).status == 200


def test_x_needs_the_basic_header_even_with_the_secret_in_the_body(emulators):
    app = App(emulators, "twitter")
    body = urlencode(
        {
            "grant_type": "authorization_code", "code": app.code(), "code_verifier": VERIFIER,
            "redirect_uri": app.client.redirect_uris[0], "client_id": app.client.client_id,
            "client_secret": app.client.client_secret,
        }
    ).encode()  # fmt: skip
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = emulators.send(Request("POST", app.urls["token_url"], headers, body))
    assert answer.status == 401
    assert json.loads(answer.body)["error_description"] == "Missing valid authorization header"


@pytest.mark.parametrize("header", ["Basic %%%", "Basic bm9jb2xvbg==", "Basic w6k="])
def test_garbled_basic_credentials_are_refused(emulators, header):
    headers = {"Authorization": header, "Content-Type": "application/x-www-form-urlencoded"}
    url = App(emulators, "twitter").urls["token_url"]
    assert emulators.send(Request("POST", url, headers, b"code=a")).status == 400


def test_basic_credentials_are_form_decoded():
    odd = Client("a:b", "c% +d€&", ("https://blog.example.com/callback",))
    twitter = Twitter([odd])
    pair = f"{quote_plus(odd.client_id)}:{quote_plus(odd.client_secret)}"
    headers = {
        "Authorization": f"Basic {b64encode(pair.encode()).decode()}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = b"grant_type=authorization_code&code=a&redirect_uri=b"
    answer = twitter(Request("POST", twitter.urls()["token_url"], headers, body)).response
    assert named(answer) == "invalid_request"  # of the code: the client was recognized


def test_a_token_request_that_is_no_form_says_nothing(app):
    body = json.dumps({"code": app.code()}).encode()
    request = Request("POST", app.urls["token_url"], {"Content-Type": "application/json"}, body)
    assert app.emulators.send(request).status in (400, 401)


def test_another_app_s_code_is_refused(clock):
    clients = [
        Client(name, f"{name}-secret", (f"https://{name}.example/cb",)) for name in ("one", "two")
    ]
    emulators = Emulators(clock=clock)
    emulators.facebook.clients.update({client.client_id: client for client in clients})
    one, two = App(emulators, "facebook"), App(emulators, "facebook")
    one.client, two.client = clients
    assert two.token_answer(one.code(), redirect_uri=one.client.redirect_uris[0]).status == 400


TOKEN_ANSWERS = {
    "wordpress": {"token_type", "access_token", "blog_id", "blog_url", "scope"},
    "twitter": {"token_type", "access_token", "expires_in", "scope"},
    "facebook": {"token_type", "access_token", "expires_in"},
}


def test_a_token_answer_holds_what_the_provider_s_holds(app):
    answer = json.loads(app.token_answer(app.code()).body)
    assert answer.keys() == TOKEN_ANSWERS[app.provider]


def test_wordpress_tokens_are_hostile_to_urls_and_belong_to_no_blog(emulators):
    app = App(emulators, "wordpress")
    answer = json.loads(app.token_answer(app.code()).body)
    assert answer["blog_id"] == 0
    assert "&" in answer["access_token"]
    assert "%26" in answer["access_token"]


def test_x_gives_a_refresh_token_when_asked_for_one(emulators):
    app = App(emulators, "twitter")
    code = app.code(scope="users.read tweet.read offline.access")
    assert json.loads(app.token_answer(code).body)["refresh_token"]


def test_facebook_takes_a_token_request_by_get_too(emulators):
    app = App(emulators, "facebook")
    pairs = {
        "client_id": app.client.client_id, "client_secret": app.client.client_secret,
        "redirect_uri": app.client.redirect_uris[0], "code": app.code(), "code_verifier": VERIFIER,
    }  # fmt: skip
    url = f"{app.urls['token_url']}?{urlencode(pairs)}"
    assert emulators.send(Request("GET", url)).status == 200


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", "https://api.x.com/2/oauth2/token", 405),
        ("POST", "https://public-api.wordpress.com/rest/v1.1/me", 405),
        ("GET", "https://www.facebook.com/v25.0/dialog/oauth", 400),
    ],
)
def test_an_endpoint_answers_its_own_methods_only(emulators, method, url, status):
    assert emulators.send(Request(method, url)).status == status

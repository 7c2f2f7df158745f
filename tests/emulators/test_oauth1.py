"""OAuth 1.0a at the wire: requests that oauthlib's client signs, and what is wrong with others."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_QUERY, Client

from sociallogin.emulators import Emulators, PressError
from sociallogin.flows import Request, Response

from .conftest import NOW

CALLBACK = "http://127.0.0.1:8000/auth/callback/twitter"
REQUEST_TOKEN = "https://api.x.com/oauth/request_token"
ACCESS_TOKEN = "https://api.x.com/oauth/access_token"
VERIFY = "https://api.x.com/1.1/account/verify_credentials.json?include_email=true&skip_status=true"


class App:
    """An app that signs with oauthlib."""

    def __init__(self, emulators: Emulators) -> None:
        self.emulators = emulators
        consumer = next(iter(emulators.twitter_oauth1.clients.values()))
        self.keys: dict[str, Any] = {
            "client_key": consumer.client_id,
            "client_secret": consumer.client_secret,
            "timestamp": str(NOW),
        }

    def send(self, method: str, url: str, **changes: Any) -> Response:
        return self.emulators.send(self.signed(method, url, **changes))

    def signed(self, method: str, url: str, **changes: Any) -> Request:
        url, headers, body = Client(**{**self.keys, **changes}).sign(url, http_method=method)
        return Request(method, url, headers, body and body.encode())

    def request_token(self, **changes: Any) -> dict[str, str]:
        answer = self.send("POST", REQUEST_TOKEN, **{"callback_uri": CALLBACK, **changes})
        assert answer.status == 200, answer.body
        return pairs(answer)

    def approved(self, button: str = "grant") -> dict[str, str]:
        """What signs an access token request."""
        token = self.request_token()
        url = f"https://api.x.com/oauth/authenticate?oauth_token={token['oauth_token']}"
        callback = dict(parse_qsl(urlsplit(self.emulators.press(url, button)).query))
        return {**signing(token), "verifier": callback["oauth_verifier"]}


def pairs(answer: Response) -> dict[str, str]:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return dict(parse_qsl(answer.body.decode(), strict_parsing=True))


def signing(token: dict[str, str]) -> dict[str, str]:
    return {
        "resource_owner_key": token["oauth_token"],
        "resource_owner_secret": token["oauth_token_secret"],
    }


def code_of(answer: Response) -> tuple[int, int]:
    return answer.status, json.loads(answer.body)["errors"][0]["code"]


@pytest.fixture
def app(emulators: Emulators) -> App:
    return App(emulators)


def test_a_login_signed_by_oauthlib_goes_through(app):
    token = app.request_token()
    assert token["oauth_callback_confirmed"] == "true"
    url = f"https://api.x.com/oauth/authenticate?oauth_token={token['oauth_token']}"
    callback = dict(parse_qsl(urlsplit(app.emulators.press(url)).query))
    assert callback["oauth_token"] == token["oauth_token"]
    answer = app.send("POST", ACCESS_TOKEN, **signing(token), verifier=callback["oauth_verifier"])
    access = pairs(answer)
    assert access["screen_name"] == "noralind"
    me = json.loads(app.send("GET", VERIFY, **signing(access)).body)
    assert me["id_str"] == access["user_id"]
    assert me["id"] > 2**53
    assert me["email"] == "nora.lind@example.org"


@pytest.mark.parametrize(("person", "email"), [("unverified", None), ("phone", None)])
def test_an_email_that_is_not_confirmed_is_null(app, person, email):
    access = pairs(app.send("POST", ACCESS_TOKEN, **app.approved(person)))
    assert json.loads(app.send("GET", VERIFY, **signing(access)).body)["email"] == email


def test_the_email_is_there_only_when_asked_for(app):
    access = pairs(app.send("POST", ACCESS_TOKEN, **app.approved()))
    answer = app.send("GET", VERIFY.partition("?")[0], **signing(access))
    assert "email" not in json.loads(answer.body)


def test_parameters_of_every_kind_take_part_in_the_signature(app):
    access = pairs(app.send("POST", ACCESS_TOKEN, **app.approved()))
    url = f"{VERIFY}&x={quote('~*+%& é', safe='')}"
    request = app.signed("GET", url, **signing(access))
    assert app.emulators.send(request).status == 200
    again = app.signed("GET", url, **signing(access))
    tampered = Request("GET", f"{url}1", again.headers)
    assert code_of(app.emulators.send(tampered)) == (401, 32)


WRONG_SIGNATURES: list[tuple[dict[str, Any], tuple[int, int]]] = [
    ({"client_secret": "wrong"}, (401, 32)),
    ({"client_key": "eC1jbGllbnQtaWQ6MTpjaQ"}, (401, 32)),  # the OAuth 2.0 client id
    ({"signature_method": SIGNATURE_HMAC_SHA256}, (401, 32)),
    ({"timestamp": str(NOW - 301)}, (401, 135)),
    ({"timestamp": str(NOW + 301)}, (401, 135)),
    ({"timestamp": "soon"}, (401, 135)),
    ({"nonce": "é"}, (400, 215)),
    ({"signature_type": SIGNATURE_TYPE_QUERY}, (400, 215)),
]


@pytest.mark.parametrize(("changes", "expected"), WRONG_SIGNATURES)
def test_a_wrong_signature_is_refused_with_its_number(app, changes, expected):
    answer = app.send("POST", REQUEST_TOKEN, callback_uri=CALLBACK, **changes)
    assert code_of(answer) == expected


@pytest.mark.parametrize(
    "garble",
    [
        lambda _: "",
        lambda _: "Bearer token",
        lambda _: "OAuth nonsense",
        lambda header: header.replace("oauth_nonce", "oauth_once"),
        lambda header: header.replace('version="1.0"', 'version="2.0"'),
    ],
)
def test_an_authorization_header_that_cannot_be_read_is_refused(app, garble: Callable[[str], str]):
    signed = app.signed("POST", REQUEST_TOKEN, callback_uri=CALLBACK)
    headers = {"Authorization": garble(signed.headers["Authorization"])}
    answer = app.emulators.send(Request("POST", REQUEST_TOKEN, headers, b""))
    assert code_of(answer) == (400, 215)


def test_a_token_in_the_query_does_not_stand_in_for_the_signed_one(app):
    mine = pairs(app.send("POST", ACCESS_TOKEN, **app.approved()))
    other = pairs(app.send("POST", ACCESS_TOKEN, **app.approved("arabic")))
    url = f"{VERIFY}&oauth_token={other['oauth_token']}"
    me = json.loads(app.send("GET", url, **signing(mine)).body)
    assert me["screen_name"] == "noralind"


def test_a_nonce_works_once(app):
    request = app.signed("POST", REQUEST_TOKEN, callback_uri=CALLBACK)
    assert app.emulators.send(request).status == 200
    assert code_of(app.emulators.send(request)) == (401, 32)


@pytest.mark.parametrize("callback", [None, "oob", f"{CALLBACK}/", "https://evil.example/"])
def test_an_unregistered_callback_is_refused_as_xml(app, callback):
    answer = app.send("POST", REQUEST_TOKEN, callback_uri=callback)
    assert answer.status == 403
    assert answer.headers["content-type"].startswith("application/xml")
    assert b'<error code="415">' in answer.body


def test_cancel_brings_the_request_token_back_as_denied(app):
    token = app.request_token()["oauth_token"]
    url = f"https://api.x.com/oauth/authorize?oauth_token={token}"
    assert app.emulators.press(url, "deny") == f"{CALLBACK}?denied={token}"
    with pytest.raises(PressError, match="403"):
        app.emulators.press(url)


def test_a_request_token_ends(app, clock):
    token = app.request_token()["oauth_token"]
    clock.now += 900
    with pytest.raises(PressError, match="403"):
        app.emulators.press(f"https://api.x.com/oauth/authenticate?oauth_token={token}")


def test_a_wrong_verifier_is_refused(app):
    approved = {**app.approved(), "verifier": "wrong"}
    assert code_of(app.send("POST", ACCESS_TOKEN, **approved)) == (401, 89)


def test_a_request_token_that_nobody_approved_is_refused(app):
    token = app.request_token()
    assert code_of(app.send("POST", ACCESS_TOKEN, **signing(token))) == (401, 89)


def test_an_approved_request_token_works_once(app):
    approved = app.approved()
    assert app.send("POST", ACCESS_TOKEN, **approved).status == 200
    assert code_of(app.send("POST", ACCESS_TOKEN, **approved)) == (401, 89)


def test_a_wrong_token_secret_is_refused(app):
    access = pairs(app.send("POST", ACCESS_TOKEN, **app.approved()))
    wrong = {**signing(access), "resource_owner_secret": "wrong"}
    assert code_of(app.send("GET", VERIFY, **wrong)) == (401, 32)


def test_a_request_token_is_no_access_token(app):
    assert code_of(app.send("GET", VERIFY, **signing(app.request_token()))) == (401, 89)


def test_a_revoked_token_is_refused(app):
    access = pairs(app.send("POST", ACCESS_TOKEN, **app.approved("revoked")))
    assert code_of(app.send("GET", VERIFY, **signing(access))) == (401, 89)


@pytest.mark.parametrize("digits", [16, 400, 5000])
def test_a_timestamp_beyond_all_time_is_refused(app, digits):
    answer = app.send("POST", REQUEST_TOKEN, callback_uri=CALLBACK, timestamp="9" * digits)
    assert code_of(answer) == (401, 135)

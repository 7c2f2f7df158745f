"""Akismet's emulator: strict at the wire, and reached by the configuration that it gives."""

from urllib.parse import urlencode

import pytest

from sociallogin import SocialLogin
from sociallogin.akismet import Akismet, Comment, Verdict
from sociallogin.emulators import Emulators
from sociallogin.emulators.akismet import SPAM_AUTHOR, THANKS
from sociallogin.emulators.emulators import AKISMET_KEY
from sociallogin.emulators.server import EmulatorServer
from sociallogin.flows import Request, Response

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GOOD = {"api_key": AKISMET_KEY, "blog": "https://blog.example.com", "user_ip": "203.0.113.7"}
SITE = {"base_url": "http://127.0.0.1:8000", "secret_keys": ["k" * 32]}


def post(emulators: Emulators, method: str, body: bytes, **headers: str) -> Response:
    url = f"https://rest.akismet.com/1.1/{method}"
    return emulators.send(Request("POST", url, {**FORM, **headers}, body))


def form(**changes: str | None) -> bytes:
    fields = {**GOOD, **changes}
    return urlencode({name: value for name, value in fields.items() if value is not None}).encode()


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("comment-check", "false"),
        ("submit-spam", THANKS),
        ("submit-ham", THANKS),
        ("verify-key", "valid"),
    ],
)
def test_a_good_request_is_answered_in_plain_text(emulators, method, answer):
    response = post(emulators, method, form())
    assert (response.status, response.body.decode()) == (200, answer)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("method", ["comment-check", "submit-spam", "submit-ham", "verify-key"])
@pytest.mark.parametrize(
    ("body", "helps"),
    [
        (form(api_key=None), "api_key"),
        (form(api_key="another"), "api_key"),
        (form(blog=None), 'Empty "blog" value'),
        (form() + b"&blog=https://twice.example", "unreadable"),
        (b"\xff", "api_key"),
    ],
)
def test_a_bad_request_is_invalid_and_says_why(emulators, method, body, helps):
    response = post(emulators, method, body)
    assert (response.status, response.body) == (200, b"invalid")
    assert helps in response.headers["x-akismet-debug-help"]


def test_an_address_is_needed_to_judge(emulators):
    response = post(emulators, "comment-check", form(user_ip=None))
    assert response.headers["x-akismet-debug-help"] == 'Empty "user_ip" value'


def test_json_is_no_form(emulators):
    response = post(emulators, "comment-check", b"{}", **{"Content-Type": "application/json"})
    assert response.body == b"invalid"


def test_only_its_own_addresses_and_methods_answer(emulators):
    assert emulators.serving("https://rest.akismet.com/1.1/comment-delete") is None
    got = emulators.send(Request("GET", "https://rest.akismet.com/1.1/comment-check"))
    assert got.status == 405


@pytest.mark.server
def test_on_a_socket_it_is_reached_by_its_table():
    with EmulatorServer(app_base_url=SITE["base_url"]) as server:
        site = {**SITE, "akismet": server.emulators.akismet_table()}
        login = SocialLogin.from_mapping(site)
        akismet = Akismet.of(login)
        assert login.config.akismet.endpoint == f"{server.url}/akismet/1.1"
        assert akismet.verify_key() == "valid"
        plain = Comment(content="Hello", user_ip="127.0.0.1")
        assert akismet.check(plain) == Verdict("ham")
        with server.emulators.akismet.failing("truncated"):
            assert akismet.check(plain) == Verdict("unknown", "bad_response")
        with server.emulators.akismet.failing("html_error", at="check"):
            assert akismet.check(plain) == Verdict("unknown", "bad_response")
            assert akismet.submit_ham(plain)
        page = server.answer(Request("GET", f"{server.url}/")).response.body.decode()
        assert SPAM_AUTHOR in page
        assert "[akismet]" in page
    assert akismet.check(plain) == Verdict("unknown", "unreachable")

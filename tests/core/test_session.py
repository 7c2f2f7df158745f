"""Whatever a provider fills the fields with, the cookies stay within what browsers keep."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sociallogin import Identity, ProviderError
from strategies import QUICK, any_text

#: Browsers drop a cookie whose name and value pass this (RFC 6265bis section 5.6).
MAX_COOKIE = 4096
#: The longest names that the configuration allows: a prefix of 40 letters.
IDENTITY_NAME = "__Host-" + "p" * 40 + "_identity"
TRANSACTION_NAME = "__Host-" + "p" * 40 + "_login_12345678"

HUGE = "\U0001f600" * 100_000
URL = "https://a.example/" + "é" * 980


def fits(name: str, value: str) -> bool:
    return len(f"{name}={value}".encode()) <= MAX_COOKIE


@pytest.mark.parametrize("filler", ["\U0001f600", "é", '"', "\\", "x", "\u0416"], ids=ascii)
def test_g8_the_largest_identity_fits_a_cookie(converse: Any, filler: str) -> None:
    login = converse().login
    url = "https://a.example/" + filler * 982
    largest = Identity(
        provider="p" * 60, issuer="https://" + filler * 247, subject=filler * 255,
        name=filler * 200, username=filler * 200, email="x" * 242 + "@example.com",
        email_verified=True, profile_url=url, picture_url=url, website_url=url, locale="x" * 35,
        authenticated_at=10**12,
    )  # fmt: skip
    cookie = login.seal_identity(largest)
    assert fits(IDENTITY_NAME, cookie)
    opened = login.open_identity(cookie)
    assert opened is not None
    assert opened.key == largest.key
    assert opened.authenticated_at == largest.authenticated_at
    assert opened.email_verified == (None if opened.email is None else largest.email_verified)


def test_g8_what_fits_is_kept_whole(converse: Any) -> None:
    login = converse().login
    ordinary = Identity(
        provider="facebook", issuer="https://www.facebook.com", subject="1" * 20,
        name="Ada Lovelace", username="ada", email="ada@example.com", email_verified=True,
        profile_url="https://a.example/ada", picture_url="https://a.example/" + "x" * 400,
        website_url="https://ada.example", locale="en-GB",
    )  # fmt: skip
    assert login.open_identity(login.seal_identity(ordinary)) == ordinary


#: Answers in which every string has 100 KB.
FILLED = {
    ("wordpress", "oauth2"): {
        "ID": 1, "display_name": HUGE, "username": HUGE, "email": f"{HUGE}@example.com",
        "avatar_URL": URL + HUGE, "profile_URL": URL, "primary_blog_url": URL, "language": HUGE,
    },
    ("twitter", "oauth2"): {
        "data": {"id": "1", "name": HUGE, "username": HUGE, "confirmed_email": HUGE,
                 "profile_image_url": URL,
                 "entities": {"url": {"urls": [{"expanded_url": URL}]}}},
    },
    ("twitter", "oauth1"): {
        "id_str": "2244994945", "name": HUGE, "screen_name": HUGE, "email": HUGE,
        "profile_image_url_https": URL,
    },
    ("facebook", "oauth2"): {
        "id": "1", "name": HUGE, "email": HUGE, "picture": {"data": {"url": URL}},
    },
}  # fmt: skip


def test_g8_a_login_with_100_kb_in_every_field_works_and_fits(conversation: Any) -> None:
    answer = FILLED[conversation.provider, conversation.protocol]
    identity = conversation.answered_at("userinfo", answer).identity
    assert identity.name == "\U0001f600" * 200
    cookie = conversation.login.seal_identity(identity)
    assert fits(IDENTITY_NAME, cookie)
    assert conversation.login.open_identity(cookie).key == identity.key


@pytest.mark.parametrize("next_url", ["/" + "x" * 999, "/" + "x" * 100_000, "/" + "é" * 160])
def test_g8_a_pending_login_fits_a_cookie(conversation: Any, next_url: str) -> None:
    conversation.expect()
    assert fits(TRANSACTION_NAME, conversation.begin(next_url).transaction)


def test_g8_a_request_token_too_long_for_a_cookie_is_refused(converse: Any) -> None:
    talk = converse("twitter", "oauth1")
    huge = "t" * 100_000
    talk.expect(f"oauth_token={huge}&oauth_token_secret={huge}&oauth_callback_confirmed=true")
    with pytest.raises(ProviderError) as caught:
        talk.begin("/" + "x" * 999)
    assert caught.value.code == "provider_bad_response"


_FIELDS = st.none() | any_text | st.sampled_from((URL, HUGE, "x" * 5000, '"' * 300))


@given(_FIELDS, _FIELDS, _FIELDS, _FIELDS, st.integers(0, 2**70))
@QUICK
def test_every_identity_of_an_answer_fits_and_keeps_its_key(
    converse: Any, name: str, email: str, picture: str, language: str, subject: int
) -> None:
    talk = converse("wordpress")
    answer = {"ID": subject, "display_name": name, "username": picture, "email": email,
              "avatar_URL": picture, "profile_URL": picture, "language": language}  # fmt: skip
    identity = talk.login.providers[0].record.identity(answer)
    cookie = talk.login.seal_identity(identity)
    assert fits(IDENTITY_NAME, cookie)
    assert talk.login.open_identity(cookie).key == identity.key

"""The guest form: checked, cleaned, and never able to be somebody else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sociallogin import Identity, RequestError, SocialLogin
from strategies import QUICK, any_text

BASE_URL = "https://blog.example.com"
FILLED = {"name": "Ada", "email": "ada@example.com", "website": "https://ada.example"}


def site(policy: str = "open", **config: Any) -> SocialLogin:
    values = {"base_url": BASE_URL, "secret_keys": ["k" * 32], "policy": policy, **config}
    if policy == "login-required":
        values["providers"] = {"facebook": {"client_id": "1", "client_secret": "2"}}
    return SocialLogin.from_mapping(
        values, transport=lambda request: None, clock=lambda: 1_800_000_000.9
    )


OPEN, STRICT = site(), site("name-and-email")


def refused(login: SocialLogin, form: dict[str, object]) -> RequestError:
    with pytest.raises(RequestError) as caught:
        login.guest(form)
    return caught.value


def test_a_guest_has_what_the_form_says_and_nobody_vouches_for_it() -> None:
    guest = OPEN.guest(FILLED)
    assert guest.to_dict() == {
        "provider": "guest",
        "issuer": BASE_URL,
        "subject": guest.subject,
        "name": "Ada",
        "username": None,
        "email": "ada@example.com",
        "email_verified": False,
        "profile_url": None,
        "picture_url": None,
        "website_url": "https://ada.example",
        "locale": None,
        "authenticated_at": 1_800_000_000,
    }
    assert guest.is_guest


@pytest.mark.parametrize("form", [{}, {"name": ""}, {"name": " ", "email": "", "website": "\t"}])
def test_an_open_site_asks_for_nothing(form: dict[str, object]) -> None:
    guest = OPEN.guest(form)
    assert (guest.name, guest.email, guest.website_url) == (None, None, None)
    assert guest.label
    assert guest.email_verified is False


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({}, {"name", "email"}),
        ({"name": "Ada"}, {"email"}),
        ({"email": "ada@example.com"}, {"name"}),
        ({"name": "  ", "email": "ada@example.com"}, {"name"}),
        ({"name": "Ada", "email": "ada"}, {"email"}),
        ({"name": "Ada", "email": "ada", "website": "javascript:x"}, {"email", "website"}),
        ({"name": "\u200b", "email": "", "website": "x y"}, {"name", "email", "website"}),
    ],
)
def test_name_and_email_tells_all_that_is_wrong_at_once(
    form: dict[str, object], fields: set[str]
) -> None:
    error = refused(STRICT, form)
    assert (error.code, error.status) == ("guest_invalid", 422)
    assert set(error.fields) == fields
    assert all(sentence.endswith(".") for sentence in error.fields.values())


def test_name_and_email_takes_a_form_without_website() -> None:
    assert STRICT.guest({"name": "Ada", "email": "ada@example.com"}).website_url is None


def test_where_a_login_is_required_nobody_is_a_guest() -> None:
    error = refused(site("login-required"), dict(FILLED))
    assert (error.code, error.status) == ("guest_not_allowed", 403)


@pytest.mark.parametrize(
    ("written", "website"),
    [
        ("ada.example", "https://ada.example"),
        ("ada.example/blog?x=y", "https://ada.example/blog?x=y"),
        ("ada.example:8080", "https://ada.example:8080"),
        ("  https://ada.example  ", "https://ada.example"),
        ("http://ada.example", "http://ada.example"),
        ("HTTPS://ada.example", "HTTPS://ada.example"),
        ("bücher.example", "https://bücher.example"),
    ],
)
def test_a_website_may_be_written_without_its_scheme(written: str, website: str) -> None:
    assert OPEN.guest({"website": written}).website_url == website


@pytest.mark.parametrize(
    "website",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", "java\tscript:alert(1)", "javascript://x.org",
        "data:text/html,<script>", "vbscript:x", "mailto:ada@example.com", "ftp://ada.example",
        "//evil.example", "/x", "ada example.com", "https://u:p@ada.example", "ada@ada.example",
        "https://", "https:", "https://ada.example/\u202e", "x" * 1001 + ".example", "\\\\evil",
        "<b>", 'https://ada.example/"><script>',
    ],
    ids=lambda website: ascii(website)[:40],
)  # fmt: skip
def test_h3_a_website_that_is_none_is_refused_not_dropped(website: str) -> None:
    error = refused(OPEN, {"website": website})
    assert set(error.fields) == {"website"}


@pytest.mark.parametrize(
    "email",
    [
        "ada@example.com", "ada+blog@example.co.uk", "a@b", "ada@localhost", "o'brien@example.com",
        "ada@bücher.example", " ada@example.com ", "a" * 64 + "@example.com",
    ],
)  # fmt: skip
def test_an_email_is_taken_as_it_is_written(email: str) -> None:
    assert OPEN.guest({"email": email}).email == email.strip()


@pytest.mark.parametrize(
    "email",
    [
        "ada", "ada@", "@example.com", "ada@@example.com", "ada@example..com", "ada@.example.com",
        "ada@example.com.", "ada@-example.com", "ada example@example.com", "ada@exa mple.com",
        "ada@example.com,eve@example.com", "Ada <ada@example.com>", "<ada@example.com>",
        "ada@example.com\r\nBcc: eve@example.com", "ada@example.com\x00", "ada\u202e@example.com",
        "a" * 250 + "@example.com", "ada@[", "ada@[x", "ada@[1.2.3.4",
        ".ada@example.com", "ada.@example.com", "ada(x)@example.com",
    ],
    ids=lambda email: ascii(email)[:40],
)  # fmt: skip
def test_an_email_that_cannot_be_one_is_refused(email: str) -> None:
    assert set(refused(OPEN, {"email": email}).fields) == {"email"}


@pytest.mark.parametrize("name", ["\u200b", "\u202e", "\x00", "\u3164", "\u0301"], ids=ascii)
def test_h2_a_name_of_which_nothing_shows_is_refused(name: str) -> None:
    assert set(refused(OPEN, {"name": name}).fields) == {"name"}


def test_h1_h2_a_name_is_cleaned_and_its_markup_kept_as_text() -> None:
    assert OPEN.guest({"name": " <b>\u202eAda</b>\r\n x "}).name == "<b>Ada</b> x"
    assert OPEN.guest({"name": "x" * 500}).name == "x" * 200


def test_g10_every_new_guest_is_a_new_person() -> None:
    guests = [OPEN.guest(FILLED) for _ in range(50)]
    assert len({guest.key for guest in guests}) == 50
    assert all(len(guest.subject) >= 22 for guest in guests)


def test_a_guest_stays_the_same_guest_with_new_details() -> None:
    before = OPEN.guest(FILLED)
    after = OPEN.guest({"name": "Augusta"}, current=before)
    assert after.key == before.key
    assert (after.name, after.email, after.website_url) == ("Augusta", None, None)


@pytest.mark.parametrize(
    "current",
    [
        Identity(provider="facebook", issuer="https://www.facebook.com", subject="1"),
        Identity(provider="guest", issuer="https://other.example", subject="1"),
        Identity(provider="facebook", issuer=BASE_URL, subject="1"),
        None,
    ],
    ids=["logged in", "guest elsewhere", "not a guest", "nobody"],
)
def test_nobody_elses_subject_is_kept(current: Identity | None) -> None:
    guest = OPEN.guest(FILLED, current=current)
    assert guest.subject != "1"
    assert guest.issuer == BASE_URL


def test_g10_d8_what_else_stands_in_the_form_is_ignored() -> None:
    forged = {
        "subject": "1", "issuer": "https://www.facebook.com", "provider": "facebook",
        "email_verified": "true", "username": "eve", "picture_url": "https://a.example/x",
        "profile_url": "https://a.example/x", "authenticated_at": "0", "claims": "x",
        "locale": "de", "access_token": "x",
    }  # fmt: skip
    guest = OPEN.guest({**FILLED, **forged})
    assert guest.to_dict() == {**OPEN.guest(FILLED).to_dict(), "subject": guest.subject}
    assert guest.subject != "1"
    assert guest.claims == {}


def test_the_subject_comes_from_the_randomness_given() -> None:
    login = SocialLogin.from_mapping(
        {"base_url": BASE_URL, "secret_keys": ["k" * 32]},
        transport=lambda request: None,
        random=lambda size: b"\xff" * size,
    )
    assert login.guest({}).subject == "_" * 21 + "w"


@given(
    st.dictionaries(
        st.sampled_from(("name", "email", "website")),
        any_text
        | st.none()
        | st.integers()
        | st.lists(any_text, max_size=2)
        | st.text('ab@.<>[]()",:;\\ é', max_size=12).map("a@{}".format)
        | st.text('ab@.<>[]()",:;\\ é', max_size=12).map("{}@b".format),
    )
)
@QUICK
def test_any_form_gives_a_guest_or_says_what_is_wrong(form: dict[str, object]) -> None:
    for login in (OPEN, STRICT):
        assert is_answered(login, form)


def is_answered(login: SocialLogin, form: dict[str, object]) -> bool:
    """Whether a form ends in a guest who stays logged in, or in fields to be put right."""
    try:
        guest = login.guest(form)
    except RequestError as error:
        return error.code == "guest_invalid" and {"name", "email", "website"} >= set(error.fields)
    return guest.is_guest and login.open_identity(login.seal_identity(guest)) == guest

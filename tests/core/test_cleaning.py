"""What of the outside's strings an identity lets in."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given

from sociallogin import Identity, ProviderError, providers
from strategies import QUICK, any_text


def shown(**claims: Any) -> Identity:
    """The identity of a WordPress.com answer with these fields."""
    return providers.get("wordpress").identity({"ID": 1, **claims})


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{7*7}}", 'O\'Brien & "Sons"'])
def test_h1_markup_is_kept_as_the_text_it_is(text: str) -> None:
    assert shown(display_name=text).name == text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Ada\u202eevoL", "AdaevoL"),
        ("Ada\u2066\u2069", "Ada"),
        ("Ada\x00\x1b[31m", "Ada[31m"),
        ("Ada\r\nSet-Cookie: x", "Ada Set-Cookie: x"),
        ("  Ada \t Lovelace  ", "Ada Lovelace"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("e\u2060\u0301", "\u00e9"),
        ("\u200b\u200d\u2060", None),
        ("\u3164\u115f", None),
        ("\u0301", None),
        ("   ", None),
        ("", None),
        ("\ud800Ada", "Ada"),
        ("مريم", "مريم"),
        ("👩‍💻", "👩‍💻"),
        ("می‌خواهم", "می‌خواهم"),
        (5, None),
        (None, None),
        (["Ada"], None),
    ],
    ids=ascii,
)
def test_h2_controls_overrides_and_the_invisible_do_not_reach_a_name(
    written: object, kept: str | None
) -> None:
    assert shown(display_name=written).name == kept


@pytest.mark.parametrize("filler", ["\u200d", "\u3164", "\u2800"], ids=ascii)
def test_h2_what_is_left_after_cutting_still_shows_something(filler: str) -> None:
    name = shown(display_name=filler * 200 + "Ada").name
    assert name is None or is_visible(name)


def test_h2_ten_thousand_combining_marks_are_bounded() -> None:
    name = shown(display_name="a" + "\u0301" * 10_000).name
    assert name is not None
    assert len(name) <= 10


@pytest.mark.parametrize(
    "between", ["\x01", "\u200b", "\u200d", "\u200c", "\u202e", "\ue000"], ids=ascii
)
def test_h2_what_is_hidden_between_marks_lets_no_more_of_them_through(between: str) -> None:
    name = shown(display_name="a" + ("\u0323" * 6 + between) * 300).name
    assert name is not None
    assert name.count("\u0323") <= 6


def test_h2_a_name_is_cut_at_200_characters() -> None:
    assert shown(display_name="x" * 100_000, username="y" * 201).name == "x" * 200
    assert shown(username="y" * 201).username == "y" * 200


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example/x",
        "/x.png", "x.png", "ftp://a.example/", "https://u:p@a.example/", "https://u@a.example/",
        "https://", "https:///x", "http:a.example", "https://a.example/a b", "https://a.example\\@b",
        "https://a.example/\n", " https://a.example/", "https://a.example/\u202e", "https://a:x/",
        "https://a.example:99999/", "https://[::1", 'https://a.example/"onload="x', "https://?x",
        "https://a.example/" + "x" * 1000, "", None, 5, ["https://a.example/"], {},
    ],
    ids=lambda url: ascii(url)[:40],
)  # fmt: skip
@pytest.mark.parametrize(
    ("sent", "field"),
    [("avatar_URL", "picture_url"), ("profile_URL", "profile_url"),
     ("primary_blog_url", "website_url")],
)  # fmt: skip
def test_h3_an_address_that_is_no_absolute_http_url_is_dropped(
    sent: str, field: str, url: object
) -> None:
    assert getattr(shown(**{sent: url}), field) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example", "http://a.example:8080/x?y=z#f", "https://bücher.example/ü",
        "HTTPS://A.example/", "https://a.example/x?mail=a@b.example", "http://[2001:db8::1]/x",
        "https://a.example/" + "x" * 982,
    ],
)  # fmt: skip
def test_an_honest_address_is_kept_as_it_is(url: str) -> None:
    assert shown(primary_blog_url=url).website_url == url


@pytest.mark.parametrize(
    ("email", "kept"),
    [
        ("ada@example.com", True), ("a+b@example.co.uk", True), ("ü@bücher.example", True),
        ("a" * 242 + "@example.com", True), ("a" * 243 + "@example.com", False),
        ("ü" * 122 + "@example.com", False), ("ada", False), ("@example.com", False),
        ("ada@", False), ("a b@example.com", False), ("a@b@example.com", False),
        ("ada@example.com\r\nBcc: x@y.example", False), ("ada\u202e@example.com", False),
        ("ada\u200b@example.com", False), ("", False), (5, False), (None, False),
    ],
)  # fmt: skip
def test_an_email_is_kept_whole_or_dropped(email: object, kept: bool) -> None:
    found = shown(email=email, email_verified=True)
    assert found.email == (email if kept else None)
    assert found.email_verified is (True if kept else None)


@pytest.mark.parametrize(
    ("said", "verified"),
    [
        (True, True), (False, False), ("true", True), ("false", False), (None, None),
        (1, None), ("yes", None), ("", None), ([True], None),
    ],
    ids=repr,
)  # fmt: skip
def test_e16_email_verified_is_never_guessed_upward(said: object, verified: bool | None) -> None:
    assert shown(email="ada@example.com", email_verified=said).email_verified is verified


@pytest.mark.parametrize(
    ("language", "locale"),
    [("en-gb", "en-gb"), ("de", "de"), ("pt_BR", "pt-BR"), ("", None), ("e", None), (1, None),
     ("<b>", None), ("en gb", None), ("en-" + "x" * 50, None)],
)  # fmt: skip
def test_a_locale_is_a_language_tag_or_not_said(language: object, locale: str | None) -> None:
    assert shown(language=language).locale == locale


def is_visible(text: str) -> bool:
    """Whether something of `text` shows: marks, joiners and blank letters alone do not."""
    return any(
        unicodedata.category(c)[0] in "LNPS" and c not in "\u115f\u1160\u2800\u3164\uffa0"
        for c in text
    )


def is_line(text: str | None, length: int) -> bool:
    """Whether a shown text is bounded, on one line, composed, and free of what hides."""
    if text is None:
        return True
    joiners = "\u200c\u200d"
    return (
        0 < len(text) <= length
        and text == text.strip()
        and unicodedata.is_normalized("NFC", text)
        and all(unicodedata.category(c)[0] != "C" or c in joiners for c in text)
        and not any(unicodedata.category(c) in ("Zl", "Zp") for c in text)
    )


@given(any_text, any_text, any_text, any_text, any_text, any_text, any_text)
@QUICK
def test_any_string_in_any_field_yields_bounded_text_without_controls(
    name: str, username: str, email: str, page: str, picture: str, website: str, language: str
) -> None:
    found = shown(
        display_name=name, username=username, email=email, profile_URL=f"https://{page}",
        avatar_URL=f"https://a.example/{picture}", primary_blog_url=website, language=language,
    )  # fmt: skip
    assert is_line(found.name, 200)
    assert is_line(found.username, 200)
    assert is_line(found.email, 254) or not unicodedata.is_normalized("NFC", email)
    assert found.name is None or is_visible(found.name)
    assert found.username is None or is_visible(found.username)
    assert found.label
    assert is_line(found.locale, 35)
    for url in (found.profile_url, found.picture_url, found.website_url):
        assert url is None or (len(url) <= 1000 and url.lower().startswith(("http://", "https://")))
        assert url is None or not any(unicodedata.category(c)[0] in "CZ" for c in url)
    json.dumps(found.to_dict()).encode()


@given(any_text)
@QUICK
def test_cleaning_a_clean_name_changes_nothing(name: str) -> None:
    once = shown(display_name=name).name
    assert shown(display_name=once).name == once


@pytest.mark.parametrize("subject", [None, "", True, False, [], {}, 1.5, "a b", "x" * 256, "\n"])
def test_i7_an_answer_without_a_usable_subject_is_an_error_never_an_identity(
    subject: object,
) -> None:
    for name, claims in {
        "wordpress": {"ID": subject}, "facebook": {"id": subject},
        "twitter": {"data": {"id": subject}},
    }.items():  # fmt: skip
        with pytest.raises(ProviderError) as caught:
            providers.get(name).identity(claims)
        assert caught.value.code == "provider_bad_response"


@pytest.mark.parametrize("answer", [None, False, True, [], "x", 5, [{"id": "1"}]], ids=repr)
def test_an_answer_that_is_no_object_is_an_error(answer: object) -> None:
    with pytest.raises(ProviderError, match="not a JSON object"):
        providers.get("facebook").identity(answer)

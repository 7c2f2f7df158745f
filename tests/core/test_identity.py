"""`Identity`, as an app sees it: its contract, and what of the outside's strings it lets in."""

import copy
import dataclasses
import itertools
import json
import pickle
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sociallogin import Identity, ProviderError, providers
from strategies import QUICK, any_text

FIELDS = (
    "provider", "issuer", "subject", "name", "username", "email", "email_verified", "profile_url",
    "picture_url", "website_url", "locale", "authenticated_at",
)  # fmt: skip

FULL: dict[str, Any] = {
    "provider": "wordpress",
    "issuer": "https://wordpress.com",
    "subject": "78749002",
    "name": "Ada Lovelace",
    "username": "ada",
    "email": "ada@example.com",
    "email_verified": True,
    "profile_url": "https://gravatar.com/ada",
    "picture_url": "https://gravatar.com/avatar/ada",
    "website_url": "https://ada.example",
    "locale": "en-GB",
    "authenticated_at": 1_800_000_000,
}
KEY = {"provider": "facebook", "issuer": "https://www.facebook.com", "subject": "1"}


def identity(**values: Any) -> Identity:
    return Identity(**{**FULL, **values})


def shown(**claims: Any) -> Identity:
    """The identity of a WordPress.com answer with these fields."""
    return providers.get("wordpress").identity({"ID": 1, **claims})


def test_it_is_made_by_keyword_only() -> None:
    with pytest.raises(TypeError):
        Identity("facebook", "https://www.facebook.com", "1")  # type: ignore[misc]


def test_its_key_alone_suffices_and_the_rest_is_not_said() -> None:
    bare = Identity(**KEY)
    assert bare.to_dict() == {**dict.fromkeys(FIELDS), **KEY, "authenticated_at": 0}
    assert bare.claims == {}


def test_it_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        identity().name = "Eve"  # type: ignore[misc]


def test_it_is_slotted() -> None:
    assert not hasattr(identity(), "__dict__")


def test_equality_and_hash_leave_the_claims_out() -> None:
    one, other = identity(claims={"ID": 1}), identity(claims={"ID": 2})
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize("field", FIELDS)
def test_every_other_field_counts_in_equality(field: str) -> None:
    changed = {"email_verified": False, "authenticated_at": 1}.get(field, "https://other.example")
    assert identity(**{field: changed}) != identity()


def test_to_dict_holds_every_field_but_the_claims() -> None:
    assert identity(claims={"ID": 1}).to_dict() == FULL
    assert list(identity().to_dict()) == list(FIELDS)


@pytest.mark.parametrize("values", [FULL, KEY], ids=["full", "bare"])
def test_from_dict_reads_what_to_dict_wrote_even_through_json(values: dict[str, Any]) -> None:
    written = Identity(**values)
    assert Identity.from_dict(json.loads(json.dumps(written.to_dict()))) == written


@pytest.mark.parametrize(
    "change",
    [
        {"subject": 1}, {"subject": None}, {"issuer": None}, {"provider": None}, {"name": 5},
        {"email": ["a@b.example"]}, {"email_verified": "true"}, {"email_verified": 1},
        {"authenticated_at": None}, {"authenticated_at": "0"}, {"authenticated_at": True},
        {"subject": ""}, {"issuer": "a b"},
    ],
    ids=str,
)  # fmt: skip
def test_from_dict_refuses_what_to_dict_cannot_have_written(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"subject|issuer|provider|name|email|authenticated_at"):
        Identity.from_dict({**FULL, **change})


@pytest.mark.parametrize("missing", ["provider", "issuer", "subject"])
def test_from_dict_needs_the_key(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        Identity.from_dict({k: v for k, v in FULL.items() if k != missing})


def test_to_oidc_gives_the_standard_claims() -> None:
    assert identity().to_oidc() == {
        "iss": "https://wordpress.com",
        "sub": "78749002",
        "name": "Ada Lovelace",
        "preferred_username": "ada",
        "email": "ada@example.com",
        "email_verified": True,
        "profile": "https://gravatar.com/ada",
        "picture": "https://gravatar.com/avatar/ada",
        "website": "https://ada.example",
        "locale": "en-GB",
        "auth_time": 1_800_000_000,
    }


def test_the_key_is_issuer_and_subject_with_a_space_between() -> None:
    assert identity().key == "https://wordpress.com 78749002"


@pytest.mark.parametrize(
    ("name", "username", "label"),
    [("Ada Lovelace", "ada", "Ada Lovelace"), (None, "ada", "ada"), ("", "ada", "ada")],
)
def test_the_label_is_the_name_else_the_username(
    name: str | None, username: str | None, label: str
) -> None:
    assert identity(name=name, username=username).label == label


def test_the_label_is_never_an_email_and_never_empty() -> None:
    label = identity(name=None, username=None).label
    assert label
    assert "@" not in label
    assert "ada" not in label


def test_the_claims_stand_in_no_repr() -> None:
    text = repr(identity(claims={"phone": "S3NTINEL", "deep": {"more": "S3NTINEL"}}))
    assert "S3NTINEL" not in text


CLAIMS = {"id": "1", "deep": {"list": [1, {"x": "y"}], "nothing": None}}


def change_top(claims: Any) -> None:
    claims["id"] = "2"


def change_deep(claims: Any) -> None:
    claims["deep"]["nothing"] = 1


def change_list(claims: Any) -> None:
    claims["deep"]["list"][0] = 2


def change_in_list(claims: Any) -> None:
    claims["deep"]["list"][1]["x"] = "z"


def change_by_or(claims: Any) -> None:
    claims |= {"id": "2"}


@pytest.mark.parametrize(
    "change",
    [
        change_top, change_deep, change_list, change_in_list, change_by_or,
        lambda claims: claims.update(id="2"),
        lambda claims: claims.pop("id"),
        lambda claims: claims.popitem(),
        lambda claims: claims.clear(),
        lambda claims: claims.setdefault("new", 1),
        lambda claims: claims["deep"]["list"].append(2),
        lambda claims: claims["deep"].__delitem__("list"),
    ],
)  # fmt: skip
def test_the_claims_cannot_be_changed_at_any_depth(change: Any) -> None:
    held = identity(claims=CLAIMS).claims
    with pytest.raises((TypeError, AttributeError)):
        change(held)
    assert json.loads(json.dumps(held)) == CLAIMS


def test_the_claims_do_not_follow_what_they_were_made_from() -> None:
    answer = copy.deepcopy(CLAIMS)
    held = identity(claims=answer)
    answer["deep"]["list"].append("later")  # type: ignore[index]
    assert json.loads(json.dumps(held.claims)) == CLAIMS


@pytest.mark.parametrize(
    "carry",
    [copy.copy, copy.deepcopy, lambda i: pickle.loads(pickle.dumps(i))],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_is_the_same_with_its_claims(carry: Any) -> None:
    one = identity(claims=CLAIMS)
    other = carry(one)
    assert other == one
    assert json.dumps(other.claims) == json.dumps(one.claims)
    with pytest.raises(TypeError):
        other.claims["deep"]["nothing"] = 1


def test_replace_makes_another_one() -> None:
    other = dataclasses.replace(identity(claims=CLAIMS), name="Eve")
    assert (other.name, other.key) == ("Eve", identity().key)
    assert other.claims == identity(claims=CLAIMS).claims


UNUSABLE = [
    "", "x" * 256, "a b", " a", "a ", "a\tb", "a\nb", "a\x00b", "a\x7f", "a\x85b", "a\xa0b",
    "a\u2028b", "a\u3000b", "\ud800", None, 1, True, b"1", ["1"],
]  # fmt: skip


@pytest.mark.parametrize("value", UNUSABLE, ids=repr)
@pytest.mark.parametrize("field", ["subject", "issuer"])
def test_g9_a_bad_subject_or_issuer_is_refused_never_cleaned(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match="issuer and subject"):
        identity(**{field: value})


def test_a_subject_of_255_characters_is_kept_whole() -> None:
    assert identity(subject="é" * 255).subject == "é" * 255


LOOKALIKES = [
    "user", "User", "USER", "us\u0435r", "caf\u00e9", "cafe\u0301", "user\u200b", "\u200duser",
    "ｕｓｅｒ", "ﬁ", "fi", "ß", "ss", "x" * 254, "x" * 255, "0", "00", "+0",
]  # fmt: skip


def test_g9_subjects_that_look_alike_stay_different_people() -> None:
    record = providers.get("facebook")
    found = [record.identity({"id": subject}) for subject in LOOKALIKES]
    assert [i.subject for i in found] == LOOKALIKES
    assert len({i.key for i in found}) == len(LOOKALIKES)
    assert all(a != b for a, b in itertools.combinations(found, 2))


def test_g9_one_verified_email_at_two_providers_joins_nothing() -> None:
    email = {"email": "ada@example.com", "email_verified": True}
    one = providers.get("wordpress").identity({"ID": 1, **email})
    other = providers.get("twitter").identity(
        {"data": {"id": "1", "confirmed_email": "ada@example.com"}}
    )
    assert one.email == other.email
    assert one.key != other.key


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
@QUICK
def test_no_two_keys_collide(issuer: str, subject: str, issuer2: str, subject2: str) -> None:
    try:
        one = identity(issuer=issuer, subject=subject)
        other = identity(issuer=issuer2, subject=subject2)
    except ValueError:
        return
    assert (one.key == other.key) == ((issuer, subject) == (issuer2, subject2))


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

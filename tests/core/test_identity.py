"""`Identity`, as an app sees it: its contract."""

import copy
import dataclasses
import itertools
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sociallogin import Identity, providers
from strategies import QUICK

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

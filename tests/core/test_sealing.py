"""What is sealed: bound to this site, its purpose and its time; anything else opens as nobody."""

import re
from base64 import b64decode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sociallogin import Identity, StateError, session
from sociallogin.sealing import SealBroken, Sealer, UnknownKey
from strategies import QUICK, any_text

OLD, NEW = "o" * 32, "n" * 32
ADA = Identity(
    provider="facebook", issuer="https://www.facebook.com", subject="1", name="Ada",
    email="ada@example.com", email_verified=None, authenticated_at=1_800_000_000,
    claims={"id": "1", "secret": "S3NTINEL"},
)  # fmt: skip
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_a_sealed_identity_opens_as_the_same_without_its_claims(converse: Any) -> None:
    login = converse().login
    opened = login.open_identity(login.seal_identity(ADA))
    assert opened == ADA
    assert opened.claims == {}


def test_a_sealed_identity_is_fit_for_a_cookie_and_cannot_be_read(converse: Any) -> None:
    cookie = converse().login.seal_identity(ADA)
    assert set(cookie) <= set(LETTERS)
    assert cookie != converse().login.seal_identity(ADA)


@pytest.mark.parametrize("end", [1, 2, 3], ids="length {}".format)
def test_g1_each_byte_flipped_opens_as_nobody(converse: Any, end: int) -> None:
    login = converse().login
    cookie = login.seal_identity(
        Identity(provider="facebook", issuer="https://www.facebook.com", subject="1" * end)
    )
    for place, letter in enumerate(cookie):
        for other in (LETTERS[(LETTERS.index(letter) + step) % 64] for step in (1, 32, 63)):
            changed = cookie[:place] + other + cookie[place + 1 :]
            assert login.open_identity(changed) is None, f"{place} of {len(cookie)}"


def test_g1_each_length_but_the_whole_opens_as_nobody(converse: Any) -> None:
    login = converse().login
    cookie = login.seal_identity(ADA)
    assert all(login.open_identity(cookie[:length]) is None for length in range(len(cookie)))
    for added in ("A", "AA", "AAA", "AAAA", "=", "==", " ", "\n", ".", "\x00"):
        assert login.open_identity(cookie + added) is None
        assert login.open_identity(added + cookie) is None


@pytest.mark.parametrize(
    "cookie",
    [None, "", " ", "x" * 8192, "A" * 8192, "é" * 40, "\udcff", "null", "{}", "=" * 40, "\x00"],
    ids=lambda cookie: ascii(cookie)[:20],
)
def test_g1_nonsense_opens_as_nobody(converse: Any, cookie: str | None) -> None:
    assert converse().login.open_identity(cookie) is None


@given(any_text | st.text(LETTERS) | st.binary().map(lambda raw: raw.decode("latin-1")))
@QUICK
def test_garbage_opens_as_nobody(converse: Any, cookie: str) -> None:
    assert converse().login.open_identity(cookie) is None


@pytest.mark.parametrize("cookie", [b"x", 5, ["x"], {}], ids=repr)
def test_what_is_no_text_opens_as_nobody(converse: Any, cookie: Any) -> None:
    assert converse().login.open_identity(cookie) is None


def test_g2_a_transaction_is_no_identity(conversation: Any) -> None:
    conversation.expect()
    assert conversation.login.open_identity(conversation.begin().transaction) is None


def test_g2_an_identity_is_no_transaction(conversation: Any) -> None:
    conversation.expect()
    params = conversation.params(conversation.begin())
    cookie = conversation.login.seal_identity(ADA)
    with pytest.raises(StateError) as caught:
        conversation.login.complete(conversation.provider, params, transaction=cookie)
    assert caught.value.code == "state_mismatch"


def test_g2_another_site_with_the_same_key_opens_nothing(conversation: Any) -> None:
    conversation.expect()
    other = conversation.another(base_url="https://other.example")
    assert other.open_identity(conversation.login.seal_identity(ADA)) is None
    start = conversation.begin()
    with pytest.raises(StateError) as caught:
        other.complete(
            conversation.provider, conversation.params(start), transaction=start.transaction
        )
    assert caught.value.code == "state_mismatch"


@pytest.mark.parametrize(
    ("purpose", "site", "key"),
    [("csrf", "https://b.example", OLD), ("state", "https://a.example", OLD),
     ("csrf", "https://a.example", NEW)],
    ids=["site", "purpose", "key"],
)  # fmt: skip
def test_g2_sealed_and_signed_values_are_bound_to_site_purpose_and_key(
    purpose: str, site: str, key: str
) -> None:
    one, other = sealer([OLD], "https://a.example"), sealer([key], site)
    assert one.verify("csrf", one.sign("csrf", "value")) == "value"
    assert other.verify(purpose, one.sign("csrf", "value")) is None
    assert one.open("csrf", one.seal("csrf", ["value"], 60)).value == ["value"]
    with pytest.raises(Exception, match="sealed"):
        other.open(purpose, one.seal("csrf", ["value"], 60))


def test_g4_a_new_key_in_front_logs_nobody_out(conversation: Any) -> None:
    conversation.expect()
    before = conversation.another(secret_keys=[OLD])
    start = before.begin(conversation.provider)
    cookie = before.seal_identity(ADA)
    after = conversation.another(secret_keys=[NEW, OLD])
    assert after.open_identity(cookie) == ADA
    params = conversation.params(start)
    signin = after.complete(conversation.provider, params, transaction=start.transaction)
    assert signin.identity.subject


def test_g4_the_first_key_seals(converse: Any) -> None:
    both = converse().another(secret_keys=[NEW, OLD])
    cookie = both.seal_identity(ADA)
    assert converse().another(secret_keys=[NEW]).open_identity(cookie) == ADA
    assert converse().another(secret_keys=[OLD]).open_identity(cookie) is None


def test_g4_a_key_taken_out_closes_what_it_sealed_and_the_hint_says_so(conversation: Any) -> None:
    conversation.expect()
    before, after = (conversation.another(secret_keys=[key]) for key in (OLD, NEW))
    start = before.begin(conversation.provider)
    assert after.open_identity(before.seal_identity(ADA)) is None
    with pytest.raises(StateError) as caught:
        after.complete(
            conversation.provider, conversation.params(start), transaction=start.transaction
        )
    assert caught.value.code == "state_mismatch"
    assert "unknown key" in caught.value.hint


@pytest.mark.parametrize(("seconds", "open_"), [(0, True), (3599, True), (3600, False)])
def test_g6_an_identity_cookie_ends_by_itself(converse: Any, seconds: int, open_: bool) -> None:
    talk = converse(config={"session_max_age": 3600})
    cookie = talk.login.seal_identity(ADA)
    talk.now += seconds
    assert (talk.login.open_identity(cookie) == ADA) is open_
    # The end is inside the seal: a longer lifetime set later does not revive it.
    assert (talk.another(session_max_age=10**7).open_identity(cookie) == ADA) is open_


def test_g6_it_ends_for_those_who_were_known_before_too(converse: Any) -> None:
    talk = converse(config={"session_max_age": 3600})
    cookie = talk.login.seal_identity(ADA)
    assert talk.login.open_identity(cookie) == ADA
    talk.now += 3600
    assert talk.login.open_identity(cookie) is None


def test_g2_who_is_known_by_a_session_is_none_as_another_kind_of_cookie(converse: Any) -> None:
    login = converse().login
    cookie = login.seal_identity(ADA)
    assert login.open_identity(cookie) == ADA
    assert login.sessions.open(cookie, session.REMEMBERED) is None


def test_of_more_than_are_known_each_is_who_they_are(converse: Any) -> None:
    login = converse().login
    cookies = [login.seal_identity(replace(ADA, subject=str(n))) for n in range(session.KEPT + 9)]
    for _ in range(2):
        opened = [login.open_identity(cookie) for cookie in cookies]
        assert [found.subject for found in opened] == [str(n) for n in range(len(cookies))]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(LETTERS, max_size=40))
@QUICK
def test_what_was_signed_verifies_and_nothing_else(value: str, forged: str) -> None:
    keys = sealer([OLD])
    assert keys.verify("csrf", keys.sign("csrf", value)) == value
    assert keys.verify("csrf", f"{value}.{forged}") is None


def sealer(keys: list[str], site: str = "https://a.example") -> Sealer:
    return Sealer(keys, site, lambda: 1000.0, lambda size: b"r" * size)


def test_deterministic_text_is_the_same_for_the_same_value_and_opens_to_it() -> None:
    values = ["facebook", "https://www.facebook.com 1", "https://a.example/ü"]
    text = sealer([OLD]).seal_deterministic("avatar", values)
    assert text == sealer([OLD]).seal_deterministic("avatar", values)
    assert text != sealer([OLD]).seal_deterministic("avatar", [*values, ""])
    assert sealer([OLD]).open_deterministic("avatar", text) == values
    assert re.fullmatch(r"[A-Za-z0-9_-]+", text)
    assert not any(part.encode() in b64decode(text + "==", b"-_") for part in values)


def test_every_character_of_deterministic_text_counts() -> None:
    text = sealer([OLD]).seal_deterministic("avatar", ["a"])
    for place, character in enumerate(text):
        other = "A" if character != "A" else "B"
        with pytest.raises(SealBroken):
            sealer([OLD]).open_deterministic("avatar", text[:place] + other + text[place + 1 :])
    for broken in ("", "A", text[:-1], f"{text}A", f"{text}=", f" {text}", "ü" * 20, text[:8]):
        with pytest.raises(SealBroken):
            sealer([OLD]).open_deterministic("avatar", broken)


def test_g2_deterministic_text_is_bound_to_purpose_site_and_kind() -> None:
    text = sealer([OLD]).seal_deterministic("avatar", ["a"])
    with pytest.raises(SealBroken):
        sealer([OLD]).open_deterministic("identity", text)
    with pytest.raises(SealBroken):
        sealer([OLD], "https://other.example").open_deterministic("avatar", text)
    with pytest.raises(SealBroken):
        sealer([OLD]).open("avatar", text)
    with pytest.raises(SealBroken):
        sealer([OLD]).open_deterministic("avatar", sealer([OLD]).seal("avatar", ["a"], 60))


def test_g4_deterministic_text_outlives_a_new_key_and_ends_with_its_own() -> None:
    text = sealer([OLD]).seal_deterministic("avatar", ["a"])
    assert sealer([NEW, OLD]).open_deterministic("avatar", text) == ["a"]
    assert sealer([NEW, OLD]).seal_deterministic("avatar", ["a"]) != text
    with pytest.raises(UnknownKey):
        sealer([NEW]).open_deterministic("avatar", text)

"""SECURITY G: who somebody is, and who is somebody else."""

from dataclasses import replace
from typing import Any

import pytest
from attacks import signed_in
from claims import scripted, told

from sites import KEY, PROTOCOLS, Site
from sociallogin import ConfigError, Identity, ProviderError, SocialLogin, providers
from sociallogin.identity import GUEST

OLD, NEW = KEY, "a-new-secret-key-of-thirty-two-bytes-or-more"


LOOPBACK = "http://127.0.0.1:8000"
ALIKE = [
    "ada", "Ada", "ADA", "é", "e\u0301", "ﬁ", "fi", "ada\u200b", "ada\u200d", "ada\u00ad",
    "а" + "da", "1", "01", "1.0", "x" * 254, "x" * 255, "\u2160", "I", "ı", "ß", "ss",
]  # fmt: skip
UNUSABLE = [
    "", " ", "a da", " ada", "ada ", "ada\t", "ada\n", "ada\x00", "ada\x7f", "ada\u00a0",
    "ada\u2028", "x" * 256, "\ud800",
]  # fmt: skip


def subject_claims(provider: str, protocol: str, subject: Any) -> dict[str, Any]:
    claims = told(provider, protocol, "Ada", "ada@example.org", "https://example.org/a_normal.png")
    holder = claims.get("data", claims)
    key = {"wordpress": "ID", "twitter": "id_str" if protocol == "oauth1" else "id"}
    holder[key.get(provider, "id")] = subject
    return claims


@pytest.mark.parametrize("spoken", PROTOCOLS, ids="-".join)
def test_g9_subjects_that_look_alike_are_different_people(spoken: tuple[str, str]) -> None:
    provider, protocol = spoken
    record = providers.get(provider, protocol=protocol)
    people = [record.identity(subject_claims(provider, protocol, text)) for text in ALIKE]
    assert len({person.key for person in people}) == len(ALIKE)
    assert [person.subject for person in people] == ALIKE


@pytest.mark.parametrize("subject", UNUSABLE, ids=ascii)
@pytest.mark.parametrize("spoken", PROTOCOLS, ids="-".join)
def test_g9_a_subject_that_would_need_mending_is_refused(
    spoken: tuple[str, str], subject: str
) -> None:
    provider, protocol = spoken
    record = providers.get(provider, protocol=protocol)
    with pytest.raises(ProviderError) as caught:
        record.identity(subject_claims(provider, protocol, subject))
    assert caught.value.code == "provider_bad_response"


def test_g9_subjects_survive_the_cookie_as_they_are(site: Site) -> None:
    for text in ALIKE:
        claims = subject_claims("facebook", "oauth2", text)
        site.emulators.facebook.answer_next("userinfo", scripted(claims))
        browser = signed_in(site)
        identity = browser.identity()
        assert identity is not None
        assert identity["subject"] == text


def test_g9_one_address_at_two_providers_joins_nobody(site: Site) -> None:
    browser = signed_in(site, "wordpress")
    first = browser.identity()
    browser.log_in("facebook")
    second = browser.identity()
    assert first is not None
    assert second is not None
    assert first["email"] == second["email"]
    keys = [(who["issuer"], who["subject"]) for who in (first, second)]
    assert keys[0] != keys[1]
    browser.log_in("wordpress")
    assert {**browser.identity(), "authenticated_at": 0} == {**first, "authenticated_at": 0}


def test_g10_a_guest_who_picks_anothers_fields_is_somebody_else(site: Site) -> None:
    victim, mallory = site.browser(), site.browser()
    form = {"name": "Ada", "email": "ada@example.org", "website": "https://ada.example.org/"}
    for browser in (victim, mallory):
        browser.post("/auth/guest", form)
    ours, theirs = victim.identity(), mallory.identity()
    assert ours is not None
    assert theirs is not None
    assert ours["subject"] != theirs["subject"]
    mallory.post("/auth/guest", {**form, "subject": ours["subject"]})
    again = mallory.identity()
    assert again is not None
    assert again["subject"] == theirs["subject"], "but of one browser it is one guest"


def test_g10_a_log_in_is_not_continued_as_guest(site: Site) -> None:
    browser = signed_in(site)
    member = browser.identity()
    browser.post("/auth/guest", {"name": "Ada"})
    guest = browser.identity()
    assert member is not None
    assert guest is not None
    assert guest["provider"] == GUEST
    assert guest["subject"] != member["subject"]
    assert guest["issuer"] == site.base_url


@pytest.mark.parametrize("name", ["guest", "Guest", "", "a b", "facebook/", "../x", "1x", "é", 7])
def test_g10_no_provider_takes_the_guests_name_or_a_strange_one(name: Any) -> None:
    table = {"client_id": "1", "client_secret": "x"}
    config = {"base_url": LOOPBACK, "secret_keys": [KEY], "providers": {name: table}}
    with pytest.raises(ConfigError):
        SocialLogin.from_mapping(config)


def test_g10_no_provider_vouches_in_the_sites_own_name() -> None:
    record = replace(providers.get("facebook"), name="own", issuer="https://blog.example.com")
    config = {
        "base_url": "https://blog.example.com",
        "secret_keys": [KEY],
        "providers": {"own": {"client_id": "1", "client_secret": "x"}},
    }
    with pytest.raises(ConfigError) as caught:
        SocialLogin.from_mapping(config, providers=[record])
    assert "base_url" in str(caught.value)
    record = replace(record, name=GUEST, issuer="https://www.facebook.com")
    with pytest.raises(ConfigError):
        SocialLogin.from_mapping(
            {**config, "providers": {GUEST: config["providers"]["own"]}},  # type: ignore[index]
            providers=[record],
        )


def test_g10_a_guest_of_another_site_starts_anew() -> None:
    site = Site()
    stranger = Identity(provider=GUEST, issuer="https://shop.example.com", subject="taken")
    assert site.login.guest({"name": "Ada"}, current=stranger).subject != "taken"

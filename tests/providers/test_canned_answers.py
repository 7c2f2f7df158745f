"""What each provider's answers mean: canned answers, and the identity compared whole.

A file per provider and protocol; a case is an `answer` and either the fields of the `identity`
that are said (all others are None) or the code of the `error`.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from sociallogin import Identity, Profile, ProviderError, providers
from sociallogin.protocols.provider import Provider
from sociallogin.providers import facebook
from strategies import QUICK, json_values, objects

FILES = {path.stem: json.loads(path.read_text()) for path in Path(__file__).parent.glob("*.json")}


def record_of(file: dict[str, Any]) -> Provider:
    return providers.get(file["provider"], protocol=file["protocol"])


def cases(kind: str) -> Iterator[Any]:
    for name, file in sorted(FILES.items()):
        for title, case in file["cases"].items():
            if kind in case:
                yield pytest.param(file, case["answer"], case[kind], id=f"{name}: {title}")


def test_every_protocol_of_every_provider_has_its_canned_answers() -> None:
    built_in = ("facebook", "twitter", "wordpress")
    spoken = {(r.name, r.protocol) for name in built_in for r in providers.records(name)}
    assert {(file["provider"], file["protocol"]) for file in FILES.values()} == spoken


@pytest.mark.parametrize(("file", "answer", "said"), list(cases("identity")))
def test_an_answer_means_this_identity(
    file: dict[str, Any], answer: dict[str, Any], said: dict[str, Any]
) -> None:
    found = record_of(file).identity(answer, authenticated_at=1_800_000_000)
    expected = Identity(
        provider=file["provider"],
        issuer=file["issuer"],
        authenticated_at=1_800_000_000,
        **said,
    )
    assert found.to_dict() == expected.to_dict()
    assert json.loads(json.dumps(found.claims)) == answer


@pytest.mark.parametrize(("file", "answer", "code"), list(cases("error")))
def test_an_answer_without_a_subject_is_no_identity(
    file: dict[str, Any], answer: object, code: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        record_of(file).identity(answer)
    assert caught.value.code == code


NAMES = (
    "ID", "display_name", "username", "email", "email_verified", "verified", "avatar_URL",
    "profile_URL", "primary_blog_url", "language", "data", "id", "name", "confirmed_email",
    "profile_image_url", "entities", "url", "urls", "expanded_url", "id_str", "screen_name",
    "profile_image_url_https", "picture", "is_silhouette",
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
@given(objects(*NAMES), json_values)
@QUICK
def test_normalize_is_total(name: str, claims: dict[str, Any], value: object) -> None:
    record = record_of(FILES[name])
    profile = record.normalize(claims)
    assert isinstance(profile, Profile)
    for wrapped in (claims, {"data": value, "picture": value, "entities": value}, {"data": claims}):
        assert isinstance(record.normalize(wrapped), Profile)
        with suppress(ProviderError):
            assert record.identity(wrapped).subject


def test_row_26_the_default_graph_version_lives_for_at_least_60_days_more() -> None:
    """When this fails: read Meta's list of versions, then raise GRAPH and GRAPH_EXPIRES."""
    left = date.fromisoformat(facebook.GRAPH_EXPIRES) - datetime.now(UTC).date()
    assert left > timedelta(days=60), f"{facebook.GRAPH} is served until {facebook.GRAPH_EXPIRES}"


def test_row_26_the_version_and_its_expiry_stand_where_the_site_owner_reads_them() -> None:
    (option,) = providers.get("facebook").options
    assert (option.name, option.default) == ("graph_version", facebook.GRAPH)
    assert facebook.GRAPH_EXPIRES in option.meaning

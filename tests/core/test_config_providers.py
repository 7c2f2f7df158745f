"""The providers' tables: overrides, options, and records of one's own."""

import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from core.configs import (
    FACEBOOK,
    OWN,
    facebook,
    no_network,
    read,
    report,
    written,
)
from sociallogin import ConfigError, SocialLogin, config, providers
from sociallogin.cli import main


def test_every_url_of_a_record_can_be_overridden_and_keeps_its_parameters() -> None:
    for name, protocol in (("facebook", "oauth2"), ("twitter", "oauth2"), ("twitter", "oauth1")):
        record = providers.get(name, protocol=protocol)
        urls = {key: f"http://localhost:9000/{key}" for key in record.url_keys}
        table = {**FACEBOOK, "protocol": protocol, **urls}
        changed = read(written(providers={name: table})).providers[0].record
        assert {key: getattr(changed, key) for key in record.url_keys} == urls
        assert changed.userinfo_params == record.userinfo_params


def test_row_26_the_graph_version_is_a_setting_used_by_all_three_urls() -> None:
    default = read(facebook()).providers[0].record
    chosen = read(facebook(graph_version="v99.1")).providers[0].record
    for key in chosen.url_keys:
        assert "/v99.1/" in getattr(chosen, key)
        assert "/v25.0/" in getattr(default, key)


def test_label_scopes_and_pkce_can_be_set() -> None:
    client = read(facebook(label="FB", scopes=["public_profile"], pkce=False)).providers[0]
    assert client.label == "FB"
    assert client.record.scopes == ("public_profile",)
    login = SocialLogin.from_mapping(facebook(pkce=False), transport=no_network)
    assert "code_challenge" not in login.begin("facebook").url
    login = SocialLogin.from_mapping(facebook(), transport=no_network)
    assert "code_challenge_method=S256" in login.begin("facebook").url


def test_a_disabled_provider_is_not_offered_and_need_not_be_complete() -> None:
    values = written(providers={"facebook": {"enabled": False}, "twitter": FACEBOOK})
    assert [client.name for client in read(values).providers] == ["twitter"]


def test_a_disabled_provider_is_still_checked_for_misspellings() -> None:
    (fault,) = report(facebook(enabled=False, clientid="1")).faults
    assert fault.place == "providers.facebook.clientid"


def test_a_record_of_ones_own_is_a_provider_like_any_other() -> None:
    login = SocialLogin.from_mapping(
        written(providers={"example": FACEBOOK}), providers=[OWN], transport=no_network
    )
    (client,) = login.providers
    assert (client.name, client.label) == ("example", "Example")
    assert client.redirect_uri.endswith("/callback/example")
    assert login.begin("example").url.startswith("https://www.facebook.com/")


def test_a_record_of_ones_own_may_replace_a_built_in_one() -> None:
    own = replace(providers.get("facebook"), label="Our Facebook")
    assert read(written(), providers=[own]).providers[0].label == "Our Facebook"


def test_g10_a_record_of_ones_own_cannot_have_the_site_as_its_issuer() -> None:
    own = replace(OWN, issuer="https://blog.example.com")
    values = written(providers={"example": FACEBOOK})
    assert "issuer" in str(report(values, providers=[own]))


def test_g10_a_record_of_ones_own_cannot_be_called_guest() -> None:
    values = written(providers={"guest": FACEBOOK})
    assert 'not "guest"' in str(report(values, providers=[replace(OWN, name="guest")]))


@pytest.mark.parametrize("named", ["example", "records"])
def test_an_installed_package_adds_a_provider_by_an_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    (tmp_path / f"example_login_{named}.py").write_text(
        textwrap.dedent(
            """
            from dataclasses import replace
            from sociallogin import providers

            example = replace(providers.get("facebook"), name="example", label="Example")
            records = (example,)
            """
        )
    )
    metadata = tmp_path / f"example_login_{named}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Name: example-login-{named}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        f"[sociallogin.providers]\nexample = example_login_{named}:{named}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert read(written(providers={"example": FACEBOOK})).providers[0].label == "Example"
    assert providers.get("example").label == "Example"
    assert "example" in providers.names()
    assert "example" in str(report(written(providers={"exampel": FACEBOOK})))


@pytest.fixture(
    params=[
        ("no_such_module:record", "ModuleNotFoundError"),
        ("json:nothing", "AttributeError"),
        ("json:dumps", "type function"),
        ("sociallogin.providers.facebook:facebook", 'name is "facebook"'),
    ],
    ids=lambda param: param[0],
)
def broken(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is told of the entry point `broken`, which names no record of its name."""
    value, found = request.param
    metadata = tmp_path / "broken_login-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: broken-login\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[sociallogin.providers]\nbroken = {value}\n")
    monkeypatch.syspath_prepend(tmp_path)
    return str(found)


@pytest.mark.parametrize(
    ("name", "others"), [("broken", ["policy"]), ("brokne", ["policy", "providers.brokne"])]
)
def test_an_entry_point_that_names_no_record_of_its_name_is_a_fault_like_any_other(
    broken: str, name: str, others: list[str]
) -> None:
    error = report(written(providers={name: FACEBOOK}, policy="none"))
    places = [fault.place.partition(" =")[0] for fault in error.faults]
    assert places == [*others, "entry point broken"]
    assert broken in error.faults[-1].found


def test_beside_a_broken_entry_point_the_other_providers_are_listed(broken: str) -> None:
    listed = CliRunner().invoke(main, ["providers"])
    assert listed.exit_code == 1
    assert "WordPress.com" in listed.output
    assert broken in listed.output


@pytest.mark.parametrize(
    ("record", "place"),
    [
        ({}, "providers="),
        (replace(OWN, issuer=""), "providers.example, its record"),
        (replace(OWN, issuer="has a space"), "providers.example, its record"),
        (replace(OWN, authorize_url="not a URL"), "providers.example, its record's authorize_url"),
        (
            replace(OWN, token_url="http://example.com/"),
            "providers.example, its record's token_url",
        ),
        (replace(OWN, label=""), "providers.example, its record's label"),
        (replace(OWN, scopes="email"), "providers.example, its record's scopes"),
        (replace(OWN, scopes=("email profile",)), "providers.example, its record's scopes"),
        (replace(OWN, logout_url="javascript:x"), "providers.example, its record's logout_url"),
    ],
)
def test_a_record_of_ones_own_is_checked_with_the_configuration(record: Any, place: str) -> None:
    error = report(written(providers={"example": FACEBOOK}), providers=[record])
    assert place in [fault.place for fault in error.faults]


@pytest.mark.parametrize("given", [5, [5], "facebook", {"example": OWN}], ids=str)
def test_what_is_no_list_of_records_is_told_with_the_other_faults(given: Any) -> None:
    for read_with in (
        lambda: config.from_mapping(written(policy="none"), given),
        lambda: config.from_env({"SOCIALLOGIN_POLICY": "none"}, given),
    ):
        with pytest.raises(ConfigError) as caught:
            read_with()
        assert {"policy", "providers="} <= {fault.place for fault in caught.value.faults}


def test_a_record_alone_is_as_good_as_a_list_of_one() -> None:
    values = written(providers={"example": FACEBOOK})
    assert read(values, providers=OWN).providers[0].label == OWN.label

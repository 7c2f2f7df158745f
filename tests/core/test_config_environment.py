"""The configuration in environment variables."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.configs import (
    ENVIRONMENT,
    KEY,
    OTHER_KEY,
    OWN,
    TOML,
    is_told,
    no_network,
)
from sociallogin import ConfigError, SocialLogin, config
from strategies import SLOW, any_text


def test_the_environment_says_the_same_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    site = SocialLogin.from_env(transport=no_network).config
    assert site.base_url == "https://blog.example.com"
    assert site.secret_keys == (KEY, OTHER_KEY)
    assert site.session_max_age == 3600
    facebook, twitter = site.providers
    assert (facebook.name, facebook.client_id) == ("facebook", "1")
    assert facebook.record.scopes == ("public_profile", "email")
    assert not facebook.record.pkce  # type: ignore[attr-defined]
    assert "/v26.0/" in facebook.record.userinfo_url
    assert twitter.client_secret == "from the variable"
    assert twitter.record.request_token_url == "http://localhost:9000/request_token"  # type: ignore[attr-defined]


def test_variables_override_the_file_that_they_name(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "wordpress").write_text("from the file\n")
    file = tmp_path / "site.toml"
    file.write_text(TOML)
    site = config.from_env(
        {
            "SOCIALLOGIN_CONFIG": str(file),
            "SITE_KEY": KEY,
            "TWITTER_SECRET": "x",
            "SOCIALLOGIN_POLICY": "name-and-email",
            "SOCIALLOGIN_PROVIDERS_TWITTER_ENABLED": "false",
            "SOCIALLOGIN_PROVIDERS_WORDPRESS_LABEL": "WP",
        }
    )
    assert site.policy == "name-and-email"
    assert [client.label for client in site.providers] == ["WP"]
    assert site.providers[0].client_secret == "from the file"


@pytest.mark.parametrize(
    ("variable", "value", "place", "advice"),
    [
        ("SOCIALLOGIN_BASE_URI", "x", "SOCIALLOGIN_BASE_URI", "mean SOCIALLOGIN_BASE_URL?"),
        ("SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_SECRE", "x",
         "SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_SECRE",
         "SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_SECRET?"),
        ("SOCIALLOGIN_PROVIDERS_FACEBOOK", "x", "SOCIALLOGIN_PROVIDERS_FACEBOOK", ""),
        ("SOCIALLOGIN_PROVIDERS_FACEBOOK_ENABLED", "maybe", "providers.facebook.enabled", ""),
        ("SOCIALLOGIN_PROVIDER_FACEBOOK_CLIENT_ID", "x",
         "SOCIALLOGIN_PROVIDER_FACEBOOK_CLIENT_ID", ""),
        ("SOCIALLOGIN_PROVIDERS", "facebook", "SOCIALLOGIN_PROVIDERS", ""),
        ("SOCIALLOGIN_SESSION_MAX_AGE", "long", "session_max_age", ""),
        ("SOCIALLOGIN_SECRET_KEYS", "", "secret_keys", ""),
    ],
)  # fmt: skip
def test_a_wrong_variable_is_told(variable: str, value: str, place: str, advice: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config.from_env({**ENVIRONMENT, variable: value})
    (fault,) = caught.value.faults
    assert fault.place == place
    assert advice in fault.advice


def test_an_empty_environment_tells_what_is_needed() -> None:
    with pytest.raises(ConfigError, match="in the environment") as caught:
        config.from_env({})
    assert [fault.place for fault in caught.value.faults] == ["base_url", "secret_keys"]


def test_a_variable_names_a_provider_that_has_a_hyphen() -> None:
    own = replace(OWN, name="my-own")
    variables = {
        "SOCIALLOGIN_PROVIDERS_MY_OWN_CLIENT_ID": "3",
        "SOCIALLOGIN_PROVIDERS_MY_OWN_CLIENT_SECRET": "x",
    }
    site = config.from_env({**ENVIRONMENT, **variables}, providers=[own])
    assert "my-own" in [client.name for client in site.providers]


@given(
    st.dictionaries(
        st.sampled_from(
            ("BASE_URL", "SECRET_KEYS", "MOUNT", "POLICY", "PROVIDERS_FACEBOOK_CLIENT_ID",
             "PROVIDERS_", "PROVIDERS__", "PROVIDERS_TWITTER_PROTOCOL")
        ).map("SOCIALLOGIN_{}".format) | any_text,
        any_text,
        max_size=6,
    )
)  # fmt: skip
@SLOW
def test_whatever_the_environment_holds_only_a_config_error_comes_out(
    environ: dict[str, str],
) -> None:
    for variables in (environ, {**ENVIRONMENT, **environ}):
        assert is_told(lambda variables=variables: config.from_env(variables))

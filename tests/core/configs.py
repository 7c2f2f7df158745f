"""Configurations to read: a good one, and how it is changed; what a test does with it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sociallogin import ConfigError, config, providers
from sociallogin.config import Config

SENTINEL = "S3NTINEL"
KEY, OTHER_KEY = "k" * 32, "j" * 32
FACEBOOK = {"client_id": "1", "client_secret": "secret"}

TOML = """
base_url = "https://blog.example.com"
secret_keys = ["env:SITE_KEY"]

[providers.wordpress]
client_id = "12345"
client_secret = "file:secrets/wordpress"
[providers.twitter]
protocol = "oauth1"
client_id = "abc"
client_secret = "env:TWITTER_SECRET"
"""


OWN = replace(
    providers.get("facebook"), name="example", label="Example", issuer="https://login.example"
)


ENVIRONMENT = {
    "SOCIALLOGIN_BASE_URL": "https://blog.example.com",
    "SOCIALLOGIN_SECRET_KEYS": f"{KEY},{OTHER_KEY}",
    "SOCIALLOGIN_SESSION_MAX_AGE": "3600",
    "SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_ID": "1",
    "SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_SECRET": "secret",
    "SOCIALLOGIN_PROVIDERS_FACEBOOK_GRAPH_VERSION": "v26.0",
    "SOCIALLOGIN_PROVIDERS_FACEBOOK_PKCE": "false",
    "SOCIALLOGIN_PROVIDERS_FACEBOOK_SCOPES": "public_profile, email",
    "SOCIALLOGIN_PROVIDERS_TWITTER_PROTOCOL": "oauth1",
    "SOCIALLOGIN_PROVIDERS_TWITTER_CLIENT_ID": "2",
    "SOCIALLOGIN_PROVIDERS_TWITTER_CLIENT_SECRET": "env:TWITTER_SECRET",
    "SOCIALLOGIN_PROVIDERS_TWITTER_REQUEST_TOKEN_URL": "http://localhost:9000/request_token",
    "TWITTER_SECRET": "from the variable",
    "UNRELATED": "x",
}


def written(**changes: Any) -> dict[str, Any]:
    """A good configuration with these changes; a key whose value is `...` is left out."""
    values = {
        "base_url": "https://blog.example.com",
        "secret_keys": [KEY],
        "providers": {"facebook": FACEBOOK},
        **changes,
    }
    return {key: value for key, value in values.items() if value is not ...}


def facebook(**changes: Any) -> dict[str, Any]:
    table = {**FACEBOOK, **changes}
    return written(providers={"facebook": {k: v for k, v in table.items() if v is not ...}})


def read(values: Any, **given: Any) -> Config:
    return config.from_mapping(values, **{"environ": {}, **given})


def report(values: Any, **given: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(values, **given)
    return caught.value


def is_told(check: Callable[[], Config]) -> bool:
    """Whether a reading ends in a configuration, or in faults that say something."""
    try:
        return isinstance(check(), Config)
    except ConfigError as error:
        return bool(error.faults) and all(fault.found and fault.allowed for fault in error.faults)


def no_network(_: object) -> Any:
    raise AssertionError("no request is expected")

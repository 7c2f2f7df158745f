"""What `import sociallogin` gives, and what it costs."""

import inspect
import re
import subprocess
import sys
from importlib import import_module

import pytest

import sociallogin
from sociallogin import AsyncSocialLogin, Identity, SocialLogin, providers

NAMES = [
    "AsyncSocialLogin", "ConfigError", "Identity", "LoginDenied", "LoginRefused", "Profile",
    "ProviderError",
    "RequestError", "SignIn", "SocialLogin", "SocialLoginError", "Start", "StateError",
    "StoreError", "TokenError", "__version__", "providers",
]  # fmt: skip


def test_the_public_names_are_these() -> None:
    assert sorted(sociallogin.__all__) == NAMES
    assert all(getattr(sociallogin, name) is not None for name in NAMES)


def test_every_public_class_explains_itself() -> None:
    for name in NAMES:
        thing = getattr(sociallogin, name)
        if inspect.isclass(thing):
            assert inspect.getdoc(thing), name


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="sociallogin"):
        sociallogin.nope  # noqa: B018


def test_the_version_is_one() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+([ab.]\w+)?", sociallogin.__version__)


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh Python has loaded after `code`."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.server
def test_the_import_loads_nothing_that_costs() -> None:
    loaded = loaded_by("import sociallogin; sociallogin.SocialLogin; sociallogin.Identity")
    assert "sociallogin.social_login" in loaded
    costly = {"requests", "urllib3", "jinja2", "authlib", "joserfc", "tomllib", "click", "flask",
              "importlib.metadata", "http.client", "gettext", "babel", "redis",
              "sociallogin.web.languages"}  # fmt: skip
    assert not costly & loaded
    assert not [name for name in loaded if name.startswith("sociallogin.providers")]


@pytest.mark.server
def test_only_the_providers_in_use_are_imported() -> None:
    loaded = loaded_by(
        "from sociallogin import config\n"
        "config.from_mapping({'base_url': 'https://a.example', 'secret_keys': ['k' * 32],"
        " 'providers': {'facebook': {'client_id': '1', 'client_secret': '2'}}})"
    )
    assert "sociallogin.providers.facebook" in loaded
    assert "sociallogin.providers.twitter" not in loaded
    assert "sociallogin.protocols.oauth1" not in loaded
    assert "requests" not in loaded


@pytest.mark.parametrize(
    ("name", "protocol", "speaks"),
    [
        ("wordpress", None, "oauth2"), ("facebook", None, "oauth2"), ("twitter", None, "oauth2"),
        ("twitter", "oauth2", "oauth2"), ("twitter", "oauth1", "oauth1"),
        ("wordpress", "oauth2", "oauth2"),
    ],
)  # fmt: skip
def test_a_record_is_got_by_name_and_protocol(name: str, protocol: str | None, speaks: str) -> None:
    record = providers.get(name, protocol=protocol)
    assert (record.name, record.protocol) == (name, speaks)
    assert import_module(f"sociallogin.providers.{name}").records


@pytest.mark.parametrize(
    ("name", "protocol"),
    [("facebook", "oauth1"), ("myspace", None), ("", None), ("guest", None), ("../x", None),
     ("facebook.records", None)],
)  # fmt: skip
def test_a_record_that_is_not_there_is_a_lookup_error(name: str, protocol: str | None) -> None:
    with pytest.raises(LookupError, match="facebook, twitter, wordpress"):
        providers.get(name, protocol=protocol)


def test_the_built_in_providers_are_these() -> None:
    assert {"facebook", "twitter", "wordpress"} <= set(providers.names())


def test_identity_is_pure_and_takes_the_time_by_keyword() -> None:
    record = providers.get("facebook")
    assert record.identity({"id": "1"}, authenticated_at=5).authenticated_at == 5
    assert record.identity({"id": "1"}) == Identity(
        provider="facebook", issuer="https://www.facebook.com", subject="1"
    )


@pytest.mark.parametrize("make", ["from_file", "from_mapping", "from_env"])
def test_the_constructors_share_their_keywords(make: str) -> None:
    given = inspect.signature(getattr(SocialLogin, make)).parameters
    assert given["providers"].kind is inspect.Parameter.KEYWORD_ONLY
    made_by = inspect.signature(SocialLogin).parameters
    for name in ("transport", "store", "clock", "random"):
        assert made_by[name].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize("made", [SocialLogin, AsyncSocialLogin])
@pytest.mark.parametrize("given", ["sociallogin.toml", {}], ids=["path", "mapping"])
def test_what_has_not_been_read_is_refused_with_what_reads_it(made: type, given: object) -> None:
    with pytest.raises(TypeError, match=rf"{made.__name__}\.from_file, from_mapping, from_env"):
        made(given)

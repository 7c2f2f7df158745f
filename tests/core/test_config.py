"""The configuration, as a site owner writes it: read, checked, and every fault told at once."""

import sys
import textwrap
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sociallogin import ConfigError, SocialLogin, config, providers
from sociallogin.config import Config
from strategies import SLOW, any_text, json_values

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


def test_what_is_left_out_has_its_documented_default() -> None:
    site = read(written())
    assert site.mount == "/auth"
    assert site.policy == "open"
    assert site.session_max_age == 30 * 24 * 3600
    assert site.cookie_prefix == "sociallogin"
    assert site.locale == "en"
    assert site.embed_origins == ()
    assert site.store == "memory"
    assert site.templates is None


def test_a_folder_of_templates_is_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert read(written(templates="mine"), folder=tmp_path).templates == tmp_path / "mine"
    for absent in ("yours", "x" * 5000):
        (fault,) = report(written(templates=absent), folder=tmp_path).faults
        assert fault.place == "templates"
        assert absent in fault.found
        assert fault.allowed == "a folder that exists"


def test_a_file_is_read_with_its_references(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "wordpress").write_text("from the file\n")
    file = tmp_path / "sociallogin.toml"
    file.write_text(TOML)
    monkeypatch.setenv("SITE_KEY", KEY)
    monkeypatch.setenv("TWITTER_SECRET", "from the variable")
    for path in (file, str(file)):
        login = SocialLogin.from_file(path, transport=no_network)
        wordpress, twitter = login.providers
        assert (wordpress.name, wordpress.client_id) == ("wordpress", "12345")
        assert wordpress.client_secret == "from the file"
        assert twitter.client_secret == "from the variable"
        assert twitter.record.protocol == "oauth1"
        assert login.config.secret_keys == (KEY,)


def test_the_callback_url_is_made_of_base_url_mount_and_name() -> None:
    client = read(written(mount="/x/login")).providers[0]
    assert client.redirect_uri == "https://blog.example.com/x/login/callback/facebook"


def test_providers_keep_the_order_of_the_configuration() -> None:
    names = ["twitter", "facebook", "wordpress"]
    login = SocialLogin.from_mapping(
        written(providers=dict.fromkeys(names, FACEBOOK)), transport=no_network
    )
    assert [provider.name for provider in login.providers] == names
    assert [provider.label for provider in login.providers] == [
        "X (Twitter)", "Facebook", "WordPress.com",
    ]  # fmt: skip


def test_a_site_may_have_no_provider_at_all() -> None:
    assert read(written(providers=...)).providers == ()


@pytest.mark.parametrize(
    ("base_url", "origin"),
    [
        ("https://blog.example.com", "https://blog.example.com"),
        ("https://Blog.Example.COM", "https://blog.example.com"),
        ("https://blog.example.com:443", "https://blog.example.com"),
        ("https://blog.example.com:8443", "https://blog.example.com:8443"),
        ("http://localhost", "http://localhost"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://localhost:80", "http://localhost"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.8.9.1:8000", "http://127.8.9.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_base_url_is_an_origin_and_http_is_for_loopback(base_url: str, origin: str) -> None:
    assert read(written(base_url=base_url)).base_url == origin


@pytest.mark.parametrize(
    "base_url",
    [
        "", "blog.example.com", "http://blog.example.com", "http://localhost.example.com",
        "http://127.0.0.1.example.com", "http://128.0.0.1", "http://2130706433", "http://0.0.0.0",
        "https://blog.example.com/", "https://blog.example.com/blog", "https://blog.example.com?x",
        "https://blog.example.com?", "https://blog.example.com#", "https://blog.example.com#x",
        "https://blog.example.com:", "https://u:p@blog.example.com", "https://u@blog.example.com",
        "https://blog.example.com:99999", "https://blog.example.com:x", "https://", "https:///x",
        "ftp://blog.example.com", "javascript:x", " https://blog.example.com",
        "https://blog.example.com\n", "https://blog example.com", "//blog.example.com",
        None, 5, True, ["https://blog.example.com"], {"host": "blog.example.com"},
    ],
    ids=repr,
)  # fmt: skip
def test_a_base_url_that_is_no_safe_origin_is_refused(base_url: object) -> None:
    (fault,) = report(written(base_url=base_url)).faults
    assert fault.place == "base_url"
    assert "an origin" in fault.allowed
    shown = "a table" if isinstance(base_url, dict) else repr(base_url)[:20]
    assert shown in fault.found or ("@" in shown and "'https://…@blog" in fault.found)


def test_http_beyond_loopback_and_a_path_are_explained() -> None:
    assert "Use https" in str(report(written(base_url="http://blog.example.com")))
    assert "mount" in str(report(written(base_url="https://blog.example.com/blog")))


#: What is changed, and what the one fault then says: place, found, allowed, advice.
WRONG: Mapping[str, tuple[dict[str, Any], str, str, str, str]] = {
    "base_url missing": (written(base_url=...), "base_url", "nothing", "an origin", ""),
    "secret_keys missing": (written(secret_keys=...), "secret_keys", "nothing", "32 bytes", ""),
    "mount without slash": (written(mount="auth"), "mount", "'auth'", "/auth", ""),
    "mount with final slash": (written(mount="/auth/"), "mount", "'/auth/'", "/auth", ""),
    "mount with dots": (written(mount="/../x"), "mount", "'/../x'", "/auth", ""),
    "mount a number": (written(mount=5), "mount", "5 (int)", "/auth", ""),
    "policy": (written(policy="closed"), "policy", "'closed'", "login-required", ""),
    "policy a list": (written(policy=["open"]), "policy", "['open'] (list)", "open", ""),
    "session too short": (written(session_max_age=59), "session_max_age", "59", "from 60", ""),
    "session a bool": (written(session_max_age=True), "session_max_age", "True", "seconds", ""),
    "session a text": (written(session_max_age="60"), "session_max_age", "'60'", "seconds", ""),
    "session for ever": (written(session_max_age=10**10), "session_max_age", "1000", "3456", ""),
    "cookie_prefix": (written(cookie_prefix="A b"), "cookie_prefix", "'A b'", "letters", ""),
    "locale": (written(locale="e n"), "locale", "'e n'", "language tag", ""),
    "embed_origins": (written(embed_origins=["x"]), "embed_origins", "['x']", "origins", ""),
    "store": (written(store="memcached"), "store", "a text of 9 bytes", "memory, or a redis", ""),
    "store a list": (written(store=["memory"]), "store", "a list of 1", "redis://", ""),
    "store with a password to encode": (
        written(store=f"redis://:{SENTINEL}#1@localhost"), "store", "a text", "redis://",
        "Percent-encode",
    ),
    "unknown key": (written(colour="red"), "colour", "unknown key", "base_url", ""),
    "misspelt key": (written(polcy="open"), "polcy", "unknown key", "policy", "mean policy?"),
    "misspelt table": (written(provider={}), "provider", "unknown key", "", "mean providers?"),
    "providers a text": (written(providers="facebook"), "providers", "type str", "table", ""),
    "unknown provider": (
        written(providers={"facbook": FACEBOOK}),
        "providers.facbook", "'facbook'", "facebook, twitter, wordpress", "mean facebook?",
    ),
    "bad provider name": (
        written(providers={"Face Book": FACEBOOK}),
        "providers.Face Book", "'Face Book'", "lower-case", "",
    ),
    "g10 guest": (
        written(providers={"guest": FACEBOOK}), "providers.guest", "'guest'", 'not "guest"', "",
    ),
    "table a number": (
        written(providers={"facebook": 5}), "providers.facebook", "type int", "a table", "",
    ),
    "client_id missing": (
        facebook(client_id=...), "providers.facebook.client_id", "nothing", "console", "",
    ),
    "client_secret missing": (
        facebook(client_secret=...), "providers.facebook.client_secret", "nothing", "console", "",
    ),
    "client_id a number": (
        facebook(client_id=12345), "providers.facebook.client_id", "12345 (int)", "the id", "",
    ),
    "client_id empty": (facebook(client_id=""), "providers.facebook.client_id", "''", "id", ""),
    "client_id with a space": (
        facebook(client_id="1 "), "providers.facebook.client_id", "'1 '", "the id", "copy it anew",
    ),
    "client_secret empty": (
        facebook(client_secret=""), "providers.facebook.client_secret", "empty", "secret", "",
    ),
    "misspelt client_secret": (
        facebook(client_secrte="x"),
        "providers.facebook.client_secrte", "unknown key", "", "mean client_secret?",
    ),
    "enabled a text": (
        facebook(enabled="yes"), "providers.facebook.enabled", "'yes'", "true or false", "",
    ),
    "protocol": (
        facebook(protocol="oauth1"), "providers.facebook.protocol", "'oauth1'", "oauth2", "",
    ),
    "misspelt protocol": (
        written(providers={"twitter": {**FACEBOOK, "protocol": "oauth"}}),
        "providers.twitter.protocol", "'oauth'", "oauth2 or oauth1", "Did you mean oauth",
    ),
    "label": (facebook(label="\u202ex"), "providers.facebook.label", "", "visible", ""),
    "label too long": (facebook(label="x" * 51), "providers.facebook.label", "", "50", ""),
    "scopes a text": (facebook(scopes="email"), "providers.facebook.scopes", "'email'", "list", ""),
    "scopes empty": (facebook(scopes=[]), "providers.facebook.scopes", "[]", "list", ""),
    "scopes with a space": (
        facebook(scopes=["a b"]), "providers.facebook.scopes", "a b", "without spaces", "",
    ),
    "row 16, one X scope of two": (
        written(providers={"twitter": {**FACEBOOK, "scopes": ["users.read"]}}),
        "providers.twitter.scopes", "users.read", "tweet.read", "",
    ),
    "row 12, another WordPress.com scope": (
        written(providers={"wordpress": {**FACEBOOK, "scopes": ["auth", "openid"]}}),
        "providers.wordpress.scopes", "openid", '"auth"', "",
    ),
    "pkce a text": (facebook(pkce="no"), "providers.facebook.pkce", "'no'", "true or false", ""),
    "pkce in OAuth 1.0a": (
        written(providers={"twitter": {**FACEBOOK, "protocol": "oauth1", "pkce": False}}),
        "providers.twitter.pkce", "unknown key", "", "",
    ),
    "a URL of the other protocol": (
        written(providers={"twitter": {**FACEBOOK, "request_token_url": "https://x.example"}}),
        "providers.twitter.request_token_url", "unknown key", "token_url", "",
    ),
    "an option of another provider": (
        written(providers={"twitter": {**FACEBOOK, "graph_version": "v25.0"}}),
        "providers.twitter.graph_version", "unknown key", "", "",
    ),
    "graph_version": (
        facebook(graph_version="25"), "providers.facebook.graph_version", "'25'", "v25.0", "",
    ),
    "graph_version in other digits": (
        facebook(graph_version="v٢٥.٠"), "providers.facebook.graph_version", "٢٥", "v25.0", "",
    ),
    "http token_url": (
        facebook(token_url="http://graph.example/x"),
        "providers.facebook.token_url", "http://graph", "https URL", "Use https",
    ),
    "token_url with braces": (
        facebook(token_url="https://graph.example/{v}"),
        "providers.facebook.token_url", "{v}", "https URL", "Percent-encode",
    ),
    "token_url with a letter beyond ASCII": (
        facebook(token_url="https://graph.example/ü"),
        "providers.facebook.token_url", "ü", "https URL", "Percent-encode",
    ),
    "token_url with a fragment": (
        facebook(token_url="https://graph.example/x#y"),
        "providers.facebook.token_url", "#y", "https URL", "fragment",
    ),
    "login-required with nobody to ask": (
        written(policy="login-required", providers=...), "providers", "none", "at least one", "",
    ),
    "login-required with all disabled": (
        {**facebook(enabled=False), "policy": "login-required"},
        "providers", "none enabled", "at least one", "",
    ),
    "variable not set": (
        written(secret_keys=["env:NOT_SET"]), "secret_keys[0]", "env:NOT_SET", "set", "",
    ),
    "file missing": (
        facebook(client_secret="file:/no/such/file"),
        "providers.facebook.client_secret", "file:/no/such/file", "readable", "",
    ),
    "file a folder": (
        facebook(client_secret="file:/"),
        "providers.facebook.client_secret", "IsADirectoryError", "readable", "",
    ),
    "g5 no key": (written(secret_keys=[]), "secret_keys", "a list of 0", "32 bytes", ""),
    "g5 an empty key": (written(secret_keys=""), "secret_keys", "empty", "32 bytes", ""),
    "g5 a short key": (
        written(secret_keys=["x" * 31]), "secret_keys", "a list of 1", "32 bytes", "31 bytes",
    ),
    "g5 one short key of two": (
        written(secret_keys=[KEY, "x"]), "secret_keys", "a list of 2", "32 bytes", "1 bytes",
    ),
    "g5 the same key twice": (
        written(secret_keys=[KEY, OTHER_KEY, KEY]), "secret_keys", "list of 3", "", "twice",
    ),
    "g5 a key that is no text": (written(secret_keys=[5]), "secret_keys", "list", "32 bytes", ""),
    "g10 base_url a provider's issuer": (
        written(base_url="https://www.facebook.com"),
        "providers.facebook", "issuer", "other than base_url", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_is_told_with_place_found_allowed_and_advice(case: str) -> None:
    values, place, found, allowed, advice = WRONG[case]
    error = report(values)
    (fault,) = error.faults
    assert fault.place == place
    assert found in fault.found
    assert allowed in fault.allowed
    assert fault.allowed
    assert advice in fault.advice
    assert str(fault) in str(error)
    assert str(error).startswith("1 fault in the configuration:")
    assert (error.code, error.status) == ("config_invalid", 500)


REDIS_URL = f"rediss://site:{SENTINEL}@redis.example.com:6380/1"


@pytest.mark.parametrize(
    "url", ["memory", "redis://localhost", REDIS_URL, "unix:///run/redis.sock?db=2"]
)
def test_a_store_is_memory_or_a_redis_url(url: str) -> None:
    assert read(written(store=url)).store == url


def test_a_redis_url_is_as_secret_as_the_password_in_it(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"{REDIS_URL}\n")
    for values in (written(store="env:REDIS_URL"), written(store="file:url")):
        site = read(values, environ={"REDIS_URL": REDIS_URL}, folder=tmp_path)
        assert site.store == REDIS_URL
        assert SENTINEL not in repr(site)
    environ = {f"SOCIALLOGIN_{key}": text for key, text in {
        "BASE_URL": "https://blog.example.com", "SECRET_KEYS": KEY, "STORE": REDIS_URL,
    }.items()}  # fmt: skip
    assert config.from_env(environ).store == REDIS_URL
    login = SocialLogin.from_mapping(written(store=REDIS_URL), transport=no_network)
    assert SENTINEL not in repr(login) + repr(login.store) + repr(login.flows)
    wrong = report(written(store=f"{REDIS_URL}?colour=red"))
    assert SENTINEL not in str(wrong) + "".join(traceback.format_exception(wrong))


def test_a_redis_url_without_its_extra_is_a_fault_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)  # as where it is not installed
    (fault,) = report(written(store="redis://localhost")).faults
    assert fault.place == "store"
    assert "pip install 'sociallogin[redis]'" in fault.advice
    assert read(written(store="memory")).store == "memory"


@pytest.mark.parametrize("values", [None, [], "x", 5, [("base_url", "x")]], ids=repr)
def test_a_configuration_that_is_no_table_is_a_fault(values: object) -> None:
    (fault,) = report(values).faults
    assert "a table" in fault.allowed


def test_all_faults_are_told_at_once() -> None:
    error = report(
        {
            "base_url": "http://blog.example.com",
            "secret_keys": ["short"],
            "mount": "auth",
            "polcy": "open",
            "providers": {
                "facebook": {"client_id": "1", "client_secret": "env:NOT_SET", "enabld": True},
                "twitter": {"protocol": "oauth3"},
                "guest": {},
                "myspace": {"client_id": "1"},
            },
        }
    )
    assert {fault.place for fault in error.faults} == {
        "base_url", "secret_keys", "mount", "polcy", "providers.facebook.client_secret",
        "providers.facebook.enabld", "providers.twitter.protocol", "providers.twitter.client_id",
        "providers.twitter.client_secret", "providers.guest", "providers.myspace",
    }  # fmt: skip
    assert str(error).startswith("11 faults in the configuration:")
    assert all(str(fault) in str(error) for fault in error.faults)
    assert len(str(error).splitlines()) == 12


#: A secret that stands, or is led to, where something is wrong.
MISPLACED: Mapping[str, Any] = {
    "a space behind it": facebook(client_secret=f"{SENTINEL} "),
    "in a list": facebook(client_secret=[SENTINEL]),
    "in a table": facebook(client_secret={"value": SENTINEL}),
    "on two lines": facebook(client_secret=f"{SENTINEL}\n{SENTINEL}"),
    "below a misspelt key": facebook(client_secrte=SENTINEL),
    "outside its table": written(client_secret=SENTINEL),
    "as a label": facebook(label="env:TWO_LINES"),
    "as a URL": facebook(token_url="env:SECRET"),
    "as a scope": facebook(scopes=["env:SECRET", "a b"]),
    "as a client_id": facebook(client_id="env:TWO_LINES"),
    "as a protocol": facebook(protocol="env:SECRET"),
    "as an option": facebook(graph_version="env:SECRET"),
    "as a policy": written(policy="env:SECRET"),
    "as a base_url": written(base_url="env:SECRET"),
    "as the port of base_url": written(base_url="env:URL"),
    "as the port of a URL": facebook(token_url="env:URL"),
    "a short key alone": written(secret_keys=SENTINEL),
    "a short key": written(secret_keys=[SENTINEL]),
    "a key twice": written(secret_keys=[SENTINEL * 4, SENTINEL * 4]),
    "a table of keys": written(secret_keys={"first": SENTINEL}),
    "a list of lists of keys": written(secret_keys=[[SENTINEL]]),
    "[[providers.facebook]]": written(providers={"facebook": [{"client_secret": SENTINEL}]}),
    "[[providers]]": written(providers=[{"name": "facebook", "client_secret": SENTINEL}]),
    "a list of configurations": [written(secret_keys=[SENTINEL])],
}


@pytest.mark.parametrize("case", MISPLACED)
def test_d2_a_report_never_shows_a_secret(case: str) -> None:
    environ = {
        "SECRET": SENTINEL,
        "TWO_LINES": f"{SENTINEL}\n{SENTINEL}",
        "URL": f"https://blog.example.com:{SENTINEL}",
    }
    error = report(MISPLACED[case], environ=environ)
    told = [str(error), repr(error), error.hint, error.message, *map(repr, error.faults)]
    text = "".join([*told, *traceback.format_exception(error)])
    assert SENTINEL.lower() not in text.lower()  # an origin is lowered before it is judged


def test_d2_a_syntax_error_names_the_line_and_not_its_text(tmp_path: Path) -> None:
    file = tmp_path / "sociallogin.toml"
    file.write_text(f'base_url = "https://blog.example.com"\nsecret_keys = [{SENTINEL}]\n')
    with pytest.raises(ConfigError) as caught:
        config.from_file(file)
    assert str(file) in str(caught.value)
    assert "line 2" in str(caught.value)
    assert SENTINEL not in "".join(traceback.format_exception(caught.value))


def test_d2_nothing_that_holds_a_secret_shows_it() -> None:
    login = SocialLogin.from_mapping(
        written(secret_keys=[SENTINEL * 4], providers={
            "facebook": {"client_id": "1", "client_secret": SENTINEL},
            "twitter": {"client_id": "1", "client_secret": SENTINEL, "protocol": "oauth1"},
        }),
        transport=no_network,
    )  # fmt: skip
    held = (login, login.config, login.providers, login.sealer)
    assert SENTINEL not in "".join(f"{thing!r}{thing!s}" for thing in held)


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"secret\n", "secret"),
        (b"secret", "secret"),
        (b"secret\r\n", "secret"),
        (b"se cret\n", "se cret"),
        (b"g\xc3\xa9heim\n", "géheim"),
    ],
)
def test_one_final_newline_of_a_file_is_dropped(
    tmp_path: Path, content: bytes, secret: str
) -> None:
    (tmp_path / "secret").write_bytes(content)
    values = facebook(client_secret="file:secret")
    assert read(values, folder=tmp_path).providers[0].client_secret == secret


@pytest.mark.parametrize("content", [b"secret\n\n", b" secret", b"\xff\xfe", b""])
def test_a_file_with_anything_else_around_the_secret_is_a_fault(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "secret").write_bytes(content)
    (fault,) = report(facebook(client_secret="file:secret"), folder=tmp_path).faults
    assert fault.place == "providers.facebook.client_secret"


#: A key that is led to a variable, what the variable holds, and where it then shows.
LED: Mapping[str, tuple[dict[str, Any], str, Callable[[Config], object]]] = {
    "base_url": (written(base_url="env:V"), "https://o.example", lambda c: c.base_url),
    "mount": (written(mount="env:V"), "/login", lambda c: c.mount),
    "policy": (written(policy="env:V"), "name-and-email", lambda c: c.policy),
    "cookie_prefix": (written(cookie_prefix="env:V"), "blog", lambda c: c.cookie_prefix),
    "secret_keys": (written(secret_keys="env:V"), OTHER_KEY, lambda c: c.secret_keys[0]),
    "session_max_age": (written(session_max_age="env:V"), "3600", lambda c: c.session_max_age),
    "label": (facebook(label="env:V"), "FB", lambda c: c.providers[0].label),
    "client_id": (facebook(client_id="env:V"), "42", lambda c: c.providers[0].client_id),
    "scopes": (facebook(scopes=["env:V"]), "email", lambda c: c.providers[0].record.scopes[0]),
    "protocol": (
        written(providers={"twitter": {**FACEBOOK, "protocol": "env:V"}}),
        "oauth1",
        lambda c: c.providers[0].record.protocol,
    ),
    "enabled": (facebook(enabled="env:V"), "true", lambda c: len(c.providers) == 1),
    "disabled": (facebook(enabled="env:V"), "false", lambda c: len(c.providers) == 1),
    "pkce": (facebook(pkce="env:V"), "false", lambda c: c.providers[0].record.pkce),
    "token_url": (
        facebook(token_url="env:V"), "https://x.example", lambda c: c.providers[0].record.token_url,
    ),
    "graph_version": (
        facebook(graph_version="env:V"), "v99.0",
        lambda c: c.providers[0].record.userinfo_url.split("/")[3],
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", LED)
def test_any_value_may_stand_in_a_variable(key: str) -> None:
    values, said, shown = LED[key]
    found = shown(read(values, environ={"V": said}))
    assert (str(found).lower() if isinstance(found, bool) else str(found)) == said


def test_a_missing_file_is_a_config_error(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    for path in (missing, tmp_path):
        with pytest.raises(ConfigError, match="readable TOML file") as caught:
            SocialLogin.from_file(path)
        assert str(path) in str(caught.value)


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


OWN = replace(
    providers.get("facebook"), name="example", label="Example", issuer="https://login.example"
)


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


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("no_such_module:record", "ModuleNotFoundError"),
        ("json:nothing", "AttributeError"),
        ("json:dumps", "type function"),
        ("sociallogin.providers.facebook:facebook", 'name is "facebook"'),
    ],
)
def test_an_entry_point_that_names_no_record_of_its_name_is_a_fault_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, found: str
) -> None:
    metadata = tmp_path / "broken_login-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: broken-login\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[sociallogin.providers]\nbroken = {value}\n")
    monkeypatch.syspath_prepend(tmp_path)
    error = report(written(providers={"broken": FACEBOOK}, policy="none"))
    places = [fault.place.partition(" =")[0] for fault in error.faults]
    assert places == ["policy", "entry point broken"]
    assert found in error.faults[1].found


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
    ],
)
def test_a_record_of_ones_own_is_checked_with_the_configuration(record: Any, place: str) -> None:
    error = report(written(providers={"example": FACEBOOK}), providers=[record])
    assert place in [fault.place for fault in error.faults]


def test_a_variable_names_a_provider_that_has_a_hyphen() -> None:
    own = replace(OWN, name="my-own")
    variables = {
        "SOCIALLOGIN_PROVIDERS_MY_OWN_CLIENT_ID": "3",
        "SOCIALLOGIN_PROVIDERS_MY_OWN_CLIENT_SECRET": "x",
    }
    site = config.from_env({**ENVIRONMENT, **variables}, providers=[own])
    assert "my-own" in [client.name for client in site.providers]


@pytest.mark.parametrize("text", [f"x = {'9' * 5000}", "x = " + "[" * 20000, "\ufeffx = ["])
def test_a_file_beyond_all_bounds_is_a_config_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "sociallogin.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.from_file(file)
    assert "Invalid statement" not in str(caught.value)


@pytest.mark.parametrize("reference", ["env:", "file:"])
def test_a_reference_to_nothing_is_a_fault(reference: str) -> None:
    values = written(providers={"facebook": {**FACEBOOK, "client_secret": reference}})
    (fault,) = report(values).faults
    assert fault.found == f"{reference} with nothing behind it"


@pytest.mark.parametrize(
    ("base_url", "advice"),
    [
        ("blog.example.com", "begins with https://"),
        ("https://u:S3NTINEL@blog.example.com", "user name and the password"),
        ("https://münchen.example", "xn--"),
        ("https://blog.example.com/x", "`mount`"),
        ("https://a..b", ""),
        ("https://-a", ""),
    ],
)
def test_the_advice_fits_the_fault_of_an_origin(base_url: str, advice: str) -> None:
    (fault,) = report(written(base_url=base_url)).faults
    assert advice in fault.advice
    assert bool(fault.advice) == bool(advice)
    assert SENTINEL not in str(fault)


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


#: A variable in another encoding reaches Python as lone surrogates; a mapping may hold any key.
NO_TEXT: Mapping[str, Any] = {
    "client_secret": facebook(client_secret="\udcff"),
    "client_id": facebook(client_id="\udcff"),
    "label": facebook(label="\ud800"),
    "scopes": facebook(scopes=["\ud800"]),
    "one key": written(secret_keys="\udcff" * 31),
    "list of keys": written(secret_keys=["\udcff" * 40]),
    "base_url": written(base_url="https://\udcff.example"),
    "provider's name": written(providers={"\ud800": FACEBOOK}),
    "key's name": {**written(), "\ud800": 1},
    "key a number": {**written(), 5: 1},
    "provider a number": written(providers={5: FACEBOOK}),
    "provider's key None": written(providers={"facebook": {**FACEBOOK, None: 1}}),
}


@pytest.mark.parametrize("case", NO_TEXT)
def test_what_is_no_text_is_a_fault_like_any_other(case: str) -> None:
    error = report(NO_TEXT[case])
    assert error.faults
    str(error).encode(errors="backslashreplace")


_VALUES = (
    json_values
    | st.sampled_from((KEY, [KEY], "https://blog.example.com", "env:X", "file:x", "oauth1", True))
    | st.lists(any_text, max_size=3)
)
_TABLES = st.dictionaries(
    st.sampled_from(("client_id", "client_secret", "enabled", "protocol", "label", "scopes",
                     "pkce", "token_url", "graph_version")) | any_text,
    _VALUES,
    max_size=5,
)  # fmt: skip
_CONFIGS = st.dictionaries(
    st.sampled_from(("base_url", "secret_keys", "mount", "policy", "session_max_age",
                     "cookie_prefix", "locale", "embed_origins", "templates")) | any_text,
    _VALUES,
    max_size=6,
)  # fmt: skip


@given(
    _CONFIGS,
    st.dictionaries(
        st.sampled_from(("facebook", "twitter", "guest", "Bad Name", "")),
        _TABLES | _VALUES,
        max_size=3,
    )
    | _VALUES,
)
@SLOW
def test_whatever_is_written_only_a_config_error_comes_out(
    site: dict[str, Any], tables: object
) -> None:
    for values in (site, {**site, "providers": tables}, {**written(), **site}):
        assert is_told(lambda values=values: read(values))


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


def is_told(check: Callable[[], Config]) -> bool:
    """Whether a reading ends in a configuration, or in faults that say something."""
    try:
        return isinstance(check(), Config)
    except ConfigError as error:
        return bool(error.faults) and all(fault.found and fault.allowed for fault in error.faults)


def no_network(_: object) -> Any:
    raise AssertionError("no request is expected")

"""The configuration, as a site owner writes it, and what is read of it."""

import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.configs import (
    FACEBOOK,
    KEY,
    OTHER_KEY,
    SENTINEL,
    TOML,
    facebook,
    is_told,
    no_network,
    read,
    report,
    written,
)
from sociallogin import ConfigError, SocialLogin, config
from sociallogin.config import Config
from strategies import SLOW, any_text, json_values


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
        assert not caught.value.faults[0].advice


def test_a_relative_path_that_leads_nowhere_is_told_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"1 fault in none\.toml") as caught:
        SocialLogin.from_file("none.toml")
    (fault,) = caught.value.faults
    assert fault.advice == f"It was looked for in {tmp_path}."


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

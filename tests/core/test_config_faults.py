"""Every fault is told at once, with its place, what was found and what is allowed; no secret is."""

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.configs import (
    FACEBOOK,
    KEY,
    OTHER_KEY,
    SENTINEL,
    facebook,
    no_network,
    report,
    written,
)
from sociallogin import ConfigError, SocialLogin, config

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
    "key in capitals": (written(POLICY="open"), "POLICY", "unknown key", "", "mean policy?"),
    "provider outside its table": (
        written(facebook=FACEBOOK), "facebook", "unknown key", "", "mean providers.facebook?",
    ),
    "key of the site in a table": (
        facebook(locale="de"), "providers.facebook.locale", "unknown key", "",
        "put it above the first [table]",
    ),
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


def test_a_variable_that_no_name_can_be_is_not_set() -> None:
    with pytest.raises(ConfigError) as caught:  # in the process's own environment, which encodes
        SocialLogin.from_mapping(written(secret_keys=["env:\ud800"]))
    (fault,) = caught.value.faults
    assert (fault.place, fault.allowed) == ("secret_keys[0]", "a variable that is set")


@pytest.mark.parametrize("values", [None, [], "x", 5, [("base_url", "x")]], ids=repr)
def test_a_configuration_that_is_no_table_is_a_fault(values: object) -> None:
    (fault,) = report(values).faults
    assert "a table" in fault.allowed


def test_that_nobody_is_left_to_ask_is_told_with_the_other_faults() -> None:
    faults = report({**facebook(enabled=False), "policy": "login-required", "locale": "xx"}).faults
    assert {fault.place for fault in faults} == {"locale", "providers"}


def test_the_table_of_a_misspelt_provider_is_read_as_that_of_the_one_that_is_meant() -> None:
    error = report(written(providers={"facebok": {"client_idd": "1", "client_secret": "s"}}))
    assert [(fault.place, fault.advice) for fault in error.faults] == [
        ("providers.facebok", "Did you mean facebook?"),
        ("providers.facebok.client_idd", "Did you mean client_id?"),
        ("providers.facebok.client_id", ""),
    ]


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


@pytest.mark.parametrize("text", [f"x = {'9' * 5000}", "x = " + "[" * 20000, "\ufeffx = ["])
def test_a_file_beyond_all_bounds_is_a_config_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "sociallogin.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.from_file(file)
    assert "Invalid statement" not in str(caught.value)

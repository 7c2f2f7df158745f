"""OAuth 1.0a against oauthlib's provider, through the library's default transport (SECURITY F5)."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from peers.oauthlib_server import OAuthlibServer
from sites import KEY, query
from sociallogin import SocialLogin, SocialLoginError, providers

pytestmark = pytest.mark.server

BASE_URL = "http://127.0.0.1:8000"
MOUNT = "/~a.b-c_d"
CALLBACK = f"{BASE_URL}{MOUNT}/callback/twitter"
USER = {"id_str": "42", "name": "Ada Löfgren", "screen_name": "ada"}
#: Every letter that signing must encode, encode twice, or leave alone (RFC 5849 section 3.6).
ODD = "~*+%&= é€😀'()!;,/?:@$#[]\"<>\\^`{|}"
QUERY = "a%20b~c*d%2Be%25f%26g%3Dh%C3%A9+i=%7E*%2B%25%26%3D+j&a2=&a=2&a=1&a%3Db=c%2526"


def odd_tokens(letters: str) -> Iterator[str]:
    """Tokens that hold these letters, each another one."""
    return (f"{number}{letters}" for number in count())


def login_at(
    server: OAuthlibServer,
    client_key: str,
    client_secret: str,
    query: str = "",
    userinfo_params: dict[str, str] | None = None,
) -> SocialLogin:
    more = f"?{query}" if query else ""
    record = replace(
        providers.get("twitter", protocol="oauth1"),
        userinfo_params=userinfo_params or {"include_email": "true"},
    )
    table: dict[str, Any] = {
        "protocol": "oauth1",
        "client_id": client_key,
        "client_secret": client_secret,
        "request_token_url": f"{server.url}/request_token{more}",
        "authorize_url": f"{server.url}/authenticate{more}",
        "access_token_url": f"{server.url}/access_token{more}",
        "userinfo_url": f"{server.url}/me{more}",
    }
    config = {
        "base_url": BASE_URL, "mount": MOUNT, "secret_keys": [KEY],
        "providers": {"twitter": table},
    }  # fmt: skip
    return SocialLogin.from_mapping(config, providers=[record])


@pytest.mark.parametrize(
    ("key", "secret", "letters"),
    [
        ("key", "secret", ""),
        ("k~e*y", "s&e&cret", "~*"),
        ("k+e%y", "&", "+%"),
        ("k e&y=1", "50%25 + x=y", "&= "),
        ("ключ-é", "пароль €", "é€"),
        (f"k{ODD}k", f"s{ODD}s", ODD),
    ],
    ids=["plain", "tilde", "plus", "ampersand", "not ASCII", "everything"],
)
@pytest.mark.parametrize("query_of_urls", ["", QUERY], ids=["bare URLs", "odd queries"])
def test_f5_oauthlib_accepts_every_signature(
    key: str, secret: str, letters: str, query_of_urls: str
) -> None:
    tokens = odd_tokens(letters)
    with OAuthlibServer(key, secret, CALLBACK, lambda: next(tokens), USER) as server:
        odd = {f"p{letters or 'lain'}": ODD, "a": "0", "include_email": "true"}
        login = login_at(server, key, secret, query_of_urls, odd)
        start = login.begin("twitter", next_url="/post/1")
        callback = server.consent(start.url)
        assert callback.startswith(f"{CALLBACK}?")
        signin = login.complete("twitter", query(callback), transaction=start.transaction)
        assert server.refused == 0
    assert (signin.identity.subject, signin.identity.name) == ("42", "Ada Löfgren")
    assert signin.token.access_token.endswith(letters)
    assert signin.next_url == "/post/1"


@pytest.mark.parametrize("wrong", ["secret", "key", "callback"])
def test_f5_what_oauthlib_refuses_is_no_login(wrong: str) -> None:
    tokens = odd_tokens("")
    callback = "https://elsewhere.example/" if wrong == "callback" else CALLBACK
    with OAuthlibServer("key", "secret", callback, lambda: next(tokens), USER) as server:
        login = login_at(
            server, "kez" if wrong == "key" else "key", "sekret" if wrong == "secret" else "secret"
        )
        with pytest.raises(SocialLoginError) as caught:
            login.begin("twitter")
        assert caught.value.code in {"provider_bad_response", "provider_rejected_client"}
        assert server.refused == 1


def test_f2_a_wrong_verifier_gets_no_token_of_oauthlib() -> None:
    tokens = odd_tokens("")
    with OAuthlibServer("key", "secret", CALLBACK, lambda: next(tokens), USER) as server:
        login = login_at(server, "key", "secret")
        start = login.begin("twitter")
        params = {**query(server.consent(start.url)), "oauth_verifier": "guessed"}
        with pytest.raises(SocialLoginError):
            login.complete("twitter", params, transaction=start.transaction)
        assert server.refused == 1

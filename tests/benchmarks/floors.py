"""The least that the same work can cost: urllib3 pools and the standard library, by hand."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from urllib.parse import parse_qsl, quote, urlencode

import urllib3
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CLIENT_ID, CLIENT_SECRET = "1234567890", "0123456789abcdef0123456789abcdef"
KEY = secrets.token_bytes(32)
FORM = {
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
    "User-Agent": "floor",
}


def _sign(text: str) -> str:
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


def _seal(values: dict[str, str]) -> str:
    text = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
    return f"{text}.{_sign(text)}"


def _open(cookie: str) -> dict[str, str]:
    text, _, signature = cookie.partition(".")
    assert hmac.compare_digest(signature, _sign(text))
    opened: dict[str, str] = json.loads(base64.urlsafe_b64decode(text))
    return opened


def begin(origin: str, redirect_uri: str) -> tuple[str, str, str]:
    """The authorization URL, the signed cookie, and the state."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    query = urlencode(
        {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": redirect_uri,
            "scope": "public_profile email",
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
    )
    cookie = _seal({"state": state, "verifier": verifier, "next": "/post/1"})
    return f"{origin}/dialog?{query}", cookie, state


def complete(
    pool: urllib3.HTTPConnectionPool, redirect_uri: str, cookie: str, state: str, code: str
) -> dict[str, object]:
    """The userinfo answer."""
    kept = _open(cookie)
    assert hmac.compare_digest(kept["state"], state)
    body = urlencode(
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": kept["verifier"],
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
    )
    token = json.loads(pool.urlopen("POST", "/token", body=body, headers=FORM).data)
    headers = {
        "Accept": "application/json",
        "Authorization": f"Bearer {token['access_token']}",
        "User-Agent": "floor",
    }
    answer = pool.urlopen("GET", "/me?fields=id,name,email,picture", headers=headers)
    me: dict[str, object] = json.loads(answer.data)
    return me


def oauth2(pool: urllib3.HTTPConnectionPool, origin: str, redirect_uri: str) -> None:
    """One OAuth 2.0 login: state, PKCE, a signed cookie, two calls."""
    _, cookie, state = begin(origin, redirect_uri)
    assert complete(pool, redirect_uri, cookie, state, "a-code")["id"]


def _escape(text: str) -> str:
    return quote(text, safe="~")


def _signed(method: str, url: str, query: dict[str, str], secret: str, **extra: str) -> str:
    """The Authorization header (RFC 5849 section 3.5.1) of a request signed with HMAC-SHA1."""
    oauth = {
        "oauth_consumer_key": CLIENT_ID,
        "oauth_nonce": secrets.token_hex(16),
        "oauth_timestamp": str(int(time.time())),
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_version": "1.0",
        **extra,
    }
    pairs = sorted((_escape(name), _escape(value)) for name, value in (oauth | query).items())
    parameters = "&".join(f"{name}={value}" for name, value in pairs)
    text = f"{method}&{_escape(url)}&{_escape(parameters)}"
    key = f"{_escape(CLIENT_SECRET)}&{_escape(secret)}"
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()
    oauth["oauth_signature"] = base64.b64encode(digest).decode()
    return "OAuth " + ", ".join(f'{name}="{_escape(value)}"' for name, value in oauth.items())


def oauth1(pool: urllib3.HTTPConnectionPool, origin: str, redirect_uri: str) -> None:
    """One OAuth 1.0a login: a signed cookie, three signed calls."""

    def call(method: str, path: str, query: dict[str, str], secret: str, **extra: str) -> bytes:
        authorization = _signed(method, f"{origin}{path}", query, secret, **extra)
        target = f"{path}?{urlencode(query)}" if query else path
        headers = {"Accept": "*/*", "Authorization": authorization, "User-Agent": "floor"}
        return pool.urlopen(method, target, headers=headers).data

    answer = call("POST", "/request_token", {}, "", oauth_callback=redirect_uri)
    first = dict(parse_qsl(answer.decode()))
    cookie = _seal({"token": first["oauth_token"], "secret": first["oauth_token_secret"]})
    kept = _open(cookie)
    answer = call(
        "POST", "/access_token", {}, kept["secret"],
        oauth_token=kept["token"], oauth_verifier="a-verifier",
    )  # fmt: skip
    second = dict(parse_qsl(answer.decode()))
    query = {"include_email": "true", "skip_status": "true"}
    answer = call(
        "GET", "/account", query, second["oauth_token_secret"], oauth_token=second["oauth_token"]
    )
    assert json.loads(answer)["id_str"] == second["user_id"]


class BareCookie:
    """An identity's fields under AES-256-GCM, base64 and JSON, with nothing around them."""

    def __init__(self, fields: dict[str, object]) -> None:
        self._cipher = AESGCM(KEY)
        nonce = secrets.token_bytes(12)
        sealed = self._cipher.encrypt(nonce, json.dumps(fields).encode(), None)
        self.cookie = base64.urlsafe_b64encode(nonce + sealed).decode()

    def read(self) -> dict[str, object]:
        raw = base64.urlsafe_b64decode(self.cookie)
        fields: dict[str, object] = json.loads(self._cipher.decrypt(raw[:12], raw[12:], None))
        return fields

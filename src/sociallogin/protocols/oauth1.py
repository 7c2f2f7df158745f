"""OAuth 1.0a, three-legged (RFC 5849), signed with HMAC-SHA1 on Authlib's primitives.

`OAuth1Provider` is the record, `OAuth1` the flows of one configured client.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth1.rfc5849 import ClientAuth
from authlib.oauth1.rfc5849.parameters import prepare_headers
from authlib.oauth1.rfc5849.signature import construct_base_string, hmac_sha1_signature
from authlib.oauth1.rfc5849.util import escape

from ..errors import LoginDenied
from ..flows import Flow, Request
from ..identity import Claims
from . import callbacks
from .answers import read_form, read_object
from .provider import Authorization, Client, Parameters, Provider, Token, pick

#: A request token and its secret travel in this browser's cookie.
MAX_TOKEN_BYTES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1Provider(Provider):
    """A provider that speaks OAuth 1.0a.

    Attributes:
        request_token_url, authorize_url, access_token_url: its endpoints.
        subject_path: where the userinfo answer repeats the `user_id` of the access-token
            answer; the two must agree. Empty: nothing to compare.
    """

    request_token_url: str
    authorize_url: str
    access_token_url: str
    subject_path: tuple[str, ...] = field(default=())

    protocol: ClassVar[str] = "oauth1"
    url_keys: ClassVar[tuple[str, ...]] = (
        "request_token_url",
        "authorize_url",
        "access_token_url",
        "userinfo_url",
    )

    def speak(
        self, client: Client, clock: Callable[[], float], random: Callable[[int], bytes]
    ) -> "OAuth1":
        return OAuth1(self, client, clock, random)


class OAuth1:
    """The flows of one configured client."""

    def __init__(
        self,
        record: OAuth1Provider,
        client: Client,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
    ) -> None:
        self._record = record
        self._client = client
        self._clock = clock
        self._random = random
        self._userinfo_url: str = add_params_to_uri(
            record.userinfo_url, list(record.userinfo_params.items())
        )

    def begin(self, extra: Mapping[str, str]) -> Flow[Authorization]:
        """Fetches a request token (section 2.1) and names the page that authorizes it."""
        record = self._record
        request = self._signed("POST", record.request_token_url, callback=True)
        answer = read_form(record, "request_token", (yield request), self._clock())
        if answer.get("oauth_callback_confirmed") != "true":
            raise record.bad_response("it did not confirm the callback (RFC 5849 section 2.1)")
        key, secret = answer.get("oauth_token"), answer.get("oauth_token_secret")
        if not key or secret is None:
            raise record.bad_response("its request_token answer has no token")
        if len(f"{key}{secret}".encode()) > MAX_TOKEN_BYTES:
            raise record.bad_response("its request token does not fit into a cookie")
        url = add_params_to_uri(record.authorize_url, [("oauth_token", key), *extra.items()])
        return Authorization(url, key=key, secret=secret)

    def callback_key(self, parameters: Parameters) -> str | None:
        """The request token; after a cancelled login X names it `denied`."""
        return parameters.get("oauth_token") or parameters.get("denied") or None

    def check_callback(self, parameters: Parameters) -> None:
        if parameters.get("denied"):
            raise LoginDenied(
                f"{self._record.label}: the callback says denied", provider=self._record.label
            )
        if callbacks.is_report(parameters):
            raise callbacks.reported(self._record, parameters)

    def complete(self, secret: str, key: str, parameters: Parameters) -> Flow[tuple[Claims, Token]]:
        """Fetches the access token (section 2.3) and the userinfo, both signed."""
        record = self._record
        verifier = parameters.get("oauth_verifier")
        if not verifier:
            raise record.bad_response("its callback has no oauth_verifier")
        request = self._signed(
            "POST", record.access_token_url, token=key, token_secret=secret, verifier=verifier
        )
        answer = read_form(record, "token", (yield request), self._clock())
        access_token, token_secret = answer.get("oauth_token"), answer.get("oauth_token_secret")
        if not access_token or token_secret is None:
            raise record.bad_response("its access token answer has no token")
        request = self._signed(
            "GET", self._userinfo_url, token=access_token, token_secret=token_secret
        )
        claims = read_object(record, "userinfo", (yield request), self._clock())
        self._check_subject(answer, claims)
        return claims, Token(access_token, token_secret=token_secret)

    def _check_subject(self, answer: Mapping[str, str], claims: Claims) -> None:
        path, user_id = self._record.subject_path, answer.get("user_id")
        if path and user_id is not None and user_id != str(pick(claims, *path)):
            raise self._record.bad_response("its userinfo is of another user than its token")

    def _signed(
        self,
        method: str,
        url: str,
        *,
        callback: bool = False,
        token: str | None = None,
        token_secret: str | None = None,
        verifier: str | None = None,
    ) -> Request:
        """A request signed in the Authorization header (section 3.5.1), parameters in the query."""
        auth = ClientAuth(
            self._client.client_id,
            self._client.client_secret,
            token=token,
            redirect_uri=self._client.redirect_uri if callback else None,
            verifier=verifier,
        )
        nonce, timestamp = self._random(16).hex(), str(int(self._clock()))
        parameters = auth.get_oauth_params(nonce, timestamp)
        # Authlib decodes the values of protocol parameters once more than a token that holds a
        # percent sign can bear; and its get_oauth_signature refuses loopback addresses.
        protected = [(name, escape(value)) for name, value in parameters]
        base_string = construct_base_string(method, url, [*_query(url), *protected])
        signature = hmac_sha1_signature(base_string, self._client.client_secret, token_secret)
        headers = prepare_headers(
            [*parameters, ("oauth_signature", signature)], {"Accept": "application/json"}
        )
        # An empty body, so that the request says Content-Length: 0, which X insists on.
        return Request(method, url, headers, b"" if method == "POST" else None)


@lru_cache(maxsize=64)
def _query(url: str) -> list[tuple[str, str]]:
    """The query's parameters, which take part in the signature (section 3.4.1.3.1)."""
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)

"""OAuth 2.0, authorization code grant (RFC 6749 section 4.1) with PKCE (RFC 7636).

`OAuth2Provider` is the record, `OAuth2` the flows of one configured client.
"""

import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias
from urllib.parse import quote_plus, urlencode

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from ..errors import StateError, TokenError
from ..flows import Flow, Request, Response
from ..identity import Claims
from . import callbacks
from .answers import read_object
from .provider import Authorization, Client, Parameters, Provider, Token

#: Adds to the userinfo query what depends on the token or the client.
PrepareUserinfo: TypeAlias = Callable[[Mapping[str, str], Token, Client], Mapping[str, str]]

_FORM = {
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
}
_TOKEN_TEXT = re.compile(r"[\x21-\x7e]+")  # RFC 6749 appendix A.12, without the space


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2Provider(Provider):
    """A provider that speaks OAuth 2.0.

    Attributes:
        authorize_url, token_url: its endpoints.
        client_auth: where the client's credentials go at the token endpoint: the `body`, or
            the `header` as HTTP Basic (RFC 6749 section 2.3.1).
        pkce: whether it knows PKCE with S256; where it does, every login uses it.
        server_issuer: the authorization server's issuer, checked when a callback names one
            (RFC 9207); not the same thing as `issuer`.
        prepare_userinfo: adds to the userinfo query what depends on the token or the client.

    Raises:
        ValueError: see `Provider`; or `client_auth` is neither, and the client's secret would be
            sent nowhere.
    """

    authorize_url: str
    token_url: str
    client_auth: Literal["body", "header"] = "body"
    pkce: bool = True
    server_issuer: str | None = None
    prepare_userinfo: PrepareUserinfo | None = field(default=None, repr=False)

    protocol: ClassVar[str] = "oauth2"
    url_keys: ClassVar[tuple[str, ...]] = ("authorize_url", "token_url", "userinfo_url")

    def __post_init__(self) -> None:
        Provider.__post_init__(self)  # slots take `super()` its class
        if self.client_auth not in ("body", "header"):
            raise ValueError(f'client_auth is "body" or "header"; not {self.client_auth!r}')

    def speak(
        self, client: Client, clock: Callable[[], float], random: Callable[[int], bytes]
    ) -> "OAuth2":
        return OAuth2(self, client, clock, random)


class OAuth2:
    """The flows of one configured client."""

    def __init__(
        self,
        record: OAuth2Provider,
        client: Client,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
    ) -> None:
        self._record = record
        self._client = client
        self._clock = clock
        self._random = random
        # Authlib leaves out the form-encoding that RFC 6749 section 2.3.1 asks for.
        self._auth = ClientAuth(quote_plus(client.client_id), quote_plus(client.client_secret))
        # What is the same in every login is encoded once.
        self._authorize_url = self._authorization_request()
        self._token_form = self._token_parameters()
        self._userinfo_url = record.userinfo_url + ("&" if "?" in record.userinfo_url else "?")

    def begin(self, extra: Mapping[str, str]) -> Flow[Authorization]:
        """The authorization request (RFC 6749 section 4.1.1); asks the provider nothing."""
        yield from ()
        record = self._record
        state, code_verifier = self._secret(), self._secret()
        url = f"{self._authorize_url}&state={state}"
        if extra:
            url = f"{url}&{urlencode(extra)}"
        if record.pkce:
            challenge = create_s256_code_challenge(code_verifier)
            url = f"{url}&code_challenge={challenge}&code_challenge_method=S256"
        return Authorization(url, key=state, secret=code_verifier)

    def callback_key(self, parameters: Parameters) -> str | None:
        return parameters.get("state") or None

    def check_callback(self, parameters: Parameters) -> None:
        """Raises what the callback reports; the issuer is judged first (RFC 9207 section 2.4)."""
        sent, ours = parameters.get("iss"), self._record.server_issuer
        if sent is not None and ours is not None and sent != ours:
            raise StateError(
                "state_foreign_provider",
                f"the callback's iss is not {ours}: another authorization server answered, or "
                "someone mixes two up; the code was sent nowhere",
                provider=self._record.label,
            )
        if callbacks.is_report(parameters):
            raise callbacks.reported(self._record, parameters)

    def complete(self, secret: str, key: str, parameters: Parameters) -> Flow[tuple[Claims, Token]]:
        """Exchanges the code (section 4.1.3) and reads the userinfo with the token."""
        code = parameters.get("code")
        if not code:
            raise self._record.bad_response("its callback has neither a code nor an error")
        token = self._token((yield self._token_request(code, secret)))
        claims = read_object(
            self._record, "userinfo", (yield self._userinfo_request(token)), self._clock()
        )
        return claims, token

    def _authorization_request(self) -> str:
        """The URL without what each login adds, which needs no encoding."""
        url: str = prepare_grant_uri(
            self._record.authorize_url,
            self._client.client_id,
            "code",
            redirect_uri=self._client.redirect_uri,
            scope=self._record.scopes,
        )
        return url

    def _secret(self) -> str:
        """256 bits as 43 characters: a state, or a code verifier (RFC 7636 section 4.1)."""
        return urlsafe_b64encode(self._random(32)).rstrip(b"=").decode()

    def _token_parameters(self) -> str:
        """The form of a token request without what each login adds."""
        client, constant = self._client, {"code": ""}  # what is empty is left out
        if self._record.client_auth == "body":
            constant |= {"client_id": client.client_id, "client_secret": client.client_secret}
        form: str = prepare_token_request(
            "authorization_code", redirect_uri=client.redirect_uri, **constant
        )
        return form

    def _token_request(self, code: str, code_verifier: str) -> Request:
        record = self._record
        parameters = {"code": code}
        if record.pkce:
            parameters["code_verifier"] = code_verifier
        headers = dict(_FORM)
        if record.client_auth == "header":
            self._auth.prepare("POST", record.token_url, headers, "")
        body = f"{self._token_form}&{urlencode(parameters)}"
        return Request("POST", record.token_url, headers, body.encode())

    def _token(self, response: Response) -> Token:
        answer = read_object(self._record, "token", response, self._clock())
        # Section 5.1 requires token_type, but some providers, LinkedIn for one, leave it out and
        # mean bearer. The token goes to that provider alone.
        access_token, kind = answer.get("access_token"), answer.get("token_type", "bearer")
        if not isinstance(access_token, str) or not _TOKEN_TEXT.fullmatch(access_token):
            raise self._bad_token("has no usable access_token")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise self._bad_token("is of a type other than bearer")
        return Token(
            access_token,
            scopes=self._scopes(answer.get("scope")),
            expires_in=_seconds(answer.get("expires_in")),
            refresh_token=_text(answer.get("refresh_token")),
        )

    def _scopes(self, granted: object) -> tuple[str, ...]:
        """What was granted; silence means what was asked for (RFC 6749 section 5.1)."""
        if isinstance(granted, str):
            return tuple(re.findall("[^ ,]+", granted))
        if isinstance(granted, list):  # as Twitch writes it
            return tuple(scope for scope in granted if isinstance(scope, str))
        return self._record.scopes

    def _bad_token(self, what: str) -> TokenError:
        label = self._record.label
        return TokenError(f"{label}: its token answer {what}", provider=label)

    def _userinfo_request(self, token: Token) -> Request:
        record = self._record
        try:
            parameters = record.userinfo_params
            if record.prepare_userinfo is not None:
                parameters = record.prepare_userinfo(parameters, token, self._client)
            query = urlencode(parameters)
        except Exception as error:  # as with normalize(): no traceback for the visitor
            what = f"userinfo_params or prepare_userinfo() led to {type(error).__name__}"
            raise record.bad_response(what) from error
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token.access_token}"}
        return Request("GET", f"{self._userinfo_url}{query}", headers)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _seconds(value: Any) -> int | None:
    """A lifetime; some providers send it as text, some not at all."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        value = int(value)
    return value if type(value) is int and value >= 0 else None

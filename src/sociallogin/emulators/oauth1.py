"""The server's side of OAuth 1.0a signatures (RFC 5849 section 3.2), verified with oauthlib.

Not with Authlib, which the library signs with: a signature checked by the code that made it
proves nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from oauthlib.common import Request as SignedRequest
from oauthlib.oauth1.rfc5849.signature import collect_parameters, verify_hmac_sha1

from ..flows import Request
from .emulator import Client
from .issued import Issued
from .reading import header, is_form

#: How far the app's clock may be off, in seconds.
TIMESTAMP_SECONDS = 300

#: Why a request is refused.
Reason: TypeAlias = Literal[
    "unreadable", "wrong_signature", "unknown_token", "wrong_timestamp", "used_nonce"
]


class BadSignature(Exception):
    """A signed request is refused."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature is right: who signed it, and its `oauth_` parameters."""

    client: Client
    parameters: Mapping[str, str] = field(repr=False)


class Verifier:
    """Verifies signed requests, each at most once.

    Args:
        clients: the registered apps by their consumer key.
        clock: seconds since the epoch.
    """

    def __init__(self, clients: Mapping[str, Client], clock: Callable[[], float]) -> None:
        self._clients = clients
        self._clock = clock
        self._nonces: Issued[bool] = Issued(clock, 2 * TIMESTAMP_SECONDS)

    def verify(
        self, request: Request, token_secret: Callable[[str], str | None] | None = None
    ) -> Signed:
        """The signed request.

        Args:
            request: as it arrived.
            token_secret: the secret of a token, None if there is no such token; left out where
                requests are signed without a token.

        Raises:
            BadSignature: with the reason.
        """
        oauth, others = self._parameters(request)
        client = self._clients.get(oauth["oauth_consumer_key"])
        if client is None or oauth["oauth_signature_method"] != "HMAC-SHA1":
            raise BadSignature("wrong_signature")
        secret: str | None = ""
        if token_secret is not None:
            secret = token_secret(oauth.get("oauth_token", ""))
            if secret is None:
                raise BadSignature("unknown_token")
        timestamp = oauth["oauth_timestamp"]
        if (
            not re.fullmatch("[0-9]{1,15}", timestamp)
            or abs(self._clock() - int(timestamp)) > TIMESTAMP_SECONDS
        ):
            raise BadSignature("wrong_timestamp")
        signed = SignedRequest(request.url, request.method, "", {})  # type: ignore[arg-type]  # str
        # The stubs lack the attributes that oauthlib's own endpoints set.
        signed.signature = oauth["oauth_signature"]  # type: ignore[attr-defined]
        signed.params = [  # type: ignore[attr-defined]
            *((name, value) for name, value in oauth.items() if name != "oauth_signature"),
            *others,
        ]
        if not verify_hmac_sha1(signed, client.client_secret, secret):
            raise BadSignature("wrong_signature")
        nonce = f"{client.client_id} {timestamp} {oauth['oauth_nonce']}"
        if self._nonces.get(nonce):
            raise BadSignature("used_nonce")
        self._nonces.add(nonce, True)
        return Signed(client, oauth)

    def _parameters(self, request: Request) -> tuple[dict[str, str], list[tuple[str, str]]]:
        """The protocol's parameters, which come in the header alone, and all others."""
        try:
            oauth = collect_parameters(
                headers={"Authorization": header(request, "authorization")},
                exclude_oauth_signature=False,
            )
            others = collect_parameters(
                uri_query=request.url.partition("?")[2],
                body=(request.body or b"").decode() if is_form(request) else None,
            )
        except ValueError as error:
            raise BadSignature("unreadable") from error
        sent = dict(oauth)
        needed = {
            "oauth_consumer_key", "oauth_nonce", "oauth_signature",
            "oauth_signature_method", "oauth_timestamp",
        }  # fmt: skip
        if not needed <= sent.keys() or sent.get("oauth_version", "1.0") != "1.0":
            raise BadSignature("unreadable")
        if not sent["oauth_nonce"].isascii():
            raise BadSignature("unreadable")
        return sent, others

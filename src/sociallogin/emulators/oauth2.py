"""The authorization server's side of the code grant (RFC 6749 section 4.1) with PKCE (RFC 7636).

What is the same at every provider stands here. A provider says in its own file what it checks,
how it refuses, and what its answers look like.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from ..flows import Request
from . import answers
from .answers import Answer, Refused
from .emulator import Client, Emulator
from .faults import Step
from .issued import FOREVER, Issued
from .people import Person
from .reading import body_form, query


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person granted to an app, known by its code and then by its token."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    person: Person
    fault: str | None
    code_challenge: str | None = field(repr=False)
    code_challenge_method: str
    is_used: bool = False


class CodeGrant(Emulator):
    """A provider that speaks OAuth 2.0.

    Attributes:
        refusals: how the token endpoint refuses, one answer for each of `no_client`,
            `unknown_client`, `no_secret`, `wrong_secret`, `unsupported_grant_type`, `no_code`,
            `no_redirect_uri`, `unknown_code`, `used_code`, `expired_code`,
            `wrong_redirect_uri`, `wrong_verifier`, `unreadable`.
        code_seconds: how long a code lives.
        token_seconds: how long a token lives.
        knows_pkce: whether PKCE is heeded; else its parameters are ignored.
        callback_fragment: what is appended to every callback URL.
    """

    protocol = "oauth2"
    refusals: ClassVar[Mapping[str, Answer]]
    code_seconds: ClassVar[float] = 600
    token_seconds: ClassVar[float] = FOREVER
    knows_pkce: ClassVar[bool] = True
    callback_fragment: ClassVar[str] = ""

    def __init__(self, clients: Iterable[Client], **given: Any) -> None:
        super().__init__(clients, **given)
        self._codes: Issued[Grant] = Issued(self._clock, self.code_seconds)
        self._tokens: Issued[Grant] = Issued(self._clock, self.token_seconds)

    # What a provider says in its own way.

    def scopes_of(self, parameters: Mapping[str, str]) -> tuple[str, ...]:
        """The scopes that an authorization request asks for.

        Raises:
            Refused: the request has a fault that is shown on the provider's own page.
        """
        raise NotImplementedError

    def wants_login(self, parameters: Mapping[str, str]) -> bool:
        """Whether an authorization request asks that the person log in anew."""
        return False

    def denial(self) -> dict[str, str]:
        """The callback parameters after Cancel, but for the state."""
        return {"error": "access_denied"}

    def credentials(
        self, request: Request, parameters: Mapping[str, str]
    ) -> tuple[str | None, str | None]:
        """The client's id and secret in a token request; by default those of the body."""
        return parameters.get("client_id"), parameters.get("client_secret")

    def token_text(self) -> str:
        return self.secret(48)

    def token_answer(self, grant: Grant, token: str) -> dict[str, Any]:
        """The JSON of a token answer."""
        raise NotImplementedError

    # The endpoints.

    def authorize(self, request: Request) -> Answer:
        """The authorization endpoint: the consent page, and what was pressed on it.

        The page posts to its own URL, so nothing is remembered between the two.
        """
        client, redirect_uri, parameters = self._app(request)
        scopes = self.scopes_of(parameters)
        if request.method == "GET":
            return self.ask(client, scopes, again=self.wants_login(parameters))
        press = self.pressed(request)
        if press.person is None:
            pairs = self.denial()
        else:
            code = self.secret()
            challenge = parameters.get("code_challenge") if self.knows_pkce else None
            method = parameters.get("code_challenge_method", "plain")
            grant = Grant(
                client, redirect_uri, scopes, press.person, press.fault, challenge, method
            )
            self._codes.add(code, grant)
            pairs = {"code": code}
        if "state" in parameters:
            pairs["state"] = self.state_to_return(parameters["state"], press.fault)
        return answers.redirect(
            answers.with_query(redirect_uri, pairs.items(), self.callback_fragment)
        )

    def token(self, request: Request) -> Answer:
        """The token endpoint."""
        parameters = query(request) if request.method == "GET" else body_form(request)
        client = self._authenticated(*self.credentials(request, parameters))
        grant = self._redeemed(client, parameters)
        token = self.token_text()
        self._tokens.add(token, grant)
        return self.finish("token", grant.fault, answers.json(self.token_answer(grant, token)))

    def unreadable(self, step: Step) -> Answer:
        return self.refusals["unreadable"] if step == "token" else super().unreadable(step)

    def grant_of(self, token: str) -> Grant | None:
        """What a token stands for; None when it is unknown, over, or revoked."""
        grant = self._tokens.get(token)
        return None if grant is None or self.is_revoked(grant.fault) else grant

    # Inside.

    def _app(self, request: Request) -> tuple[Client, str, dict[str, str]]:
        """Who asks, where to answer, and all parameters of an authorization request."""
        parameters = query(request)
        client = self.clients.get(parameters.get("client_id", ""))
        if client is None:
            raise Refused(self.problem("Unknown app", "No app has this client_id."))
        redirect_uri = parameters.get("redirect_uri", "")
        if redirect_uri not in client.redirect_uris:
            text = (
                "The redirect_uri is not registered for this app exactly as it was sent. It is "
                f"“{redirect_uri}”; registered: {', '.join(client.redirect_uris)}."
            )
            raise Refused(self.problem("This address is not allowed", text))
        if parameters.get("response_type") != "code":
            raise Refused(self.problem("Invalid request", "The response_type must be “code”."))
        return client, redirect_uri, parameters

    def _authenticated(self, client_id: str | None, client_secret: str | None) -> Client:
        if not client_id:
            raise self._refusal("no_client")
        if client_id not in self.clients:
            raise self._refusal("unknown_client")
        if not client_secret:
            raise self._refusal("no_secret")
        client = self.clients[client_id]
        if not hmac.compare_digest(client_secret.encode(), client.client_secret.encode()):
            raise self._refusal("wrong_secret")
        return client

    def _redeemed(self, client: Client, parameters: Mapping[str, str]) -> Grant:
        """The grant that a code stands for. Whatever comes next, the code is used now."""
        if not self.is_code_grant(parameters):
            raise self._refusal("unsupported_grant_type")
        for name in ("code", "redirect_uri"):
            if not parameters.get(name):
                raise self._refusal(f"no_{name}")
        code = parameters["code"]
        if self._codes.is_over(code):
            raise self._refusal("expired_code")
        grant = self._codes.get(code)
        if grant is None or grant.client.client_id != client.client_id:
            raise self._refusal("unknown_code")
        if grant.is_used:
            raise self._refusal("used_code")
        self._codes.replace(code, replace(grant, is_used=True))
        if parameters["redirect_uri"] != grant.redirect_uri:
            raise self._refusal("wrong_redirect_uri")
        if self.knows_pkce and not _proves(grant, parameters.get("code_verifier")):
            raise self._refusal("wrong_verifier")
        return grant

    def is_code_grant(self, parameters: Mapping[str, str]) -> bool:
        return parameters.get("grant_type") == "authorization_code"

    def _refusal(self, why: str) -> Refused:
        return Refused(self.refusals[why])


def _proves(grant: Grant, code_verifier: str | None) -> bool:
    """Whether the verifier fits the challenge; without a challenge there may be none (RFC 9700)."""
    if grant.code_challenge is None or code_verifier is None:
        return grant.code_challenge == code_verifier
    proof = code_verifier.encode()
    if grant.code_challenge_method == "S256":
        proof = urlsafe_b64encode(hashlib.sha256(proof).digest()).rstrip(b"=")
    return hmac.compare_digest(proof, grant.code_challenge.encode())

"""X (Twitter), OAuth 1.0a. Source: docs.x.com, "Log in with X" and "OAuth 1.0a"."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from ..flows import Request
from . import answers
from .answers import Answer, Refused
from .emulator import Client, Emulator, Route
from .faults import Step
from .issued import FOREVER, Issued
from .oauth1 import BadSignature, Reason, Signed, Verifier
from .people import Person
from .reading import body_form, query
from .twitter import API, FIRST_ID, RATE_LIMIT_SECONDS, Twitter, website_link

REQUEST_TOKEN_SECONDS = 900


def error(code: int, message: str, status: int, headers: Mapping[str, str] | None = None) -> Answer:
    """An error of version 1.1 of the API."""
    return answers.json({"errors": [{"code": code, "message": message}]}, status, headers)


def xml_error(code: int, message: str, status: int) -> Answer:
    """The same as request_token writes it."""
    text = f'<errors><error code="{code}">{escape(message)}</error></errors>'
    body = f"<?xml version='1.0' encoding='UTF-8'?>{text}"
    return answers.raw(body.encode(), "application/xml; charset=utf-8", status)


_CALLBACK_REFUSED = xml_error(415, "Callback URL not approved for this client application.", 403)
_NOT_AUTHENTICATED = error(32, "Could not authenticate you.", 401)
_INVALID_TOKEN = error(89, "Invalid or expired token.", 401)
_REFUSALS: Mapping[Reason, Answer] = {
    "unreadable": error(215, "Bad Authentication data.", 400),
    "wrong_signature": _NOT_AUTHENTICATED,
    "used_nonce": _NOT_AUTHENTICATED,
    "wrong_timestamp": error(135, "Timestamp out of bounds.", 401),
    "unknown_token": _INVALID_TOKEN,
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A request token, with a verifier once a person has said yes; later an access token."""

    client: Client
    callback: str
    secret: str = field(repr=False)
    person: Person | None = None
    fault: str | None = None
    verifier: str | None = field(default=None, repr=False)


class TwitterOAuth1(Emulator):
    """X with OAuth 1.0a. Its consumer keys are no client ids of OAuth 2.0, nor the reverse."""

    name = Twitter.name
    label = Twitter.label
    tint = Twitter.tint
    protocol = "oauth1"
    pictures = Twitter.pictures
    endpoints: ClassVar = {
        "request_token_url": (API, "/oauth/request_token"),
        "authorize_url": (API, "/oauth/authenticate"),
        "access_token_url": (API, "/oauth/access_token"),
        "userinfo_url": (API, "/1.1/account/verify_credentials.json"),
    }

    def __init__(self, clients: Iterable[Client], **given: Any) -> None:
        super().__init__(clients, **given)
        self._verifier = Verifier(self.clients, self._clock)
        self._request_tokens: Issued[Credentials] = Issued(self._clock, REQUEST_TOKEN_SECONDS)
        self._access_tokens: Issued[Credentials] = Issued(self._clock, FOREVER)

    def routes(self) -> tuple[Route, ...]:
        pages = [
            Route(method, API, path, "authorize", self.authorize)
            for method in ("GET", "POST")
            for path in ("/oauth/authenticate", "/oauth/authorize")
        ]
        me = r"/1\.1/account/verify_credentials\.json"
        return (
            *pages,
            Route("POST", API, "/oauth/request_token", "request_token", self.request_token),
            Route("POST", API, "/oauth/access_token", "token", self.access_token),
            Route("GET", API, me, "userinfo", self.verify_credentials),
        )

    def request_token(self, request: Request) -> Answer:
        """POST /oauth/request_token (RFC 5849 section 2.1)."""
        signed = self._signed(request)
        callback = signed.parameters.get("oauth_callback", "")
        if callback not in signed.client.redirect_uris:
            raise Refused(_CALLBACK_REFUSED)
        key, secret = self.secret(20), self.secret(24)
        self._request_tokens.add(key, Credentials(signed.client, callback, secret))
        pairs = {
            "oauth_token": key,
            "oauth_token_secret": secret,
            "oauth_callback_confirmed": "true",
        }
        return self.finish("request_token", None, answers.form(pairs))

    def authorize(self, request: Request) -> Answer:
        """The page where a person says yes (RFC 5849 section 2.2)."""
        parameters = query(request)
        key = parameters.get("oauth_token", "")
        credentials = self._request_tokens.get(key)
        if credentials is None or credentials.verifier is not None:
            text = "There is no request token for this page: it was used, or is too old."
            raise Refused(self.problem("This page is not valid", text, 403))
        if request.method == "GET":
            again = parameters.get("force_login") == "true"
            return self.ask(credentials.client, (), again=again)
        press = self.pressed(request)
        if press.person is None:
            self._request_tokens.discard(key)
            return answers.redirect(answers.with_query(credentials.callback, [("denied", key)]))
        verifier = self.secret(24)
        credentials = replace(
            credentials, person=press.person, fault=press.fault, verifier=verifier
        )
        self._request_tokens.replace(key, credentials)
        pairs = [
            ("oauth_token", self.state_to_return(key, press.fault)),
            ("oauth_verifier", verifier),
        ]
        return answers.redirect(answers.with_query(credentials.callback, pairs))

    def access_token(self, request: Request) -> Answer:
        """POST /oauth/access_token (RFC 5849 section 2.3). The request token is used up."""
        signed = self._signed(request, self._request_tokens)
        key = signed.parameters["oauth_token"]
        credentials = self._request_tokens.get(key)
        # Its documentation sends the verifier in the body, RFC 5849 in the header.
        sent = {**body_form(request), **signed.parameters}
        if (
            credentials is None
            or credentials.person is None
            or credentials.client.client_id != signed.client.client_id
            or credentials.verifier != sent.get("oauth_verifier")
        ):
            raise Refused(_INVALID_TOKEN)
        self._request_tokens.discard(key)
        user_id = str(FIRST_ID + credentials.person.number)
        token, secret = f"{user_id}-{self.secret(20)}", self.secret(24)
        self._access_tokens.add(token, replace(credentials, secret=secret))
        pairs = {
            "oauth_token": token,
            "oauth_token_secret": secret,
            "user_id": user_id,
            "screen_name": credentials.person.username,
        }
        return self.finish("token", credentials.fault, answers.form(pairs))

    def verify_credentials(self, request: Request) -> Answer:
        """GET /1.1/account/verify_credentials.json."""
        signed = self._signed(request, self._access_tokens)
        credentials = self._access_tokens.get(signed.parameters["oauth_token"])
        if (
            credentials is None
            or credentials.person is None
            or credentials.client.client_id != signed.client.client_id
        ):
            raise Refused(_INVALID_TOKEN)
        if self.is_revoked(credentials.fault):
            raise Refused(_INVALID_TOKEN)
        user = self.claims(self.seen(credentials.person, credentials.fault))
        if query(request).get("include_email") != "true":
            del user["email"]
        return self.finish("userinfo", credentials.fault, answers.json(user))

    def claims(self, person: Person) -> dict[str, Any]:
        """A person as verify_credentials tells of them, the e-mail address included."""
        link = website_link(person)
        urls = [{**link, "indices": [0, 23]}] if link else []
        picture = self.picture_url(person, "_normal.png")
        return {
            "id": FIRST_ID + person.number,
            "id_str": str(FIRST_ID + person.number),
            "name": person.name,
            "screen_name": person.username,
            "location": "Uppsala",
            "description": "",
            "url": link["url"] if link else None,
            "entities": {"url": {"urls": urls}, "description": {"urls": []}},
            "protected": False,
            "followers_count": 12,
            "friends_count": 34,
            "created_at": "Wed Feb 08 11:30:52 +0000 2012",
            "verified": False,  # the badge; it says nothing about the e-mail address
            "default_profile_image": not person.has_picture,
            "profile_image_url": picture.replace("https:", "http:"),
            "profile_image_url_https": picture,
            "suspended": False,
            "needs_phone_verification": False,
            "email": person.email if person.email_confirmed else None,
        }

    def unreadable(self, step: Step) -> Answer:
        return super().unreadable(step) if step == "authorize" else _REFUSALS["unreadable"]

    def rate_limited(self) -> Answer:
        reset = {"x-rate-limit-reset": str(int(self._clock()) + RATE_LIMIT_SECONDS)}
        return error(88, "Rate limit exceeded", 429, reset)

    def _signed(self, request: Request, tokens: Issued[Credentials] | None = None) -> Signed:
        def token_secret(token: str) -> str | None:
            credentials = tokens.get(token) if tokens else None
            return credentials.secret if credentials else None

        try:
            return self._verifier.verify(request, token_secret if tokens else None)
        except BadSignature as refused:
            raise Refused(_REFUSALS[refused.reason]) from refused

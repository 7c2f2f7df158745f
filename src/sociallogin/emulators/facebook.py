"""Facebook Login. Source: developers.facebook.com, "Manually Build a Login Flow", "Graph API"."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ..flows import Request
from . import answers
from .answers import Answer, Refused
from .emulator import Client, Route
from .faults import Step
from .oauth2 import CodeGrant, Grant
from .people import Person
from .reading import bearer, query

SITE = "www.facebook.com"
GRAPH = "graph.facebook.com"
VERSION = "v25.0"
#: The versions that are served. Expired ones are answered by the oldest of them.
OLDEST, NEWEST = 21, 27
VERSIONED = r"(?:/v\d+\.\d)?"
#: Every other permission needs a review of the app.
PERMISSIONS = {"public_profile", "email"}
USER_FIELDS = {"id", "name", "first_name", "last_name", "email", "picture"}
REVIEWED_FIELDS = {"link", "locale", "gender", "timezone", "updated_time", "birthday"}
#: The URLs of pictures end.
PICTURE_SECONDS = 86_400
_FIELD = re.compile(r"(\w+)((?:\.\w+\(\w+\))*)(?:\{([\w,]*)\})?(?:,|$)")
_TRACE = "AbC1dEf2GhI3jKl4MnO5pQr"


def error(
    code: int, message: str, subcode: int | None = None, kind: str = "OAuthException"
) -> Answer:
    """An error of the Graph API: nearly all have the status 400, the code decides."""
    value: dict[str, Any] = {"message": message, "type": kind, "code": code}
    if subcode:
        value["error_subcode"] = subcode
    headers = {}
    if code in (190, 2500):
        told = f'OAuth "Facebook Platform" "invalid_token" "{message}"'
        headers["www-authenticate"] = told
    return answers.json({"error": {**value, "fbtrace_id": _TRACE}}, 400, headers)


class Facebook(CodeGrant):
    """Facebook: `#_=_` behind every callback, ids that differ per app, proofs of the app secret."""

    name = "facebook"
    label = "Facebook"
    tint = "#0866ff"
    pictures = ("platform-lookaside.fbsbx.com", "/platform/profilepic")
    endpoints: ClassVar = {
        "authorize_url": (SITE, f"/{VERSION}/dialog/oauth"),
        "token_url": (GRAPH, f"/{VERSION}/oauth/access_token"),
        "userinfo_url": (GRAPH, f"/{VERSION}/me"),
    }
    coop = True
    token_seconds = 5_183_944
    callback_fragment = "_=_"
    refusals: ClassVar = {
        "unreadable": error(100, "The request could not be read."),
        "no_client": error(101, "Missing client_id parameter."),
        "unknown_client": error(101, "Error validating application. There is no such app."),
        "no_secret": error(1, "Missing client_secret parameter."),
        "wrong_secret": error(1, "Error validating client secret."),
        "unsupported_grant_type": error(100, "Unsupported grant_type."),
        "no_code": error(100, "Missing code parameter."),
        "no_redirect_uri": error(191, "Missing redirect_uri parameter."),
        "unknown_code": error(100, "Invalid verification code format."),
        "used_code": error(100, "This authorization code has been used.", 36009),
        "expired_code": error(100, "This authorization code has expired.", 36007),
        "wrong_redirect_uri": error(
            100, "The redirect_uri is not identical to the one of the login dialog.", 36008
        ),
        "wrong_verifier": error(100, "Invalid code_verifier parameter."),
    }

    def routes(self) -> tuple[Route, ...]:
        dialog, token = f"{VERSIONED}/dialog/oauth", f"{VERSIONED}/oauth/access_token"
        return (
            Route("GET", SITE, dialog, "authorize", self.authorize),
            Route("POST", SITE, dialog, "authorize", self.authorize),
            Route("GET", GRAPH, token, "token", self.token),
            Route("POST", GRAPH, token, "token", self.token),
            Route("GET", GRAPH, f"{VERSIONED}/me", "userinfo", self.me),
        )

    def scopes_of(self, parameters: Mapping[str, str]) -> tuple[str, ...]:
        scopes = tuple(re.findall(r"[^\s,]+", parameters.get("scope", "public_profile")))
        if not set(scopes) <= PERMISSIONS:
            text = "The app asks for a permission that does not exist or that it may not ask for."
            raise Refused(self.problem("Invalid scopes", text))
        return tuple({"public_profile": None, **dict.fromkeys(scopes)})

    def wants_login(self, parameters: Mapping[str, str]) -> bool:
        return "reauthenticate" in parameters.get("auth_type", "").split(",")

    def denial(self) -> dict[str, str]:
        return {
            "error": "access_denied",
            "error_description": "Permissions error",
            "error_reason": "user_denied",
        }

    def is_code_grant(self, parameters: Mapping[str, str]) -> bool:
        """Its documentation leaves the grant_type out."""
        return parameters.get("grant_type", "authorization_code") == "authorization_code"

    def token(self, request: Request) -> Answer:
        self._check_version(request)
        return super().token(request)

    def token_text(self) -> str:
        return f"EAA{self.secret(60)}ZDZD"

    def token_answer(self, grant: Grant, token: str) -> dict[str, Any]:
        return {"access_token": token, "token_type": "bearer", "expires_in": self.token_seconds}

    def me(self, request: Request) -> Answer:
        """GET /me: only the fields asked for, and only with a proof of the app's secret."""
        version = self._check_version(request)
        parameters = query(request)
        token = parameters.get("access_token") or bearer(request)
        if not token:
            text = "An active access token is needed to learn about the current user."
            raise Refused(error(2500, text))
        grant = self.grant_of(token)
        if grant is None:
            raise Refused(error(190, "The access token is invalid or was revoked.", 458))
        self._check_proof(grant.client, token, parameters.get("appsecret_proof"))
        person = self.seen(grant.person, grant.fault)
        claims = self._chosen(self.claims(person, grant), parameters.get("fields", "id,name"))
        answer = answers.json(claims, headers={"facebook-api-version": version})
        return self.finish("userinfo", grant.fault, answer)

    def claims(self, person: Person, grant: Grant) -> dict[str, Any]:
        """A person as /me tells of them, every field that a login can have."""
        names = person.name.split(" ", 1)
        claims: dict[str, Any] = {"id": app_scoped_id(person, grant.client)}
        if person.name:
            claims |= {"name": person.name, "first_name": names[0], "last_name": names[-1]}
        if person.email and person.email_confirmed and "email" in grant.scopes:
            claims["email"] = person.email
        until = int(self._clock()) + PICTURE_SECONDS
        claims["picture"] = {
            "data": {
                "height": 200,
                "is_silhouette": not person.has_picture,
                "url": self.picture_url(person, f".png?height=200&ext={until}"),
                "width": 200,
            }
        }
        return claims

    def unreadable(self, step: Step) -> Answer:
        return self.refusals["unreadable"] if step == "userinfo" else super().unreadable(step)

    def rate_limited(self) -> Answer:
        return error(4, "Application request limit reached")

    def _check_version(self, request: Request) -> str:
        """The version that serves a request.

        Raises:
            Refused: it is not there yet.
        """
        named = re.search(r"/v(\d+)\.\d/", request.url)
        version = int(named[1]) if named else OLDEST
        if version > NEWEST:
            raise Refused(error(2500, "Unknown path components: there is no such version."))
        return f"v{max(version, OLDEST)}.0"

    def _check_proof(self, client: Client, token: str, proof: str | None) -> None:
        if proof is None:
            text = "API calls from the server require an appsecret_proof argument"
            raise Refused(error(100, text, kind="GraphMethodException"))
        key = client.client_secret.encode()
        expected = hmac.new(key, token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), proof.encode()):
            text = "Invalid appsecret_proof provided in the API argument"
            raise Refused(error(100, text, kind="GraphMethodException"))

    def _chosen(self, claims: dict[str, Any], fields: str) -> dict[str, Any]:
        """The part of `claims` that `fields` asks for, as `name,picture.width(9){url}`."""
        chosen: dict[str, Any] = {}
        position = 0
        while position < len(fields):
            field = _FIELD.match(fields, position)
            if field is None or field[1] not in USER_FIELDS | REVIEWED_FIELDS:
                raise Refused(error(100, "(#100) Tried accessing nonexisting field"))
            position = field.end()
            name, value = field[1], claims.get(field[1])
            if name == "picture" and field[3] is not None and value is not None:
                kept = field[3].split(",")
                value = {"data": {key: value["data"].get(key) for key in kept}}
            if value is not None:
                chosen[name] = value
        return {**chosen, "id": claims["id"]}


def app_scoped_id(person: Person, client: Client) -> str:
    """A person's id: another one for every app."""
    digest = hashlib.sha256(f"{client.client_id} {person.number}".encode()).digest()
    return str(10**16 + int.from_bytes(digest[:6]))

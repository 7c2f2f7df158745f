"""X (Twitter), OAuth 2.0 with PKCE. Source: docs.x.com, "OAuth 2.0 Authorization Code Flow"."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from ..flows import Request
from . import answers
from .answers import Answer, Refused
from .emulator import Route
from .faults import Step
from .oauth2 import CodeGrant, Grant
from .people import Person
from .reading import basic, bearer, query

API = "api.x.com"
SITE = "x.com"
FIRST_ID = 1_534_887_201_662_763_000  # beyond what a JSON number holds exactly in many readers
RATE_LIMIT_SECONDS = 900
PROBLEMS = "https://api.x.com/2/problems/"

SCOPES = {"users.read", "tweet.read", "users.email", "offline.access"}
ALWAYS = ("id", "name", "username")
FIELDS = {
    *ALWAYS, "created_at", "description", "entities", "location", "profile_image_url",
    "protected", "url", "verified", "verified_type", "confirmed_email",
}  # fmt: skip
CODE_CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def oauth_error(slug: str, description: str, status: int = 400) -> Answer:
    return answers.json({"error": slug, "error_description": description}, status)


def problem(
    title: str,
    status: int,
    detail: str = "",
    type_: str = "about:blank",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An error of version 2 of the API, in the manner of RFC 9457."""
    value = {"title": title, "detail": detail or title, "type": type_, "status": status}
    return answers.json(value, status, headers)


def website_link(person: Person) -> dict[str, Any] | None:
    """The website as X gives it: a t.co link, and where it leads."""
    if person.website is None:
        return None
    shown = person.website.removeprefix("https://").rstrip("/")
    return {
        "start": 0, "end": 23, "url": f"https://t.co/Ab{person.number:08d}",
        "expanded_url": person.website, "display_url": shown,
    }  # fmt: skip


_INVALID_CODE = oauth_error(
    "invalid_request", "Value passed for the authorization code was invalid."
)
INVALID_REQUEST = problem(
    "Invalid Request",
    400,
    "One or more parameters to your request was invalid.",
    f"{PROBLEMS}invalid-request",
)
_NO_HEADER = oauth_error("unauthorized_client", "Missing valid authorization header", 401)


class Twitter(CodeGrant):
    """X with OAuth 2.0: PKCE and HTTP Basic are a must, and a code lives 30 seconds."""

    name = "twitter"
    label = "X (Twitter)"
    tint = "#0f1419"
    pictures = ("pbs.twimg.com", "/profile_images")
    endpoints: ClassVar = {
        "authorize_url": (SITE, "/i/oauth2/authorize"),
        "token_url": (API, "/2/oauth2/token"),
        "userinfo_url": (API, "/2/users/me"),
    }
    code_seconds = 30
    token_seconds = 7200
    refusals: ClassVar = {
        "unreadable": oauth_error("invalid_request", "The request could not be read."),
        # A client id in the body is not enough for a confidential client.
        "no_client": _NO_HEADER,
        "unknown_client": _NO_HEADER,
        "no_secret": _NO_HEADER,
        "wrong_secret": _NO_HEADER,
        "unsupported_grant_type": oauth_error("unsupported_grant_type", "Unknown grant type."),
        "no_code": oauth_error("invalid_request", "Missing required parameter [code]."),
        "no_redirect_uri": oauth_error(
            "invalid_request", "Missing required parameter [redirect_uri]."
        ),
        "unknown_code": _INVALID_CODE,
        "used_code": _INVALID_CODE,
        "expired_code": _INVALID_CODE,
        "wrong_redirect_uri": oauth_error(
            "invalid_request",
            "Value passed for the redirect uri did not match the uri of the authorization code.",
        ),
        "wrong_verifier": oauth_error(
            "invalid_request",
            "Value passed for the code verifier did not match the code challenge.",
        ),
    }

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", SITE, "/i/oauth2/authorize", "authorize", self.authorize),
            Route("POST", SITE, "/i/oauth2/authorize", "authorize", self.authorize),
            Route("POST", API, "/2/oauth2/token", "token", self.token),
            Route("GET", API, "/2/users/me", "userinfo", self.users_me),
        )

    def problem(self, title: str, text: str, status: int = 400) -> Answer:
        """X has one title for every misconfiguration."""
        return super().problem("Something went wrong", f"{title}. {text}", status)

    def scopes_of(self, parameters: Mapping[str, str]) -> tuple[str, ...]:
        scopes = tuple(parameters.get("scope", "").split(" "))
        if not set(scopes) <= SCOPES:
            raise Refused(self.problem("Unknown scope", "The app asks for what does not exist."))
        if not 0 < len(parameters.get("state", "")) <= 500:
            raise Refused(self.problem("No state", "The state has 1 to 500 characters."))
        if not CODE_CHALLENGE.fullmatch(parameters.get("code_challenge", "")):
            raise Refused(self.problem("No PKCE", "The code_challenge is missing or malformed."))
        if parameters.get("code_challenge_method") not in ("S256", "plain"):
            text = "The code_challenge_method is neither S256 nor plain."
            raise Refused(self.problem("No PKCE", text))
        return scopes

    def credentials(
        self, request: Request, parameters: Mapping[str, str]
    ) -> tuple[str | None, str | None]:
        return basic(request) or (None, None)

    def token_answer(self, grant: Grant, token: str) -> dict[str, Any]:
        answer = {
            "token_type": "bearer",
            "expires_in": self.token_seconds,
            "access_token": token,
            "scope": " ".join(grant.scopes),
        }
        if "offline.access" in grant.scopes:
            answer["refresh_token"] = self.secret(48)
        return answer

    def users_me(self, request: Request) -> Answer:
        """GET /2/users/me."""
        grant = self.grant_of(bearer(request))
        if grant is None:
            raise Refused(problem("Unauthorized", 401))
        if not {"users.read", "tweet.read"} <= set(grant.scopes):
            raise Refused(problem("Forbidden", 403))
        fields = self._fields(request)
        if "confirmed_email" in fields and "users.email" not in grant.scopes:
            text = "The field confirmed_email needs the scope users.email."
            type_ = f"{PROBLEMS}not-authorized-for-resource"
            raise Refused(problem("Authorization Error", 403, text, type_))
        user = self.claims(self.seen(grant.person, grant.fault))
        shown = {name: value for name, value in user.items() if name in fields}
        answer = answers.json({"data": shown}, headers=self._rate_limit(74))
        return self.finish("userinfo", grant.fault, answer)

    def claims(self, person: Person) -> dict[str, Any]:
        """A person as /2/users/me tells of them, all fields, without the `data` around them."""
        link = website_link(person)
        user: dict[str, Any] = {
            "id": str(FIRST_ID + person.number),
            "name": person.name,
            "username": person.username,
            "created_at": "2012-02-08T11:30:52.000Z",
            "description": "",
            "location": "Uppsala",
            "profile_image_url": self.picture_url(person, "_normal.png"),
            "protected": False,
            "verified": False,  # the badge; it says nothing about the e-mail address
            "verified_type": "none",
            "url": link["url"] if link else "",
        }
        if link:
            user["entities"] = {"url": {"urls": [link]}}
        if person.email and person.email_confirmed:
            user["confirmed_email"] = person.email
        return user

    def unreadable(self, step: Step) -> Answer:
        return INVALID_REQUEST if step == "userinfo" else super().unreadable(step)

    def rate_limited(self) -> Answer:
        return problem("Too Many Requests", 429, headers=self._rate_limit(0))

    def _fields(self, request: Request) -> set[str]:
        fields = set(filter(None, query(request).get("user.fields", "").split(",")))
        if not fields <= FIELDS:
            raise Refused(INVALID_REQUEST)
        return fields | set(ALWAYS)

    def _rate_limit(self, remaining: int) -> dict[str, str]:
        return {
            "x-rate-limit-limit": "75",
            "x-rate-limit-remaining": str(remaining),
            "x-rate-limit-reset": str(int(self._clock()) + RATE_LIMIT_SECONDS),
        }

"""WordPress.com Connect. Source: developer.wordpress.com, "WordPress.com Connect" and "GET /me"."""

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from ..flows import Request
from . import answers
from .answers import Answer, Refused
from .emulator import Route
from .faults import Step
from .oauth2 import CodeGrant, Grant
from .people import PEOPLE, Person
from .reading import bearer, query

API = "public-api.wordpress.com"
#: Where people log in: another origin, which the browser passes on its way to the consent page.
LOGIN = "wordpress.com"
#: Gravatar, where the pictures are; it serves everybody's, by a hash of their address.
PICTURES = "0.gravatar.com"
PAGES = ("/oauth2/authenticate", "/oauth2/authorize")
LOGGED_IN = "from-calypso"
FIRST_ID = 182_047_110


def oauth_error(slug: str, description: str) -> Answer:
    return answers.json({"error": slug, "error_description": description}, 400)


def rest_error(slug: str, message: str, status: int) -> Answer:
    """An error of /rest/v1.1: its slug decides, not its status."""
    return answers.json({"error": slug, "message": message}, status)


class WordPress(CodeGrant):
    """WordPress.com: tokens without an end, no PKCE, one scope."""

    name = "wordpress"
    label = "WordPress.com"
    tint = "#0675c4"
    pictures = (PICTURES, "/avatar")
    endpoints: ClassVar = {
        "authorize_url": (API, "/oauth2/authenticate"),
        "token_url": (API, "/oauth2/token"),
        "userinfo_url": (API, "/rest/v1.1/me"),
    }
    knows_pkce = False
    refusals: ClassVar = {
        "unreadable": oauth_error("invalid_request", "The request could not be read."),
        "no_client": oauth_error("invalid_client", "The client_id is missing."),
        "unknown_client": oauth_error("invalid_client", "Unknown client_id."),
        "no_secret": oauth_error("invalid_client", "The client_secret is missing."),
        "wrong_secret": oauth_error("invalid_client", "Incorrect client_secret."),
        "unsupported_grant_type": oauth_error("unsupported_grant_type", "Unknown grant_type."),
        "no_code": oauth_error("invalid_request", "The code is missing."),
        "no_redirect_uri": oauth_error("invalid_request", "The redirect_uri is missing."),
        "unknown_code": oauth_error("invalid_grant", "Invalid or expired code."),
        "used_code": oauth_error("invalid_grant", "Invalid or expired code."),
        "expired_code": oauth_error("invalid_grant", "Invalid or expired code."),
        "wrong_redirect_uri": oauth_error("invalid_grant", "The redirect_uri does not match."),
    }

    def routes(self) -> tuple[Route, ...]:
        pages = [
            Route(method, API, path, "authorize", self.authorize)
            for method in ("GET", "POST")
            for path in PAGES
        ]
        return (
            *pages,
            Route("GET", LOGIN, "/log-in", "page", self.log_in),
            Route("GET", PICTURES, "/avatar/[0-9a-f]{64}", "picture", self.gravatar),
            Route("POST", API, "/oauth2/token", "token", self.token),
            Route("GET", API, r"/rest/v1\.1/me", "userinfo", self.me),
        )

    def authorize(self, request: Request) -> Answer:
        answer = super().authorize(request)
        if request.method == "GET" and answer.response.status == 200:
            parameters = query(request)
            if LOGGED_IN not in parameters:
                back = answers.with_query(request.url, [(LOGGED_IN, "1")])
                page = self.url(LOGIN, "/log-in")
                return answers.redirect(answers.with_query(page, [("redirect_to", back)]))
        return answer

    def log_in(self, request: Request) -> Answer:
        """Everybody is logged in already; sends the browser back to where it came from."""
        back = query(request).get("redirect_to", "")
        pages = (f"{self.url(API, path)}?" for path in PAGES)
        if not back.startswith(tuple(pages)):
            raise Refused(self.problem("Log in", "There is nothing to go on with."))
        return answers.redirect(back)

    def gravatar(self, request: Request) -> Answer:
        """The picture of whoever has the address with this SHA-256; a 404 where that is asked for.

        Source: docs.gravatar.com, "Avatar images".
        """
        digest = request.url.partition("?")[0].rpartition("/")[2]
        for person in PEOPLE.values():
            address = person.email.encode() if person.email and person.has_picture else None
            if address and hashlib.sha256(address).hexdigest() == digest:
                return self.picture(person.username)
        if query(request).get("d") == "404":
            return answers.raw(b"404 Not Found", "text/plain; charset=utf-8", 404)
        return self.picture("")

    def scopes_of(self, parameters: Mapping[str, str]) -> tuple[str, ...]:
        if parameters.get("scope") != "auth":
            # Without a scope the real one offers power over a whole blog: a login never wants it.
            text = "invalid_request: Invalid scope. A login asks for “auth”, alone."
            raise Refused(self.problem("Invalid scope", text))
        return ("auth",)

    def token_text(self) -> str:
        """Its tokens hold what URLs do not: `&`, and `%` before two hexadecimal digits."""
        return f"{self.secret(15)}&{self.secret(15)}%26{self.secret(15)}^@)!"

    def token_answer(self, grant: Grant, token: str) -> dict[str, Any]:
        return {
            "access_token": token,
            "token_type": "bearer",
            "blog_id": 0,
            "blog_url": f"https://{API}",
            "scope": "auth",
        }

    def me(self, request: Request) -> Answer:
        """GET /rest/v1.1/me."""
        token = bearer(request)
        if not token:
            text = "An active access token is needed to learn about the current user."
            raise Refused(rest_error("authorization_required", text, 403))
        grant = self.grant_of(token)
        if grant is None:
            raise Refused(rest_error("invalid_token", "The OAuth2 token is invalid.", 400))
        claims = self.claims(self.seen(grant.person, grant.fault))
        fields = query(request).get("fields")
        if fields:
            claims = {name: claims[name] for name in fields.split(",") if name in claims}
        return self.finish("userinfo", grant.fault, answers.json(claims))

    def claims(self, person: Person) -> dict[str, Any]:
        """A person as /rest/v1.1/me tells of them; names as odd as the real ones."""
        claims: dict[str, Any] = {
            "ID": FIRST_ID + person.number,
            "display_name": person.name,
            "username": person.username,
            "email": person.email,
            "primary_blog": person.number * 1000 if person.website else 0,
            "primary_blog_url": person.website or "",
            "primary_blog_is_jetpack": False,
            "language": person.language,
            "locale_variant": "",
            "token_site_id": False,
            "token_scope": ["auth"],
            "avatar_URL": self.picture_url(person, ".png?s=96&d=identicon"),
            "profile_URL": f"http://en.gravatar.com/{person.username}",
            "verified": person.email_confirmed,
            "email_verified": person.email_confirmed,
            "date": "2014-03-05T17:23:08+00:00",
            "site_count": int(bool(person.website)),
            "visible_site_count": int(bool(person.website)),
            "has_unseen_notes": False,
            "newest_note_type": "",
            "phone_account": person.email is None,
            "meta": {"links": {"self": f"https://{API}/rest/v1.1/me"}},
            "is_valid_google_apps_country": True,
            "user_ip_country_code": "SE",
        }
        if person.email is None:
            del claims["email"]
        return claims

    def unreadable(self, step: Step) -> Answer:
        if step == "userinfo":
            return rest_error("invalid_input", "The query is unreadable.", 400)
        return super().unreadable(step)

    def rate_limited(self) -> Answer:
        return rest_error("rate_limited", "Too many requests.", 429)

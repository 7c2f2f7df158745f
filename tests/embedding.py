"""A page of another site, with what its script knows and what its browser sends."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs, urlencode, urlsplit

from carrying import Reply
from sites import Browser, Site

BLOG, OTHER = "https://static.example", "https://other.example"
JSON = {"Accept": "application/json"}


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Page:
    """A page of `origin` in some browser, and the window that a login for it goes on in."""

    site: Site
    origin: str = BLOG
    verifier: str = field(default_factory=lambda: base64url(secrets.token_bytes(32)))
    bearer: str = ""

    def __post_init__(self) -> None:
        self.window = self.site.browser()

    @property
    def challenge(self) -> str:
        return base64url(sha256(self.verifier.encode()).digest())

    def ask(
        self,
        method: str,
        target: str,
        form: Mapping[str, str] | None = None,
        *,
        origin: str | None = "",
        **more: str,
    ) -> Reply:
        """What the page's script fetches, without cookies; `origin=None` sends no Origin."""
        headers = {"Sec-Fetch-Site": "cross-site", **JSON, **more}
        if origin is not None:
            headers["Origin"] = origin or self.origin
        if self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        return Browser(self.site).request(method, target, form, headers)

    def begin(self, provider: str = "facebook", **form: str) -> str:
        """The window's form with the page's challenge; gives where the provider's page is."""
        given = {"origin": self.origin, "challenge": self.challenge, **form}
        reply = self.window.post(f"/auth/embed/login/{provider}", given)
        assert reply.status == 303, reply.text
        return reply.location

    def finish(self, button: str = "grant", provider: str = "facebook", **form: str) -> Reply:
        """A whole login in the window; gives what its callback is answered."""
        return self.window.get(self.window.consent(self.begin(provider, **form), button))

    def redeem(self, **more: str | None) -> Reply:
        origin = more.pop("origin", "")
        form = {"verifier": self.verifier, **more}
        return self.ask("POST", "/auth/embed/redeem", form, origin=origin)  # type: ignore[arg-type]

    def log_in(self, provider: str = "facebook") -> "Page":
        """A whole login, and the bearer."""
        self.finish(provider=provider)
        self.bearer = self.redeem().json["access_token"]
        return self

    def identity(self, **more: str | None) -> dict[str, str] | None:
        reply = self.ask("GET", "/auth/identity", **more)  # type: ignore[arg-type]
        assert reply.status == 200
        told: dict[str, str] | None = reply.json["identity"]
        return told


def code_of(location: str) -> str:
    """What stands behind the address to which a login in the page's own tab comes back."""
    (code,) = parse_qs(urlsplit(location).fragment)["sociallogin"]
    return code


def confirmation(**query: str) -> str:
    return f"/auth/embed/login/facebook?{urlencode(query)}"

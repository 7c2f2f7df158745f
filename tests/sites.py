"""A site with its emulators, and the browsers that visit it, for any framework.

Every test of the endpoints runs against the bare endpoints and in each framework, from one text.
"""

import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from carrying import Reply
from frameworks import FRAMEWORKS
from sociallogin import SocialLogin
from sociallogin.emulators import Emulators
from sociallogin.emulators.emulators import TwitterProtocol
from sociallogin.protocols.provider import Provider

#: Whether every row and every example is run, as on the build machine, or a sample of them.
IN_CI = os.environ.get("CI") == "true"

NOW = 1_800_000_000
KEY = "a-secret-key-of-thirty-two-bytes-or-more"

#: Every provider with every protocol that it speaks.
PROTOCOLS = (
    ("wordpress", "oauth2"),
    ("twitter", "oauth2"),
    ("twitter", "oauth1"),
    ("facebook", "oauth2"),
)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


class Site:
    """One site: its logins, its app, and the providers that it talks to.

    Args:
        framework: a key of `FRAMEWORKS`.
        twitter: the protocol to speak with X.
        hooks: `on_login`, `on_begin`.
        providers: further keys of the providers' tables.
        own: records in place of built-in ones.
        config: further keys of the configuration.
    """

    def __init__(
        self,
        framework: str = "bare",
        *,
        twitter: TwitterProtocol = "oauth2",
        hooks: Mapping[str, Any] | None = None,
        providers: Mapping[str, Mapping[str, Any]] | None = None,
        own: Sequence[Provider] = (),
        emulators: Emulators | None = None,
        clock: Clock | None = None,
        random: Callable[[int], bytes] = secrets.token_bytes,
        **config: Any,
    ) -> None:
        self.framework = framework
        self.hooks = hooks or {}
        self.own = own
        self.clock = clock or Clock()
        self.random = random
        self.base_url = config.get("base_url", "https://blog.example.com")
        mount = config.get("mount", "/auth")
        self.emulators = emulators or Emulators(self.base_url, mount, clock=self.clock)
        tables: dict[str, dict[str, Any]] = self.emulators.config(twitter)["providers"]
        for name, more in (providers or {}).items():
            tables.setdefault(name, {}).update(more)
        self.config = {
            "base_url": self.base_url,
            "secret_keys": [KEY],
            "providers": tables,
            **config,
        }
        self.restart()

    def restart(self, **config: Any) -> None:
        """A new process with the same or another configuration."""
        self.config = {**self.config, **config}
        self.login = SocialLogin.from_mapping(
            self.config,
            providers=self.own,
            transport=self.emulators.send,
            clock=self.clock,
            random=self.random,
        )
        self.app = FRAMEWORKS[self.framework](self.login, self.hooks)

    def browser(self) -> "Browser":
        return Browser(self)


@dataclass
class Browser:
    """A browser: it keeps cookies, and posts the forms that stand on our pages."""

    site: Site
    cookies: dict[str, str] = field(default_factory=dict)

    def request(
        self,
        method: str,
        target: str,
        form: Mapping[str, str] | list[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Reply:
        """Sends a request to the site; nothing is added but the cookies and the host."""
        sent = {"Host": urlsplit(self.site.base_url).netloc}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            body = urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        sent |= headers or {}
        reply = self.site.app(method, target, sent, body or b"")
        self._keep(reply)
        return reply

    def get(self, target: str, **headers: str) -> Reply:
        return self.request("GET", target, headers=_named(headers))

    def post(self, target: str, form: Mapping[str, str] | None = None, **headers: str) -> Reply:
        """Posts a form of ours."""
        sent = {"Sec-Fetch-Site": "same-origin", "Origin": self.site.base_url}
        return self.request("POST", target, form or {}, headers=sent | _named(headers))

    def begin(self, provider: str, next_url: str = "/", **form: str) -> str:
        """Presses a login button; gives where the provider's page is."""
        reply = self.post(f"{self.mount}/login/{provider}", {"next": next_url, **form})
        assert reply.status == 303, f"{reply.status} {reply.text[:500]}"
        return reply.location

    def consent(self, authorize_url: str, button: str = "grant") -> str:
        """Presses a button on the provider's page; gives path and query of the callback."""
        callback = self.site.emulators.press(authorize_url, button)
        assert callback.startswith(f"{self.site.base_url}{self.mount}/callback/"), callback
        parts = urlsplit(callback)
        return f"{parts.path}?{parts.query}"

    def log_in(self, provider: str, button: str = "grant", next_url: str = "/") -> Reply:
        """A whole login; gives the answer to its callback."""
        return self.get(self.consent(self.begin(provider, next_url), button))

    def identity(self) -> dict[str, Any] | None:
        identity: dict[str, Any] | None = self.get(f"{self.mount}/identity").json["identity"]
        return identity

    @property
    def mount(self) -> str:
        return self.site.login.config.mount

    @property
    def pending(self) -> list[str]:
        return [name for name in self.cookies if "_login_" in name]

    @property
    def identity_cookie(self) -> str:
        return next(value for name, value in self.cookies.items() if name.endswith("_identity"))

    def _keep(self, reply: Reply) -> None:
        for name, cookie in reply.set_cookies.items():
            value = cookie.partition("=")[2].partition(";")[0]
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """Keyword arguments as header names: `sec_fetch_site` is Sec-Fetch-Site."""
    return {name.replace("_", "-").title(): value for name, value in headers.items()}


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def shown_error(reply: Reply) -> str:
    """The code of an error, asked for as JSON."""
    code: str = reply.json["error"]["code"]
    return code

"""A site with its emulators, and the browsers that visit it, for any framework.

Every test of the endpoints runs against the bare endpoints and in each framework, from one text:
an adapter of a few lines carries a browser's request into an app.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_to_bytes, urlencode, urlsplit
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

from sociallogin import AsyncSocialLogin, SocialLogin
from sociallogin.emulators import Emulators
from sociallogin.emulators.emulators import TwitterProtocol
from sociallogin.flows import Request, Response
from sociallogin.protocols.provider import Provider
from sociallogin.web.endpoints import Endpoints
from sociallogin.web.messages import WebRequest

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


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def location(self) -> str:
        location = self.header("Location")
        assert location is not None, f"no redirection: {self.status} {self.text[:300]}"
        return location

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def set_cookies(self) -> dict[str, str]:
        """Set-Cookie values with their attributes, by name."""
        return {value.partition("=")[0]: value for value in self.all("Set-Cookie")}


#: method, target (path and query), headers, body -> reply
App = Callable[[str, str, Mapping[str, str], bytes], Reply]


def bare(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """The endpoints without any framework."""
    endpoints = Endpoints(login, **hooks)

    def app(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        lowered = {name.lower(): value for name, value in headers.items()}
        path = unquote(parts.path).removeprefix(login.config.mount) or "/"
        request = WebRequest(method, path, parts.query, lowered, body)
        response = login.run(endpoints.handle(request))
        return Reply(response.status, response.headers, response.body)

    return app


def flask(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A Flask app."""
    from flask import Flask

    from sociallogin.integrations.flask import SocialLoginFlask

    flask_app = Flask("site")
    _decorate(SocialLoginFlask(flask_app, login), hooks)
    return by_wsgi(flask_app)


def wsgi(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A WSGI app that has nothing of its own."""
    from sociallogin.integrations.wsgi import SocialLoginMiddleware

    return by_wsgi(SocialLoginMiddleware(_not_found_in_wsgi, login, **hooks))


def asgi(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """An ASGI app that has nothing of its own."""
    from sociallogin.integrations.asgi import SocialLoginMiddleware

    return by_asgi(SocialLoginMiddleware(_not_found_in_asgi, asynchronous(login), **hooks))


def starlette(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A Starlette app."""
    from starlette.applications import Starlette

    from sociallogin.integrations.starlette import SocialLoginStarlette

    starlette_app = Starlette()
    _decorate(SocialLoginStarlette(starlette_app, asynchronous(login)), hooks)
    return by_asgi(starlette_app)


def fastapi(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A FastAPI app."""
    from fastapi import FastAPI

    from sociallogin.integrations.fastapi import SocialLoginFastAPI

    fastapi_app = FastAPI()
    _decorate(SocialLoginFastAPI(fastapi_app, asynchronous(login)), hooks)
    return by_asgi(fastapi_app)


def django(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A Django project under WSGI."""
    import django_site

    return by_wsgi(django_site.serve(login, hooks))


def django_async(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A Django project under ASGI."""
    import django_site

    return by_asgi(django_site.serve(asynchronous(login), hooks))


FRAMEWORKS: Mapping[str, Callable[[SocialLogin, Mapping[str, Any]], App]] = {
    "bare": bare,
    "flask": flask,
    "wsgi": wsgi,
    "asgi": asgi,
    "starlette": starlette,
    "fastapi": fastapi,
    "django": django,
    "django async": django_async,
}


def _decorate(social: Any, hooks: Mapping[str, Any]) -> None:
    for name, hook in hooks.items():
        getattr(social, name)(hook)


def asynchronous(login: SocialLogin) -> AsyncSocialLogin:
    """The same logins for asynchronous apps."""

    async def send(request: Request) -> Response:
        return login._send(request)

    return AsyncSocialLogin(login.config, transport=send, clock=login.clock, random=login.random)


def by_wsgi(wsgi_app: Any, script_name: str = "") -> App:
    """Carries requests into a WSGI app, as its server does; `script_name` is its prefix."""

    def app(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        path = unquote_to_bytes(parts.path).decode("latin-1").removeprefix(script_name)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": script_name,
            "PATH_INFO": path,
            "QUERY_STRING": parts.query,
            "wsgi.input": BytesIO(body),
        }
        if body:
            environ["CONTENT_LENGTH"] = str(len(body))
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        setup_testing_defaults(environ)
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            started[:] = [int(status[:3]), tuple(headers)]
            return NotImplemented

        answer = validator(wsgi_app)(environ, start)
        content = b"".join(answer)
        answer.close()
        return Reply(*started, content)

    return app


def by_asgi(asgi_app: Any, root_path: str = "", *, stripped: bool = False) -> App:
    """Carries requests into an ASGI app, as its server does; `root_path` is its prefix.

    Behind some proxies the prefix is `stripped` from the path.
    """

    def app(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(parts.path).removeprefix(root_path if stripped else ""),
            "root_path": root_path,
            "raw_path": parts.path.encode("latin-1"),
            "query_string": parts.query.encode("latin-1"),
            "headers": raw,
            "state": {},
        }
        sent: list[Any] = []
        received = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def carry() -> None:
            answered = asyncio.Event()

            async def receive() -> dict[str, Any]:
                for message in received:
                    return message
                await answered.wait()
                return {"type": "http.disconnect"}

            async def send(message: dict[str, Any]) -> None:
                sent.append(message)
                if message["type"] == "http.response.body" and not message.get("more_body"):
                    answered.set()

            await asgi_app(scope, receive, send)

        asyncio.run(carry())
        answered = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return Reply(sent[0]["status"], tuple(answered), content)

    return app


def _not_found_in_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"nothing here"]


async def _not_found_in_asgi(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"nothing here"})


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

"""The work that is measured: the same logins through a urllib3 pool by hand, through
`SocialLogin`, and through Flask."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BytesIO
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlencode, urlsplit

import certifi
import floors
import trustme
import urllib3

from sociallogin import SocialLogin, providers, session
from sociallogin.transports.requests import RequestsTransport

SITE = "https://blog.example.com"
Work = Callable[[], object]


@contextmanager
def running(*options: str) -> Iterator[int]:
    """The port of a canned provider, in a process of its own that ends with this block."""
    command = [sys.executable, str(Path(__file__).with_name("provider.py")), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate(b"")


class Stage:
    """Canned providers, plain and over TLS, and one transport that trusts the latter."""

    def __init__(self, stack: ExitStack) -> None:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        authority = trustme.CA()
        chain, bundle = folder / "chain.pem", folder / "bundle.pem"
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(chain))
        # Beside all the usual authorities, whose loading is what a connection must not cost.
        bundle.write_bytes(Path(certifi.where()).read_bytes() + authority.cert_pem.bytes())
        self.bundle = str(bundle)
        self.ports = {
            "http": stack.enter_context(running()),
            "https": stack.enter_context(running("--certificate", str(chain))),
        }
        self.transport = RequestsTransport({"REQUESTS_CA_BUNDLE": self.bundle})
        stack.callback(self.transport.close)
        self._stack = stack

    def origin(self, scheme: str) -> str:
        return f"{scheme}://localhost:{self.ports[scheme]}"

    def slow(self, seconds: float) -> int:
        """The port of a canned provider that takes so long for each answer."""
        return self._stack.enter_context(running("--delay", str(seconds)))

    def pool(self, scheme: str) -> urllib3.HTTPConnectionPool:
        """The floor's pool."""
        if scheme == "https":
            pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
                "localhost", self.ports[scheme], ca_certs=self.bundle, retries=False
            )
        else:
            pool = urllib3.HTTPConnectionPool("localhost", self.ports[scheme], retries=False)
        self._stack.callback(pool.close)
        return pool


def connections(origin: str, bundle: str) -> int:
    """How many connections the provider has seen, this question's own included."""
    with urllib3.PoolManager(ca_certs=bundle) as pools:
        return int(pools.request("GET", f"{origin}/connections").data)


def tables(origin: str, base_url: str = SITE) -> dict[str, object]:
    """The configuration of a site with Facebook and Twitter (OAuth 1.0a), both at `origin`."""
    credentials = {"client_id": floors.CLIENT_ID, "client_secret": floors.CLIENT_SECRET}
    return {
        "base_url": base_url,
        "secret_keys": [floors.KEY.hex()],
        "providers": {
            "facebook": {
                **credentials,
                "authorize_url": f"{origin}/dialog",
                "token_url": f"{origin}/token",
                "userinfo_url": f"{origin}/me",
            },
            "twitter": {
                **credentials,
                "protocol": "oauth1",
                "request_token_url": f"{origin}/request_token",
                "authorize_url": f"{origin}/authenticate",
                "access_token_url": f"{origin}/access_token",
                "userinfo_url": f"{origin}/account",
            },
        },
    }


def social_login(origin: str, transport: RequestsTransport, base_url: str = SITE) -> SocialLogin:
    """A site with these providers."""
    return SocialLogin.from_mapping(tables(origin, base_url), transport=transport)


def through_core(login: SocialLogin, provider: str) -> Work:
    """A login with `SocialLogin` alone, from `begin` to the sealed identity."""

    def work() -> None:
        start = login.begin(provider, next_url="/post/1#comments")
        if provider == "twitter":
            params = {"oauth_token": 27 * "r", "oauth_verifier": "a-verifier"}
        else:
            params = {"state": parse_qs(urlsplit(start.url).query)["state"][0], "code": "a-code"}
        signin = login.complete(provider, params, transaction=start.transaction)
        assert login.seal_identity(signin.identity)

    return work


class Browser:
    """Calls a WSGI app and keeps cookies; nothing that a test client would add is counted."""

    def __init__(self, app: Callable[..., object]) -> None:
        self._app = app
        self._cookies: dict[str, str] = {}

    def open(self, method: str, path: str, query: str = "", form: bytes = b"") -> str:
        """The `Location` of the answer."""
        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "blog.example.com",
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "blog.example.com",
            "HTTP_SEC_FETCH_SITE": "same-origin",
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(form)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https",
            "wsgi.input": BytesIO(form),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        location = ""

        def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> None:
            nonlocal location
            assert status.startswith("30"), status
            for name, value in headers:
                if name == "Set-Cookie":
                    self._keep(value)
                elif name == "Location":
                    location = value

        body = self._app(environ, start_response)
        for _ in body:  # type: ignore[attr-defined]
            pass
        body.close()  # type: ignore[attr-defined]
        return location

    def _keep(self, cookie: str) -> None:
        name, _, rest = cookie.partition("=")
        value, _, attributes = rest.partition(";")
        if "Max-Age=0" in attributes:
            self._cookies.pop(name, None)
        else:
            self._cookies[name] = value


def through_flask(login: SocialLogin) -> Work:
    """A login through the Flask integration: two requests of a browser."""
    import flask

    from sociallogin.integrations.flask import SocialLoginFlask

    app = flask.Flask("blog")
    SocialLoginFlask(app, login)
    form = urlencode({"next": "/post/1#comments"}).encode()

    def work() -> None:
        browser = Browser(app)
        location = browser.open("POST", "/auth/login/facebook", form=form)
        state = parse_qs(urlsplit(location).query)["state"][0]
        query = urlencode({"code": "a-code", "state": state})
        landed = browser.open("GET", "/auth/callback/facebook", query)
        assert "/post/1" in landed, landed

    return work


def through_bare_flask(pool: urllib3.HTTPConnectionPool, origin: str) -> Work:
    """The floor's work in two Flask views, for comparison."""
    import flask

    app = flask.Flask("bare")
    redirect_uri = f"{SITE}/callback"

    @app.post("/login")
    def login() -> flask.typing.ResponseReturnValue:
        url, cookie, _ = floors.begin(origin, redirect_uri)
        response = flask.redirect(url, 303)
        response.set_cookie("login", cookie, secure=True, httponly=True, samesite="Lax")
        return response

    @app.get("/callback")
    def callback() -> flask.typing.ResponseReturnValue:
        request = flask.request
        cookie = request.cookies["login"]
        floors.complete(pool, redirect_uri, cookie, request.args["state"], request.args["code"])
        response = flask.redirect("/post/1#comments", 303)
        response.delete_cookie("login")
        return response

    def work() -> None:
        browser = Browser(app)
        location = browser.open("POST", "/login", form=b"next=%2Fpost%2F1")
        state = parse_qs(urlsplit(location).query)["state"][0]
        browser.open("GET", "/callback", urlencode({"code": "a-code", "state": state}))

    return work


def cookie_reads(login: SocialLogin) -> dict[str, Work]:
    """Reading an identity cookie barely, and with `open_identity`: a new one, and one again."""
    claims: Mapping[str, object] = {
        "id": "10220033445566778",
        "name": "Åsa Lindqvist",
        "email": "asa@example.org",
        "picture": {"data": {"url": "https://platform-lookaside.example.com/p?asid=1022"}},
    }
    identity = providers.get("facebook").identity(claims, 1764064800)
    bare = floors.BareCookie(identity.to_dict())
    # More than are known at once, one after another: each has been forgotten when it comes again.
    cookies = [login.seal_identity(identity) for _ in range(session.KEPT + 1)]
    assert login.open_identity(cookies[0]) == identity
    coming = cycle(cookies)
    return {
        "bare": bare.read,
        "new": lambda: login.open_identity(next(coming)),
        "again": lambda: login.open_identity(cookies[0]),
    }

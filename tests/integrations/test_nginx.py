"""Behind a real nginx that ends TLS: nothing is guessed, cookies are right, mistakes are named."""

import http.client
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme
import uvicorn
from flask import Flask
from starlette.applications import Starlette
from werkzeug.serving import make_server

from carrying import Reply
from frameworks import asynchronous
from ports import free_port
from sites import Site
from sociallogin.integrations import asgi, flask, starlette, wsgi

CONFIG = """
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
  server {{
    listen 127.0.0.1:{https} ssl;
    ssl_certificate {folder}/certificate.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{ proxy_pass http://127.0.0.1:{app}; }}
  }}
  server {{
    listen 127.0.0.1:{http};
    location / {{ proxy_pass http://127.0.0.1:{app}; }}
  }}
}}
"""
SECONDS = 60
CALLBACK = "/auth/callback/facebook?code=c&state=s"


def with_flask(site: Site) -> Any:
    app = Flask("site")
    app.debug = True
    flask.SocialLoginFlask(app, site.login)
    return app


def with_wsgi(site: Site) -> Any:
    return wsgi.SocialLoginMiddleware(Flask("inner"), site.login, debug=True)


def with_starlette(site: Site) -> Any:
    app = Starlette()
    starlette.SocialLoginStarlette(app, asynchronous(site.login), debug=True)
    return app


def with_asgi(site: Site) -> Any:
    return asgi.SocialLoginMiddleware(Starlette(), asynchronous(site.login), debug=True)


@contextmanager
def serving_wsgi(app: Any) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def serving_asgi(app: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # What uvicorn makes of forwarded headers is no part of this.
        config = uvicorn.Config(app, log_level="error", proxy_headers=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@dataclass(frozen=True)
class Proxied:
    """A site behind nginx, and the ports of its three doors."""

    site: Site
    https: int
    http: int
    app: int
    context: ssl.SSLContext

    def ask(
        self, port: int, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Reply:
        connection: http.client.HTTPConnection
        if port == self.https:
            connection = http.client.HTTPSConnection(
                "localhost", port, context=self.context, timeout=SECONDS
            )
        else:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        with closing(connection):
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            return Reply(response.status, tuple(response.getheaders()), response.read())

    def lost(self, port: int, **headers: str) -> str:
        """What a callback without its cookie is told."""
        host = {"Host": f"localhost:{self.https}"}
        reply = self.ask(port, "GET", CALLBACK, host | headers)
        assert reply.status == 400
        assert "state_missing" in reply.text
        return reply.text


@pytest.fixture(
    scope="module",
    params=[
        (with_flask, serving_wsgi),
        (with_wsgi, serving_wsgi),
        (with_starlette, serving_asgi),
        (with_asgi, serving_asgi),
    ],
    ids=lambda param: param[0].__name__,
)
def proxied(
    request: pytest.FixtureRequest,
    require: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxied]:
    nginx = require(shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin"), "nginx")
    make, serving = request.param
    folder = tmp_path_factory.mktemp("nginx")
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "certificate.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    https, plain = free_port(), free_port()
    site = Site(base_url=f"https://localhost:{https}")
    with serving(make(site)) as app:
        (folder / "nginx.conf").write_text(
            CONFIG.format(folder=folder, https=https, http=plain, app=app), encoding="utf-8"
        )
        with running([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], https, folder):
            proxied = Proxied(site, https, plain, app, context)
            site.app = lambda *request: proxied.ask(https, *request)
            yield proxied


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    process = subprocess.Popen([*command, "-e", str(folder / "error.log")])
    try:
        for _ in range(1200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except ConnectionRefusedError:
                assert process.poll() is None, (folder / "error.log").read_text()
                time.sleep(0.05)  # nginx does not tell when it listens
            else:
                break
        else:
            pytest.fail(f"nginx does not listen: {(folder / 'error.log').read_text()}")
        yield
    finally:
        process.terminate()
        process.wait(SECONDS)


pytestmark = pytest.mark.server


def test_a_login_through_it(proxied: Proxied) -> None:
    browser = proxied.site.browser()
    callback = browser.consent(browser.begin("twitter", "/auth/identity"))
    assert browser.pending
    reply = browser.get(callback)
    assert (reply.status, reply.location) == (303, "/auth/identity")
    for cookie in reply.all("Set-Cookie"):
        assert cookie.startswith("__Host-sociallogin_")
        assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    identity = browser.identity()
    assert identity is not None
    assert identity["provider"] == "twitter"


def test_a_large_body_is_refused_by_us_and_the_next_request_answered(proxied: Proxied) -> None:
    browser = proxied.site.browser()
    assert browser.post("/auth/guest", {"name": "a" * 300_000}).status == 413
    assert browser.get("/auth/identity").json == {"identity": None}


def test_a_lost_login_that_came_rightly_gets_no_guess(proxied: Proxied) -> None:
    page = proxied.lost(proxied.https)
    assert "base_url" not in page
    assert "X-Forwarded-Proto" not in page


def test_another_host_is_named(proxied: Proxied) -> None:
    page = proxied.lost(proxied.https, Host="www.example.org")
    assert "came to the host www.example.org, but base_url says localhost" in page


def test_a_proxy_that_was_asked_by_http_is_named(proxied: Proxied) -> None:
    page = proxied.lost(proxied.http)
    assert "X-Forwarded-Proto says that the browser came by http://" in page


def test_an_app_that_was_asked_past_the_proxy_is_named(proxied: Proxied) -> None:
    page = proxied.lost(proxied.app)
    assert "this request came by http:// and no proxy says in X-Forwarded-Proto" in page

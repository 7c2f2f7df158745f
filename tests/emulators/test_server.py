"""The emulators on a socket."""

import http.client
import re
import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from sociallogin import SocialLogin
from sociallogin.emulators import answers
from sociallogin.emulators.server import EmulatorServer

pytestmark = pytest.mark.server

APP = "http://127.0.0.1:8000"
SITE = {"base_url": APP, "secret_keys": ["k" * 32]}


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer(app_base_url=APP) as server:
        yield server


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def connection(server: EmulatorServer) -> http.client.HTTPConnection:
    address = urlsplit(server.url)
    return http.client.HTTPConnection(address.hostname, address.port, timeout=5)


@pytest.mark.parametrize("protocol", ["oauth2", "oauth1"])
@pytest.mark.parametrize("provider", ["wordpress", "twitter", "facebook"])
def test_a_login_goes_through_in_a_browser(server, browser, provider, protocol):
    login = SocialLogin.from_mapping({**SITE, **server.config(protocol)})
    start = login.begin(provider)
    page = browser.get(start.url)
    origins = {"{0.scheme}://{0.netloc}".format(urlsplit(r.url)) for r in (*page.history, page)}
    assert origins == ({server.url, server.hop_url} if provider == "wordpress" else {server.url})
    answer = browser.post(page.url, data={"press": "grant"}, allow_redirects=False)
    callback = urlsplit(answer.headers["location"])
    assert answer.headers["location"].startswith(f"{APP}/auth/callback/{provider}?")
    signin = login.complete(provider, parse_qsl(callback.query), transaction=start.transaction)
    assert signin.identity.name == "Nora Lind"
    picture = browser.get(signin.identity.picture_url)
    assert picture.headers["content-type"] == "image/png"


@pytest.mark.parametrize("protocol", ["oauth2", "oauth1"])
def test_the_printed_configuration_is_the_configuration(server, protocol):
    printed, config = server.toml(protocol), server.config(protocol)
    assert tomllib.loads(printed) == config
    with_akismet = re.sub(r"^# (\[|\w+ =)", r"\1", printed, flags=re.MULTILINE)
    akismet = server.emulators.akismet_table()
    assert tomllib.loads(with_akismet) == {**config, "akismet": akismet}


def test_the_landing_page_shows_what_to_paste(server, browser):
    page = browser.get(f"{server.url}/")
    assert page.status_code == 200
    for protocol in ("oauth2", "oauth1"):
        for table in server.config(protocol)["providers"].values():
            (picture_host,) = table.pop("picture_hosts")
            assert all(value in page.text for value in (picture_host, *table.values()))


def test_a_connection_is_kept_alive(server):
    client = connection(server)
    for path, status in (("/", 200), ("/nowhere", 404), ("/facebook/v25.0/me", 400)):
        client.request("GET", path)
        if path == "/":
            kept = client.sock
        answer = client.getresponse()
        answer.read()
        assert (answer.status, client.sock) == (status, kept)
    client.close()


def test_a_truncated_answer_promises_more_than_it_brings(server):
    whole = answers.json({"name": "Nora"})
    server.emulators.facebook.answer_next("userinfo", replace(whole, cut_at=5))
    client = connection(server)
    client.request("GET", "/facebook/v25.0/me")
    with pytest.raises(http.client.IncompleteRead) as broken:
        client.getresponse().read()
    assert broken.value.partial == whole.response.body[:5]
    client.close()


@pytest.mark.parametrize(("header", "status"), [({}, 411), ({"Content-Length": "9999999"}, 413)])
def test_a_post_says_its_length(server, header, status):
    client = connection(server)
    client.putrequest("POST", "/twitter/2/oauth2/token")
    for name, value in header.items():
        client.putheader(name, value)
    client.endheaders()
    assert client.getresponse().status == status
    client.close()


def test_stopping_is_quick_and_closes_every_connection():
    before = set(threading.enumerate())
    server = EmulatorServer(app_base_url=APP).start()
    idle, waiting = connection(server), connection(server)
    idle.request("GET", "/")
    idle.getresponse().read()
    asked = threading.Event()
    server.wait = lambda seconds, wait=server.wait: asked.set() or wait(seconds)
    server.emulators.facebook.answer_next("userinfo", replace(answers.json({}), delay=60))
    waiting.request("GET", "/facebook/v25.0/me")
    assert asked.wait(5)
    started = time.monotonic()
    server.stop()
    assert time.monotonic() - started < 5
    with pytest.raises(http.client.RemoteDisconnected):
        waiting.getresponse()
    assert idle.sock.recv(1) == b""
    idle.close()
    waiting.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((urlsplit(server.url).hostname, urlsplit(server.url).port))


def test_a_server_that_was_never_started_can_be_stopped():
    EmulatorServer(app_base_url=APP).stop()


def test_a_taken_port_is_an_oserror(server):
    with pytest.raises(OSError, match="in use"):
        EmulatorServer(app_base_url=APP, port=urlsplit(server.url).port)

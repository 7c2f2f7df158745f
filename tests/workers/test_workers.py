"""Real servers with several workers: hundreds of logins at once, and a worker killed between."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from ports import free_port
from sociallogin import cleaning
from sociallogin.emulators.people import PEOPLE
from sociallogin.emulators.server import EmulatorServer

pytestmark = pytest.mark.server

HERE = Path(__file__).parent
KEY = "a key of the tests of workers of thirty-two bytes or more"
LOGINS = 500
VISITORS = 16
START_SECONDS = 60
PROVIDERS = ("wordpress", "twitter", "facebook")
#: Everybody, and how the site shows them.
NAMES = {key: cleaning.text(person.name) for key, person in PEOPLE.items() if person.name}

WSGI, ASGI = "worker_site:wsgi()", "worker_site:asgi"
SERVERS = {
    "gunicorn": ["gunicorn", "--workers=4", "--threads=4", "--bind={address}", WSGI],
    "gevent": ["gunicorn", "--workers=2", "--worker-class=gevent", "--bind={address}", WSGI],
    "uvicorn": [
        "uvicorn", "--workers=2", "--factory", "--host=127.0.0.1", "--port={port}",
        "--log-level=warning", ASGI,
    ],
}  # fmt: skip


@dataclass
class Serving:
    """A server, its log, and the providers that its logins ask."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    emulators: EmulatorServer

    def workers(self) -> list[int]:
        """The processes that answer: the youngest generation below the server's own."""
        parents = dict(_processes())
        below = [pid for pid in parents if self.process.pid in _ancestors(pid, parents)]
        return [pid for pid in below if pid not in parents.values()]


@contextmanager
def serving(server: str, folder: Path) -> Iterator[Serving]:
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", folder / "log.txt"
    with EmulatorServer(app_base_url=url, host="localhost", port=0) as emulators:
        tables = emulators.config()["providers"]
        variables = {"SOCIALLOGIN_BASE_URL": url, "SOCIALLOGIN_SECRET_KEYS": KEY}
        for provider, table in tables.items():
            for key, value in table.items():
                text = ",".join(value) if isinstance(value, list | tuple) else str(value)
                variables[f"SOCIALLOGIN_PROVIDERS_{provider}_{key}".upper()] = text
        command = [part.format(address=f"127.0.0.1:{port}", port=port) for part in SERVERS[server]]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=HERE, env={**os.environ, **variables}, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            _await(lambda: _answers(port) or process.poll() is not None, log)
            assert process.returncode is None, log.read_text()
            yield Serving(url, process, log, emulators)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(START_SECONDS)
            finally:
                process.kill()
    text = log.read_text()
    assert "Traceback" not in text, text


@pytest.fixture(params=list(SERVERS))
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    with serving(request.param, tmp_path) as running:
        yield running


class Visitor:
    """A browser as far as logins need one; a connection for each request, so any worker's."""

    def __init__(self, site: Serving) -> None:
        self.site = site
        self.cookies: dict[str, str] = {}

    def begin(self, provider: str) -> str:
        status, location, _ = self.request(
            "POST", f"{self.site.url}/auth/login/{provider}", {"next": "/"}
        )
        assert status == 303, status
        return location

    def consent(self, address: str, person: str) -> str:
        status, location, _ = self.request("GET", address)
        while status in (302, 303):  # WordPress.com hops through a second origin
            address = location
            status, location, _ = self.request("GET", address)
        status, location, page = self.request("POST", address, {"press": person})
        assert status in (302, 303), page
        return location

    def complete(self, callback: str) -> str:
        """Whom the site then says is logged in."""
        status, _, page = self.request("GET", callback)
        assert status == 303, page
        _, _, answer = self.request("GET", f"{self.site.url}/auth/identity")
        return str(json.loads(answer)["identity"]["name"])

    def request(
        self, method: str, url: str, form: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        parts = urlsplit(url)
        ours = url.startswith(self.site.url)
        headers = {"Host": parts.netloc}
        if ours:
            headers["Sec-Fetch-Site"] = "same-origin"
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urlencode(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, 60)) as asked:
            asked.request(
                method, parts._replace(scheme="", netloc="", fragment="").geturl(), body, headers
            )
            answer = asked.getresponse()
            for header in answer.headers.get_all("Set-Cookie", []) if ours else []:
                for name, morsel in SimpleCookie(header).items():
                    if morsel["max-age"] == "0":
                        self.cookies.pop(name, None)
                    else:
                        self.cookies[name] = morsel.value
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()


def test_hundreds_of_logins_at_once_each_end_as_whom_they_began(site: Serving) -> None:
    people = list(NAMES)

    def log_in(number: int) -> tuple[str, str]:
        visitor, person = Visitor(site), people[number % len(people)]
        address = visitor.begin(PROVIDERS[number % len(PROVIDERS)])
        return person, visitor.complete(visitor.consent(address, person))

    with ThreadPoolExecutor(VISITORS) as visitors:
        ended = list(visitors.map(log_in, range(LOGINS)))
    assert [(person, name) for person, name in ended if name != NAMES[person]] == []
    # Each worker keeps what its threads or tasks used at once, and no more.
    kept = len(site.workers()) * VISITORS * 2
    _await(lambda: len(site.emulators._main._connections) <= kept, site.log)


def test_a_worker_killed_between_begin_and_callback_loses_no_login(site: Serving) -> None:
    pending = []
    for number in range(12):
        visitor = Visitor(site)
        address = visitor.begin(PROVIDERS[number % len(PROVIDERS)])
        pending.append((visitor, visitor.consent(address, "complete")))
    before = site.workers()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    _await(
        lambda: len(site.workers()) == len(before) and not {*before} & {*site.workers()}, site.log
    )
    _await(lambda: _answers(urlsplit(site.url).port or 0), site.log)
    for visitor, callback in pending:
        assert visitor.complete(callback) == NAMES["complete"]


def _await(condition: Callable[[], bool], log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < ends, log.read_text()
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, 5)) as asked:
            asked.request("GET", "/auth/identity")
            return asked.getresponse().status == 200
    except OSError:
        return False


def _processes() -> Iterator[tuple[int, int]]:
    """Every process of this machine with its parent (proc(5))."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            yield int(folder.name), int(fields[1])


def _ancestors(pid: int, parents: dict[int, int]) -> list[int]:
    found = []
    while pid in parents:
        pid = parents[pid]
        found.append(pid)
    return found

"""`sociallogin demo`, `emulate` and `providers`, as processes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from ports import free_port
from sociallogin import SocialLogin, __version__

pytestmark = pytest.mark.server
SECONDS = 60


class Command:
    """A running `sociallogin …`, and what it has printed so far."""

    def __init__(self, *arguments: str | Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from sociallogin.cli import main; main()", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self.lines: list[str] = []

    def until(self, what: str) -> str:
        """Reads its output up to a line with `what`."""
        for line in self.process.stdout:
            self.lines.append(line)
            if what in line:
                return "".join(self.lines)
        raise AssertionError(self.process.stderr.read())

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)


@pytest.fixture
def run() -> Iterator[Callable[..., Command]]:
    started: list[Command] = []

    def start(*arguments: str | Path) -> Command:
        started.append(Command(*arguments))
        return started[-1]

    yield start
    for command in started:
        command.process.kill()
        command.process.communicate()


@pytest.fixture
def browser() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def is_listening(url: str) -> bool:
    host, port = re.search(r"//(.+):(\d+)", url).groups()
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_answers_soon_and_leaves_nothing_behind(run, browser, tmp_path, number):
    started = time.monotonic()
    demo = run("demo", "--port", "0", "--data", tmp_path / "new folder")
    printed = demo.until("Ctrl-C")
    url = re.search(r"Open (http://127\.0\.0\.1:\d+)", printed)[1]
    emulators = re.search(r"http://localhost:\d+", printed)[0]
    assert browser.get(url).status_code == 200
    assert time.monotonic() - started < SECONDS  # less than 2 where nothing else runs
    assert str(tmp_path / "new folder") in printed

    button = browser.post(
        f"{url}/auth/login/facebook", headers={"Origin": url}, data={"next": "/post/1#respond"}
    )
    assert button.url.startswith(emulators)
    page = browser.post(button.url, data={"press": "grant"})
    assert page.url == f"{url}/post/1#respond"
    assert "You are commenting using your Facebook account." in page.text

    assert demo.stop(number) == 0
    assert not is_listening(url)
    assert not is_listening(emulators)
    log = demo.process.stderr.read()
    assert "provider=facebook outcome=ok" in log
    assert "Traceback" not in log
    assert "WARNING" not in log


def test_a_restart_logs_nobody_out(run, browser, tmp_path):
    port = str(free_port())
    for attempt in range(2):
        demo = run("demo", "--port", port, "--data", tmp_path)
        url = re.search(r"Open (\S+)", demo.until("Ctrl-C"))[1]
        if attempt == 0:
            guest = {"name": "Ada", "text": "Hello"}
            browser.post(f"{url}/post/1/comments", headers={"Origin": url}, data=guest)
        assert "You are commenting as <bdi>Ada</bdi>." in browser.get(url).text
        demo.stop(signal.SIGTERM)


def test_the_printed_link_makes_a_browser_the_owners_and_stays_good(run, browser, tmp_path):
    links = []
    for _ in range(2):
        demo = run("demo", "--port", "0", "--data", tmp_path)
        links.append(re.search(r"http\S+/moderation\?key=\S+", demo.until("Ctrl-C"))[0])
        page = browser.get(links[-1])
        assert (page.status_code, page.url) == (200, links[-1].partition("?")[0])
        assert "Waiting for approval" in page.text
        assert browser.get(page.url).status_code == 200
        browser.cookies.clear()
        assert browser.get(page.url).status_code == 403
        demo.stop(signal.SIGTERM)
        secret = links[-1].partition("key=")[2]
        assert secret not in demo.process.stderr.read()
    assert links[0].partition("key=")[2] == links[1].partition("key=")[2]


def test_another_name_of_this_machine_leads_to_the_configured_one(run, browser, tmp_path):
    demo = run("demo", "--port", "0", "--data", tmp_path)
    url = re.search(r"Open (\S+)", demo.until("Ctrl-C"))[1]
    elsewhere = url.replace("127.0.0.1", "localhost")
    assert browser.get(f"{elsewhere}/post/1?a=b").url == f"{url}/post/1?a=b"
    for path in ("/%0AX", "/post%3Fx%3D1?", "/%E2%82%AC?a=%20b"):
        answer = browser.get(elsewhere + path, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (302, url + path.rstrip("?"))


def test_its_files_are_for_its_user_alone_though_the_folder_is_not(run, tmp_path):
    tmp_path.chmod(0o755)
    run("demo", "--port", "0", "--data", tmp_path).until("Ctrl-C")
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert {"demo.sqlite3", "secret_key", "owner_key"} <= {path.name for path in files}
    assert {path.name for path in files if path.stat().st_mode & 0o077} == set()


def test_a_demo_at_localhost_has_its_providers_elsewhere(run, browser, tmp_path):
    demo = run("demo", "--host", "localhost", "--port", "0", "--data", tmp_path)
    printed = demo.until("Ctrl-C")
    assert "emulators at http://127.0.0.1:" in printed
    assert browser.get(re.search(r"Open (\S+)", printed)[1]).status_code == 200


def fails_plainly(command: Command) -> str:
    """What a command says that ends with an error."""
    output, errors = command.process.communicate(timeout=SECONDS)
    assert command.process.returncode == 1
    assert output == ""
    assert errors.startswith("Error: ")
    assert errors.count("\n") == 1
    return errors


def test_a_taken_port_is_said_plainly(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        errors = fails_plainly(run("demo", "--port", str(port), "--data", tmp_path))
    assert f"Port {port} on 127.0.0.1 is already in use." in errors
    assert "sociallogin demo --port 8001" in errors


def test_a_taken_port_of_the_emulators_is_said_plainly(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        errors = fails_plainly(run("emulate", "--port", str(port)))
    assert f"Port {port} on localhost" in errors
    assert "--port" in errors


def test_a_folder_that_cannot_be_made_is_said_plainly(run, tmp_path):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "folder"
    errors = fails_plainly(run("demo", "--port", "0", "--data", folder))
    assert f"The folder {folder} cannot be used: " in errors
    assert "--data FOLDER" in errors


def test_a_file_that_is_no_database_is_said_plainly(run, tmp_path):
    (tmp_path / "demo.sqlite3").write_bytes(b"not a database" * 100)
    errors = fails_plainly(run("demo", "--port", "0", "--data", tmp_path))
    assert "file is not a database" in errors


def test_an_address_that_others_could_reach_is_refused_plainly(run, tmp_path):
    assert "127.0.0.1" in fails_plainly(run("demo", "--host", "0.0.0.0", "--data", tmp_path))


def test_emulators_are_for_addresses_that_a_configuration_takes(run):
    """Breaks when a configuration is printed that the library then refuses."""
    output, errors = run("emulate", "--host", "0.0.0.0").process.communicate(timeout=SECONDS)
    assert output == ""
    assert "'--host': it must be localhost or a loopback address" in errors


@pytest.mark.parametrize("command", ["demo", "emulate"])
def test_the_loopback_address_of_ipv6_is_one_too(run, browser, tmp_path, command):
    data = ["--data", tmp_path] if command == "demo" else []
    printed = run(command, "--host", "::1", "--port", "0", *data).until("Ctrl-C")
    url = re.search(r"http://\[::1\]:\d+", printed)[0]
    assert browser.get(url).status_code == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_emulate_prints_a_configuration_that_works(run, browser, number):
    emulate = run("emulate", "--app", "http://127.0.0.1:5000", "--port", "0")
    printed = emulate.until("Ctrl-C")
    url = re.search(r"listen at (http://localhost:\d+)", printed)[1]
    config = tomllib.loads(printed.partition("# The providers listen")[0])
    site = {"base_url": "http://127.0.0.1:5000", "secret_keys": ["k" * 32]}
    start = SocialLogin.from_mapping({**config, **site}).begin("facebook")
    assert start.url.startswith(url)
    assert browser.get(start.url).status_code == 200
    assert emulate.stop(number) == 0
    assert not is_listening(url)
    assert "Traceback" not in emulate.process.stderr.read()


def test_providers_lists_every_provider_and_protocol(run):
    output, _ = run("providers").process.communicate(timeout=SECONDS)
    for expected in ("wordpress", "twitter", "facebook", "oauth1", "oauth2", "X (Twitter)"):
        assert expected in output


def test_version(run):
    output, _ = run("--version").process.communicate(timeout=SECONDS)
    assert __version__ in output


def test_a_missing_extra_is_said_with_the_line_that_installs_it(tmp_path):
    blocked = "import sys; sys.modules['flask'] = None; from sociallogin.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", blocked, "demo", "--data", tmp_path],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        timeout=SECONDS,
        check=False,
    )
    assert result.returncode == 1
    assert "pip install 'sociallogin[demo]'" in result.stderr
    assert "Traceback" not in result.stderr

"""Each example starts by its one command, lets a visitor log in, and stops when it is told to."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from ports import free_port

FOLDER = Path(__file__).parents[2] / "examples"
EXAMPLES = sorted(FOLDER.glob("*/app.py"))
STATIC_BLOG = FOLDER / "static-blog" / "app.py"  # whose page is another site's
SECONDS = 60

pytestmark = pytest.mark.server


@contextmanager
def running(example: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """The example's address and its process."""
    port = free_port()
    # A job in the background ignores it, and so would what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(
        [sys.executable, str(example), "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        yield wait_for(f"http://127.0.0.1:{port}", process), process
    finally:
        process.kill()
        process.communicate()


def wait_for(url: str, process: "subprocess.Popen[str]") -> str:
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        try:
            requests.get(f"{url}/auth/identity", timeout=5)
        except (requests.ConnectionError, requests.Timeout):
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.05)  # a server does not tell when it listens
        else:
            return url
    raise AssertionError("it does not listen")


@pytest.mark.parametrize(
    "example", [e for e in EXAMPLES if e != STATIC_BLOG], ids=lambda path: path.parent.name
)
def test_a_visitor_logs_in_and_the_example_ends(example: Path) -> None:
    with running(example) as (url, process), requests.Session() as browser:
        browser.headers["Sec-Fetch-Site"] = "same-origin"
        page = browser.get(f"{url}/", timeout=SECONDS).text
        assert "You are nobody yet." in page
        assert "Log in with Facebook" in page
        consent = browser.post(f"{url}/auth/login/facebook", {"next": "/"}, timeout=SECONDS)
        page = browser.post(*first_form(consent), timeout=SECONDS).text
        assert "You are Nora Lind." in page
        assert "You are commenting using your Facebook account." in page
        ends_by(signal.SIGTERM, process)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
def test_an_example_ends_by_the_keyboard_and_is_short(example: Path) -> None:
    assert len(example.read_text(encoding="utf-8").splitlines()) <= 60
    with running(example) as (_, process):
        ends_by(signal.SIGINT, process)


def test_the_static_blog_has_its_comments_from_another_site() -> None:
    with running(STATIC_BLOG) as (url, process), requests.Session() as browser:
        assert process.stdout is not None
        said = process.stdout.readline()
        blog = re.findall(r"http://localhost:\d+", said)[0]
        page = browser.get(f"{blog}/", timeout=SECONDS).text
        assert f'<section data-sociallogin-embed="{url}/auth"' in page
        assert "comments.example" not in page
        script = re.findall(r'src="([^"]*/auth/static/embed\.js)"', page)
        for asked in (script[0], f"{url}/comments", f"{url}/auth/box?form=reply"):
            answer = browser.get(asked, headers={"Origin": blog}, timeout=SECONDS)
            assert answer.headers["Access-Control-Allow-Origin"] == blog
        refused = browser.post(
            f"{url}/comments", json={"text": "x"}, timeout=SECONDS,
            headers={"Origin": blog, "Accept": "application/json"},
        )  # fmt: skip
        assert refused.json()["error"]["code"] == "login_required"
        ends_by(signal.SIGTERM, process)


def test_the_files_of_the_static_blog_are_short() -> None:
    for file in (FOLDER / "static-blog" / "blog").iterdir():
        assert len(file.read_text(encoding="utf-8").splitlines()) <= 60


def ends_by(what: signal.Signals, process: "subprocess.Popen[str]") -> None:
    process.send_signal(what)
    output, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, output
    assert "Traceback" not in output


def first_form(page: requests.Response) -> tuple[str, dict[str, str]]:
    """Where the page's first submit button leads, and what it sends."""
    form = re.search(r"<form[^>]*?>(.*?)</form>", page.text, re.DOTALL)
    assert form is not None, page.text
    action = re.search(r'action="([^"]*)"', form[0].partition(">")[0])
    fields = dict(re.findall(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', form[1]))
    button = re.search(r'<button[^>]*name="([^"]*)"[^>]*value="([^"]*)"', form[1])
    if button:
        fields[button[1]] = button[2]
    fields = {unescape(name): unescape(value) for name, value in fields.items()}
    return urljoin(page.url, unescape(action[1]) if action else page.url), fields

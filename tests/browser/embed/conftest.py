"""The example with its two sites, and the strict browser that visits them."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.conftest import ARGUMENTS, TIMEOUT_MS
from browser.embed.reader import WIDE, Reader, Sites
from browser.served import STOP_SECONDS
from ports import free_port

EXAMPLE = Path(__file__).parents[3] / "examples" / "static-blog"
STRICT = [*ARGUMENTS, "--test-third-party-cookie-phaseout",
          "--disable-features=MediaRouter,OptimizationHints,LocalNetworkAccessChecks"]  # fmt: skip


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium, args=STRICT, ignore_default_args=["--disable-popup-blocking"]
        )
        yield running
        running.close()


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    port = free_port()
    log = tmp_path_factory.mktemp("static-blog") / "log.txt"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-u", str(EXAMPLE / "app.py"), "--port", str(port)],
            stdout=subprocess.PIPE, stderr=errors, text=True,
        )  # fmt: skip
    assert process.stdout is not None
    found = re.match(r"Open (http://localhost:\d+)/", process.stdout.readline())
    assert found is not None, log.read_text()
    try:
        while "Running on" not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)  # a server does not tell when it listens
        yield Sites(found[1], f"http://127.0.0.1:{port}")
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STOP_SECONDS)
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def arrive(browser: Browser, sites: Sites) -> Iterator[Any]:
    readers: list[Reader] = []

    def arrive(viewport: Any = WIDE, **options: Any) -> Reader:
        context = browser.new_context(viewport=viewport, **options)
        context.set_default_timeout(TIMEOUT_MS)
        readers.append(Reader(context, sites))
        return readers[-1]

    yield arrive
    for reader in readers:
        reader.leave()
    assert [problem for reader in readers for problem in reader.problems] == []


@pytest.fixture
def reader(arrive: Any) -> Reader:
    opened: Reader = arrive().open()
    return opened


@pytest.fixture
def strangers_blog(sites: Sites, tmp_path: Path) -> Iterator[str]:
    """The blog's files on an origin that is not listed."""
    for file in (EXAMPLE / "blog").iterdir():
        text = file.read_text().replace("https://comments.example", sites.comments)
        (tmp_path / file.name).write_text(text)
    (tmp_path / "bare.html").write_text("<!doctype html><title>Bare</title><p>Nothing here")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """The test's output is for failures."""

    server = ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()

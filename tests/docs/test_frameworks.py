"""The ten lines of each framework's page are an app in which a reader logs in."""

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from carrying import App, by_asgi, by_wsgi
from docs_pages import ROOT, blocks
from sites import Browser
from sociallogin.emulators.server import EmulatorServer

CARRIED: dict[str, Callable[[Any], App]] = {
    "flask": by_wsgi,
    "wsgi": by_wsgi,
    "starlette": by_asgi,
    "fastapi": by_asgi,
    "asgi": by_asgi,
}


@pytest.mark.server
@pytest.mark.parametrize("framework", CARRIED)
def test_reader_logs_in(framework: str, workplace: Path) -> None:
    page = list(blocks(ROOT / "docs" / "frameworks" / f"{framework}.md"))
    with EmulatorServer() as server:
        for block in page:
            if block.title:  # the emulators are where `sociallogin emulate` serves them
                text = block.text.replace("http://localhost:9000", server.url)
                (workplace / block.title).write_text(text, encoding="utf-8")
        app = runpy.run_path("app.py")["app"]
        site: Any = SimpleNamespace(
            app=CARRIED[framework](app),
            base_url="http://127.0.0.1:8000",
            login=SimpleNamespace(config=SimpleNamespace(mount="/auth")),
            emulators=server.emulators,
        )
        browser = Browser(site)
        first = browser.get("/")
        if framework == "fastapi":
            assert first.location == "/auth/?next=%2F"
            first = browser.get(first.location)
        else:
            assert "Hello you" in first.text
        assert "Log in with Facebook" in first.text
        assert browser.log_in("facebook").status == 303
        assert "Hello Nora Lind" in browser.get("/").text


def test_the_ten_lines_are_few() -> None:
    for framework in CARRIED:
        page = list(blocks(ROOT / "docs" / "frameworks" / f"{framework}.md"))
        code = next(block.text for block in page if block.title == "app.py")
        lines = [
            line for line in code.splitlines() if line and not line.startswith(("from", "import"))
        ]
        assert len(lines) <= 12, framework

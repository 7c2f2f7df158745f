"""The tutorial leads to an app that works."""

import runpy
from pathlib import Path

import pytest

from docs_pages import ROOT, blocks
from sociallogin.emulators.server import EmulatorServer


@pytest.mark.server
def test_reader_logs_in_and_comments(workplace: Path) -> None:
    tutorial = list(blocks(ROOT / "docs" / "getting-started.md"))
    two_lines = next(b.text for b in tutorial if b.language == "toml").partition("[providers")[0]
    app_py = next(block.text for block in tutorial if block.title == "app.py")
    (workplace / "app.py").write_text(app_py, encoding="utf-8")
    with EmulatorServer() as server:
        (workplace / "sociallogin.toml").write_text(two_lines + server.toml(), encoding="utf-8")
        browser = runpy.run_path("app.py")["app"].test_client()
        browser.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"

        assert "Log in with Facebook" in browser.get("/").text
        leaving = browser.post("/auth/login/facebook", data={"next": "/"})
        callback = server.emulators.press(leaving.location)
        browser.get(callback.removeprefix("http://127.0.0.1:8000").partition("#")[0])
        browser.post("/comment", data={"text": "Well said"})

        page = browser.get("/").text
        assert "<b>Nora Lind</b>: Well said" in page
        assert "You are commenting using your Facebook account." in page

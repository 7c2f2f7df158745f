"""The code of the Django page makes a project in which a reader logs in."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from docs_pages import ROOT, blocks

HEAD = 'base_url = "http://127.0.0.1:8000"\nsecret_keys = ["env:SOCIALLOGIN_SECRET"]\n'
READER = f"""
import os
from pathlib import Path
from urllib.parse import urlsplit

import django
from sociallogin.emulators.server import EmulatorServer

with EmulatorServer() as server:
    Path("sociallogin.toml").write_text({HEAD!r} + server.toml())
    os.environ["DJANGO_SETTINGS_MODULE"] = "mysite.settings"
    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("check", fail_level="WARNING")
    browser = Client(headers={{"sec-fetch-site": "same-origin", "host": "127.0.0.1:8000"}})
    print(browser.get("/").content.decode())
    leaving = browser.post(
        "/auth/login/facebook", "next=/&text=Draft",
        content_type="application/x-www-form-urlencoded",
    )
    callback = urlsplit(server.emulators.press(leaving["Location"]))
    print(browser.get(f"{{callback.path}}?{{callback.query}}")["Location"])
    print(browser.get("/").content.decode())
"""
AS_PYTEST_DJANGO = """
import django
from django.test.utils import setup_test_environment

django.setup()
setup_test_environment()
"""
BLOCKS = {
    block.title: block.text
    for block in blocks(ROOT / "docs" / "frameworks" / "django.md")
    if block.title
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What a reader has after the ten lines, and the other files of the page."""
    start = "from django.core.management import execute_from_command_line as run; run()"
    command = [sys.executable, "-c", start, "startproject", "mysite", "."]
    subprocess.run(command, cwd=tmp_path, check=True)
    written = (tmp_path / "mysite" / "settings.py").read_text(encoding="utf-8")
    files = {**BLOCKS, "mysite/settings.py": written + BLOCKS["mysite/settings.py"]}
    for title in filter(lambda title: "." in title, files):
        (tmp_path / title).write_text(files[title], encoding="utf-8")
    return tmp_path


def run(project: Path, *command: str) -> str:
    environ = {**os.environ, "SOCIALLOGIN_SECRET": "a-key-of-the-tests-of-32-bytes-or-more"}
    done = subprocess.run(
        [sys.executable, *command], cwd=project, capture_output=True, text=True, check=False,
        env={**environ, "PYTHONWARNINGS": "error", "DJANGO_SETTINGS_MODULE": "mysite.settings"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def add(project: Path, *titles: str) -> None:
    with (project / "mysite" / "settings.py").open("a", encoding="utf-8") as settings:
        settings.writelines(BLOCKS[title] for title in titles)


@pytest.mark.server
@pytest.mark.parametrize("more", [(), ("more settings",), ("settings for ASGI",)], ids=str)
def test_reader_logs_in(project: Path, more: tuple[str, ...]) -> None:
    add(project, *more)
    run(project, "manage.py", "migrate", "--verbosity", "0")
    shown = run(project, "-c", READER)
    assert "Hello you" in shown
    assert "Log in with Facebook" in shown
    assert "Hello Nora Lind" in shown.partition("Hello you")[2]
    assert "You are commenting using your Facebook account." in shown


@pytest.mark.server
def test_reader_becomes_a_user(project: Path) -> None:
    add(project, "settings with users", "settings with your own users")
    run(project, "manage.py", "migrate", "--verbosity", "0")
    run(project, "-c", READER)
    names = "from django.contrib.auth.models import User; print(*User.objects.all())"
    assert "facebook-" in run(project, "manage.py", "shell", "--command", names)


@pytest.mark.server
def test_test_of_the_page_passes(project: Path, require: Callable[..., object]) -> None:
    fixtures = entry_points(group="pytest11").select(name="sociallogin")
    require(tuple(fixtures), "an installation with the fixtures of sociallogin.testing")
    config = BLOCKS["sociallogin.toml"].partition("authorize_url")[0]
    (project / "sociallogin.toml").write_text(config, encoding="utf-8")
    (project / "conftest.py").write_text(AS_PYTEST_DJANGO, encoding="utf-8")
    assert "1 passed" in run(project, "-m", "pytest", "-q", "test_login.py")


def test_the_ten_lines_are_few() -> None:
    code = "".join(BLOCKS[title] for title in ("mysite/settings.py", "mysite/urls.py", "page.html"))
    lines = [line for line in code.splitlines() if line and not line.startswith("from")]
    assert len(lines) <= 12

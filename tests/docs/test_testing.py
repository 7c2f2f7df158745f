"""The tests in the guide to testing pass as they stand there, in a project of their own."""

from pathlib import Path

import pytest

from app_project import python
from docs_pages import ROOT, blocks
from sociallogin.emulators import FAULTS, PEOPLE

PAGE = ROOT / "docs" / "testing.md"
FILES = {block.title: block.text for block in blocks(PAGE) if block.title}

DJANGO_SETTINGS = """
SECRET_KEY = "only-for-tests"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = ["sociallogin.integrations.django"]
MIDDLEWARE = ["sociallogin.integrations.django.middleware.SocialLoginMiddleware"]
ROOT_URLCONF = "urls"
USE_TZ = True
SOCIALLOGIN = {
    "base_url": "https://blog.example.com",
    "secret_keys": ["only-for-tests-but-of-32-bytes-or-more"],
    "providers": {"facebook": {"client_id": "1", "client_secret": "any"}},
}
"""

DJANGO_URLS = """
from django.http import HttpResponse
from django.urls import include, path

def post(request, number):
    return HttpResponse(request.identity.label if request.identity else "nobody")

endpoints = include("sociallogin.integrations.django.urls")
# At both places that they may want: where `mount` says, and where they look for it.
urlpatterns = [path("auth/", endpoints), path("post/<int:number>", post), path("", endpoints)]
"""

DJANGO = {"project.py": DJANGO_SETTINGS, "urls.py": DJANGO_URLS}

# What pytest-django brings.
DJANGO_CONFTEST = """
import django
import pytest
from django.test import Client
from django.test.utils import setup_test_environment

django.setup()
setup_test_environment()

@pytest.fixture
def client():
    return Client()
"""

# What pytest-playwright brings.
BROWSER_CONFTEST = """
import pytest
from playwright.sync_api import sync_playwright

@pytest.fixture
def page():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path={chromium!r}, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(10_000)
        yield page
        browser.close()
"""


def run_tests(folder: Path, files: dict[str, str], *arguments: str, **environ: str) -> str:
    """What pytest or Django says to these files."""
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    run = python(folder, "-W", "error", "-m", *arguments, **environ)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


@pytest.mark.server
def test_of_flask_and_fastapi(tmp_path: Path) -> None:
    names = ["app.py", "conftest.py", "test_logins.py", "test_account.py", "test_choices.py",
             "test_sent.py", "test_fastapi.py"]  # fmt: skip
    said = run_tests(tmp_path, {name: FILES[name] for name in names}, "pytest", "-q")
    assert "10 passed" in said


@pytest.mark.server
def test_of_django_with_pytest(tmp_path: Path) -> None:
    files = {"conftest.py": DJANGO_CONFTEST, "test_django.py": FILES["test_django.py"]}
    said = run_tests(tmp_path, DJANGO | files, "pytest", "-q", DJANGO_SETTINGS_MODULE="project")
    assert "2 passed" in said


@pytest.mark.server
def test_of_django_with_its_own_runner(tmp_path: Path) -> None:
    files = {"tests.py": FILES["tests.py"]}
    said = run_tests(tmp_path, DJANGO | files, "django", "test", DJANGO_SETTINGS_MODULE="project")
    assert "Ran 1 test" in said


@pytest.mark.browser
def test_of_a_browser(tmp_path: Path, chromium: str) -> None:
    files = {
        "app.py": FILES["app.py"],
        "conftest.py": BROWSER_CONFTEST.format(chromium=chromium),
        "test_in_a_browser.py": FILES["test_in_a_browser.py"],
    }
    secrets = {"FACEBOOK_SECRET": "any", "TWITTER_SECRET": "any"}
    assert "1 passed" in run_tests(tmp_path, files, "pytest", "-q", **secrets)


@pytest.mark.parametrize("key", [*FAULTS, *PEOPLE])
def test_everybody_and_every_fault_is_in_a_table(key: str) -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    assert [row for row in rows if f"`{key}`" in row.split("|")[1]]

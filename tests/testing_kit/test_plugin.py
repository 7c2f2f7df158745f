"""The pytest plugin in somebody's project: cheap, isolated, and in company of other plugins."""

from pathlib import Path

import pytest

import app_project

COSTLY = {"jinja2", "requests", "urllib3", "cryptography", "authlib", "httpx", "oauthlib", "flask"}

UNUSED = f"""
import sys

def test_nothing_is_imported_that_nobody_asked_for():
    assert "sociallogin.testing.plugin" in sys.modules
    assert not {COSTLY!r} & sys.modules.keys()
    assert not [name for name in sys.modules if name.startswith("sociallogin.emulators")]
"""

USED = """
import random
import pytest
from sociallogin.testing import log_in, sign_in
from sociallogin.transports.requests import RequestsTransport

SEND = RequestsTransport.__call__

@pytest.fixture
def client():
    from app import app
    return app.test_client()

@pytest.mark.parametrize("number", range(10))
def test_each_is_alone(number, client, social_login_emulators):
    facebook = social_login_emulators.facebook
    assert facebook.sent() == []
    assert log_in(client, "facebook").text == "Nora Lind"
    with facebook.as_user(name=f"Person {number}"):
        assert log_in(client, "facebook").text == f"Person {number}"
    assert len(facebook.sent("token")) == 2

@pytest.mark.parametrize("number", range(5))
def test_without_the_fixture_nothing_is_emulated(number, client):
    assert RequestsTransport.__call__ is SEND
    with pytest.raises(LookupError, match="social_login_emulators"):
        log_in(client, "facebook")
    assert client.get("/").text == "nobody"
    sign_in(client, name=f"Person {number}")
    assert client.get("/").text == f"Person {number}"

def test_a_fault_that_is_left_on(client, social_login_emulators):
    fault = social_login_emulators.facebook.fault("server_error")
    fault.__enter__()
    assert log_in(client, "facebook").status_code == 503

def test_a_failure(client, social_login_emulators, request):
    request.node.add_marker(pytest.mark.xfail(strict=True))
    with social_login_emulators.facebook.denied():
        assert log_in(client, "facebook").status_code == 200

@pytest.mark.parametrize("number", range(2))
def test_on_a_socket(number, social_login_emulator_server):
    assert social_login_emulator_server.url.startswith("http://localhost:")
"""


@pytest.mark.server
def test_it_imports_nothing_that_costs_before_a_fixture_is_used(tmp_path: Path) -> None:
    (tmp_path / "test_project.py").write_text(UNUSED, encoding="utf-8")
    run = app_project.pytest(tmp_path, "-q", "-p", "no:randomly", "-p", "no:hypothesispytest")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


@pytest.mark.server
@pytest.mark.parametrize(
    "company",
    [
        ["-p", "no:xdist", "-p", "no:randomly"],
        ["-n", "2", "-p", "no:randomly"],
        ["-p", "no:xdist", "--randomly-seed", "1"],
        ["-n", "2", "--dist", "load", "--randomly-seed", "2"],
    ],
    ids=["alone", "xdist", "randomly", "xdist and randomly"],
)
def test_tests_are_isolated_in_any_order_and_any_process(
    tmp_path: Path, company: list[str]
) -> None:
    (tmp_path / "test_project.py").write_text(USED, encoding="utf-8")
    run = app_project.pytest(tmp_path, "-q", *company)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "18 passed, 1 xfailed" in run.stdout


@pytest.mark.server
def test_without_the_extra_the_fixture_names_it(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import sys; sys.modules['oauthlib'] = None\n")
    project = "def test_it(social_login_emulators): pass\n"
    (tmp_path / "test_project.py").write_text(project, encoding="utf-8")
    run = app_project.pytest(tmp_path, "-q")
    assert 'ImportError: the emulators need oauthlib: pip install "sociallogin[testing]"' in (
        run.stdout
    )

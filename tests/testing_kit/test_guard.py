"""The test kit is no door into an app that runs."""

import textwrap
from pathlib import Path

import pytest

from app_project import python

pytestmark = pytest.mark.server

HEAD = "from app import app\nfrom sociallogin.testing import *\n"

DOORS = {
    "sign_in": "sign_in(app.test_client(), name='Ada')",
    "log_in": "log_in(app.test_client(), 'facebook')",
    "log_out": "log_out(app.test_client())",
    "emulating the providers": "emulated().__enter__()",
    "serving the emulators": "served().__enter__()",
}

UNITTESTS = """
import asyncio, threading, unittest
from app import app
from sociallogin.testing import emulated, log_in, sign_in

class Kit(unittest.TestCase):
    def setUp(self):
        self.emulators = self.enterContext(emulated())
        self.client = app.test_client()

    def test_log_in(self):
        with self.emulators.facebook.as_user(name="Ada"):
            self.assertEqual(log_in(self.client, "facebook").text, "Ada")

    def test_sign_in_from_another_thread(self):  # as in Django's asynchronous tests
        thread = threading.Thread(target=sign_in, args=[self.client])
        thread.start()
        thread.join()
        self.assertEqual(self.client.get("/").text, "Nora Lind")

class Asynchronous(unittest.IsolatedAsyncioTestCase):
    async def test_sign_in(self):
        client = app.test_client()
        sign_in(client)
        self.assertEqual(client.get("/").text, "Nora Lind")

if __name__ == "__main__":
    unittest.main(exit=False, warnings="error")
    sign_in(app.test_client())
"""


@pytest.mark.parametrize("what", DOORS)
def test_a_plain_process_is_refused(tmp_path: Path, what: str) -> None:
    run = python(tmp_path, "-c", HEAD + DOORS[what])
    assert run.returncode == 1
    assert f"OutsideTests: {what} works only while a test of pytest or unittest" in run.stderr


@pytest.mark.parametrize(
    "pretence", ["import pytest, unittest.mock", "import unittest; unittest.TestCase().id()"]
)
def test_a_process_that_has_test_libraries_is_refused(tmp_path: Path, pretence: str) -> None:
    run = python(tmp_path, "-c", f"{pretence}\n{HEAD}{DOORS['sign_in']}")
    assert run.returncode == 1
    assert "OutsideTests: sign_in works" in run.stderr


def test_a_process_that_a_test_starts_is_refused(tmp_path: Path) -> None:
    current = {"PYTEST_CURRENT_TEST": "test_it.py::test_it (call)"}
    run = python(tmp_path, "-c", HEAD + DOORS["sign_in"], **current)
    assert run.returncode == 1
    assert "OutsideTests: sign_in works" in run.stderr


def test_modules_of_tests_are_refused_while_they_are_imported(tmp_path: Path) -> None:
    module = f"{HEAD}{DOORS['sign_in']}\ndef test_it(): pass\n"
    (tmp_path / "test_module.py").write_text(textwrap.dedent(module), encoding="utf-8")
    run = python(tmp_path, "-m", "pytest", "-q", "test_module.py")
    assert "OutsideTests: sign_in works" in run.stdout


def test_tests_of_unittest_are_tests_and_after_them_the_door_is_shut(tmp_path: Path) -> None:
    (tmp_path / "unittests.py").write_text(UNITTESTS, encoding="utf-8")
    run = python(tmp_path, "unittests.py")
    assert "Ran 3 tests" in run.stderr, run.stderr
    assert "\nOK\n" in run.stderr, run.stderr
    assert "OutsideTests: sign_in works" in run.stderr

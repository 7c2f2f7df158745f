"""The kit's types, as those see it who check their tests with mypy --strict."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from docs_pages import ROOT

OF_A_USER = """
import httpx
from flask.testing import FlaskClient
from typing import assert_type
from werkzeug.test import TestResponse

from sociallogin import Identity
from sociallogin.emulators import Person
from sociallogin.testing import EmulatedProviders, Sent, emulated, log_in, log_out, sign_in

def test_blocking(client: FlaskClient, social_login_emulators: EmulatedProviders) -> None:
    facebook = social_login_emulators.facebook
    with facebook.as_user(name="Ada", email=None) as ada, facebook.fault("slow", at="token"):
        assert_type(ada, Person)
        assert_type(log_in(client, "facebook", "/", person=ada), TestResponse)
    assert_type(log_out(client), TestResponse)
    assert_type(facebook.sent("token"), list[Sent])
    assert_type(facebook.assert_sent("token", grant_type="authorization_code"), Sent)
    assert_type(sign_in(client, name="Ada", email=None), Identity)

async def test_asynchronous(client: httpx.AsyncClient) -> None:
    with emulated() as emulators, emulators.twitter.denied():
        assert_type(await log_in(client, "twitter"), httpx.Response)
    sign_in(client)

def test_mistakes(client: FlaskClient, emulators: EmulatedProviders) -> None:
    from sociallogin.testing import login  # wrong
    emulators.myspace  # wrong
    emulators.facebook.sent("tokens")  # wrong
    emulators.facebook.as_user(nick="Ada")  # wrong
    sign_in(client, nick="Ada")  # wrong
    log_in("a client", "facebook")  # wrong
"""


@pytest.mark.server
def test_right_use_passes_and_mistakes_are_found(
    tmp_path: Path, require: Callable[[object, str], object]
) -> None:
    require(find_spec("mypy"), "mypy")
    (tmp_path / "test_user.py").write_text(OF_A_USER, encoding="utf-8")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--cache-dir",
            tmp_path / "cache",
            "test_user.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = enumerate(OF_A_USER.splitlines(), 1)
    wrong = {number for number, line in lines if line.endswith("# wrong")}
    found = {
        int(number)
        for number in re.findall(r"^test_user\.py:(\d+): error", run.stdout, re.MULTILINE)
    }
    assert found == wrong, run.stdout + run.stderr
    assert "in 1 file " in run.stdout, run.stdout  # and none in the package

"""What every test may rely on."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from redis_server import RedisServer

T = TypeVar("T")


def require(found: T | None, what: str) -> T:
    """`found`, or the end of this test: skipped by the name of what is absent.

    Under `SOCIALLOGIN_REQUIRE_ALL=1`, as in CI, it fails instead: there nothing may be absent.
    """
    if found:
        return found
    if os.environ.get("SOCIALLOGIN_REQUIRE_ALL") == "1":
        pytest.fail(f"{what} is required here and absent", pytrace=False)
    pytest.skip(f"{what} is absent")


@pytest.fixture(scope="session", name="require")
def require_fixture() -> Callable[..., object]:
    """`require` for those who cannot import it."""
    return require


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium."""
    return require(shutil.which("chromium") or shutil.which("chromium-browser"), "Chromium")


@pytest.fixture(scope="session")
def redis_program() -> str:
    """The path of the system's redis-server."""
    return require(shutil.which("redis-server"), "redis-server")


@pytest.fixture
def redis_server(redis_program: str, tmp_path: Path) -> Iterator[RedisServer]:
    """A running Redis of this test's own, empty."""
    with RedisServer(redis_program, tmp_path) as server:
        yield server

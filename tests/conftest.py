"""What every test may rely on."""

import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import pytest

from frameworks import FRAMEWORKS
from redis_server import RedisServer
from sites import IN_CI

T = TypeVar("T")

#: How many rows of a test's table a framework runs.
ROWS = sys.maxsize if os.environ.get("SOCIALLOGIN_EVERY_ROW") == "1" else 4 if IN_CI else 1

#: Fixtures that start a server for the test that asks for them.
SERVERS = {"peer", "redis_server"}


def pytest_itemcollected(item: pytest.Item) -> None:
    if not SERVERS.isdisjoint(getattr(item, "fixturenames", ())):
        item.add_marker("server")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each framework runs some rows of a test's table, another others: `ROWS` of them.

    The frameworks share one text, which the bare endpoints run whole: a skin can only fail as a
    skin does.
    """
    tables: dict[tuple[str, str], list[pytest.Item]] = defaultdict(list)
    for item in items:
        callspec = getattr(item, "callspec", None)
        framework = callspec and callspec.params.get("framework")
        if framework in FRAMEWORKS and framework != "bare":
            tables[item.nodeid.partition("[")[0], framework].append(item)
    left = {item for table in tables.values() for item in sorted(table, key=_shuffled)[ROWS:]}
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


def _shuffled(item: pytest.Item) -> bytes:
    """An order that is the same in every process, and no other than chance would give."""
    return sha256(item.nodeid.encode()).digest()


@pytest.fixture(params=list(FRAMEWORKS))
def framework(request: pytest.FixtureRequest) -> str:
    """A key of `FRAMEWORKS`: the test runs in every one."""
    return str(request.param)


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

"""Sites for the attacks: every row that is HTTP runs in every framework."""

import os
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from sites import FRAMEWORKS, PROTOCOLS, Browser, Site


@pytest.fixture(params=list(FRAMEWORKS))
def framework(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def site(framework: str) -> Site:
    return Site(framework)


@pytest.fixture
def make_site(framework: str) -> Callable[..., Site]:
    def make(**given: Any) -> Site:
        return Site(framework, **given)

    return make


@pytest.fixture
def browser(site: Site) -> Browser:
    return site.browser()


@pytest.fixture(params=PROTOCOLS, ids="-".join)
def spoken(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A provider and a protocol."""
    provider, protocol = request.param
    return str(provider), str(protocol)


#: How many rows of a table a framework runs; the bare endpoints run every row.
ROWS = 4


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Frameworks run a sample of each table, another each; `SOCIALLOGIN_EVERY_ROW=1` runs all.

    They share one text, which the bare endpoints run whole: a skin can only fail as a skin does.
    """
    if os.environ.get("SOCIALLOGIN_EVERY_ROW") == "1":
        return
    tables: dict[tuple[str, str], list[pytest.Item]] = {}
    for item in items:
        framework = getattr(item, "callspec", None) and item.callspec.params.get("framework")
        if framework not in (None, "bare"):
            tables.setdefault((item.nodeid.partition("[")[0], framework), []).append(item)
    left_out = {
        item
        for rows in tables.values()
        for item in sorted(rows, key=lambda item: sha256(item.nodeid.encode()).digest())[ROWS:]
    }
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]

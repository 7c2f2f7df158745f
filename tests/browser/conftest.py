"""A real Chromium in front of the real demo: one browser and one demo per test process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser import served
from browser.served import Counted, Served
from browser.visitor import Arrive, Visitor

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT_MS = 10_000
#: Too narrow for a login in a window of its own; those are in test_popup.py.
NARROW = {"width": 720, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


# Not for the whole session: while Playwright runs, no event loop can be run beside it.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served.demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="session")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    with served.blog(tmp_path_factory.mktemp("blog")) as running:
        yield running


@pytest.fixture
def arrive(browser: Browser, demo: Served) -> Iterator[Arrive]:
    """Each call is another person; keyword arguments are those of a browser context.

    What must never happen is asked at the end, of everybody.
    """
    people: list[Visitor] = []

    def arrive(at: Served = demo, **options: Any) -> Visitor:
        context = browser.new_context(**{"viewport": NARROW, **options})
        context.set_default_timeout(TIMEOUT_MS)
        people.append(Visitor(context, at))
        return people[-1]

    yield arrive
    for person in people:
        person.context.close()
    assert [problem for person in people for problem in person.watch.problems] == []


@pytest.fixture
def visitor(arrive: Arrive) -> Visitor:
    return arrive()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def either(request: pytest.FixtureRequest, arrive: Arrive) -> Visitor:
    """Somebody with JavaScript, and somebody without: it must not matter."""
    return arrive(java_script_enabled=request.param)

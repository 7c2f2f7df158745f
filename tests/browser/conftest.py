"""A real Chromium in front of the real demo: one browser and one demo per test process."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

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
ROOT = Path(__file__).parent.parent.parent
#: Called with what to picture, and a name.
Keep: TypeAlias = Callable[[Locator | Page, str], None]
#: Too narrow for a login in a window of its own; those are in popup/.
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
def keep() -> Keep:
    """Keeps a picture by its name, to be looked at.

    With `SOCIALLOGIN_SCREENSHOTS=1`, as `make screenshots` sets it, among those of the docs.
    """
    asked = os.environ.get("SOCIALLOGIN_SCREENSHOTS") == "1"
    folder = ROOT / "docs" / "images" if asked else ROOT / "tests" / "output"

    def keep(what: Locator | Page, name: str) -> None:
        path = folder / f"{name}.png"
        what.screenshot(path=path, animations="disabled", caret="hide")
        if asked:  # a third of the bytes
            from PIL import Image

            with Image.open(path) as picture:
                few = picture.quantize(256)
            few.save(path, optimize=True)

    return keep


@pytest.fixture
def visitor(arrive: Arrive) -> Visitor:
    return arrive()


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def either(request: pytest.FixtureRequest, arrive: Arrive) -> Visitor:
    """Somebody with JavaScript, and somebody without: it must not matter."""
    return arrive(java_script_enabled=request.param)

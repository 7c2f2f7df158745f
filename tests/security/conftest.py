"""Sites for the attacks: every row that is HTTP runs in every framework."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from leaks import OverheardServer

from sites import PROTOCOLS, Browser, Site


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


@pytest.fixture(scope="module")
def server() -> Iterator[OverheardServer]:
    """Emulators on a real socket, which hear what a site sends them."""
    with OverheardServer(app_base_url="https://blog.example.com") as running:
        yield running

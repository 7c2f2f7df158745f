"""Every provider with every protocol that it speaks."""

from typing import Any

import pytest

from sites import PROTOCOLS, Awaited, Site


@pytest.fixture(params=PROTOCOLS, ids="-".join)
def spoken(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A provider and a protocol."""
    provider, protocol = request.param
    return str(provider), str(protocol)


@pytest.fixture
def provider(spoken: tuple[str, str]) -> str:
    return spoken[0]


@pytest.fixture(params=["blocking", "async"])
def site(spoken: tuple[str, str], request: pytest.FixtureRequest) -> Site:
    """A site that speaks this protocol with X, whose logins wait or are awaited."""
    site: Any = Site(twitter="oauth1" if spoken[1] == "oauth1" else "oauth2")
    if request.param == "async":
        site.login = Awaited(site.login)
    return site  # type: ignore[no-any-return]

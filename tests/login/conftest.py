"""Every provider with every protocol that it speaks."""

import pytest

from sites import PROTOCOLS, Site


@pytest.fixture(params=PROTOCOLS, ids="-".join)
def spoken(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A provider and a protocol."""
    provider, protocol = request.param
    return str(provider), str(protocol)


@pytest.fixture
def provider(spoken: tuple[str, str]) -> str:
    return spoken[0]


@pytest.fixture
def site(spoken: tuple[str, str]) -> Site:
    """A site that speaks this protocol with X."""
    return Site(twitter="oauth1" if spoken[1] == "oauth1" else "oauth2")

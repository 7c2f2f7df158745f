"""Every provider with every protocol that it speaks, blocking and asynchronous."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal

from login.faces import Face, FacedSite, awaited, blocking
from sites import PROTOCOLS, Site


@pytest.fixture(params=PROTOCOLS, ids="-".join)
def spoken(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A provider and a protocol."""
    provider, protocol = request.param
    return str(provider), str(protocol)


@pytest.fixture
def provider(spoken: tuple[str, str]) -> str:
    return spoken[0]


@pytest.fixture(scope="session", params=["blocking", "asyncio", "trio"])
def face(request: pytest.FixtureRequest) -> Iterator[Face]:
    """`SocialLogin`, or `AsyncSocialLogin` on an event loop."""
    if request.param == "blocking":
        yield blocking
    else:
        with start_blocking_portal(request.param) as portal:
            yield awaited(portal)


@pytest.fixture
def site(spoken: tuple[str, str], face: Face) -> Site:
    """A site that speaks this protocol with X."""
    return FacedSite(face, twitter="oauth1" if spoken[1] == "oauth1" else "oauth2")

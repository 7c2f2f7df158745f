"""A site at this machine's own address, and somebody to sign in."""

import pytest

from sites import Site
from sociallogin import Identity


@pytest.fixture
def site() -> Site:
    return Site(base_url="http://127.0.0.1:8000")


@pytest.fixture
def ada() -> Identity:
    return Identity(provider="facebook", issuer="https://www.facebook.com", subject="1", name="Ada")

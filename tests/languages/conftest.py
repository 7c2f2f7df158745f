"""A site in every framework."""

import pytest

from sites import FRAMEWORKS, Browser, Site


@pytest.fixture(params=list(FRAMEWORKS))
def site(request: pytest.FixtureRequest) -> Site:
    return Site(str(request.param))


@pytest.fixture
def browser(site: Site) -> Browser:
    return site.browser()

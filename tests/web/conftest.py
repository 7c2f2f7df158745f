"""A site in every framework."""

import pytest

from sites import Browser, Site


@pytest.fixture
def site(framework: str) -> Site:
    return Site(framework)


@pytest.fixture
def browser(site: Site) -> Browser:
    return site.browser()

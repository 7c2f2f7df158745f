"""Sites that pages of another origin may embed, in every framework."""

from collections.abc import Callable
from typing import Any

import pytest

from embedding import BLOG, OTHER, Page
from sites import Site


@pytest.fixture
def make_site(framework: str) -> Callable[..., Site]:
    def make(**given: Any) -> Site:
        return Site(framework, embed_origins=[BLOG, OTHER], **given)

    return make


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site()


@pytest.fixture
def page(site: Site) -> Page:
    return Page(site)

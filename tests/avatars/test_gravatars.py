"""The pictures of guests."""

import hashlib
from urllib.parse import urlsplit

import pytest

from avatars.showing import asked, is_picture, path_of, shown
from sites import Site


@pytest.fixture
def with_gravatars(site: Site) -> Site:
    gravatar = {"gravatar": True, "gravatar_url": site.emulators.gravatar_url}
    site.restart(avatars=gravatar)
    return site


NORA = {"name": "Nora", "email": "  Nora.Lind@Example.org "}


def test_a_guest_is_shown_with_a_gravatar_where_it_is_on(with_gravatars: Site) -> None:
    browser = with_gravatars.browser()
    browser.post("/auth/guest", NORA)
    path = path_of(browser)
    assert is_picture(browser.get(path))
    digest = hashlib.sha256(b"nora.lind@example.org").hexdigest()
    (request,) = with_gravatars.emulators.wordpress.asked("picture")
    assert urlsplit(request.url).path == f"/avatar/{digest}"
    for page in ("/auth/box", "/auth/?change=1"):
        assert digest not in browser.get(page).text
    assert digest not in path


def test_a_guest_without_a_gravatar_keeps_the_initials(with_gravatars: Site) -> None:
    browser = with_gravatars.browser()
    browser.post("/auth/guest", {"name": "Ada", "email": "ada@nowhere.example"})
    assert browser.get(path_of(browser)).status == 404
    browser.post("/auth/guest", {"name": "Ada"})
    assert shown(browser) is None


def test_gravatar_is_off_unless_it_is_turned_on(site: Site) -> None:
    browser = site.browser()
    browser.post("/auth/guest", NORA)
    assert shown(browser) is None
    assert asked(site, "wordpress") == 0


def test_a_gravatar_ends_with_the_setting(with_gravatars: Site) -> None:
    browser = with_gravatars.browser()
    browser.post("/auth/guest", NORA)
    path = path_of(browser)
    with_gravatars.restart(avatars={})
    assert browser.get(path).status == 404

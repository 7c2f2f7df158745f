"""The notice under the box: it stands there exactly when Akismet is on."""

import re

import pytest

from sites import Site

NOTICE = "This site uses Akismet to reduce spam. Learn how your comment data is processed."
PLACES = ["/auth/box", "/auth/", "/auth/box?change=1"]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("signed_in", [False, True])
def test_whoever_comments_reads_where_the_comment_goes(place, signed_in):
    """Breaks when Akismet is on and visitors are not told."""
    browser = Site(akismet={"api_key": "secret-key-of-akismet"}).browser()
    if signed_in:
        browser.log_in("facebook")
    html = browser.get(place).text
    assert words(html).count(NOTICE) == 1
    (link,) = re.findall(r'<a href="https://akismet.com/privacy/"[^>]*>', html)
    assert 'rel="noopener noreferrer"' in link
    assert "secret-key-of-akismet" not in html


@pytest.mark.parametrize("place", PLACES)
def test_without_akismet_nothing_is_said_of_it(place):
    """Breaks when visitors are told of a check that does not happen."""
    site = Site()
    assert site.login.config.akismet is None
    assert "Akismet" not in site.browser().get(place).text

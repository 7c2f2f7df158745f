"""A guest who asked to be remembered, and one who did not."""

from sites import Browser, Site

GUEST = "__Host-sociallogin_guest"
DETAILS = {"name": "Ada", "email": "ada@example.org", "website": "example.org"}


def remembered(site: Site) -> Browser:
    """A guest's browser on another day: the session has ended, the memory has not."""
    browser = site.browser()
    browser.post("/auth/guest", {**DETAILS, "remember": "1"})
    (cookie,) = (browser.cookies[GUEST],)
    later = site.browser()
    later.cookies[GUEST] = cookie
    return later


def test_the_fields_are_filled_and_ticked_for_half_a_year(site: Site) -> None:
    browser = remembered(site)
    site.clock.forward(180 * 24 * 3600 - 1)
    page = browser.get("/auth/").text
    for value in ("Ada", "ada@example.org", "https://example.org"):
        assert f'value="{value}"' in page
    assert 'name="remember" value="1" checked' in page
    assert browser.identity() is None
    site.clock.forward(1)
    assert "Ada" not in browser.get("/auth/").text


def test_with_new_details_it_is_the_same_guest(site: Site) -> None:
    first = site.browser()
    first.post("/auth/guest", {**DETAILS, "remember": "1"})
    later = site.browser()
    later.cookies[GUEST] = first.cookies[GUEST]
    later.post("/auth/guest", {"name": "Ada L."})
    assert (later.identity() or {})["subject"] == (first.identity() or {})["subject"]


def test_not_ticked_is_forgotten(site: Site) -> None:
    browser = remembered(site)
    browser.post("/auth/guest", DETAILS)
    assert GUEST not in browser.cookies


def test_forget_me_forgets_and_a_log_out_from_an_account_does_not(site: Site) -> None:
    browser = remembered(site)
    browser.log_in("facebook")
    browser.post("/auth/logout")
    assert browser.identity() is None
    assert GUEST in browser.cookies
    browser.post("/auth/guest", {**DETAILS, "remember": "1"})
    browser.post("/auth/logout")
    assert GUEST not in browser.cookies
    assert "Ada" not in browser.get("/auth/").text


def test_g2_neither_cookie_counts_as_the_other(site: Site) -> None:
    browser = remembered(site)
    browser.cookies["__Host-sociallogin_identity"] = browser.cookies.pop(GUEST)
    assert browser.identity() is None
    browser.log_in("facebook")
    browser.cookies[GUEST] = browser.identity_cookie
    browser.post("/auth/logout")
    assert "Nora" not in browser.get("/auth/").text

"""A guest who asked to be remembered, and one who did not."""

from sites import Browser, Site

GUEST = "__Host-sociallogin_guest"
DETAILS = {"name": "Ada Lovelace", "email": "ada@example.org", "website": "example.org"}


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
    for value in ("Ada Lovelace", "ada@example.org", "https://example.org"):
        assert f'value="{value}"' in page
    assert 'name="remember" value="1" checked' in page
    assert browser.identity() is None
    site.clock.forward(1)
    assert "Ada Lovelace" not in browser.get("/auth/").text


def test_with_new_details_it_is_the_same_guest(site: Site) -> None:
    first = site.browser()
    first.post("/auth/guest", {**DETAILS, "remember": "1"})
    later = site.browser()
    later.cookies[GUEST] = first.cookies[GUEST]
    later.post("/auth/guest", {"name": "Ada L."})
    assert (later.identity() or {})["subject"] == (first.identity() or {})["subject"]


def test_a_remembered_guest_stays_one_when_the_details_change(site: Site) -> None:
    """The box stays ticked, so that only who unticks it is forgotten."""
    for remember in ("", "1"):
        browser = site.browser()
        browser.post("/auth/guest", {**DETAILS, "remember": remember})
        page = browser.get("/auth/?change=1").text
        assert 'value="Ada Lovelace"' in page
        assert ('name="remember" value="1" checked' in page) == bool(remember)


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
    assert "Ada Lovelace" not in browser.get("/auth/").text


def test_who_is_remembered_from_another_day_is_forgotten_on_request(site: Site) -> None:
    browser = remembered(site)
    for where in ("/auth/", "/auth/box?form=reply"):
        page = browser.get(where).text
        assert "Forget me" in page
        assert 'formaction="/auth/logout"' in page
    assert browser.post("/auth/logout", {"next": "/post/1", "name": "Ada"}).location == "/post/1"
    assert GUEST not in browser.cookies
    page = browser.get("/auth/").text
    assert "Ada Lovelace" not in page
    assert "Forget me" not in page


def test_a_draft_beside_the_details_is_handed_over_before_they_are_forgotten() -> None:
    heard: list[tuple[str, dict[str, str]]] = []
    site = Site(hooks={"on_begin": lambda provider, form: heard.append((provider, dict(form)))})
    browser = remembered(site)
    heard.clear()
    browser.post("/auth/logout", {"next": "/post/1", "text": "A draft", "name": "Ada"})
    assert heard == [("guest", {"text": "A draft"})]


def test_g2_neither_cookie_counts_as_the_other(site: Site) -> None:
    browser = remembered(site)
    browser.cookies["__Host-sociallogin_identity"] = browser.cookies.pop(GUEST)
    assert browser.identity() is None
    browser.log_in("facebook")
    browser.cookies[GUEST] = browser.identity_cookie
    browser.post("/auth/logout")
    assert "Nora" not in browser.get("/auth/").text


def test_beside_an_account_nobody_is_offered_whom_the_comment_would_then_be_of(
    site: Site,
) -> None:
    browser = remembered(site)
    browser.log_in("facebook")
    page = browser.get("/auth/?change=1").text
    assert "Keep commenting as" in page
    assert 'value="Ada Lovelace"' not in page
    assert "checked" not in page
    browser.post("/auth/logout")
    assert 'value="Ada Lovelace"' in browser.get("/auth/").text


def test_enter_in_a_field_of_the_guest_goes_on_and_forgets_nobody(site: Site) -> None:
    """It presses the first button of the form."""
    page = remembered(site).get("/auth/").text
    form = page[page.index('action="/auth/guest"') :]
    assert form.index("Continue as guest") < form.index("Forget me")

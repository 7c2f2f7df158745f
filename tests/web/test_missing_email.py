"""An account that shared no e-mail address, on a site that wants one of everybody."""

import pytest

from sites import Browser, Site, query

SENTENCE = "Facebook did not share an e-mail address. Please add one below."
WRONG = "This does not look like an email address. It should look like ada@example.com."


@pytest.fixture
def site(framework: str) -> Site:
    return Site(framework, policy="name-and-email")


@pytest.fixture
def browser(site: Site) -> Browser:
    """Somebody whose account came without an address."""
    browser = site.browser()
    browser.log_in("facebook", "no_email")
    return browser


def test_the_box_asks_for_it_below_the_account(browser: Browser) -> None:
    box = browser.get("/auth/box").text
    assert SENTENCE in box
    assert 'data-state="signed-in"' in box
    assert 'action="/auth/email"' in box
    assert box.count('name="email"') == 1
    assert 'autocomplete="email"' in box
    assert "(required)" in box
    assert "Address never made public" in box
    assert 'name="name"' not in box  # a guest's field


def test_in_the_apps_form_the_field_belongs_to_it(browser: Browser) -> None:
    box = browser.get("/auth/box?form=reply").text
    assert SENTENCE in box
    field = box[box.index('<input id="sociallogin-reply-email"') :].partition(">")[0]
    assert 'form="reply"' in field
    assert "/auth/email" not in box


def test_what_is_typed_is_theirs_unverified_and_no_other_person(browser: Browser) -> None:
    before = browser.identity()
    assert before is not None
    reply = browser.post("/auth/email", {"email": " ada@example.org ", "next": "/post/1"})
    assert (reply.status, reply.location) == (303, "/post/1")
    added = {"email": "ada@example.org", "email_verified": False}
    assert browser.identity() == {**before, **added}
    assert SENTENCE not in browser.get("/auth/box").text


@pytest.mark.parametrize(
    ("typed", "sentence"), [("ada@", WRONG), ("", "Please fill in your email address.")]
)
def test_a_wrong_one_is_asked_for_again(browser: Browser, typed: str, sentence: str) -> None:
    reply = browser.post("/auth/email", {"email": typed, "next": "/post/1"})
    assert reply.status == 422
    assert 'data-state="error"' in reply.text
    assert f'<a href="#sociallogin-email">{sentence}</a>' in reply.text
    assert 'aria-invalid="true"' in reply.text
    assert f'value="{typed}"' in reply.text
    assert 'data-act="logout"' in reply.text  # the account, not the choices
    assert (browser.identity() or {})["email"] is None


def test_a_guest_with_a_wrong_one_gets_the_guests_form(browser: Browser) -> None:
    reply = browser.post("/auth/guest", {"name": "Ada", "email": "ada@"})
    assert reply.status == 422
    assert 'name="website"' in reply.text


def test_it_replaces_nothing_that_a_provider_said(site: Site) -> None:
    browser = site.browser()
    browser.log_in("facebook")
    before = browser.identity()
    assert (before or {})["email"]
    assert browser.post("/auth/email", {"email": "other@example.org"}).status == 303
    assert browser.identity() == before


def test_nobody_is_told_to_log_in(site: Site) -> None:
    reply = site.browser().post("/auth/email", {"email": "ada@example.org"})
    assert reply.status == 401
    assert "Log in with Facebook" in reply.text


def test_another_site_adds_none(browser: Browser) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    reply = browser.request("POST", "/auth/email", {"email": "eve@example.org"}, headers)
    assert reply.status == 403
    assert (browser.identity() or {})["email"] is None


def test_row_24_facebook_is_asked_once_more_and_only_on_a_press(browser: Browser) -> None:
    assert "Ask Facebook again" in browser.get("/auth/box").text
    url = browser.begin("facebook")
    assert query(url)["auth_type"] == "rerequest"
    browser.get(browser.consent(url))
    assert (browser.identity() or {})["email"]
    assert "auth_type" not in query(browser.begin("facebook"))


def test_row_24_change_asks_for_the_account_instead(browser: Browser) -> None:
    assert query(browser.begin("facebook", change="1"))["auth_type"] == "reauthenticate"


def test_row_24_where_nobody_wants_one_nobody_asks() -> None:
    browser = Site().browser()
    browser.log_in("facebook", "no_email")
    assert SENTENCE not in browser.get("/auth/box").text
    assert "auth_type" not in query(browser.begin("facebook"))


def test_a_provider_that_cannot_be_asked_again_is_not(site: Site) -> None:
    browser = site.browser()
    browser.log_in("wordpress", "no_email")
    box = browser.get("/auth/box").text
    assert "WordPress.com did not share an e-mail address." in box
    assert "Ask WordPress.com again" not in box


@pytest.mark.parametrize("path", ["/auth/", "/auth/box", "/auth/box?form=reply"])
def test_whose_provider_is_there_no_more_is_asked_too_and_can_log_out(
    site: Site, browser: Browser, path: str
) -> None:
    site.restart(providers={"wordpress": site.config["providers"]["wordpress"]})
    page = browser.get(path).text
    assert "Log Out" in page
    assert 'name="email"' in page
    assert "Ask " not in page
    assert browser.get("/auth/nothing").status == 404

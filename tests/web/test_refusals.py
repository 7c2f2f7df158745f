"""What a refusal keeps, and what no cookie can do."""

import pytest

from sites import Browser, Site


def test_a_form_that_another_site_seems_to_have_posted_keeps_what_was_typed(
    browser: Browser,
) -> None:
    form = {"name": "Ada", "email": "ada@example.org", "next": "/post/1"}
    reply = browser.request("POST", "/auth/guest", form, headers={"Origin": "null"})
    assert reply.status == 403
    assert 'value="Ada"' in reply.text
    assert 'value="ada@example.org"' in reply.text
    assert 'name="next" value="/post/1"' in reply.text


def test_what_was_typed_is_put_back_as_far_as_it_can_be_shown(browser: Browser) -> None:
    form = {"name": "\u202eAda" + "a" * 10_000, "email": "no address"}
    page = browser.post("/auth/guest", form).text
    assert "\u202e" not in page
    assert 'value="Adaaaa' in page
    assert "a" * 1000 not in page


def test_a_guest_who_empties_a_field_finds_it_empty(browser: Browser) -> None:
    browser.post("/auth/guest", {"name": "Ada", "email": "ada@example.org"})
    page = browser.post("/auth/guest", {"name": "Ada", "email": "", "website": "javascript:x"}).text
    assert "ada@example.org" not in page


@pytest.mark.parametrize(
    "value", ["facebook." + "9" * 5000, "facebook.", ".1", "é", "facebook.1e9", "facebook.\xb3"]
)
@pytest.mark.parametrize("path", ["/auth/", "/auth/box", "/auth/login/facebook", "/auth/nowhere"])
def test_no_chooser_cookie_costs_a_page(browser: Browser, value: str, path: str) -> None:
    browser.cookies["__Host-sociallogin_chooser"] = value
    assert browser.get(path).status in (200, 404)


@pytest.mark.parametrize("guest", [True, False])
def test_after_any_log_out_the_next_login_asks_for_the_account(
    browser: Browser, guest: bool
) -> None:
    if guest:
        browser.post("/auth/guest", {"name": "Ada"})
    browser.post("/auth/logout")
    assert "auth_type=reauthenticate" in browser.begin("facebook")


def test_where_guests_may_not_comment_the_sentence_offers_nothing_else(site: Site) -> None:
    closed = Site(site.framework, policy="login-required")
    page = closed.browser().get("/auth/callback/facebook?code=c&state=s").text
    assert "Allow cookies for this site." in page
    assert "as a guest" not in page


def test_the_page_of_one_button_tells_the_way_to_another_account(browser: Browser) -> None:
    assert "log out at X (Twitter)" in browser.get("/auth/login/twitter?change=1").text
    assert "log out at" not in browser.get("/auth/login/twitter").text


def test_a_denial_without_state_is_one_at_any_provider(browser: Browser) -> None:
    page = browser.get("/auth/callback/facebook?denied=abc")
    assert page.status == 403
    assert "You cancelled the login at Facebook." in page.text


@pytest.mark.parametrize(
    ("accept", "json"),
    [
        ("application/json", True),
        ("Application/JSON; q=0.5", True),
        ("text/html, application/json", False),
        ("application/json;q=0", False),
        ("application/json, text/html;q=0.0", True),
        ("*/*", False),
    ],
)
def test_json_is_for_those_who_ask_for_it(browser: Browser, accept: str, json: bool) -> None:
    kind = browser.get("/auth/nowhere", accept=accept).header("Content-Type")
    assert (kind == "application/json") == json

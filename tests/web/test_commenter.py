"""Who comments with the app's form in which the box stands."""

from collections.abc import Mapping

import pytest

from sites import Browser, Site
from sociallogin import Identity, RequestError
from sociallogin.web.endpoints import Endpoints
from sociallogin.web.messages import WebRequest
from sociallogin.web.visit import Visit

NOBODY = {"name": "", "email": "", "website": "", "text": "Hello"}
GUEST = {**NOBODY, "name": "Nora", "email": "nora@example.org"}


def commenter(browser: Browser, form: Mapping[str, str]) -> Identity:
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    request = WebRequest("POST", "/comments", headers={"cookie": cookies})
    return Visit(Endpoints(browser.site.login), request).commenter(form)


def account(policy: str, button: str = "grant") -> Browser:
    browser = Site(policy=policy).browser()
    browser.log_in("facebook", button)
    return browser


def test_an_account_comments_with_nothing_but_the_text() -> None:
    browser = account("name-and-email")
    assert commenter(browser, {"text": "Hello"}).to_dict() == browser.identity()


def test_guests_fields_left_empty_are_no_guest() -> None:
    browser = account("open")
    assert commenter(browser, NOBODY).provider == "facebook"


def test_guests_fields_filled_in_are_one_although_somebody_is_logged_in() -> None:
    guest = commenter(account("open"), GUEST)
    assert (guest.provider, guest.name) == ("guest", "Nora")


def test_nobody_is_a_guest_without_a_name_where_that_is_allowed() -> None:
    browser = Site().browser()
    assert commenter(browser, NOBODY).name is None


def test_an_address_completes_the_account_that_lacked_one() -> None:
    browser = account("name-and-email", "no_email")
    identity = commenter(browser, {"text": "Hello", "email": "ada@example.org"})
    assert (identity.provider, identity.email) == ("facebook", "ada@example.org")
    assert identity.email_verified is False
    assert identity.key == f"{identity.issuer} {(browser.identity() or {})['subject']}"


@pytest.mark.parametrize("form", [{"text": "Hello"}, {"email": ""}, {"email": "ada@"}])
def test_without_one_it_does_not_comment(form: Mapping[str, str]) -> None:
    with pytest.raises(RequestError) as raised:
        commenter(account("name-and-email", "no_email"), form)
    assert (raised.value.code, list(raised.value.fields)) == ("guest_invalid", ["email"])


@pytest.mark.parametrize("policy", ["open", "name-and-email", "login-required"])
def test_an_account_whose_session_has_ended_is_told_so(policy: str) -> None:
    with pytest.raises(RequestError) as raised:
        commenter(Site(policy=policy).browser(), {"text": "Hello", "email": "ada@example.org"})
    assert raised.value.code == "login_required"


def test_the_policy_is_the_servers() -> None:
    with pytest.raises(RequestError) as raised:
        commenter(Site(policy="login-required").browser(), GUEST)
    assert raised.value.code == "guest_not_allowed"

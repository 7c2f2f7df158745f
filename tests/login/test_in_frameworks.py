"""Every login scenario, through HTTP, in every framework and with every protocol."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from sites import Browser, Site, query, shown_error
from sociallogin import LoginRefused, SignIn

Make = Callable[..., Browser]


@pytest.fixture
def make(framework: str, spoken: tuple[str, str]) -> Make:
    """Makes a browser for a site that speaks this protocol with X."""

    def made(**given: Any) -> Browser:
        twitter = "oauth1" if spoken[1] == "oauth1" else "oauth2"
        return Site(framework, twitter=twitter, **given).browser()  # type: ignore[arg-type]

    return made


@pytest.fixture
def browser(make: Make) -> Browser:
    return make()


def test_a_visitor_logs_in_comes_back_and_logs_out(browser: Browser, provider: str) -> None:
    reply = browser.log_in(provider, next_url="/post/1?page=2")
    assert (reply.status, reply.location.rstrip("#")) == (303, "/post/1?page=2")
    identity = browser.identity()
    assert identity is not None
    assert (identity["provider"], identity["name"]) == (provider, "Nora Lind")
    assert not browser.pending
    assert 'data-state="signed-in"' in browser.get("/auth/box").text
    assert browser.post("/auth/logout", {"next": "/post/1"}).location == "/post/1"
    assert browser.identity() is None


def test_a_visitor_who_cancels_gets_the_choices_again(browser: Browser, provider: str) -> None:
    callback = browser.consent(browser.begin(provider, "/post/1"), "deny")
    page = browser.request("GET", callback, headers={"Accept": "text/html"})
    assert page.status == 403
    assert 'href="/post/1"' in page.text
    assert f'action="/auth/login/{provider}"' in page.text
    assert browser.identity() is None


def test_a_repeated_callback_is_answered_calmly_and_a_copied_one_is_not(
    make: Make, browser: Browser, provider: str
) -> None:
    callback = browser.consent(browser.begin(provider, "/post/1"))
    kept = dict(browser.cookies)
    assert browser.get(callback).status == 303
    browser.cookies.update(kept)
    assert browser.get(callback).location.rstrip("#") == "/post/1"
    stranger = browser.site.browser()
    reply = stranger.get(callback, accept="application/json")
    assert (reply.status, shown_error(reply)) == (400, "state_missing")


@pytest.mark.parametrize(
    ("began", "told"),
    [
        ({}, ""),
        (
            {"host": "www.example.com"},
            "when it was begun: this request came to the host www.example.com, but base_url says "
            "blog.example.com: use one name",
        ),
        ({"x_forwarded_proto": "http"}, "when it was begun: X-Forwarded-Proto says"),
    ],
    ids=["rightly", "host", "scheme"],
)
def test_a_login_that_was_begun_at_another_address_and_lost_is_told_to_the_owner(
    make: Make, provider: str, began: dict[str, str], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sociallogin")
    browser = make()
    form, headers = {"next": "/"}, {"x_forwarded_proto": "https", **began}
    leaving = browser.post(f"/auth/login/{provider}", form, **headers)
    callback = browser.consent(leaving.location)
    browser.cookies.clear()  # they are of that address
    browser.get(callback, x_forwarded_proto="https")
    assert "state_missing" in caplog.text
    assert told in caplog.text
    assert ("when it was begun" in caplog.text) == bool(told)


def test_two_tabs_log_in_beside_each_other(browser: Browser, provider: str) -> None:
    first, second = browser.begin(provider, "/one"), browser.begin("facebook", "/two")
    assert browser.get(browser.consent(second)).location == "/two#"
    assert browser.get(browser.consent(first)).location.rstrip("#") == "/one"


def test_a_provider_that_fails_is_blamed_and_the_next_login_works(
    browser: Browser, provider: str
) -> None:
    reply = browser.get(
        browser.consent(browser.begin(provider), "server_error"), accept="application/json"
    )
    assert (reply.status, shown_error(reply)) == (502, "provider_unreachable")
    assert browser.log_in(provider).status == 303
    assert browser.identity() is not None


def test_hooks_keep_the_draft_and_may_refuse(make: Make, provider: str) -> None:
    drafts: list[tuple[str, Mapping[str, str]]] = []

    def on_login(signin: SignIn) -> None:
        raise LoginRefused("This account cannot comment here.")

    hooks = {"on_begin": lambda *given: drafts.append(given), "on_login": on_login}
    browser = make(hooks=hooks)
    callback = browser.consent(browser.begin(provider, "/post/1", draft="Well said"))
    assert drafts == [(provider, {"draft": "Well said"})]
    page = browser.request("GET", callback, headers={"Accept": "text/html"})
    assert (page.status, "This account cannot comment here." in page.text) == (403, True)
    assert browser.identity() is None


def test_a_guest_becomes_a_member(browser: Browser, provider: str) -> None:
    browser.post("/auth/guest", {"name": "Ada", "next": "/"})
    identity = browser.identity()
    assert identity is not None
    assert (identity["provider"], identity["name"]) == ("guest", "Ada")
    browser.log_in(provider)
    identity = browser.identity()
    assert identity is not None
    assert identity["provider"] == provider


def test_after_a_log_out_the_provider_is_asked_to_let_choose(
    browser: Browser, provider: str
) -> None:
    plain = query(browser.begin(provider))
    browser.log_in(provider)
    browser.post("/auth/logout")
    asked = query(browser.begin(provider))
    client = next(c for c in browser.site.login.providers if c.name == provider)
    assert {name: asked[name] for name in set(asked) - set(plain)} == dict(client.record.change)

"""The comment box without script, state by state."""

import re
from dataclasses import replace
from typing import Any

import pytest

from sites import Browser, Site
from sociallogin import Identity, RequestError
from sociallogin.web import assets
from sociallogin.web.endpoints import Endpoints
from sociallogin.web.messages import WebRequest

ORDER = ["Log in with WordPress.com", "Log in with X (Twitter)", "Log in with Facebook"]


def box(browser: Browser, query: str = "") -> str:
    return browser.get(f"/auth/box{query}").text


def state(html: str) -> str:
    found = re.search(r'data-state="([^"]+)"', html)
    assert found is not None
    return found[1]


def buttons(html: str) -> list[str]:
    texts = re.findall(r"<button[^>]*>(.*?)</button>", html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", text).strip() for text in texts]


def test_anonymous_shows_every_provider_in_the_order_of_the_configuration(
    browser: Browser,
) -> None:
    html = box(browser)
    assert state(html) == "anonymous"
    assert buttons(html)[:3] == ORDER
    assert "Fill in your details below or click an icon to log in:" in html
    assert "Address never made public" in html
    assert "checked" not in html


def test_login_required_shows_no_guest_fields() -> None:
    html = box(Site(policy="login-required").browser())
    assert "Log in to leave a reply:" in html
    assert "<input id=" not in html


def test_required_is_said_in_words_where_name_and_address_are_required() -> None:
    assert box(Site(policy="name-and-email").browser()).count("(required)") == 2


def test_a_site_owners_label_is_what_visitors_read() -> None:
    html = box(Site(providers={"facebook": {"label": "Blue <book>"}}).browser())
    assert "Log in with Blue &lt;book&gt;" in html


def test_signed_in_says_the_provider_and_the_name(browser: Browser) -> None:
    browser.log_in("facebook")
    browser.site.clock.forward(61)
    html = box(browser)
    assert state(html) == "signed-in"
    assert "You are commenting using your Facebook account." in html
    assert "<bdi>Nora Lind</bdi>" in html
    assert buttons(html) == ["Log Out", "Change"]
    assert ">NL<" in html


def test_for_a_minute_after_a_login_the_status_says_so(browser: Browser) -> None:
    browser.log_in("facebook")
    assert "You are logged in as <bdi>Nora Lind</bdi>." in box(browser)
    browser.site.clock.forward(61)
    assert "You are logged in as" not in box(browser)


def test_guest_says_the_name_and_offers_to_forget(browser: Browser) -> None:
    browser.post("/auth/guest", {"name": "Ada"})
    html = box(browser)
    assert state(html) == "guest"
    assert "You are commenting as <bdi>Ada</bdi>." in html
    assert buttons(html) == ["Change", "Forget me"]
    browser.post("/auth/logout")
    assert browser.identity() is None


def test_changing_names_the_account_and_offers_to_keep_it(browser: Browser) -> None:
    browser.log_in("facebook")
    html = box(browser, "?change=1&next=/post/1")
    assert state(html) == "changing"
    assert "Keep commenting as <bdi>Nora Lind</bdi>" in html
    assert 'href="/post/1"' in html
    assert buttons(html)[:3] == ORDER


def test_abandoning_change_keeps_the_identity(browser: Browser) -> None:
    browser.log_in("facebook")
    before = browser.identity()
    browser.get("/auth/?change=1&next=/post/1")
    browser.log_in("wordpress", "deny")
    assert browser.identity() == before
    browser.log_in("wordpress")
    assert browser.identity() != before


def test_a_failed_provider_stands_first_and_the_way_back_is_there(browser: Browser) -> None:
    page = browser.log_in("facebook", "deny", "/post/1#comments")
    assert page.status == 403
    assert state(page.text) == "error"
    assert "<title>Error: You cancelled the login at Facebook." in page.text
    assert buttons(page.text)[0] == "Log in with Facebook"
    assert 'href="/post/1#comments"' in page.text
    assert page.text.count('name="next" value="/post/1#comments"') >= 3


@pytest.mark.parametrize(
    ("fault", "status", "sentence"),
    [
        ("timeout", 503, "Facebook is not answering right now."),
        ("server_error", 503, "Facebook is not answering right now."),
        ("rate_limited", 503, "Facebook asks us to wait. Try again in"),
        ("revoked", 503, "Logging in with Facebook does not work on this site at the moment."),
        ("wrong_state", 400, "The login took too long or was started in another window."),
    ],
)
def test_each_failure_has_its_page_its_status_and_its_sentence(
    browser: Browser, fault: str, status: int, sentence: str
) -> None:
    page = browser.log_in("facebook", fault)
    assert page.status == status
    assert sentence in page.text
    assert "provider_" not in page.text, "the developer's words are not for visitors"


def test_refused_cookies_are_told_from_a_lost_login(site: Site) -> None:
    callback = site.browser().consent(site.browser().begin("facebook"))
    assert "did not keep a cookie this login needs" in site.browser().get(callback).text
    other = site.browser()
    other.get("/auth/")
    assert "took too long or was started in another window" in other.get(callback).text


def test_after_log_out_the_box_says_what_still_holds_and_the_next_login_asks(
    browser: Browser,
) -> None:
    browser.log_in("facebook")
    assert browser.post("/auth/logout", {"next": "/post/1"}).location == "/post/1"
    html = box(browser)
    assert "You are logged out of this site. You may still be logged in at Facebook." in html
    assert "auth_type=reauthenticate" in browser.begin("facebook")
    browser.log_in("facebook")
    assert "auth_type" not in browser.begin("facebook")


def test_where_no_chooser_is_documented_the_box_links_to_the_providers_own_log_out(
    browser: Browser,
) -> None:
    browser.log_in("wordpress")
    browser.post("/auth/logout")
    assert 'href="https://wordpress.com/log-out"' in box(browser)


def test_a_bad_guest_form_keeps_what_was_typed_and_links_to_the_fields(browser: Browser) -> None:
    form = {"name": "Ada", "email": "no address", "website": "javascript:x", "next": "/post/1"}
    page = browser.post("/auth/guest", {**form, "remember": "1"})
    assert page.status == 422
    assert 'value="Ada"' in page.text
    assert 'value="no address"' in page.text
    assert page.text.count('aria-invalid="true"') == 2
    for field in ("email", "website"):
        assert f'href="#sociallogin-{field}"' in page.text
        assert f'id="sociallogin-{field}-error"' in page.text
    assert " checked" in page.text


@pytest.mark.parametrize("remember", [True, False])
def test_a_guest_is_remembered_only_when_ticked(browser: Browser, remember: bool) -> None:
    form = {"name": "Ada"} | ({"remember": "1"} if remember else {})
    cookie = browser.post("/auth/guest", form).set_cookies["__Host-sociallogin_identity"]
    assert ("Max-Age" in cookie) == remember


def test_inside_the_apps_own_form_the_buttons_belong_to_it(site: Site) -> None:
    html = str(Endpoints(site.login).box(WebRequest("GET", "/"), "/post/1", form="reply"))
    assert "<form" not in html
    for provider in ("wordpress", "twitter", "facebook"):
        assert f'form="reply" formaction="/auth/login/{provider}" formmethod="post"' in html
    assert html.count('name="next" value="/post/1"') == 3
    for field in ("name", "email", "website", "remember"):
        assert re.search(rf'name="{field}"[^>]* form="reply"', html)


def test_the_boxs_errors_are_those_that_the_app_hands_in(site: Site) -> None:
    error = RequestError("guest_invalid", fields={"email": "Please."})
    html = str(
        Endpoints(site.login).box(
            WebRequest("GET", "/"), "/", error=error, values={"name": "Ada"}, form="reply"
        )
    )
    assert state(html) == "error"
    assert 'href="#sociallogin-reply-email">Please.' in html
    assert 'value="Ada"' in html


def test_fields_that_hold_nothing_yet_are_as_good_as_none(site: Site) -> None:
    """Breaks when an app that always hands in its form is answered with an error."""
    request, endpoints = WebRequest("GET", "/"), Endpoints(site.login)
    without = str(endpoints.box(request, "/", form="reply"))
    assert str(endpoints.box(request, "/", form="reply", values={})) == without
    assert 'value="Ada"' in str(endpoints.box(request, "/", form="reply", values={"name": "Ada"}))
    assert str(endpoints.box(request, "/", form="reply")) == without


def test_boxes_that_are_kept_are_shown_to_nobody_else(site: Site) -> None:
    """Breaks when a box that is kept is found by less than everything it shows."""
    endpoints = Endpoints(site.login)
    person = Identity(provider="facebook", issuer="https://www.facebook.com", subject="1", name="A")
    people = [
        person,
        replace(person, name="A new name"),
        replace(person, subject="2", name="Somebody Else"),
        replace(person, provider="twitter", issuer="https://x.com", name="On X"),
    ]

    def shown(identity: Identity) -> str:
        cookie = f"{endpoints.cookies.identity}={site.login.seal_identity(identity)}"
        return str(endpoints.box(WebRequest("GET", "/", headers={"cookie": cookie}), "/"))

    boxes = {identity: shown(identity) for identity in people}
    assert len(set(boxes.values())) == len(people)
    for identity, html in boxes.items():
        assert shown(identity) == html
        assert f"<bdi>{identity.name}</bdi>" in html
    assert state(str(endpoints.box(WebRequest("GET", "/"), "/"))) == "anonymous"


def test_debug_shows_the_developers_words_below_the_sentence(site: Site) -> None:
    endpoints = Endpoints(site.login, debug=True)
    request = WebRequest("GET", "/callback/facebook", "state=s&code=c")
    page = site.login.run(endpoints.handle(request)).body.decode()
    assert "For developers" in page
    assert "state_missing" in page


def test_assets_are_cached_for_ever_under_the_name_of_their_content(browser: Browser) -> None:
    link = re.search(r'href="(/auth/static/[^"]+\.css)"', box(browser))
    assert link is not None
    hashed, plain = browser.get(link[1]), browser.get("/auth/static/sociallogin.css")
    assert hashed.body == plain.body
    assert "immutable" in (hashed.header("Cache-Control") or "")
    assert plain.header("Cache-Control") == "no-cache"


def test_every_enabled_provider_has_an_icon_in_the_colour_of_its_text(site: Site) -> None:
    for client in site.login.providers:
        assert f"{client.name}.svg" in assets.assets()
    for name in assets.assets():
        if name.endswith(".svg"):
            assert "currentColor" in assets.icon(name.removesuffix(".svg"))
            assert 'aria-hidden="true"' in assets.icon(name.removesuffix(".svg"))


@pytest.mark.parametrize(
    ("method", "target", "allow"),
    [
        ("POST", "/auth/", "GET"),
        ("DELETE", "/auth/login/facebook", "GET, POST"),
        ("GET", "/auth/logout", "POST"),
        ("GET", "/auth/guest", "POST"),
        ("OPTIONS", "/auth/identity", "GET"),
    ],
)
def test_another_method_is_refused_with_the_allowed_ones(
    browser: Browser, method: str, target: str, allow: str
) -> None:
    reply = browser.request(method, target)
    assert (reply.status, reply.header("Allow")) == (405, allow)


def test_hooks_hear_of_the_other_fields_before_the_browser_leaves(site: Site) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    told = Site(
        site.framework, hooks={"on_begin": lambda name, form: heard.append((name, dict(form)))}
    )
    browser = told.browser()
    form = {"next": "/post/1", "text": "My draft 🎈", "change": "1", "popup": "1"}
    browser.post("/auth/login/facebook", form)
    browser.post("/auth/guest", {"name": "Ada", "email": "", "text": "Another", "remember": "1"})
    assert heard == [("facebook", {"text": "My draft 🎈"}), ("guest", {"text": "Another"})]


def test_the_draft_is_told_even_when_the_provider_is_down(site: Site) -> None:
    heard: list[str] = []
    told = Site(
        site.framework,
        twitter="oauth1",
        hooks={"on_begin": lambda name, form: heard.append(form["text"])},
    )
    with told.emulators.twitter_oauth1.failing("server_error", at="request_token"):
        page = told.browser().post("/auth/login/twitter", {"next": "/post/1", "text": "Draft"})
    assert page.status == 503
    assert 'href="/post/1"' in page.text
    assert heard == ["Draft"]

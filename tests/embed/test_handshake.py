"""A login for a page of another site, from the window's first request to the bearer."""

import re
from collections.abc import Callable

import pytest

from embedding import BLOG, OTHER, Page, base64url, code_of, confirmation
from sites import PROTOCOLS, Site, query, shown_error
from sociallogin import LoginRefused, SignIn

BACK = f"{BLOG}/2026/soup?sort=new"


def test_the_window_names_the_page_and_has_no_challenge_yet(page: Page) -> None:
    reply = page.window.get(confirmation(origin=BLOG))
    assert reply.status == 200
    form = re.search(r"<form[^>]*embed/login/facebook.*?</form>", reply.text, re.DOTALL)
    assert form is not None
    assert f'data-embed-origin="{BLOG}" hidden' in form[0]
    assert 'name="challenge" value=""' in form[0]
    assert re.search(r'<script type="module" src="/auth/static/embed\.[0-9a-f]+\.js">', reply.text)
    assert reply.header("Cross-Origin-Opener-Policy") == "unsafe-none"
    policy = reply.header("Content-Security-Policy") or ""
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self'" in policy
    assert "form-action" not in policy
    assert not page.window.pending


@pytest.mark.parametrize(("provider", "protocol"), PROTOCOLS)
def test_a_page_is_given_a_bearer_once(
    make_site: Callable[..., Site], provider: str, protocol: str
) -> None:
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    page = Page(site)
    assert (page.redeem().status, page.redeem().json) == (202, {"pending": True})
    done = page.finish(provider=provider)
    assert done.status == 200
    assert 'data-outcome="signin"' in done.text
    assert f'data-embed-ended="{BLOG}"' in done.text
    assert not [name for name in done.set_cookies if "identity" in name]
    assert page.window.identity() is None, "here nobody is signed in"
    assert not page.window.pending
    reply = page.redeem()
    assert reply.status == 200
    told = reply.json
    assert set(told) == {"access_token", "token_type", "expires_in", "identity"}
    assert (told["token_type"], told["expires_in"]) == ("Bearer", 30 * 24 * 3600)
    assert told["identity"]["provider"] == provider
    assert reply.header("Access-Control-Allow-Origin") == BLOG
    assert reply.header("Access-Control-Allow-Credentials") is None
    assert reply.header("Cache-Control") == "no-store"
    assert "Origin" in (reply.header("Vary") or "")
    assert page.redeem().status == 202, "it is gone"
    page.bearer = told["access_token"]
    assert page.identity() == told["identity"]


def test_what_ends_in_the_pages_own_tab_comes_back_with_a_code(page: Page) -> None:
    shown = page.window.get(confirmation(**{"return": BACK, "challenge": page.challenge}))
    assert shown.status == 200
    assert "<script" not in shown.text
    assert f'name="challenge" value="{page.challenge}"' in shown.text
    done = page.finish(**{"return": BACK})
    assert done.status == 303
    assert done.location.startswith(f"{BACK}#sociallogin=")
    assert page.redeem().status == 202, "without the code"
    assert page.redeem(code="A" * 43).status == 202
    assert page.redeem(code="é").status == 202
    stranger = Page(page.site)
    assert stranger.redeem(code=code_of(done.location)).status == 202, "without the verifier"
    assert page.redeem(code=code_of(done.location)).status == 200


@pytest.mark.parametrize(
    ("button", "code", "status"),
    [("deny", "login_denied", 403), ("server_error", "provider_unreachable", 502),
     ("rate_limited", "provider_rate_limited", 503)],
)  # fmt: skip
def test_a_failure_reaches_the_page_too(page: Page, button: str, code: str, status: int) -> None:
    done = page.finish(button)
    assert f'data-outcome="{code}"' in done.text
    reply = page.redeem()
    assert (shown_error(reply), reply.status) == (code, status)
    assert "Facebook" in reply.json["error"]["message"]
    assert page.redeem().status == 202, "once"
    page.log_in()


def test_a_failure_in_the_pages_own_tab_goes_back_to_it(page: Page) -> None:
    done = page.finish("deny", **{"return": BACK})
    assert done.status == 303
    assert shown_error(page.redeem(code=code_of(done.location))) == "login_denied"


def test_a_request_token_that_fails_is_told_to_the_page(make_site: Callable[..., Site]) -> None:
    site = make_site(twitter="oauth1", providers={"twitter": {"client_secret": "wrong"}})
    page = Page(site)
    given = {"origin": BLOG, "challenge": page.challenge}
    reply = page.window.post("/auth/embed/login/twitter", given)
    assert reply.status == 503
    assert shown_error(page.redeem()) == "provider_rejected_client"


def test_the_apps_own_sentence_reaches_the_page(make_site: Callable[..., Site]) -> None:
    seen = []

    def on_login(signin: SignIn) -> None:
        seen.append(signin.embed_origin)
        raise LoginRefused("Not on a Sunday, at 100%.")

    page = Page(make_site(hooks={"on_login": on_login}))
    page.finish()
    reply = page.redeem()
    assert (shown_error(reply), reply.status) == ("identity_refused", 403)
    assert reply.json["error"]["message"] == "Not on a Sunday, at 100%."
    assert seen == [BLOG]


def test_change_asks_for_the_account(page: Page) -> None:
    assert "auth_type" not in query(page.begin())
    assert query(page.begin(change="1"))["auth_type"] == "reauthenticate"
    assert 'name="change" value="1"' in page.window.get(confirmation(origin=BLOG, change="1")).text


def test_a_result_waits_two_minutes(page: Page) -> None:
    page.finish()
    page.site.clock.forward(119)
    late = Page(page.site)
    late.finish()
    page.site.clock.forward(2)
    assert page.redeem().status == 202
    assert late.redeem().status == 200


def test_a_login_that_took_too_long_is_told(page: Page) -> None:
    callback = page.window.consent(page.begin())
    page.site.clock.forward(601)
    page.window.get(callback)
    assert shown_error(page.redeem()) == "state_expired"


def test_a_repeated_callback_takes_nothing_back(page: Page) -> None:
    callback = page.window.consent(page.begin())
    kept = dict(page.window.cookies)
    page.window.get(callback)
    page.window.cookies = kept
    again = page.window.get(callback)
    assert 'data-outcome="state_replayed"' in again.text
    assert page.redeem().status == 200


def test_a_bearer_lasts_no_longer_than_a_session(make_site: Callable[..., Site]) -> None:
    site = make_site(session_max_age=3600)
    page = Page(site)
    page.finish()
    told = page.redeem().json
    assert told["expires_in"] == 3600
    page.bearer = told["access_token"]
    site.clock.forward(3599)
    assert page.identity() is not None
    site.clock.forward(2)
    assert page.identity() is None


def test_a_bearer_lasts_no_longer_than_thirty_days(make_site: Callable[..., Site]) -> None:
    page = Page(make_site(session_max_age=300 * 24 * 3600))
    page.finish()
    assert page.redeem().json["expires_in"] == 30 * 24 * 3600


def test_logging_out_ends_the_bearer_and_no_other(page: Page) -> None:
    page.log_in()
    other = Page(page.site).log_in()
    reply = page.ask("POST", "/auth/logout")
    assert (reply.status, reply.json) == (200, {"identity": None})
    assert reply.header("Access-Control-Allow-Origin") == BLOG
    assert page.identity() is None
    assert other.identity() is not None
    again = page.ask("POST", "/auth/logout")
    assert (shown_error(again), again.status) == ("login_required", 401)


def test_a_page_is_not_asked_for_its_own_cookies(page: Page) -> None:
    """The bearer decides alone: who is logged in here, too, is not who comments there."""
    page.log_in("facebook")
    page.window.log_in("wordpress")
    headers = {"Origin": BLOG, "Authorization": f"Bearer {page.bearer}"}
    mixed = page.window.request("GET", "/auth/identity", headers=headers)
    assert mixed.json["identity"]["provider"] == "facebook"
    headers["Authorization"] = f"Bearer sociallogin_{base64url(b'0' * 32)}"
    assert page.window.request("GET", "/auth/identity", headers=headers).json["identity"] is None


def test_the_box_of_another_site_acts_by_script_alone(page: Page) -> None:
    here = "https://blog.example.com/auth"
    nobody = page.ask("GET", "/auth/box?form=reply")
    assert nobody.header("Access-Control-Allow-Origin") == BLOG
    assert f'<link rel="stylesheet" href="{here}/static/sociallogin.' in nobody.text
    assert "<script" not in nobody.text
    assert "<form" not in nobody.text
    assert 'type="submit"' not in nobody.text
    assert "formaction" not in nobody.text
    assert nobody.text.count('<button class="sociallogin-button"') == 3
    assert nobody.text.count('type="button"') == 3
    assert 'name="email" type="email" autocomplete="email"' in nobody.text
    assert 'name="remember"' not in nobody.text
    assert 'name="email"' not in page.ask("GET", "/auth/box").text, "no form to put it in"
    page.log_in()
    somebody = page.ask("GET", "/auth/box")
    assert "You are commenting using your" in somebody.text
    assert 'data-state="signed-in"' in somebody.text
    assert "You are logged in as" in somebody.text
    assert "<form" not in somebody.text
    changing = page.ask("GET", "/auth/box?change=1")
    assert "Keep commenting as" in changing.text
    assert "<a " not in changing.text.partition("sociallogin-providers")[0]


def test_without_embed_origins_there_is_nothing_to_embed(framework: str) -> None:
    site = Site(framework)
    page = Page(site)
    refused = page.window.get(confirmation(origin=BLOG), accept="application/json")
    assert (shown_error(refused), refused.status) == ("origin_not_allowed", 403)
    assert shown_error(page.redeem()) == "origin_not_allowed"
    page.bearer = f"sociallogin_{base64url(b'0' * 32)}"
    for target in ("/auth/identity", "/auth/box", "/auth/static/embed.js"):
        reply = page.ask("GET", target)
        assert reply.header("Access-Control-Allow-Origin") is None
        assert "Origin" not in (reply.header("Vary") or "")


def test_another_listed_origin_is_served_alike(site: Site) -> None:
    page = Page(site, OTHER).log_in()
    assert page.identity() is not None

"""The quirks that most often break social login, each named after its row of the fact sheet."""

import re
from base64 import b64decode
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest

from login.faces import Face, FacedSite
from sites import Browser, Site, query
from sociallogin import ConfigError, ProviderError, TokenError
from sociallogin.emulators.answers import json, raw


@pytest.fixture
def site(face: Face) -> Site:
    return FacedSite(face)


@pytest.fixture
def browser(site: Site) -> Browser:
    return site.browser()


def sent(site: Site, provider: str, step: str, protocol: str = "oauth2") -> list[dict[str, str]]:
    """The parameters of the provider's requests for this step, from query and body."""
    found = []
    for request in site.emulators.of(provider, protocol).asked(step):  # type: ignore[arg-type]
        pairs = parse_qs(urlsplit(request.url).query) | parse_qs((request.body or b"").decode())
        found.append({name: values[0] for name, values in pairs.items()})
    return found


def test_row_3_each_attempt_has_its_own_lax_cookie_and_nothing_is_stored(
    browser: Browser,
) -> None:
    first = browser.post("/auth/login/facebook", {"next": "/1"})
    second = browser.post("/auth/login/facebook", {"next": "/2"})
    for reply in (first, second):
        (cookie,) = reply.all("Set-Cookie")
        assert "SameSite=Lax" in cookie
        assert "Max-Age=3600" in cookie
        assert reply.header("Cache-Control") == "no-store"
    assert len(browser.pending) == 2
    assert browser.get(browser.consent(second.location)).location == "/2#"
    assert browser.get(browser.consent(first.location)).location == "/1#"


def test_row_4_the_token_request_repeats_the_redirect_uri_of_the_configuration(
    site: Site, browser: Browser
) -> None:
    asked = query(browser.begin("facebook"))["redirect_uri"]
    assert asked == "https://blog.example.com/auth/callback/facebook"
    browser.log_in("facebook")
    assert sent(site, "facebook", "token")[0]["redirect_uri"] == asked


@pytest.mark.parametrize("provider", ["wordpress", "twitter", "facebook"])
def test_row_5_a_double_callback_exchanges_once(
    site: Site, browser: Browser, provider: str
) -> None:
    callback = browser.consent(browser.begin(provider))
    assert browser.get(callback).status == 303
    again = browser.get(callback)
    assert again.status == 400
    assert "Please try again." in again.text
    assert len(sent(site, provider, "token")) == 1


@pytest.mark.parametrize(
    "report",
    [
        "error=access_denied",
        "error=access_denied&error_reason=user_denied&error_code=200",
        "error=user_cancelled_authorize",
    ],
)
@pytest.mark.parametrize("with_state", [True, False])
def test_row_6_a_cancelled_login_is_no_server_error(
    browser: Browser, report: str, with_state: bool
) -> None:
    state = query(browser.begin("facebook", "/post/1"))["state"]
    target = f"/auth/callback/facebook?{report}" + (f"&state={state}" if with_state else "")
    page = browser.get(target)
    assert page.status == 403
    assert "You cancelled the login at Facebook. Nothing was shared." in page.text


def test_row_6_x_says_denied(site: Site) -> None:
    browser = Site(twitter="oauth1").browser()
    page = browser.log_in("twitter", "deny", "/post/1")
    assert page.status == 403
    assert 'href="/post/1"' in page.text


def test_row_7_next_stays_on_this_site(browser: Browser) -> None:
    assert browser.log_in("wordpress", next_url="https://evil.example/").location == "/"


BIG = 9007199254740993  # one more than a float can hold


@pytest.mark.parametrize(
    ("provider", "claims"),
    [
        ("wordpress", {"ID": BIG}),
        ("wordpress", {"ID": str(BIG)}),
        ("twitter", {"data": {"id": str(BIG)}}),
        ("facebook", {"id": str(BIG)}),
    ],
)
def test_row_10_an_id_is_a_text_whatever_its_size_and_type(
    site: Site, browser: Browser, provider: str, claims: dict[str, object]
) -> None:
    site.emulators.of(provider, "oauth2").answer_next("userinfo", json(claims))
    browser.log_in(provider)
    assert (browser.identity() or {})["subject"] == str(BIG)


def test_row_10_of_x_s_two_ids_in_1_0a_the_text_counts(face: Face) -> None:
    site = FacedSite(face, twitter="oauth1")
    claims = {"id": float(BIG), "id_str": str(BIG), "screen_name": "ada"}
    emulator, browser = site.emulators.of("twitter", "oauth1"), site.browser()
    token = raw(f"oauth_token=t&oauth_token_secret=s&user_id={BIG}".encode(), "text/html")
    emulator.answer_next("token", token)
    emulator.answer_next("userinfo", json(claims))
    browser.log_in("twitter")
    assert (browser.identity() or {})["subject"] == str(BIG)


def test_row_11_wordpress_is_asked_for_a_login_and_not_for_a_blog(browser: Browser) -> None:
    url = browser.begin("wordpress")
    assert urlsplit(url).path == "/oauth2/authenticate"
    assert query(url)["scope"] == "auth"


def test_row_12_another_scope_at_wordpress_is_a_fault_of_the_configuration() -> None:
    for scopes in (["auth", "posts"], ["openid", "profile", "email"], ["global"]):
        with pytest.raises(ConfigError, match=r"providers\.wordpress\.scopes"):
            Site(providers={"wordpress": {"scopes": scopes}})


def test_row_13_a_wordpress_token_has_no_expiry_and_any_kind_of_blog_id(
    site: Site,
) -> None:
    for blog_id in ({"blog_id": 0}, {"blog_id": "0"}, {}):
        answer = {"access_token": "t", "token_type": "bearer", "scope": "auth", **blog_id}
        site.emulators.wordpress.answer_next("token", json(answer))
        site.emulators.wordpress.answer_next("userinfo", json({"ID": 7}))
        start = site.login.begin("wordpress")
        callback = query(site.emulators.press(start.url))
        signin = site.login.complete("wordpress", callback, transaction=start.transaction)
        assert signin.token.expires_in is None


@pytest.mark.parametrize(
    ("said", "verified"),
    [
        ({"email_verified": False, "verified": True}, False),
        ({"email_verified": None, "verified": True}, True),
        ({"verified": False}, False),
        ({}, None),
    ],
)
def test_row_14_an_unverified_address_at_wordpress_stays_so(
    site: Site, browser: Browser, said: dict[str, object], verified: bool | None
) -> None:
    claims = {"ID": 7, "email": "ada@example.org", **said}
    site.emulators.wordpress.answer_next("userinfo", json(claims))
    browser.log_in("wordpress")
    assert (browser.identity() or {})["email_verified"] is verified


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("slug", ["authorization_required", "invalid_token", "invalid_request"])
def test_row_15_wordpress_is_judged_by_its_slug_and_gets_its_token_in_a_header(
    site: Site, browser: Browser, slug: str, status: int
) -> None:
    token = "a&b%c@d^e)f!g"
    answer = json({"access_token": token, "token_type": "bearer"})
    site.emulators.wordpress.answer_next("token", answer)
    refusal = json({"error": slug, "message": "That token is invalid."}, status)
    site.emulators.wordpress.answer_next("userinfo", refusal)
    callback = browser.consent(browser.begin("wordpress"))
    reply = browser.request("GET", callback, headers={"Accept": "application/json"})
    assert reply.json["error"]["code"] == "provider_refused_userinfo"
    (request,) = site.emulators.wordpress.asked("userinfo")
    assert request.headers["Authorization"] == f"Bearer {token}"
    assert token not in request.url


def test_row_16_x_is_asked_for_both_scopes_and_less_is_a_fault_of_the_configuration(
    browser: Browser,
) -> None:
    assert {"users.read", "tweet.read"} <= set(query(browser.begin("twitter"))["scope"].split())
    with pytest.raises(ConfigError, match=r"tweet\.read"):
        Site(providers={"twitter": {"scopes": ["users.read"]}})


def test_row_17_an_app_without_project_is_the_operators_matter(site: Site) -> None:
    problem = {
        "title": "Client Forbidden",
        "type": "https://api.x.com/2/problems/client-forbidden",
        "reason": "client-not-enrolled",
        "registration_url": "https://developer.x.com/en/docs/projects/overview",
    }
    site.emulators.twitter.answer_next("userinfo", json(problem, 403))
    error = _failure(site, "twitter")
    assert error.code == "provider_refused_userinfo"
    assert "developer.x.com" in error.hint
    assert "We have told the site's owner" in error.message


def test_row_18_one_userinfo_request_a_login_and_the_wait_that_x_asks_for(site: Site) -> None:
    site.browser().log_in("twitter")
    assert len(site.emulators.twitter.asked("userinfo")) == 1
    reset = str(int(site.clock.now) + 290)
    site.emulators.twitter.answer_next(
        "userinfo", json({"title": "Too Many Requests"}, 429, {"x-rate-limit-reset": reset})
    )
    error = _failure(site, "twitter")
    assert (error.code, error.retry_after) == ("provider_rate_limited", 290)
    assert error.message == "X (Twitter) asks us to wait. Try again in 5 minutes."


def test_row_18_who_is_logged_in_stays_so_with_the_profile_that_is_known(site: Site) -> None:
    """No other profile may be shown: without an answer nobody knows whose login it was."""
    browser = site.browser()
    browser.log_in("twitter")
    before = browser.identity()
    site.emulators.twitter.answer_next("userinfo", json({"title": "Too Many Requests"}, 429))
    assert browser.log_in("twitter").status == 503
    assert before is not None
    assert browser.identity() == before


@pytest.mark.parametrize("granted", ["users.read tweet.read users.email", "users.read tweet.read"])
def test_row_19_the_email_field_is_asked_for_only_with_its_scope(site: Site, granted: str) -> None:
    answer = {"token_type": "bearer", "access_token": "t", "scope": granted}
    site.emulators.twitter.answer_next("token", json(answer))
    site.emulators.twitter.answer_next("userinfo", json({"data": {"id": "7"}}))
    site.browser().log_in("twitter")
    fields = sent(site, "twitter", "userinfo")[0]["user.fields"].split(",")
    assert ("confirmed_email" in fields) == ("users.email" in granted)


@pytest.mark.parametrize("protocol", ["oauth2", "oauth1"])
def test_row_20_x_is_met_at_its_new_hosts(protocol: str) -> None:
    site = Site(twitter="oauth1" if protocol == "oauth1" else "oauth2")
    browser = site.browser()
    url = browser.begin("twitter")
    assert urlsplit(url).hostname == ("x.com" if protocol == "oauth2" else "api.x.com")
    browser.get(browser.consent(url))
    for step in ("token", "userinfo"):
        (request,) = site.emulators.of("twitter", protocol).asked(step)  # type: ignore[arg-type]
        assert urlsplit(request.url).hostname == "api.x.com"


def test_row_21_x_gets_its_credentials_by_basic_and_only_so(site: Site) -> None:
    site.browser().log_in("twitter")
    (request,) = site.emulators.twitter.asked("token")
    kind, _, encoded = request.headers["Authorization"].partition(" ")
    client_id, _, secret = b64decode(encoded).decode().partition(":")
    table = site.config["providers"]["twitter"]
    assert kind == "Basic"
    assert (unquote_plus(client_id), unquote_plus(secret)) == (
        table["client_id"],
        table["client_secret"],
    )
    assert "client_secret" not in sent(site, "twitter", "token")[0]


def test_row_21_oauth_2_keys_used_for_oauth_1_are_named_in_the_hint() -> None:
    site = Site(twitter="oauth1")
    site.emulators.twitter_oauth1.answer_next(
        "request_token", json({"errors": [{"code": 32, "message": "Could not auth."}]}, 401)
    )
    with pytest.raises(ProviderError) as raised:
        site.login.begin("twitter")
    assert raised.value.code == "provider_rejected_client"
    assert "OAuth 2.0 client id" in raised.value.hint


def test_row_22_a_code_older_than_thirty_seconds_is_a_token_error(site: Site) -> None:
    browser = site.browser()
    callback = browser.consent(browser.begin("twitter"))
    site.clock.forward(31)
    reply = browser.request("GET", callback, headers={"Accept": "application/json"})
    assert (reply.status, reply.json["error"]["code"]) == (502, "token_invalid")
    assert len(sent(site, "twitter", "token")) == 1


@pytest.mark.parametrize("code", ["32", "135", "215", "415", "453"])
@pytest.mark.parametrize("kind", ["xml", "json"])
def test_row_23_x_refuses_in_xml_or_json(code: str, kind: str) -> None:
    site = Site(twitter="oauth1")
    xml = f'<?xml version="1.0"?><errors><error code="{code}">No.</error></errors>'
    body = xml if kind == "xml" else f'{{"errors":[{{"code":{code},"message":"No."}}]}}'
    site.emulators.twitter_oauth1.answer_next(
        "request_token", raw(body.encode(), f"application/{kind}", 403)
    )
    with pytest.raises(ProviderError) as raised:
        site.login.begin("twitter")
    assert raised.value.code == "provider_rejected_client"
    assert code in raised.value.hint


def test_row_24_no_address_is_no_fault_and_is_asked_for_once_more_where_it_is_needed(
    face: Face,
) -> None:
    browser = FacedSite(face, policy="name-and-email").browser()
    assert browser.log_in("facebook", "no_email").location == "/#"
    assert (browser.identity() or {})["email"] is None
    assert query(browser.begin("facebook"))["auth_type"] == "rerequest"
    assert "/auth/email" in browser.get("/auth/box").text


@pytest.mark.parametrize(
    ("next_url", "arrives"), [("/post/1", "/post/1#"), ("/post/1#c", "/post/1#c")]
)
def test_row_25_facebooks_fragment_never_reaches_the_site(
    site: Site, browser: Browser, next_url: str, arrives: str
) -> None:
    url = browser.begin("facebook", next_url)
    assert site.emulators.press(url).endswith("#_=_")
    assert browser.get(browser.consent(url)).location == arrives
    assert browser.log_in("wordpress", next_url="/post/1").location == "/post/1"


def test_row_26_the_graph_version_is_one_setting_for_all_three_urls() -> None:
    site = Site(providers={"facebook": {"graph_version": "v24.0"}})
    browser = site.browser()
    url = browser.begin("facebook")
    browser.get(browser.consent(url))
    paths = [urlsplit(request.url).path for request in site.emulators.facebook.requests]
    assert paths
    assert all(re.match(r"/v24\.0/", path) for path in paths)
    with pytest.raises(ConfigError, match="graph_version"):
        Site(providers={"facebook": {"graph_version": "25"}})


def test_row_27_an_app_in_development_mode_is_named_in_the_hint(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "sociallogin")
    state = query(browser.begin("facebook"))["state"]
    report = "error=access_denied&error_code=200&error_reason=user_denied"
    assert browser.get(f"/auth/callback/facebook?{report}&state={state}").status == 403
    assert "error_code=200" in caplog.text
    assert "not live" in caplog.text


def test_row_28_a_silhouette_is_no_picture_and_a_picture_is_read_where_one_is_logged_in(
    site: Site, browser: Browser
) -> None:
    browser.log_in("facebook", "silhouette")
    assert (browser.identity() or {})["picture_url"] is None
    browser.log_in("facebook")
    assert (browser.identity() or {})["picture_url"]
    (asked,) = {request["fields"] for request in sent(site, "facebook", "userinfo")}
    assert "picture" in asked
    assert "is_silhouette" in asked


def _failure(site: Site, provider: str) -> ProviderError | TokenError:
    start = site.login.begin(provider)
    callback = query(site.emulators.press(start.url))
    with pytest.raises((ProviderError, TokenError)) as raised:
        site.login.complete(provider, callback, transaction=start.transaction)
    return raised.value

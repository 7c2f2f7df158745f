"""SECURITY H: pages, as far as no browser is needed to judge them."""

import html
import re
import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from attacks import JSON
from claims import scripted, told
from html_reading import elements, shape

from carrying import Reply
from sites import PROTOCOLS, Browser, Site
from sociallogin import Identity, ProviderError, RequestError, providers

PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '" autofocus onfocus="alert(1)',
    "</bdi></p></section><form action=//evil.example>",
    "<!--",
    "{{1337*7331}}${1337*7331}#{1337*7331}<%= 1337*7331 %>{% raw %}",
    "&lt;script&gt;&#x3c;img&quot;",
    "+ADw-script+AD4-",
]
ANYBODY = "Ada Lovelace"


PAGES = ["/auth/", "/auth/?change=1", "/auth/box", "/auth/box?change=1", "/auth/callback/facebook"]


#: With nothing between its tags.
OUR_SCRIPT = re.compile(
    r'<script type="module" src="/auth/static/sociallogin\.[0-9a-f]{12}\.js"></script>'
)


def inert(reply: Reply, like: Reply, payload: str) -> None:
    """The page has no other element or attribute than the same page with a harmless text."""
    assert shape(reply.text) == shape(like.text)
    assert str(1337 * 7331) not in reply.text, "a template was run"
    assert len(re.findall("<script", reply.text)) == len(OUR_SCRIPT.findall(reply.text))
    for element, attributes in elements(reply.text):
        assert element not in {"iframe", "object", "base", "meta:refresh"}
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("href", "action", "formaction", "src"):
                assert value.startswith(("/", "#", "https://wordpress.com/", "https://x.com/"))
    if "<" in payload:
        assert payload not in reply.text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_h1_whatever_a_provider_says_is_text(
    make_site: Callable[..., Site], spoken: tuple[str, str], payload: str
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    hostile, harmless = site.browser(), site.browser()
    for browser, text in ((hostile, payload), (harmless, ANYBODY)):
        claims = told(provider, protocol, *[text] * 3)
        site.emulators.of(provider, protocol).answer_next("userinfo", scripted(claims))
        assert browser.log_in(provider).status == 303
    for target in PAGES:
        page = hostile.get(target)
        inert(page, harmless.get(target), payload)
        assert payload in html.unescape(page.text)
    identity = hostile.get("/auth/identity")
    assert identity.json["identity"]["name"] == payload
    assert identity.header("Content-Type") == "application/json"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_h1_whatever_a_guest_says_is_text(site: Site, payload: str) -> None:
    hostile, harmless = site.browser(), site.browser()
    hostile.post("/auth/guest", {"name": payload, "remember": "1"})
    harmless.post("/auth/guest", {"name": ANYBODY, "remember": "1"})
    for target in PAGES:
        inert(hostile.get(target), harmless.get(target), payload)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("field", ["name", "email", "website", "remember", "next", "other"])
def test_h1_whatever_stands_in_a_form_again_is_text(site: Site, field: str, payload: str) -> None:
    browser = site.browser()
    form = {"name": ANYBODY, "email": "no address", "website": "javascript:x", "remember": "1"}
    reply = browser.post("/auth/guest", {**form, field: payload})
    if "sociallogin-website-error" not in reply.text:  # odd, but a web address
        form["website"] = "example.org"
    like = browser.post("/auth/guest", form)
    assert reply.status == like.status == 422
    inert(reply, like, payload)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize(
    "target", ["/auth/", "/auth/box", "/auth/login/facebook", "/auth/nowhere", "/auth/callback/x"]
)
def test_h1_whatever_an_address_says_is_text(site: Site, target: str, payload: str) -> None:
    browser = site.browser()
    like = browser.get(f"{target}?{urlencode({'next': '/post', 'change': 'x'})}")
    names = ("change", "popup", "error", "error_description", "state", "code", payload)
    for way_back in (payload, f"/post?q={payload}"):
        asked = {"next": way_back, **dict.fromkeys(names, payload)}
        inert(browser.get(f"{target}?{urlencode(asked)}"), like, payload)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_h1_whatever_is_posted_again_is_text(site: Site, payload: str) -> None:
    browser = site.browser()
    post = {"Sec-Fetch-Site": "cross-site"}
    form = {"code": "c", "state": "s", "error_message": "e", "iss": "i"}
    like = browser.request("POST", "/auth/callback/facebook", form, headers=post)
    form = {**dict.fromkeys(form, payload), payload: payload}
    reply = browser.request("POST", "/auth/callback/facebook", form, headers=post)
    assert reply.status == like.status == 200
    inert(reply, like, payload)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_h1_a_label_of_the_configuration_is_text(framework: str, payload: str) -> None:
    label = payload[:50]
    pages = [
        Site(framework, providers={"facebook": {"label": text}}).browser()
        for text in (label, "Facebook")
    ]
    for target in ("/auth/", "/auth/box", "/auth/login/facebook"):
        inert(*(page.get(target) for page in pages), payload)  # type: ignore[misc]


def test_h1_a_provider_that_is_refused_is_not_quoted(site: Site) -> None:
    browser = site.browser()
    callback = browser.consent(browser.begin("facebook"))
    error = {"error": {"message": PAYLOADS[0], "type": PAYLOADS[2], "code": PAYLOADS[0]}}
    site.emulators.facebook.answer_next("userinfo", scripted(error))
    page = browser.get(callback).text
    assert "alert(1)" not in page
    start = site.login.begin("facebook")
    site.emulators.facebook.answer_next("token", scripted(error))
    params = {"code": "c", "state": start.key}
    with pytest.raises(ProviderError) as caught:
        site.login.complete("facebook", params, transaction=start.transaction)
    assert "alert(1)" not in str(caught.value)


BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
INVISIBLE = [
    "", " ", "\u200b", "\u200d\u200c", "\u2060\ufeff", BIDI, "\u3164", "\u115f\u1160", "\u2800",
    "\u00ad", "\u0301\u0301", "\x00\x01", "\ud800", "\U000e0041", "\ue000", "\u034f", "\ufe0f",
    "\U0001d159",
]  # fmt: skip


def named(name: object) -> Identity:
    return providers.get("facebook").identity({"id": "7", "name": name})


@pytest.mark.parametrize("character", [*BIDI, "\x00", "\x08", "\x1b", "\x7f", "\x85", "\u2028"])
def test_h2_controls_and_overrides_are_removed(site: Site, character: str) -> None:
    name = f"Ada{character}Love{character * 3}lace"
    assert (named(name).name or "").replace(" ", "") == "AdaLovelace"
    browser = site.browser()
    if character != "\0":  # a form with a NUL is refused altogether
        browser.post("/auth/guest", {"name": name})
        identity = browser.identity()
        assert identity is not None
        assert identity["name"].replace(" ", "") == "AdaLovelace"


def test_h2_line_breaks_become_spaces() -> None:
    assert named("Ada\r\nLove\tlace\n").name == "Ada Love lace"


def test_h2_ten_thousand_combining_marks_deface_nothing(site: Site) -> None:
    name = "Z" + "\u0321" * 10_000 + "algo"
    shown = named(name).name
    assert shown is not None
    assert len(shown) <= 200
    assert sum(unicodedata.combining(letter) > 0 for letter in shown) <= 6
    browser = site.browser()
    browser.post("/auth/guest", {"name": name})
    assert browser.get("/auth/box").text.count("\u0321") <= 20


@pytest.mark.parametrize("name", INVISIBLE, ids=ascii)
def test_h2_a_label_is_never_empty(site: Site, name: str) -> None:
    identity = named(name)
    assert identity.name is None
    assert identity.label == "Someone"
    try:
        label, faults = site.login.guest({"name": name}).label, ["name"]
    except RequestError as error:
        label, faults = "Someone", list(error.fields)
    assert (label, faults) == ("Someone", ["name"])


def test_h2_a_label_is_never_an_address() -> None:
    claims = {"id": "7", "email": "ada@example.org"}
    assert providers.get("facebook").identity(claims).label == "Someone"


def test_h2_joiners_that_languages_need_stay() -> None:
    assert named("علی\u200cرضا").name == "علی\u200cرضا"
    assert named("\U0001f469\u200d\U0001f680").name == "\U0001f469\u200d\U0001f680"


NO_URLS = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:x", "//evil.example/a", "/relative",
    "relative", "?q", "#f", "https://user:pass@evil.example/", "https://user@evil.example",
    "https://", "https:///x", "http:evil.example", "ftp://example.org/", "file:///etc/passwd",
    "blob:https://x/1", "https://a b/", "https://a\\@evil.example/", "https://evil.example\\x",
    'https://a/"onload=x', "https://a/<b>", "https://a:port/", "https://a\u202e/", "", None, 7,
    ["https://example.org"], f"https://example.org/{'x' * 1000}", "https://a\x00/", "https://[::1",
]  # fmt: skip


@pytest.mark.parametrize("url", NO_URLS, ids=ascii)
@pytest.mark.parametrize("spoken", PROTOCOLS, ids="-".join)
def test_h3_what_is_no_plain_web_address_is_none(spoken: tuple[str, str], url: Any) -> None:
    provider, protocol = spoken
    claims = told(provider, protocol, *[url] * 3)
    identity = providers.get(provider, protocol=protocol).identity(claims)
    assert identity.picture_url is None
    assert identity.website_url is None
    if provider == "wordpress":
        assert identity.profile_url is None


@pytest.mark.parametrize("url", [url for url in NO_URLS if isinstance(url, str)], ids=ascii)
def test_h3_a_guests_website_is_a_web_address_or_refused(url: str) -> None:
    login = Site().login
    try:
        website = login.guest({"website": url}).website_url or ""
    except RequestError as error:
        website = "".join(f"refused: {field}" for field in error.fields)
    assert re.fullmatch(r"|refused: website|https://[^@]+", website)


@pytest.mark.parametrize(
    "name", ["ada/../evil", "ada?x", "ada#x", "a b", '"><script>', "ada\\evil", "\u202e"]
)
def test_h3_a_handle_makes_no_address_but_its_profile(name: str) -> None:
    identity = providers.get("twitter").identity({"data": {"id": "7", "username": name}})
    url = identity.profile_url
    assert url is None or url.startswith("https://x.com/")
    assert not set('"<>\\ ') & set(url or "")


def pages(site: Site) -> dict[str, Reply]:
    browser = site.browser()
    browser.log_in("facebook")
    return {
        "choices": browser.get("/auth/"),
        "login": browser.get("/auth/login/facebook"),
        "callback": browser.get("/auth/callback/facebook?code=c&state=s"),
        "repost": browser.request("POST", "/auth/callback/facebook", {"code": "c"}),
        "error": browser.get("/auth/nowhere"),
        "refusal": browser.request("POST", "/auth/logout", headers={"Origin": "https://e.org"}),
        "guest": browser.post("/auth/guest", {"email": "no address"}),
    }


@pytest.mark.parametrize(
    "page", ["choices", "login", "callback", "repost", "error", "refusal", "guest"]
)
def test_h4_h6_a_page_of_ours_runs_nothing_and_stands_in_no_frame(site: Site, page: str) -> None:
    reply = pages(site)[page]
    policy = reply.header("Content-Security-Policy") or ""
    directives = dict(part.partition(" ")[::2] for part in policy.split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["base-uri"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert "form-action" not in directives, "Chromium would apply it to the provider's redirects"
    assert "script-src" not in directives
    assert "unsafe" not in policy
    assert "*" not in policy
    assert reply.header("X-Frame-Options") == "DENY"
    assert reply.header("X-Content-Type-Options") == "nosniff"
    assert reply.header("Referrer-Policy") == "no-referrer"
    assert reply.header("Content-Type") == "text/html; charset=utf-8"
    assert reply.header("Cache-Control") == "no-store"
    for element, attributes in elements(reply.text):
        assert element not in {"script", "style"}
        assert "style" not in attributes


def test_h6_the_box_stands_in_our_own_frames_and_tells_other_sites_nothing(site: Site) -> None:
    browser = site.browser()
    browser.log_in("facebook")
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    box = browser.request("GET", "/auth/box", headers=headers)
    assert "Nora Lind" in box.text
    assert "frame-ancestors 'self'" in (box.header("Content-Security-Policy") or "")
    assert box.header("X-Frame-Options") == "SAMEORIGIN"
    assert box.header("Cache-Control") == "no-store"
    assert "Cookie" in (box.header("Vary") or "")
    stranger = site.browser().request("GET", "/auth/box", headers=headers)
    assert "Nora" not in stranger.text
    for reply in (box, stranger):
        assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "null"}, {"Origin": "null", "Referer": ""}, {}],
    ids=["null", "null without referrer", "silent"],
)
@pytest.mark.parametrize("target", ["/auth/login/facebook", "/auth/guest", "/auth/logout"])
def test_h9_a_form_of_a_page_without_referrer_is_accepted_by_its_token(
    browser: Browser, target: str, headers: dict[str, str]
) -> None:
    page = browser.get("/auth/").text
    field = {"csrf_token": ""}
    for element, attributes in elements(page):
        if element == "input" and attributes.get("name") == "csrf_token":
            field["csrf_token"] = attributes["value"]
    assert field["csrf_token"]
    form = {**field, "next": "/post/1", "name": "Ada"}
    assert browser.request("POST", target, form, headers=headers).status == 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_h9_a_token_does_not_outweigh_what_the_browser_says(
    browser: Browser, headers: dict[str, str]
) -> None:
    page = browser.get("/auth/").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    reply = browser.request("POST", "/auth/logout", {"csrf_token": token}, headers=headers | JSON)
    assert reply.status == 403


@pytest.mark.parametrize("target", ["/auth/identity", "/auth/identity?callback=f&jsonp=f"])
def test_h10_identity_is_plain_json_for_our_own_pages(site: Site, target: str) -> None:
    browser = site.browser()
    browser.log_in("facebook")
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Mode": "cors"}
    reply = browser.request("GET", target, headers=headers)
    assert reply.status == 200
    assert reply.header("Content-Type") == "application/json"
    assert reply.header("Cache-Control") == "no-store"
    assert reply.header("X-Content-Type-Options") == "nosniff"
    assert reply.body.startswith(b'{"identity": {')
    assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "DELETE"])
def test_h10_identity_answers_no_preflight(browser: Browser, method: str) -> None:
    headers = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "x-anything",
    }
    reply = browser.request(method, "/auth/identity", headers=headers)
    assert reply.status == 405
    assert reply.header("Allow") == "GET"
    assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]

"""SECURITY G: sessions, cookies, logout, keys."""

import string
from collections.abc import Callable
from typing import Any

import pytest
from attacks import JSON, refused, signed_in, still_usable
from claims import scripted, told

from carrying import Reply
from sites import KEY, Browser, Site, query, shown_error
from sociallogin import ConfigError, SocialLogin

LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
LOOPBACK = "http://127.0.0.1:8000"
NOBODY = {"identity": None}


def cookie_name(browser: Browser, end: str) -> str:
    return next(name for name in browser.cookies if name.endswith(end))


def with_cookie(browser: Browser, header: str) -> Reply:
    """GET /identity with exactly this Cookie header."""
    return browser.site.browser().request("GET", "/auth/identity", headers={"Cookie": header})


def test_g1_a_cookie_with_any_one_character_changed_is_nobodys() -> None:
    site = Site()
    sealed = signed_in(site).identity_cookie
    assert site.login.open_identity(sealed) is not None
    for place, letter in enumerate(sealed):
        for step in (1, 2, 4, 8, 16, 32):  # each bit of this character
            other = LETTERS[LETTERS.index(letter) ^ step]
            changed = f"{sealed[:place]}{other}{sealed[place + 1 :]}"
            assert site.login.open_identity(changed) is None, f"character {place}"


DAMAGES: dict[str, Callable[[str], str]] = {
    "truncated at the end": lambda sealed: sealed[:-1],
    "truncated to the key id": lambda sealed: sealed[:6],
    "truncated in the nonce": lambda sealed: sealed[:16],
    "truncated at the front": lambda sealed: sealed[1:],
    "empty": lambda sealed: "",
    "8 KiB": lambda sealed: sealed + "A" * (8192 - len(sealed)),
    "8 KiB of nothing": lambda sealed: "A" * 8192,
    "padded": lambda sealed: f"{sealed}=",
    "quoted": lambda sealed: f'"{sealed}"',
    "dotted": lambda sealed: f"{sealed}.{sealed}",
    "not ASCII": lambda sealed: f"{sealed[:20]}é{sealed[21:]}",
    "standard base64": lambda sealed: f"{sealed[:20]}+/{sealed[22:]}",
    "JSON": lambda sealed: '{"provider":"facebook"}',
    "NUL": lambda sealed: f"{sealed}\0",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_g1_a_damaged_cookie_is_nobodys_and_no_error(site: Site, damage: str) -> None:
    browser = signed_in(site)
    damaged = DAMAGES[damage](browser.identity_cookie)
    assert site.login.open_identity(damaged) is None
    if "\0" in damaged:
        return  # no server passes it on
    reply = with_cookie(browser, f"{cookie_name(browser, '_identity')}={damaged}")
    assert (reply.status, reply.json) == (200, NOBODY)
    assert not reply.set_cookies


@pytest.mark.parametrize("nonsense", [None, 1, b"bytes", ["list"], {}, "\ud800"], ids=ascii)
def test_g1_nonsense_in_python_is_nobody(nonsense: Any) -> None:
    assert Site().login.open_identity(nonsense) is None


@pytest.mark.parametrize("hostile", ["A" * 300, "", "x=y", "sealed elsewhere"], ids=ascii)
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_g1_a_cookie_sent_twice_is_the_valid_one_or_nobodys(
    site: Site, hostile: str, first: bool
) -> None:
    browser = signed_in(site)
    if hostile == "sealed elsewhere":
        other = Site(site.framework, secret_keys=["another-key-of-thirty-two-bytes-at-least"])
        hostile = signed_in(other).identity_cookie
    name, mine = cookie_name(browser, "_identity"), browser.identity_cookie
    pair = [f"{name}={hostile}", f"{name}={mine}"]
    reply = with_cookie(browser, "; ".join(pair if first else reversed(pair)))
    assert reply.status == 200
    assert reply.json["identity"] in (None, browser.identity())


def test_g2_a_transaction_is_no_identity_and_an_identity_no_transaction(site: Site) -> None:
    browser = signed_in(site)
    name = cookie_name(browser, "_identity")
    url = browser.begin("facebook")
    (pending,) = browser.pending
    transaction = browser.cookies[pending]
    assert site.login.open_identity(transaction) is None
    assert with_cookie(browser, f"{name}={transaction}").json == NOBODY
    browser.cookies[pending] = browser.identity_cookie
    refused(browser, browser.consent(url), "state_mismatch", 400)
    still_usable(browser)


def test_g2_neither_state_nor_seal_passes_for_a_csrf_token(site: Site) -> None:
    browser = signed_in(site)
    state = query(browser.begin("facebook"))["state"]
    page = browser.get("/auth/").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    bound_to = browser.cookies[cookie_name(browser, "_csrf")]
    for other in (state, browser.identity_cookie, browser.cookies[browser.pending[0]], bound_to):
        form = {"csrf_token": other}
        reply = browser.request("POST", "/auth/logout", form, headers=JSON)
        assert shown_error(reply) == "cross_site_request"
    name = cookie_name(browser, "_identity")
    assert with_cookie(browser, f"{name}={token}").json == NOBODY
    signed = site.login.sealer.sign("another purpose", bound_to)
    reply = browser.request("POST", "/auth/logout", {"csrf_token": signed}, headers=JSON)
    assert shown_error(reply) == "cross_site_request"
    assert browser.identity() is not None
    assert browser.request("POST", "/auth/logout", {"csrf_token": token}).status == 303


def test_g2_a_site_with_the_same_key_and_another_base_url_seals_for_itself(site: Site) -> None:
    other = Site(site.framework, base_url="https://shop.example.com")
    name = cookie_name(signed_in(site), "_identity")
    foreign = signed_in(other)
    assert with_cookie(site.browser(), f"{name}={foreign.identity_cookie}").json == NOBODY
    browser = site.browser()
    callback = browser.consent(browser.begin("facebook"))
    start = other.login.begin("facebook")
    browser.cookies[browser.pending[0]] = start.transaction
    refused(browser, callback, "state_mismatch", 400)
    csrf = cookie_name(foreign, "_identity").replace("_identity", "_csrf")
    browser.cookies[csrf] = "0" * 32
    token = other.login.sealer.sign("csrf_token", "0" * 32)
    reply = browser.request("POST", "/auth/logout", {"csrf_token": token}, headers=JSON)
    assert shown_error(reply) == "cross_site_request"


def parts(cookie: str) -> set[str]:
    """The attributes of a Set-Cookie, without the name."""
    return set(cookie.split("; ")[1:])


@pytest.mark.parametrize(
    ("base_url", "prefix", "common"),
    [
        ("https://blog.example.com", "__Host-", {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"}),
        (LOOPBACK, "", {"Path=/", "HttpOnly", "SameSite=Lax"}),
        ("http://localhost:8000", "", {"Path=/", "HttpOnly", "SameSite=Lax"}),
    ],
    ids=["https", "address", "localhost"],
)
def test_g3_every_cookie_has_its_attributes_and_is_deleted_with_them(
    framework: str, base_url: str, prefix: str, common: set[str]
) -> None:
    site = Site(framework, base_url=base_url)
    browser = site.browser()
    page = browser.get("/auth/")
    begun = browser.post("/auth/login/facebook", {"next": "/"})
    back = browser.get(browser.consent(begun.location))
    out = browser.post("/auth/logout")
    again = browser.log_in("facebook")
    replies = [page, begun, back, out, again, browser.post("/auth/guest", {"name": "Ada"})]
    seen: dict[str, list[set[str]]] = {}
    for reply in replies:
        for cookie in map(str.strip, reply.all("Set-Cookie")):
            name, _, rest = cookie.partition("=")
            assert name.startswith(f"{prefix}sociallogin_"), name
            kind = name.removeprefix(f"{prefix}sociallogin_").partition("_")[0]
            lasting = {
                part for part in parts(cookie) if part.lower().startswith(("max-age", "expires"))
            }
            assert parts(cookie) - lasting == common, f"{name} of {reply.status}"
            deletion = {"Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"}
            assert (lasting == deletion) == (not rest.partition(";")[0])
            seen.setdefault(kind, []).append(lasting)
    assert {"Max-Age=2592000"} in seen["identity"]
    assert set() in seen["identity"], "a guest who is not to be remembered"
    assert seen["csrf"] == [set()]
    assert {"Max-Age=3600"} in seen["login"]
    for kind in ("identity", "login", "chooser"):
        assert any("Max-Age=0" in lasting for lasting in seen[kind]), f"{kind} is never deleted"


OLD, NEW = KEY, "a-new-secret-key-of-thirty-two-bytes-or-more"


def test_g4_a_new_key_in_front_logs_nobody_out_and_ends_no_login(site: Site) -> None:
    browser = signed_in(site)
    before = browser.identity()
    page = browser.get("/auth/").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    callback = browser.consent(browser.begin("wordpress", "/post/1"))
    site.restart(secret_keys=[NEW, OLD])
    assert browser.identity() == before
    assert browser.get(callback).location == "/post/1"
    assert browser.request("POST", "/auth/logout", {"csrf_token": token}).status == 303
    site.restart(secret_keys=[OLD])
    renewed = signed_in(site)
    site.restart(secret_keys=[NEW, OLD])
    fresh = signed_in(site)
    site.restart(secret_keys=[NEW])
    assert renewed.identity() is None
    assert fresh.identity() is not None


def test_g4_when_the_old_key_is_gone_so_is_all_that_it_sealed(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    browser = signed_in(site)
    callback = browser.consent(browser.begin("wordpress"))
    site.restart(secret_keys=[NEW])
    assert browser.identity() is None
    refused(browser, callback, "state_mismatch", 400)
    assert "unknown key" in caplog.text
    assert "secret_keys" in caplog.text
    still_usable(browser)


@pytest.mark.parametrize(
    "keys",
    [
        ["short"], ["x" * 31], [""], [], "", None, ["x" * 32, "short"], [KEY, KEY], [KEY, None],
        [KEY, "", KEY], {"first": KEY}, 12345678901234567890123456789012, [["x" * 32]],
    ],
    ids=str,
)  # fmt: skip
def test_g5_bad_keys_are_a_fault_beside_all_the_others(keys: Any) -> None:
    config = {"base_url": "http://blog.example.com", "secret_keys": keys, "mount": "auth"}
    with pytest.raises(ConfigError) as caught:
        SocialLogin.from_mapping(config)
    assert {fault.place.partition("[")[0] for fault in caught.value.faults} == {
        "base_url", "secret_keys", "mount",
    }  # fmt: skip


def test_g5_a_missing_key_is_never_invented() -> None:
    with pytest.raises(ConfigError) as caught:
        SocialLogin.from_mapping({"base_url": "https://blog.example.com"})
    assert [fault.place for fault in caught.value.faults] == ["secret_keys"]


def test_g5_thirty_two_bytes_are_enough_whatever_they_say() -> None:
    for keys in (["x" * 32], "x" * 32, ["é" * 16], [KEY, "x" * 32]):
        SocialLogin.from_mapping({"base_url": "https://blog.example.com", "secret_keys": keys})


@pytest.mark.parametrize("lifetime", [60, 30 * 24 * 3600])
def test_g6_an_identity_ends_inside_its_seal(framework: str, lifetime: int) -> None:
    site = Site(framework, session_max_age=lifetime)
    browser = signed_in(site)
    sealed = browser.identity_cookie
    site.clock.forward(lifetime - 1)
    assert browser.identity() is not None
    site.clock.forward(1)
    assert browser.identity() is None
    assert site.login.open_identity(sealed) is None


def test_g7_after_a_log_out_nobody_is_there_and_nothing_was_stored(site: Site) -> None:
    browser = signed_in(site)
    pages = [browser.get(target) for target in ("/auth/", "/auth/identity", "/auth/box")]
    callback = browser.get("/auth/callback/facebook?code=c&state=s")
    for page in (*pages, callback):
        assert page.header("Cache-Control") == "no-store"
    left = browser.post("/auth/logout", {"next": "/post/1"})
    assert (left.status, left.location) == (303, "/post/1")
    assert left.header("Cache-Control") == "no-store"
    assert browser.identity() is None
    assert "Nora" not in browser.get("/auth/").text
    assert "Nora" not in browser.get("/auth/box").text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_g7_only_a_post_logs_out(site: Site, method: str) -> None:
    browser = signed_in(site)
    reply = browser.request(method, "/auth/logout", headers={"Sec-Fetch-Site": "same-origin"})
    assert reply.status == 405
    assert reply.header("Allow") == "POST"
    assert browser.identity() is not None


CHOOSERS = {
    ("facebook", "oauth2"): {"auth_type": "reauthenticate"},
    ("twitter", "oauth1"): {"force_login": "true"},
}


def test_g7_the_next_login_asks_for_the_providers_chooser(
    make_site: Callable[..., Site], spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    asked = CHOOSERS.get(spoken, {})
    browser = site.browser()
    first = browser.begin(provider)
    assert not asked.items() & query(first).items()
    browser.get(browser.consent(first))
    left = browser.post("/auth/logout")
    (chooser,) = [cookie for cookie in left.all("Set-Cookie") if "chooser" in cookie]
    assert f"Max-Age={400 * 24 * 3600}" in chooser, "it outlives the browser, until it is used"
    label = next(client.label for client in site.login.providers if client.name == provider)
    page = browser.get("/auth/").text
    note = f"{label} cannot be asked for another account."
    way = f"To use another one, log out at {label} first."
    assert (note in page, way in page) == (not asked, not asked)
    again = browser.begin(provider)
    assert asked.items() <= query(again).items()
    browser.get(browser.consent(again))
    calm = browser.begin(provider)
    assert not asked.items() & query(calm).items(), "once chosen, no more asking"


@pytest.mark.parametrize(
    ("provider", "protocol", "link"),
    [
        ("wordpress", "oauth2", "https://wordpress.com/log-out"),
        ("twitter", "oauth2", "https://x.com/logout"),
    ],
)
def test_g7_where_none_is_documented_the_page_links_to_the_providers_log_out(
    make_site: Callable[..., Site], provider: str, protocol: str, link: str
) -> None:
    site = make_site(twitter=protocol)
    browser = site.browser()
    assert link not in browser.get("/auth/").text
    browser.log_in(provider)
    browser.post("/auth/logout")
    assert f'href="{link}" rel="noopener noreferrer"' in browser.get("/auth/").text


HUGE = "x" * 100_000
LONGEST = {
    "name": "\U0001f600" * 200,
    "email": f"{'e' * 242}@example.org",
    "url": f"https://example.org/{'p' * 980}",
}


@pytest.mark.parametrize("strings", [dict.fromkeys(LONGEST, HUGE), LONGEST], ids=["huge", "full"])
def test_g8_no_cookie_grows_beyond_what_browsers_keep(
    make_site: Callable[..., Site], spoken: tuple[str, str], strings: dict[str, str]
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    browser = site.browser()
    claims = told(provider, protocol, **strings)
    site.emulators.of(provider, protocol).answer_next("userinfo", scripted(claims))
    reply = browser.log_in(provider)
    assert reply.status == 303, reply.text[:300]
    for cookie in reply.all("Set-Cookie"):
        assert len(cookie.encode()) <= 4096
    identity = browser.identity()
    assert identity is not None
    assert identity["provider"] == provider
    assert identity["subject"]


def test_g8_nor_does_a_guests(browser: Browser) -> None:
    form = {"name": LONGEST["name"], "email": LONGEST["email"], "website": LONGEST["url"]}
    reply = browser.post("/auth/guest", {**form, "remember": "1"})
    assert reply.status == 303
    (cookie,) = (c for c in reply.all("Set-Cookie") if "_identity=" in c)
    assert len(cookie.encode()) <= 4096
    assert browser.identity() is not None


def test_g8_a_next_of_a_hundred_kilobytes_is_dropped(browser: Browser) -> None:
    reply = browser.post("/auth/login/wordpress", {"next": "/" + "x" * 100_000})
    assert reply.status == 303
    assert browser.get(browser.consent(reply.location)).location == "/"

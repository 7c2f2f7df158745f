"""SECURITY I: provider faults, exhaustion, operations. Certificates: see the transport's tests."""

import json
import re
import time
import tomllib
import tracemalloc
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from attacks import JSON, refused, still_usable, token_requests
from wire import Act, Wire, answer, says

from ports import free_port
from redis_server import RedisServer
from sites import PROTOCOLS, Browser, Site, query, shown_error
from sociallogin import SocialLogin, SocialLoginError, providers
from sociallogin.emulators import Answer
from sociallogin.flows import Request, Response
from sociallogin.transports.requests import RequestsTransport

Step = Literal["request_token", "token", "userinfo"]
TOKEN = answer(b'{"access_token":"tok","token_type":"bearer"}')
SECRET = b"wordpress-secret"


def hurried(request: Request) -> Response:
    """The library's transport, given a second."""
    return TRANSPORT(replace(request, deadline=time.monotonic() + 1))


TRANSPORT = RequestsTransport({})


def failed_login(
    url: str, send: Callable[[Request], Response] = TRANSPORT, userinfo_url: str | None = None
) -> SocialLoginError:
    """How a login ends whose token endpoint is at `url`."""
    tables = {"wordpress": {"token_url": f"{url}/token", "userinfo_url": userinfo_url or url}}
    site = Site(providers=tables)
    login = SocialLogin.from_mapping(site.config, transport=send, clock=site.clock)
    start = login.begin("wordpress")
    params = query(site.emulators.press(start.url, "grant"))
    with pytest.raises(SocialLoginError) as caught:
        login.complete("wordpress", params, transaction=start.transaction)
    return caught.value


@pytest.mark.server
def test_i1_nobody_there() -> None:
    error = failed_login(f"http://127.0.0.1:{free_port()}")
    assert (error.code, error.status) == ("provider_unreachable", 502)
    assert "127.0.0.1" in error.hint


@pytest.mark.server
def test_i1_without_tls_the_secret_never_leaves() -> None:
    with Wire(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as wire:
        error = failed_login(wire.url.replace("http:", "https:"), hurried)
    assert error.code in {"provider_unreachable", "provider_timeout"}
    assert not any(SECRET in request for request in wire.received)


@pytest.mark.server
@pytest.mark.parametrize("how", ["silent", "drips"])
@pytest.mark.parametrize("step", ["token", "userinfo"])
def test_i2_a_provider_that_takes_for_ever_is_left_in_time(step: str, how: str) -> None:
    with Wire() as wire:
        slow: Act = getattr(wire, how)
        wire.then(*([TOKEN] if step == "userinfo" else []), slow)
        before = time.monotonic()
        error = failed_login(wire.url, hurried)
        assert time.monotonic() - before < 8, "the transport has ten seconds"
    assert (error.code, error.status) == ("provider_timeout", 504)
    assert len(wire.received) == (2 if step == "userinfo" else 1)


def zipped(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    parts = [packer.compress(bytes(1 << 20)) for _ in range(megabytes)]
    return b"".join([*parts, packer.flush()])


HUGE: dict[str, Act] = {
    "2 MiB": answer(b" " * (2 << 20)),
    "2 MiB without a length": says(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (2 << 20)),
    "zipped 64 MiB": answer(zipped(64), "200 OK", "application/json", "Content-Encoding: gzip"),
}


@pytest.mark.server
@pytest.mark.parametrize("what", HUGE)
@pytest.mark.parametrize("step", ["token", "userinfo"])
def test_i3_no_answer_fills_the_memory(step: str, what: str) -> None:
    with Wire(*([TOKEN] if step == "userinfo" else []), HUGE[what]) as wire:
        tracemalloc.start()
        try:
            error = failed_login(wire.url)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (error.code, error.status) == ("provider_bad_response", 502)
    assert peak < 16 << 20


UNREADABLE = {
    "100,000 deep": b"[" * 100_000,
    "100,000 deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "900 deep": b'{"a":' * 900 + b"1" + b"}" * 900,
    "100,000 digits": b'{"ID":' + b"9" * 100_000 + b"}",
    "1e400": b'{"ID":1e400}',
    "NaN": b'{"ID":NaN}',
    "Infinity": b'{"ID":-Infinity}',
    "false": b"false",
    "null": b"null",
    "text": b'"x"',
    "a list": b'[{"ID":1}]',
    "empty list": b"[]",
    "HTML": b"<!doctype html><p>Hello",
    "nothing": b"",
    "spaces": b"  \r\n",
    "cut off": b'{"ID":1,"na',
    "two": b'{"ID":1}{"ID":2}',
    "UTF-16": '{"ID":1}'.encode("utf-16"),
    "broken UTF-8": b'{"ID":1,"name":"\xff"}',
    "NULs": bytes(100),
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("step", ["token", "userinfo"])
def test_i4_i5_what_is_no_json_object_ends_the_login(
    make_site: Callable[..., Site], spoken: tuple[str, str], step: Step, what: str
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    browser = site.browser()
    callback = browser.consent(browser.begin(provider))
    said = Answer(Response(200, {"content-type": "text/html"}, UNREADABLE[what]))
    site.emulators.of(provider, protocol).answer_next(step, said)
    refused(browser, callback, "provider_bad_response", 502)
    assert token_requests(site, provider, protocol) == 1


@pytest.mark.parametrize("pairs", [{}, {"oauth_token": "t"}, {"oauth_token_secret": "s"}], ids=str)
def test_i5_a_token_answer_without_a_token_ends_an_oauth1_login(
    make_site: Callable[..., Site], pairs: dict[str, str]
) -> None:
    site = make_site(twitter="oauth1")
    browser = site.browser()
    callback = browser.consent(browser.begin("twitter"))
    said = Answer(Response(200, {}, urlencode({"user_id": "1", **pairs}).encode()))
    site.emulators.of("twitter", "oauth1").answer_next("token", said)
    refused(browser, callback, "provider_bad_response", 502)


def says_json(value: Any, status: int = 200, **headers: str) -> Answer:
    kind = {"content-type": "application/json"}
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(Response(status, kind | named, json.dumps(value).encode()))


REFUSALS: list[tuple[Step, Any, int, str, int]] = [
    ("token", {"error": "invalid_grant"}, 200, "token_invalid", 502),
    ("token", {"error": "invalid_grant"}, 400, "token_invalid", 502),
    ("token", {"error": "invalid_client"}, 200, "provider_rejected_client", 502),
    ("token", {"error": "invalid_client"}, 401, "provider_rejected_client", 502),
    ("token", {"error": "unauthorized_client"}, 400, "provider_rejected_client", 502),
    ("token", {"error": "invalid_scope"}, 400, "provider_rejected_client", 502),
    ("token", {"error": "redirect_uri_mismatch"}, 400, "provider_rejected_client", 502),
    ("token", {"error": "made_up"}, 200, "provider_bad_response", 502),
    ("token", {"ok": False}, 200, "provider_bad_response", 502),
    ("token", {}, 429, "provider_rate_limited", 503),
    ("token", {"error": "invalid_client"}, 500, "provider_unreachable", 502),
    ("userinfo", {"ok": False}, 200, "provider_bad_response", 502),
    ("userinfo", {"error": {"code": "made_up"}}, 200, "provider_bad_response", 502),
    ("userinfo", {}, 401, "provider_refused_userinfo", 502),
    ("userinfo", {}, 403, "provider_refused_userinfo", 502),
    ("userinfo", {"error": "invalid_token"}, 200, "provider_refused_userinfo", 502),
    ("userinfo", {}, 404, "provider_bad_response", 502),
    ("userinfo", {}, 429, "provider_rate_limited", 503),
    ("userinfo", {}, 500, "provider_unreachable", 502),
    ("userinfo", {}, 503, "provider_unreachable", 502),
]


@pytest.mark.parametrize(("step", "value", "status", "code", "ours"), REFUSALS)
@pytest.mark.parametrize("provider", ["wordpress", "twitter", "facebook"])
def test_i5_i6_a_refusal_says_whose_it_is_and_is_not_tried_again(
    framework: str, provider: str, step: Step, value: Any, status: int, code: str, ours: int
) -> None:
    site = Site(framework)
    browser = site.browser()
    emulator = site.emulators.of(provider)
    callback = browser.consent(browser.begin(provider))
    emulator.answer_next(step, says_json(value, status))
    refused(browser, callback, code, ours)
    assert len(emulator.asked("token")) == 1
    assert len(emulator.asked("userinfo")) == (step == "userinfo")


@pytest.mark.parametrize(
    ("header", "words"),
    [("30", "a minute"), ("600", "10 minutes"), ("nonsense", "a few minutes"), ("-5", "a few")],
)
def test_i6_who_is_asked_to_wait_is_told_how_long(framework: str, header: str, words: str) -> None:
    site = Site(framework)
    browser = site.browser()
    callback = browser.consent(browser.begin("wordpress"))
    site.emulators.wordpress.answer_next("userinfo", says_json({}, 429, retry_after=header))
    reply = refused(browser, callback, "provider_rate_limited", 503)
    assert words in reply.json["error"]["message"]


@pytest.mark.parametrize("status", [502, 504])
def test_i6_a_page_has_a_status_that_no_cdn_replaces(framework: str, status: int) -> None:
    site = Site(framework)
    browser = site.browser()
    callback = browser.consent(browser.begin("wordpress"))
    fault = {502: "server_error", 504: "timeout"}[status]
    with site.emulators.wordpress.failing(fault, at="token"):
        assert browser.get(callback).status == 503
    still_usable(browser)


NO_SUBJECTS = [None, "", " ", True, False, [], ["7"], {"id": "7"}, 7.5, "7 8", "7\n", "7" * 256]
PLACES: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("wordpress", "oauth2"): lambda subject: {"ID": subject},
    ("twitter", "oauth2"): lambda subject: {"data": {"id": subject}},
    ("twitter", "oauth1"): lambda subject: {"id_str": subject},
    ("facebook", "oauth2"): lambda subject: {"id": subject},
}


@pytest.mark.parametrize("subject", ["absent", *NO_SUBJECTS], ids=ascii)
def test_i7_without_a_usable_subject_nobody_is_signed_in(
    make_site: Callable[..., Site], spoken: tuple[str, str], subject: Any
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    browser = site.browser()
    callback = browser.consent(browser.begin(provider))
    claims = {"name": "Ada"} if subject == "absent" else PLACES[spoken](subject)
    site.emulators.of(provider, protocol).answer_next("userinfo", says_json(claims))
    refused(browser, callback, "provider_bad_response", 502)


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 + 1, 2**64 + 1, 10**39])
def test_i7_a_large_id_keeps_every_digit(framework: str, number: int) -> None:
    site = Site(framework)
    browser = site.browser()
    callback = browser.consent(browser.begin("wordpress"))
    site.emulators.wordpress.answer_next("userinfo", says_json({"ID": number}))
    assert browser.get(callback).status == 303
    identity = browser.identity()
    assert identity is not None
    assert identity["subject"] == str(number)


@pytest.mark.parametrize("spoken", PROTOCOLS, ids="-".join)
def test_i7_any_json_object_is_an_identity_or_a_provider_error(spoken: tuple[str, str]) -> None:
    provider, protocol = spoken
    record = providers.get(provider, protocol=protocol)
    junk: list[Any] = [None, True, 1, 1.5, "x", [], [1], {}, {"a": {}}, [[{}]], "\ud800"]
    for value in junk:
        names = ("ID", "id", "id_str", "data", "name", "email", "picture", "entities", "verified")
        for claims in (dict.fromkeys(names, value), {"data": dict.fromkeys(names, value)}, value):
            try:
                subject, code = record.identity(claims).subject, ""
            except SocialLoginError as error:
                subject, code = "", error.code
            assert bool(subject) != (code == "provider_bad_response")


def test_i11_too_much_is_refused_and_the_next_request_is_answered(site: Site) -> None:
    browser = site.browser()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
    kinds = {
        "multipart/form-data; boundary=x": (b"--x\r\nContent-Disposition: x", 400),
        "application/json": (b'{"next":"/"}', 400),
        "text/plain": (b"next=/", 400),
        "application/x-www-form-urlencoded": (b"next=%zz", 400),
        "application/x-www-form-urlencoded; charset=utf-8": (b"next=%ff", 400),
    }  # fmt: skip
    many = urlencode([(f"f{number}", "x") for number in range(10_000)]).encode()
    bodies = [
        (form, b"name=" + b"x" * (5 << 20), 413),
        (form, many, 413),
        (form, b"&".join([b"a=b"] * 201), 413),
        *(({**form, "Content-Type": kind}, body, status) for kind, (body, status) in kinds.items()),
    ]
    for target in ("/auth/login/facebook", "/auth/guest", "/auth/logout"):
        for headers, body, status in bodies:
            reply = browser.request("POST", target, headers=headers | JSON, body=body)
            assert reply.status == status, (target, headers["Content-Type"], len(body))
            assert shown_error(reply) in {"too_large", "bad_request"}
            assert not reply.set_cookies
    query_of_many = "&".join(f"f{number}=x" for number in range(201))
    assert browser.get(f"/auth/?{query_of_many}").status == 413
    still_usable(browser)


def test_i11_a_posted_callback_has_the_same_bounds(site: Site) -> None:
    browser = site.browser()
    browser.begin("facebook")
    body = b"state=" + b"x" * (1 << 20)
    reply = browser.request("POST", "/auth/callback/facebook", headers=JSON, body=body)
    assert (shown_error(reply), reply.status) == ("too_large", 413)
    assert len(browser.pending) == 1


def test_i12_a_login_begun_on_a_worker_that_died_completes_on_another(
    make_site: Callable[..., Site], spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    browser = site.browser()
    callback = browser.consent(browser.begin(provider, "/post/1"))
    site.restart()
    assert browser.get(callback).location.startswith("/post/1")
    assert browser.identity() is not None


def test_i12_a_callback_reloaded_after_the_worker_died_is_refused_by_the_provider(
    make_site: Callable[..., Site], spoken: tuple[str, str]
) -> None:
    provider, protocol = spoken
    site = make_site(twitter=protocol if provider == "twitter" else "oauth2")
    browser = site.browser()
    callback = browser.consent(browser.begin(provider))
    cookies = dict(browser.cookies)
    browser.get(callback)  # the answer is lost with the worker
    browser.cookies = dict(cookies)
    site.restart()
    page = browser.get(callback)
    assert page.status == 503
    assert f'action="/auth/login/{provider}"' in page.text, "a way to begin again"
    browser.cookies = dict(cookies)
    site.restart()
    refused(browser, callback, "token_invalid", 502)
    still_usable(browser, provider)


def test_i13_without_its_store_no_login_completes_and_with_it_all_do(
    make_site: Callable[..., Site], redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    password = "S3NTINEL-of-redis"
    redis_server.ask("ACL", "SETUSER", "site", "on", f">{password}", "~sociallogin:*", "+set")
    site = make_site(store=redis_server.url.replace("//", f"//site:{password}@"))
    browser = site.browser()
    callback, pending = (browser.consent(browser.begin("facebook", "/post/1")) for _ in range(2))
    redis_server.stop()
    copy = Browser(site, dict(browser.cookies))
    reply = refused(browser, callback, "store_unavailable", 503)
    page = copy.get(callback)
    assert page.status == 503
    assert "Please try again in a minute." in page.text
    assert 'name="next" value="/post/1"' in page.text, "a way to begin again"
    assert len(browser.pending) == len(copy.pending) == 1, "the refused one is over, not the other"
    assert token_requests(site, "facebook") == 0
    assert password not in reply.text + page.text + caplog.text
    assert "outcome=store_unavailable" in caplog.text
    redis_server.start()
    redis_server.ask("ACL", "SETUSER", "site", "on", f">{password}", "~sociallogin:*", "+set")
    assert browser.get(pending).location.startswith("/post/1")
    still_usable(browser)


BOUNDS = {"authlib": (1, 7, 2), "requests": (2, 32, 4), "urllib3": (2, 6, 3)}


def test_i14_known_holes_below_us_are_shut_out() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    asked = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    lowest = {
        found[1].lower(): tuple(map(int, found[2].split(".")))
        for text in asked
        if (found := re.match(r"([A-Za-z0-9-]+)>=([0-9.]+)", text))
    }
    for name, bound in BOUNDS.items():
        assert lowest[name] >= bound

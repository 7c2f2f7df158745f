"""Pictures as browsers and visitors meet them: `GET /avatar/{opaque}`, and the box."""

import re
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anyio
import pytest

from avatars.showing import (
    DAY,
    HEADERS,
    PATH,
    asked,
    is_picture,
    path_of,
    script,
    shown,
    with_pictures,
)
from sites import PROTOCOLS, Browser, Site
from sociallogin import AsyncSocialLogin, Identity
from sociallogin.avatars import avatars, drawing
from sociallogin.flows import Request, Response
from sociallogin.web.endpoints import Endpoints
from sociallogin.web.messages import WebRequest


@pytest.mark.parametrize(("provider", "protocol"), PROTOCOLS)
def test_a_picture_is_served_from_this_site(site: Site, provider: str, protocol: str) -> None:
    if provider == "twitter":
        site = with_pictures(site.framework, twitter=protocol)
    browser = site.browser()
    browser.log_in(provider)
    path = path_of(browser)
    reply = browser.get(path)
    assert is_picture(reply)
    for name, value in HEADERS.items():
        assert reply.header(name) == value
    assert reply.header("Cache-Control") == f"public, max-age={DAY}"
    assert reply.header("Set-Cookie") is None
    assert is_picture(browser.get(f"{path}?size=192"))  # the emulators' pictures have 96 pixels
    # X's protocols share a host for pictures, and the first of its emulators answers there.
    (request,) = site.emulators.of(provider).asked("picture")
    assert request.public_only
    assert not {"Cookie", "Authorization", "Referer"} & set(request.headers)


def test_a_dense_screen_gets_more_pixels(
    site: Site, person: Browser, encoded: Callable[..., bytes]
) -> None:
    script(site, encoded("PNG", (500, 400)))
    path = path_of(person)
    assert is_picture(person.get(f"{path}?size=192"), 192)
    for query in ("", "?size=96", "?size=100000", "?size=-1", "?size=", "?size=a"):
        assert is_picture(person.get(path + query), 96)


def test_it_is_shown_over_the_initials_and_silent_to_screen_readers(person: Browser) -> None:
    html = person.get("/auth/box").text
    picture = re.search(r'<span class="sociallogin-picture[^>]*>.*?</span>', html, re.DOTALL)
    assert picture is not None
    assert 'aria-hidden="true">NL<img ' in picture[0]
    for said in ('alt=""', 'width="48"', 'height="48"', 'loading="lazy"',
                 'referrerpolicy="no-referrer"'):  # fmt: skip
        assert said in picture[0]
    assert PATH.search(person.get("/auth/?change=1").text)


def test_d4_the_providers_address_of_a_picture_reaches_no_browser(
    site: Site, person: Browser
) -> None:
    """Not readable either: the address may tell who somebody is."""
    identity = site.login.open_identity(person.identity_cookie)
    assert identity is not None
    assert identity.picture_url is not None
    pages = ["/auth/box", "/auth/", "/auth/?change=1", "/auth/login/facebook", path_of(person)]
    told = person.identity()
    assert told is not None
    assert told["picture_url"] == f"{site.base_url}{path_of(person)}"
    for page in [*pages, "/auth/identity"]:
        reply = person.get(page)
        assert "twimg.com" not in str(reply.headers) + repr(reply.body)
    opaque = path_of(person).rpartition("/")[2]
    raw = urlsafe_b64decode(opaque + "=" * (-len(opaque) % 4))
    for part in (identity.picture_url, identity.subject, "twitter", "twimg"):
        assert part.encode() not in raw


def test_the_same_picture_has_the_same_address(site: Site, person: Browser) -> None:
    path = path_of(person)
    again = site.browser()
    again.log_in("twitter")
    site.restart()
    assert shown(again) == shown(person) == path
    other = site.browser()
    other.log_in("twitter", "arabic")
    assert shown(other) != path
    new_key = "another key that has thirty-two bytes or more"
    site.restart(secret_keys=[new_key, *site.config["secret_keys"]])
    assert is_picture(person.get(path))  # stands in pages that were written before
    assert shown(person) != path


def test_a_picture_that_the_browser_has_is_not_sent_again(person: Browser) -> None:
    path = path_of(person)
    tag = person.get(path).header("ETag")
    assert tag is not None
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    for match in (tag, f"W/{tag}", f'"x", {tag}'):
        reply = person.get(path, If_None_Match=match)
        assert (reply.status, reply.body, reply.header("ETag")) == (304, b"", tag)
        assert reply.header("Content-Type") is None
        assert reply.header("Cache-Control") == f"public, max-age={DAY}"
    assert person.get(path, If_None_Match='"x"').status == 200
    assert person.request("HEAD", path).status == 200
    assert person.post(path).status == 405


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_an_address_that_was_tampered_with_leads_nowhere(
    site: Site, person: Browser, place: str
) -> None:
    path = path_of(person)
    folder, _, opaque = path.rpartition("/")
    at = {"first": 0, "middle": len(opaque) // 2, "last": len(opaque) - 1}[place]
    changed = opaque[:at] + ("A" if opaque[at] != "A" else "B") + opaque[at + 1 :]
    identity = person.identity_cookie
    for other in (changed, opaque[:-1], opaque + "A", "x", identity, "%00", "%F0%9F%98%80"):
        reply = person.get(f"{folder}/{other}")
        assert (reply.status, reply.body) in ((404, b""), (400, reply.body)), other
    assert asked(site) == 0


def test_a_sealed_address_is_good_on_this_site_alone(person: Browser) -> None:
    other = with_pictures(base_url="https://other.example.com").browser()
    assert other.get(path_of(person)).status == 404


def test_a_box_on_another_site_may_show_its_pictures() -> None:
    site = with_pictures(embed_origins=["https://blog.example"])
    browser = site.browser()
    browser.log_in("twitter")
    assert browser.get(path_of(browser)).header("Cross-Origin-Resource-Policy") == "cross-origin"


def test_without_the_table_nothing_changes(site: Site) -> None:
    """No picture, no request, and no such endpoint."""
    off = Site(site.framework)
    for config in ({}, {"avatars": {"enabled": False}}):
        off.restart(**config)
        browser = off.browser()
        browser.log_in("twitter")
        assert shown(browser) is None
        assert ">NL</span>" in browser.get("/auth/box").text
        assert browser.get("/auth/avatar/x").status == 404
        identity = off.login.open_identity(browser.identity_cookie)
        assert identity is not None
        assert off.login.avatar_url(identity) is None
    assert asked(off) == 0


def test_without_pillow_nothing_changes_but_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(drawing, "is_available", lambda: False)
    site = with_pictures()
    assert 'pip install "sociallogin[avatars]"' in caplog.text
    browser = site.browser()
    browser.log_in("twitter")
    assert shown(browser) is None
    assert browser.get("/auth/avatar/x").status == 404


def test_whoever_has_no_picture_is_shown_with_initials(site: Site) -> None:
    browser = site.browser()
    browser.log_in("facebook", "silhouette")
    assert shown(browser) is None
    browser.log_in("facebook")
    assert shown(browser) is not None


def test_a_picture_elsewhere_than_the_record_says_is_not_shown(site: Site) -> None:
    site.restart(providers={**site.config["providers"]})
    tables = site.config["providers"]
    tables["twitter"]["picture_hosts"] = ["elsewhere.example"]
    site.restart()
    browser = site.browser()
    browser.log_in("twitter")
    assert shown(browser) is None
    del tables["twitter"]["picture_hosts"]


def test_an_address_from_before_is_worth_nothing_when_its_host_is_listed_no_more(
    site: Site, person: Browser
) -> None:
    path = path_of(person)
    tables = {name: dict(table) for name, table in site.config["providers"].items()}
    tables["twitter"]["picture_hosts"] = []
    site.restart(providers=tables)
    assert person.get(path).status == 404
    assert asked(site) == 0


def test_an_app_shows_a_picture_beside_what_it_has_stored(site: Site, person: Browser) -> None:
    identity = site.login.open_identity(person.identity_cookie)
    assert identity is not None
    stored = Identity.from_dict(identity.to_dict())
    url = site.login.avatar_url(stored)
    assert url == path_of(person)
    assert is_picture(site.browser().get(url))
    assert site.login.avatar_url(replace(stored, picture_url=None)) is None
    assert site.login.avatar_url(replace(stored, picture_url="https://evil.example/x")) is None


def test_an_identity_of_a_provider_that_is_off_has_none(site: Site) -> None:
    identity = Identity(provider="myspace", issuer="https://m.example", subject="1",
                        picture_url="https://pbs.twimg.com/x.png")  # fmt: skip
    assert site.login.avatar_url(identity) is None


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_asynchronous_app_asks_once_and_holds_nobody_up(person: Browser, backend: str) -> None:
    site = with_pictures()
    identity = site.login.open_identity(person.identity_cookie)
    assert identity is not None
    requests: list[Request] = []
    found: list[avatars.Avatar] = []

    async def slow(request: Request) -> Response:
        requests.append(request)
        await anyio.sleep(0.15)
        return site.emulators.send(request)

    async def main() -> None:
        assert AsyncSocialLogin.from_mapping(site.config).pause is anyio.sleep
        login = AsyncSocialLogin.from_mapping(site.config, transport=slow, clock=site.clock)
        assert login.pause is None  # what performs its requests may know another event loop
        login.pause = anyio.sleep
        assert login.avatars is not None
        opaque = login.avatars.name(identity) or ""

        async def look() -> None:
            assert login.avatars is not None
            found.append(await login.run(login.avatars.serve(opaque, 96, login.pause)))

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(look)

    anyio.run(main, backend=backend)
    assert len(requests) == 1
    assert len(found) == 5
    assert len({avatar.body for avatar in found} - {None}) == 1
    assert None not in {avatar.body for avatar in found}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("spoiled", [False, True])
def test_decoding_a_picture_holds_up_no_event_loop(
    person: Browser, backend: str, spoiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaks when a picture is decoded in the event loop's own thread."""
    site = with_pictures()
    identity = site.login.open_identity(person.identity_cookie)
    assert identity is not None
    threads: list[int] = []

    def watched(body: bytes) -> Any:
        threads.append(threading.get_ident())
        return drawing.redraw(b"spoiled" if spoiled else body)

    monkeypatch.setattr(avatars, "redraw", watched)

    async def send(request: Request) -> Response:
        return site.emulators.send(request)

    async def main() -> None:
        login = AsyncSocialLogin.from_mapping(site.config, transport=send, clock=site.clock)
        assert login.in_thread is None
        login.in_thread = AsyncSocialLogin.from_mapping(site.config).in_thread
        endpoints = Endpoints(login)
        path = f"/avatar/{(login.avatar_url(identity) or '').rpartition('/')[2]}"
        answer = await login.run(endpoints.handle(WebRequest("GET", path)))
        assert answer.status == (404 if spoiled else 200)

    anyio.run(main, backend=backend)
    assert threads
    assert threading.get_ident() not in threads

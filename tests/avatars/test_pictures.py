"""Pictures as browsers and visitors meet them: `GET /avatar/{opaque}`, and the box."""

import hashlib
import logging
import re
import threading
from base64 import urlsafe_b64decode
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest

from sites import PROTOCOLS, Browser, Reply, Site
from sociallogin import AsyncSocialLogin, Identity, SocialLogin
from sociallogin.avatars import avatars, drawing
from sociallogin.avatars.keeping import InMemory, Kept
from sociallogin.emulators import Emulators, answers
from sociallogin.flows import Request, Response
from sociallogin.web.endpoints import Endpoints
from sociallogin.web.messages import WebRequest

DAY = 24 * 3600
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PATH = re.compile(r'<img src="([^"]+)" srcset="([^"]+) 2x"')
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


def with_pictures(framework: str = "bare", **more: Any) -> Site:
    return Site(framework, **{"avatars": {}, **more})


@pytest.fixture
def site(framework: str) -> Site:
    return with_pictures(framework)


@pytest.fixture
def person(site: Site) -> Browser:
    """Somebody who is logged in with X."""
    browser = site.browser()
    browser.log_in("twitter")
    return browser


def shown(browser: Browser) -> str | None:
    """Where the picture in the box is."""
    found = PATH.search(browser.get("/auth/box").text)
    if found is None:
        return None
    assert found[2] == f"{found[1]}?size=192"
    return found[1]


def path_of(browser: Browser) -> str:
    path = shown(browser)
    assert path is not None
    return path


def asked(site: Site, provider: str = "twitter") -> int:
    """How often the provider was asked for a picture."""
    return len(site.emulators.of(provider).asked("picture"))


def is_picture(reply: Reply, side: int = 96) -> bool:
    from PIL import Image

    if reply.status != 200:
        return False
    assert reply.header("Content-Type") == "image/webp"
    with Image.open(BytesIO(reply.body)) as picture:
        return picture.format == "WEBP" and picture.size == (side, side)


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


# What providers do.


def script(site: Site, body: bytes, kind: str = "image/png", status: int = 200) -> None:
    site.emulators.twitter.answer_next("picture", answers.raw(body, kind, status))


@pytest.mark.parametrize("fault", ["timeout", "server_error", "html_error", "truncated"])
def test_a_picture_that_cannot_be_had_leaves_the_initials(
    site: Site, person: Browser, fault: str
) -> None:
    path = path_of(person)
    with site.emulators.twitter.failing(fault, at="picture"):
        reply = person.get(path)
    assert (reply.status, reply.body) == (404, b"")
    assert reply.header("Cache-Control") == "public, max-age=600"
    for name, value in HEADERS.items():
        assert reply.header(name) == value


@pytest.mark.parametrize(
    ("body", "kind"),
    [(SVG, "image/svg+xml"), (SVG, "image/png"), (b"", "image/png"), (b"x" * 5000, "image/jpeg")],
)
def test_what_is_no_picture_leaves_the_initials(
    site: Site, person: Browser, body: bytes, kind: str
) -> None:
    script(site, body, kind)
    assert person.get(path_of(person)).status == 404


def test_a_failure_is_remembered_for_some_minutes(site: Site, person: Browser) -> None:
    path = path_of(person)
    script(site, b"", status=500)
    assert [person.get(path).status for _ in range(5)] == [404] * 5
    assert asked(site) == 1
    site.clock.forward(599)
    assert person.get(path).header("Cache-Control") == "public, max-age=60"
    site.clock.forward(1)
    assert is_picture(person.get(path))
    assert asked(site) == 2


def test_a_picture_is_asked_for_anew_after_a_day(
    site: Site, person: Browser, encoded: Callable[..., bytes]
) -> None:
    path = path_of(person)
    before = person.get(path)
    site.clock.forward(DAY - 1)
    assert person.get(path).body == before.body
    assert asked(site) == 1
    site.clock.forward(1)
    script(site, encoded("PNG"))
    after = person.get(path)
    assert is_picture(after)
    assert after.header("ETag") != before.header("ETag")
    assert asked(site) == 2


def test_the_last_good_copy_stays_when_its_address_dies(site: Site, person: Browser) -> None:
    path = path_of(person)
    before = person.get(path)
    for _ in range(3):
        site.clock.forward(DAY)
        script(site, b"gone", "text/plain", 404)
        reply = person.get(path)
        assert (reply.status, reply.body) == (200, before.body)
        assert reply.header("Cache-Control") == "public, max-age=600"
        assert person.get(path).body == before.body
    assert asked(site) == 4


def test_the_last_good_copy_stays_when_the_next_login_brings_a_dead_address(site: Site) -> None:
    """Facebook's addresses end: each login brings another one."""
    browser = site.browser()
    browser.log_in("facebook")
    first = path_of(browser)
    before = browser.get(first)
    assert is_picture(before)
    site.clock.forward(3600)
    browser.log_in("facebook")
    second = path_of(browser)
    assert second != first
    with site.emulators.facebook.failing("server_error", at="picture"):
        assert browser.get(second).body == before.body
    assert asked(site, "facebook") == 2


def test_the_log_says_why_there_is_none_and_nothing_personal(
    site: Site, person: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "sociallogin")
    path = path_of(person)
    script(site, SVG, "image/svg+xml")
    person.get(path)
    site.clock.forward(600)
    person.get(path)
    told = [record.getMessage() for record in caplog.records]
    assert [line for line in told if line.startswith("avatar")] == [
        "avatar provider=twitter outcome=none (answered with another type)",
        "avatar provider=twitter outcome=ok",
    ]


def test_a_stampede_asks_once(person: Browser) -> None:
    """Breaks when everybody who waits for a picture asks the provider for it, too."""
    site = with_pictures()
    identity = site.login.open_identity(person.identity_cookie)
    assert identity is not None
    begun, go_on = threading.Event(), threading.Event()
    requests: list[Request] = []

    def slow(request: Request) -> Response:
        requests.append(request)
        begun.set()
        assert go_on.wait(10)
        return site.emulators.send(request)

    login = SocialLogin.from_mapping(site.config, transport=slow, clock=site.clock)
    assert login.avatars is not None
    opaque = login.avatars.name(identity)
    assert opaque is not None
    waiting = threading.Semaphore(0)

    def pause(_: float) -> None:
        waiting.release()
        assert go_on.wait(10)
        first.join(10)

    found: list[avatars.Avatar] = []

    def look() -> None:
        assert login.avatars is not None
        found.append(login.run(login.avatars.serve(opaque, 96, pause)))

    first = threading.Thread(target=look)
    first.start()
    assert begun.wait(10)
    others = [threading.Thread(target=look) for _ in range(9)]
    for other in others:
        other.start()
    for _ in others:
        assert waiting.acquire(timeout=10)
    # Whoever cannot wait is told to come again, and not to remember it.
    assert login.run(login.avatars.serve(opaque, 96, None)) == avatars.Avatar(None, 0)
    go_on.set()
    for thread in (first, *others):
        thread.join(10)
    assert len(requests) == 1
    assert len({avatar.body for avatar in found}) == 1
    assert found[0].body is not None
    assert len(found) == 10


def test_while_a_picture_is_fetched_anew_the_old_one_is_shown(person: Browser) -> None:
    site = with_pictures()
    identity = site.login.open_identity(person.identity_cookie)
    login = site.login
    assert identity is not None
    assert login.avatars is not None
    opaque = login.avatars.name(identity) or ""
    old = login.run(login.avatars.serve(opaque, 96))
    site.clock.forward(DAY)
    renewing = login.avatars.serve(opaque, 96)
    assert isinstance(next(renewing), Request)
    meanwhile = login.run(login.avatars.serve(opaque, 96))
    assert meanwhile.body == old.body
    # Whoever asked goes away: the next one asks.
    renewing.close()
    assert isinstance(next(login.avatars.serve(opaque, 96)), Request)


def test_few_pictures_are_fetched_at_once() -> None:
    login = with_pictures().login
    assert login.avatars is not None
    under_way = []
    for number in range(avatars.MAX_FETCHES):
        serving = login.avatars.serve(login.avatars.name(somebody(number)) or "", 96)
        assert isinstance(next(serving), Request)
        under_way.append(serving)
    last = login.avatars.name(somebody(99)) or ""
    assert login.run(login.avatars.serve(last, 96)) == avatars.Avatar(None, 0)
    under_way[3].close()
    assert isinstance(next(login.avatars.serve(last, 96)), Request)


def test_waiting_ends() -> None:
    login = with_pictures().login
    assert login.avatars is not None
    opaque = login.avatars.name(somebody(1)) or ""
    serving = login.avatars.serve(opaque, 96)
    next(serving)
    waited: list[float] = []
    assert login.run(login.avatars.serve(opaque, 96, waited.append)).body is None
    assert sum(waited) == pytest.approx(avatars.WAIT_SECONDS, abs=0.2)


def somebody(number: int) -> Identity:
    return Identity(
        provider="twitter", issuer="https://x.com", subject=str(number),
        picture_url=f"https://pbs.twimg.com/profile_images/{number}.png",
    )  # fmt: skip


# Guests.


@pytest.fixture
def with_gravatars(site: Site) -> Site:
    gravatar = {"gravatar": True, "gravatar_url": site.emulators.gravatar_url}
    site.restart(avatars=gravatar)
    return site


NORA = {"name": "Nora", "email": "  Nora.Lind@Example.org "}


def test_a_guest_is_shown_with_a_gravatar_where_it_is_on(with_gravatars: Site) -> None:
    browser = with_gravatars.browser()
    browser.post("/auth/guest", NORA)
    path = path_of(browser)
    assert is_picture(browser.get(path))
    digest = hashlib.sha256(b"nora.lind@example.org").hexdigest()
    (request,) = with_gravatars.emulators.wordpress.asked("picture")
    assert urlsplit(request.url).path == f"/avatar/{digest}"
    for page in ("/auth/box", "/auth/?change=1"):
        assert digest not in browser.get(page).text
    assert digest not in path


def test_a_guest_without_a_gravatar_keeps_the_initials(with_gravatars: Site) -> None:
    browser = with_gravatars.browser()
    browser.post("/auth/guest", {"name": "Ada", "email": "ada@nowhere.example"})
    assert browser.get(path_of(browser)).status == 404
    browser.post("/auth/guest", {"name": "Ada"})
    assert shown(browser) is None


def test_gravatar_is_off_unless_it_is_turned_on(site: Site) -> None:
    browser = site.browser()
    browser.post("/auth/guest", NORA)
    assert shown(browser) is None
    assert asked(site, "wordpress") == 0


def test_a_gravatar_ends_with_the_setting(with_gravatars: Site) -> None:
    browser = with_gravatars.browser()
    browser.post("/auth/guest", NORA)
    path = path_of(browser)
    with_gravatars.restart(avatars={})
    assert browser.get(path).status == 404


# Where they are kept.


def in_folder(folder: Path, emulators: Emulators | None = None) -> Site:
    return with_pictures(avatars={"folder": str(folder)}, emulators=emulators)


def test_a_folder_is_shared_and_outlives_the_process(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "when needed"
    site = in_folder(folder)
    browser = site.browser()
    browser.log_in("twitter")
    path = path_of(browser)
    before = browser.get(path)
    assert is_picture(before)
    site.restart()
    assert browser.get(path).body == before.body
    assert asked(site) == 1
    assert folder.stat().st_mode & 0o077 == 0
    names = [file.name for file in folder.iterdir()]
    assert names
    assert all(re.fullmatch(r"[0-9a-f]{64}", name) for name in names)  # nothing half written
    # A failure is shared too, and so is the last good copy.
    site.clock.forward(DAY)
    script(site, b"", status=500)
    assert browser.get(path).body == before.body
    site.restart()
    assert browser.get(path).body == before.body
    assert asked(site) == 2


@pytest.mark.parametrize("content", [b"x", b"\xff" * 40, b"\0\0\0\x01", b"\0\0\0\x01a\0\0\0\x09b"])
def test_a_file_that_was_spoiled_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    site = in_folder(tmp_path)
    browser = site.browser()
    browser.log_in("twitter")
    path = path_of(browser)
    browser.get(path)
    for file in tmp_path.iterdir():
        file.write_bytes(content)
    site.clock.forward(DAY)
    assert is_picture(browser.get(path))


def test_a_folder_that_cannot_be_written_costs_no_picture(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    site = in_folder(tmp_path / "file" / "folder")
    browser = site.browser()
    browser.log_in("twitter")
    path = path_of(browser)
    assert is_picture(browser.get(path))
    assert is_picture(browser.get(path))
    assert "cannot be written: Not a directory" in caplog.text


def test_a_folder_is_relative_to_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "sociallogin.toml"
    file.write_text(
        f'base_url = "https://a.example"\nsecret_keys = ["{"k" * 32}"]\n'
        '[avatars]\nfolder = "kept/here"\n'
    )
    settings = SocialLogin.from_file(file).config.avatars
    assert settings is not None
    assert settings.folder == tmp_path / "kept" / "here"


def test_variables_turn_pictures_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIALLOGIN_BASE_URL", "https://a.example")
    monkeypatch.setenv("SOCIALLOGIN_SECRET_KEYS", "k" * 32)
    assert SocialLogin.from_env().config.avatars is None
    monkeypatch.setenv("SOCIALLOGIN_AVATARS_GRAVATAR", "true")
    settings = SocialLogin.from_env().config.avatars
    assert settings is not None
    assert (settings.folder, settings.gravatar) == (None, True)
    monkeypatch.setenv("SOCIALLOGIN_AVATARS_FOLDER", "kept")
    monkeypatch.setenv("SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_ID", "1")
    monkeypatch.setenv("SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_SECRET", "2")
    monkeypatch.setenv("SOCIALLOGIN_PROVIDERS_FACEBOOK_PICTURE_HOSTS", "a.example, *.b.example")
    config = SocialLogin.from_env().config
    assert config.avatars is not None
    assert config.avatars.folder == Path("kept")
    assert config.providers[0].record.picture_hosts == ("a.example", "*.b.example")
    monkeypatch.setenv("SOCIALLOGIN_AVATARS_ENABLED", "false")
    assert SocialLogin.from_env().config.avatars is None


def test_memory_is_bounded_and_forgets_what_was_used_longest_ago() -> None:
    memory = InMemory(3)
    for name in "abc":
        memory.put(name, Kept({}, 0))
    memory.get("a")
    memory.put("d", Kept({}, 0))
    assert [name for name in "abcd" if memory.get(name)] == ["a", "c", "d"]


# What an app does.


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

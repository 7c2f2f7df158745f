"""What a picture's host answers, how often it is asked, and what is shown meanwhile."""

import logging
import threading
from collections.abc import Callable

import pytest

from avatars.showing import (
    DAY,
    HEADERS,
    SVG,
    asked,
    is_picture,
    path_of,
    script,
    somebody,
    with_pictures,
)
from sites import Browser, Site
from sociallogin import SocialLogin
from sociallogin.avatars import avatars
from sociallogin.flows import Request, Response


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

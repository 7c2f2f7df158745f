"""Stores as a site uses them: one of the app's own, several sites, several workers."""

import json
import logging
import subprocess
import sys
import textwrap
from collections.abc import Awaitable

import pytest

from redis_server import RedisServer
from sites import Site, query
from sociallogin import SignIn, SocialLogin, SocialLoginError, Start, StoreError
from sociallogin.stores import Store
from sociallogin.stores.memory import MemoryStore


class Sample:
    """A store of an app's own."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def use(self, name: str, seconds: int) -> bool:
        self.asked.append((name, seconds))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]


def login_with(store: Store, site: Site) -> SocialLogin:
    return SocialLogin.from_mapping(
        site.config, transport=site.emulators.send, store=store, clock=site.clock
    )


def completed(login: SocialLogin, site: Site) -> SignIn:
    start = login.begin("facebook")
    params = query(site.emulators.press(start.url, "grant"))
    return login.complete("facebook", params, transaction=start.transaction)


def test_a_store_of_ones_own_is_asked_once_a_login_under_a_name_of_the_site() -> None:
    site, store = Site(), Sample(True, True)
    login = login_with(store, site)
    assert login.store is store
    for _ in range(2):
        assert completed(login, site).identity.provider == "facebook"
    (first, lasts), (second, _) = store.asked
    assert first != second
    assert first.startswith("https://blog.example.com:login:")
    assert lasts > 600, "longer than a transaction lives"


def test_a_store_that_says_no_makes_it_a_replay() -> None:
    site = Site()
    with pytest.raises(SocialLoginError) as caught:
        completed(login_with(Sample(False), site), site)
    assert caught.value.code == "state_replayed"


class Later(Awaitable[bool]):
    """What a coroutine function would give."""

    def __await__(self):  # type: ignore[no-untyped-def]
        return iter(())


def test_an_asynchronous_store_in_a_blocking_login_is_told_to_the_developer() -> None:
    class Asynchronous(MemoryStore):
        async def use(self, name: str, seconds: int) -> bool:  # type: ignore[override]
            return True

    site = Site()
    with pytest.raises(TypeError, match=r"Asynchronous.* is asynchronous.* AsyncSocialLogin"):
        completed(login_with(Asynchronous(site.clock), site), site)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (KeyError("S3NTINEL"), "the store raised KeyError"),
        (StoreError("the shelf is full"), "the shelf is full"),
        (Later(), "AsyncSocialLogin"),
        (None, "NoneType"),
        (1, "int"),
        ("yes", "str"),
    ],
    ids=["raises", "explains itself", "awaitable", "None", "1", "yes"],
)
def test_only_a_true_lets_a_login_pass(answer: object, hint: str) -> None:
    site = Site()
    with pytest.raises(StoreError) as caught:
        completed(login_with(Sample(answer), site), site)
    assert hint in caught.value.hint
    assert "S3NTINEL" not in str(caught.value)
    assert not site.emulators.of("facebook").asked("token")


@pytest.mark.server
def test_sites_that_share_a_redis_do_not_meet(redis_server: RedisServer) -> None:
    for base_url in ("https://one.example", "https://two.example"):
        site = Site(base_url=base_url, store=redis_server.url)
        site.browser().log_in("facebook")
    keys = redis_server.ask("KEYS", "*")
    assert isinstance(keys, list)
    assert sorted(key.rpartition(":")[0] for key in keys) == [
        "sociallogin:https://one.example:login",
        "sociallogin:https://two.example:login",
    ]


ELSEWHERE = """
import json, sys
from sociallogin import SocialLogin
config, now = json.loads(sys.argv[1])
login = SocialLogin.from_mapping(config, transport=None, clock=lambda: now)
start = login.begin("facebook")
print(json.dumps([start.url, start.transaction, start.key]))
"""


def begun_elsewhere(site: Site) -> Start:
    """A login that another process of the same site began."""
    given = json.dumps([site.config, site.clock()])
    command = [sys.executable, "-c", textwrap.dedent(ELSEWHERE), given]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return Start(*json.loads(run.stdout))


def complete(site: Site, start: Start) -> None:
    params = query(site.emulators.press(start.url, "grant"))
    site.login.complete("facebook", params, transaction=start.transaction)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.server
def test_a_login_of_another_process_is_told_once_where_each_counts_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = Site()
    site.clock.forward(5)
    for _ in range(2):
        complete(site, begun_elsewhere(site))
    (told,) = warnings(caplog)
    assert "begun in one process and came back to another" in told
    assert "each process counts used logins alone" in told
    assert "`store` to a redis:// URL" in told


@pytest.mark.server
def test_a_login_of_the_process_before_a_restart_tells_of_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = Site()
    start = begun_elsewhere(site)
    site.clock.forward(5)
    site.restart()
    complete(site, start)
    assert not warnings(caplog)


def test_a_single_process_tells_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    site = Site()
    for _ in range(3):
        site.clock.forward(5)
        site.browser().log_in("facebook")
    assert not warnings(caplog)


@pytest.mark.server
def test_workers_that_share_a_redis_have_nothing_to_tell(
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    redis_server: RedisServer,
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    site = Site(store=redis_server.url)
    site.clock.forward(5)
    complete(site, begun_elsewhere(site))
    assert not warnings(caplog)


@pytest.mark.parametrize(
    ("workers", "told"),
    [("4", True), ("2", True), ("1", False), ("01", False), ("0", False), ("", False),
     ("auto", False), ("9" * 5000, True)],
    ids=lambda value: str(value)[:9],
)  # fmt: skip
def test_announced_workers_are_told_at_the_start(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, workers: str, told: bool
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", workers)
    Site()
    assert [
        f"WEB_CONCURRENCY asks for {workers[:5]} workers" in text for text in warnings(caplog)
    ] == [True] * told


def test_the_default_is_to_count_in_this_process() -> None:
    assert isinstance(Site().login.store, MemoryStore)

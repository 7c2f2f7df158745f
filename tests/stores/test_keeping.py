"""What a store keeps for a while: in memory, in a real Redis, for blocking and async callers."""

import asyncio
import inspect
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from embedding import BLOG, Page
from redis_server import RedisServer
from sites import Clock, Site
from sociallogin import ConfigError, SocialLogin, StoreError
from sociallogin.stores.async_redis import AsyncRedisStore
from sociallogin.stores.memory import MAX_VALUES, MemoryStore
from sociallogin.stores.redis import RedisStore

Ask = Callable[..., Any]


class OnlyUse:
    """A store of an app's own that counts and keeps nothing."""

    def use(self, name: str, seconds: int) -> bool:
        return True


@pytest.fixture(params=["memory", "redis", "async redis"])
def ask(request: pytest.FixtureRequest, redis_server: RedisServer) -> Ask:
    stores: dict[str, Any] = {
        "memory": lambda: MemoryStore(Clock()),
        "redis": lambda: RedisStore(redis_server.url),
        "async redis": lambda: AsyncRedisStore(redis_server.url),
    }
    store = stores[request.param]()

    async def awaited(answer: Any) -> Any:
        return await answer

    def ask(act: str, *about: object) -> Any:
        answer = getattr(store, act)(*about)
        return asyncio.run(awaited(answer)) if inspect.isawaitable(answer) else answer

    return ask


def test_what_is_put_can_be_read_until_it_is_taken(ask: Ask) -> None:
    assert ask("get", "a") is None
    assert ask("put", "a", "one", 60) is None
    assert ask("put", "b", "Grüße", 60) is None
    assert [ask("get", "a"), ask("get", "a"), ask("take", "a")] == ["one"] * 3
    assert [ask("take", "a"), ask("get", "a")] == [None, None]
    assert ask("get", "b") == "Grüße"
    ask("put", "b", "later", 60)
    assert ask("take", "b") == "later"


def test_a_use_and_a_value_of_one_name_do_not_meet() -> None:
    store = MemoryStore(Clock())
    assert store.use("a", 60)
    store.put("a", "one", 60)
    assert not store.use("a", 60)
    assert store.get("a") == "one"


def test_of_many_who_take_one_gets_it(redis_server: RedisServer) -> None:
    for stores in ([MemoryStore(Clock())] * 2, [RedisStore(redis_server.url) for _ in range(2)]):
        for number in range(20):
            stores[0].put(f"name {number}", "value", 60)
        together = threading.Barrier(20)

        def take(
            worker: int, stores: Any = stores, together: threading.Barrier = together
        ) -> list[str | None]:
            together.wait(10)
            return [stores[worker % 2].take(f"name {number}") for number in range(20)]

        with ThreadPoolExecutor(20) as pool:
            got = list(pool.map(take, range(20)))
        assert [[*values].count("value") for values in zip(*got, strict=True)] == [1] * 20


def test_redis_forgets_by_itself(redis_server: RedisServer) -> None:
    RedisStore(redis_server.url).put("a", "one", 120)
    lasts = redis_server.ask("TTL", "sociallogin:a")
    assert isinstance(lasts, int)
    assert 110 < lasts <= 120


def test_a_redis_that_is_gone_is_a_store_error(redis_server: RedisServer) -> None:
    store = RedisStore(redis_server.url)
    redis_server.stop()
    for act, about in (("put", ("a", "secret", 60)), ("get", ("a",)), ("take", ("a",))):
        with pytest.raises(StoreError) as caught:
            getattr(store, act)(*about)
        assert "cannot be reached" in caught.value.hint
        assert "secret" not in str(caught.value)


def test_the_user_of_the_documentation_may_do_what_is_needed(redis_server: RedisServer) -> None:
    rights = ["~sociallogin:*", "+set", "+get", "+getdel"]
    redis_server.ask("ACL", "SETUSER", "blog", "on", ">secret", *rights)
    store = RedisStore(redis_server.url.replace("//", "//blog:secret@"))
    assert store.use("a", 60)
    store.put("b", "one", 60)
    assert [store.get("b"), store.take("b"), store.get("b")] == ["one", "one", None]


def test_memory_keeps_a_value_for_its_seconds() -> None:
    store = MemoryStore(clock := Clock())
    store.put("short", "one", 60)
    store.put("long", "two", 600)
    clock.forward(59.9)
    assert store.get("short") == "one"
    clock.forward(0.1)
    assert [store.get("short"), store.take("short"), store.get("long")] == [None, None, "two"]
    store.put("short", "three", 60)
    assert store.get("short") == "three"


def test_memory_is_bounded_and_the_soonest_to_end_goes_first() -> None:
    store = MemoryStore(clock := Clock())
    store.put("a bearer", "kept", 30 * 24 * 3600)
    for number in range(3 * MAX_VALUES):
        store.put(f"name {number}", "value", 120)
        assert len(store._values) <= MAX_VALUES
        assert len(store._values_end) <= 2 * MAX_VALUES + 1
    assert store.get("a bearer") == "kept"
    assert store.get("name 0") is None
    assert store.get(f"name {3 * MAX_VALUES - 1}") == "value"
    clock.forward(120)
    store.put("last", "value", 120)
    assert len(store._values) == 2, "what has ended is gone"


def test_memory_does_not_grow_by_what_is_taken() -> None:
    store = MemoryStore(Clock())
    for number in range(3 * MAX_VALUES):
        store.put(f"name {number}", "value", 30 * 24 * 3600)
        store.take(f"name {number}")
    assert not store._values
    assert len(store._values_end) <= 2 * MAX_VALUES + 1


def test_a_store_that_keeps_nothing_is_told_at_the_start_where_it_must() -> None:
    site = Site()
    SocialLogin.from_mapping(site.config, store=OnlyUse())
    with pytest.raises(ConfigError) as caught:
        SocialLogin.from_mapping({**site.config, "embed_origins": [BLOG]}, store=OnlyUse())
    assert "OnlyUse, which keeps no values" in str(caught.value)
    assert "put, get and take" in str(caught.value)


@pytest.mark.parametrize("act", ["get", "take", "put"])
@pytest.mark.parametrize(
    "answer", [KeyError("S3NTINEL"), 1, b"bytes"], ids=["raises", "1", "bytes"]
)
def test_a_store_of_ones_own_that_answers_nonsense_lets_nobody_in(act: str, answer: object) -> None:
    def fail(*_: object) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    site = Site(embed_origins=[BLOG])
    page = Page(site).log_in()
    setattr(site.login.store, act, fail)
    asked = {"get": page.redeem, "take": lambda: page.ask("POST", "/auth/logout"),
             "put": lambda: page.finish("grant")}[act]()  # fmt: skip
    assert asked.status == 503
    assert "S3NTINEL" not in asked.text


def test_several_workers_are_told_what_does_not_hold(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "2")
    Site()
    Site(embed_origins=[BLOG])
    without, with_pages = [record.getMessage() for record in caplog.records]
    assert "embed_origins" not in without
    assert "who logs in on a page of `embed_origins` is known to one process only" in with_pages
    assert "`store` to a redis:// URL" in with_pages

"""One-time use in asynchronous apps: counted in Redis, and by a store of the app's own."""

import socket
import time
from collections.abc import Iterator

import anyio
import pytest

from redis_server import RedisServer
from sites import Clock, Site, query
from sociallogin import AsyncSocialLogin, SocialLoginError, StoreError
from sociallogin.flows import Request, Response
from sociallogin.stores import Store
from sociallogin.stores.async_redis import SECONDS, THREADS, AsyncRedisStore
from sociallogin.stores.memory import MemoryStore

pytestmark = [pytest.mark.anyio, pytest.mark.server]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of what accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        yield f"redis://:S3NTINEL@127.0.0.1:{server.getsockname()[1]}"


def login_of(site: Site, store: Store | None = None) -> AsyncSocialLogin:
    async def send(request: Request) -> Response:
        await anyio.lowlevel.checkpoint()
        return site.emulators.send(request)

    return AsyncSocialLogin.from_mapping(site.config, transport=send, store=store, clock=site.clock)


async def outcome(login: AsyncSocialLogin, params: dict[str, str], transaction: str) -> str:
    try:
        await login.complete("facebook", params, transaction=transaction)
    except SocialLoginError as error:
        return error.code
    return "ok"


async def begun(site: Site) -> tuple[dict[str, str], str]:
    start = await login_of(site).begin("facebook")
    return query(site.emulators.press(start.url, "grant")), start.transaction


async def outcomes(
    *logins: AsyncSocialLogin, params: dict[str, str], transaction: str
) -> list[str]:
    """How the same callback ends at all of these at once."""
    found: list[str] = []

    async def one(login: AsyncSocialLogin) -> None:
        found.append(await outcome(login, params, transaction))

    async with anyio.create_task_group() as group:
        for login in logins:
            group.start_soon(one, login)
    return sorted(found)


async def test_a6_fifty_callbacks_at_once_on_two_workers_make_one_exchange(
    redis_server: RedisServer,
) -> None:
    site = Site(store=redis_server.url)
    workers = [login_of(site), login_of(site)]
    assert isinstance(workers[0].store, AsyncRedisStore)
    params, transaction = await begun(site)
    found = await outcomes(*(workers * 25), params=params, transaction=transaction)
    assert found == ["ok"] + ["state_replayed"] * 49
    assert len(site.emulators.of("facebook").asked("token")) == 1


async def test_a_blocking_worker_and_an_asynchronous_one_know_of_each_other(
    redis_server: RedisServer,
) -> None:
    site = Site(store=redis_server.url)
    params, transaction = await begun(site)
    site.login.complete("facebook", params, transaction=transaction)
    assert await outcome(login_of(site), params, transaction) == "state_replayed"


async def test_i13_without_its_redis_no_login_completes_and_with_it_the_next_does(
    redis_server: RedisServer,
) -> None:
    site = Site(store=redis_server.url)
    login = login_of(site)
    params, transaction = await begun(site)
    redis_server.stop()
    assert await outcome(login, params, transaction) == "store_unavailable"
    assert not site.emulators.of("facebook").asked("token")
    redis_server.start()
    assert await outcome(login, *await begun(site)) == "ok"


async def test_a_redis_that_never_answers_holds_neither_the_loop_nor_a_login(silent: str) -> None:
    store, turns, errors = AsyncRedisStore(silent), 0, []

    async def use() -> None:
        try:
            await store.use("name", 60)
        except StoreError as error:
            errors.append(f"{error} {error!r} {store!r}")

    async def turn() -> None:
        nonlocal turns
        while True:
            await anyio.sleep(0.01)
            turns += 1

    before = time.monotonic()
    async with anyio.create_task_group() as group:
        group.start_soon(turn)
        async with anyio.create_task_group() as uses:
            for _ in range(THREADS * 5):
                uses.start_soon(use)
        group.cancel_scope.cancel()
    assert time.monotonic() - before < SECONDS + 30
    assert len(errors) == THREADS * 5
    assert turns > 20, "the loop went on"
    assert "S3NTINEL" not in "".join(errors)


async def test_a_cancelled_use_ends_at_once(silent: str) -> None:
    with anyio.move_on_after(0.1) as scope:
        await AsyncRedisStore(silent).use("name", 60)
    assert scope.cancelled_caught, "after its own time it would raise a StoreError"


class Counting:
    """An asynchronous store of an app's own."""

    def __init__(self) -> None:
        self._memory = MemoryStore(Clock())

    async def use(self, name: str, seconds: int) -> bool:
        await anyio.lowlevel.checkpoint()
        return self._memory.use(name, seconds)


async def test_a_store_of_ones_own_may_be_awaited() -> None:
    site = Site()
    login = login_of(site, Counting())
    params, transaction = await begun(site)
    found = await outcomes(login, login, params=params, transaction=transaction)
    assert found == ["ok", "state_replayed"]


async def test_the_default_counts_in_this_process() -> None:
    assert isinstance(login_of(Site()).store, MemoryStore)

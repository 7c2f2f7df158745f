"""One-time use, counted in this process."""

import gc
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from sites import Clock, Site
from sociallogin.stores.memory import MemoryStore


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock)


def test_a_name_is_used_once(store: MemoryStore) -> None:
    assert [store.use("a", 60), store.use("a", 60), store.use("b", 60)] == [True, False, True]


def test_a_use_is_remembered_for_its_seconds_and_no_longer(
    store: MemoryStore, clock: Clock
) -> None:
    store.use("long", 600)
    store.use("short", 60)
    clock.forward(59.9)
    assert not store.use("short", 60)
    clock.forward(0.1)
    assert store.use("short", 60)
    assert not store.use("long", 600)


def test_of_many_threads_at_once_one_is_first(store: MemoryStore) -> None:
    together = threading.Barrier(50)

    def use(_: int) -> list[bool]:
        together.wait(10)
        return [store.use(f"name {number}", 60) for number in range(200)]

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(use, range(50)))
    assert [sum(firsts) for firsts in zip(*answers, strict=True)] == [1] * 200


def test_what_has_ended_is_forgotten(store: MemoryStore, clock: Clock) -> None:
    """Ten logins a second for an hour, and never more kept than of the last eleven minutes."""
    for number in range(36_000):
        store.use(f"name {number}", 660)
        clock.forward(0.1)
        assert len(store._used) == len(store._ends) <= 6_601
    clock.forward(660)
    store.use("last", 660)
    assert len(store._used) == len(store._ends) == 1


def allocated() -> int:
    """Bytes that are traced and held, without those of the threads that report on the tests."""
    gc.collect()
    others = [tracemalloc.Filter(False, f"*/{name}/*") for name in ("execnet", "xdist")]
    traces = tracemalloc.take_snapshot().filter_traces(others).traces
    return sum(trace.size for trace in traces)


def test_ten_thousand_pending_logins_cost_the_server_nothing() -> None:
    site = Site()
    site.login.begin("facebook")  # loads what a first login loads
    tracemalloc.start()
    try:
        before = allocated()
        for _ in range(10_000):
            site.login.begin("facebook")
        after = allocated()
    finally:
        tracemalloc.stop()
    assert after - before < 10_000, "less than a byte for each"

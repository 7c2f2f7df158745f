"""Connections of event loops, of asyncio and trio: cancelled, closed, gone with their loop."""

import asyncio
import gc
import socket
import threading
import time
import weakref

import anyio
import pytest

from sites import Clock
from sociallogin.errors import ProviderError
from sociallogin.flows import Request
from sociallogin.transports.async_pool import IDLE_SECONDS, ConnectionPool
from sociallogin.transports.environment import ssl_context
from sociallogin.transports.httpx import HttpxTransport, filled
from sociallogin.transports.origins import Origin
from transports.peer import Wait, answer, until_hung_up

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.fixture
def transport(bundle):
    return HttpxTransport({"REQUESTS_CA_BUNDLE": bundle})


def get(provider):
    return Request("GET", provider.origin)


def first_connection(*steps):
    """A script that does this on the first connection, and answers on the others."""
    return lambda received: steps if received.connection == 1 else [answer()]


async def cancelled_after(condition, transport, request):
    """Begins an exchange, and cancels it when the condition holds."""
    async with anyio.create_task_group() as group:
        group.start_soon(transport, request)
        while not condition():
            await anyio.sleep(0.01)
        group.cancel_scope.cancel()


@pytest.mark.anyio
@pytest.mark.parametrize("sent", [b"", HEAD[:30], HEAD, HEAD + b"{"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_cancelled_exchange_closes_its_connection(peer, context, transport, sent, tls):
    provider = peer(first_connection(sent, until_hung_up), context() if tls else None)
    await cancelled_after(lambda: provider.requests, transport, get(provider))
    await anyio.to_thread.run_sync(provider.wait_until_hung_up)
    assert (await transport(get(provider))).status == 200
    assert provider.connections == 2


@pytest.mark.server
@pytest.mark.anyio
async def test_a_cancelled_handshake_closes_its_connection(transport):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted = []
        thread = threading.Thread(target=lambda: accepted.append(listener.accept()[0]))
        thread.start()
        request = Request("GET", f"https://localhost:{listener.getsockname()[1]}/")
        await cancelled_after(lambda: accepted, transport, request)
        thread.join()
        with accepted[0] as sock:
            sock.settimeout(5)
            while sock.recv(4096):  # the client's hello, then the end
                pass


@pytest.mark.anyio
async def test_a_task_that_times_out_by_itself_leaves_nothing_behind(peer, transport):
    provider = peer(first_connection(until_hung_up))
    with pytest.raises(TimeoutError), anyio.fail_after(0.2):
        await transport(get(provider))
    await anyio.to_thread.run_sync(provider.wait_until_hung_up)
    assert (await transport(get(provider))).status == 200


@pytest.mark.anyio
async def test_name_resolution_ends_by_the_deadline(transport, monkeypatch):
    resolved = threading.Event()

    def slow(host, port, family=0, type=0, proto=0, flags=0):
        if not flags & socket.AI_NUMERICHOST:  # trio asks that first, without a thread
            resolved.wait(5)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    started = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        await transport(Request("GET", "https://login.example.org/", deadline=started + 0.2))
    assert time.monotonic() - started < 4
    assert caught.value.code == "provider_timeout"
    resolved.set()


@pytest.mark.anyio
async def test_aclose_closes_the_idle_connections_and_the_transport_can_still_be_used(
    peer, transport
):
    provider = peer()
    await transport(get(provider))
    await transport.aclose()
    await anyio.to_thread.run_sync(provider.wait_until_hung_up)
    await transport.aclose()
    assert (await transport(get(provider))).status == 200
    assert provider.connections == 2


@pytest.mark.anyio
async def test_an_exchange_that_runs_while_the_transport_closes_ends_well(peer, transport):
    provider = peer(lambda _: [Wait(0.2), answer()])
    async with anyio.create_task_group() as group:
        group.start_soon(transport, get(provider))
        while not provider.requests:
            await anyio.sleep(0.01)
        await transport.aclose()
    await anyio.to_thread.run_sync(provider.wait_until_hung_up)


@pytest.mark.anyio
async def test_sixty_four_tasks_keep_their_connections(peer, transport):
    together = threading.Barrier(64)

    def script(_):
        together.wait(10)
        yield answer()

    provider = peer(script)
    for _ in range(3):
        async with anyio.create_task_group() as group:
            for _ in range(64):
                group.start_soon(transport, get(provider))
    assert provider.connections == 64


@pytest.mark.anyio
async def test_an_origin_may_be_new_while_old_connections_are_closed(peer):
    clock, provider = Clock(), peer()
    pool = ConnectionPool(ssl_context({}), clock)

    async def use(host):
        origin = Origin("http", host, provider.port, None)
        connection = await pool.take(origin)
        with connection.network.begin(5):
            await connection.exchange(filled(get(provider), origin, "/"))
        await pool.put_back(connection)

    await use("localhost")
    clock.forward(IDLE_SECONDS + 1)
    async with anyio.create_task_group() as group:
        group.start_soon(use, "127.0.0.1")
        group.start_soon(use, "LOCALHOST")
    assert len(provider.requests) == 3
    await pool.aclose()


@pytest.mark.anyio
async def test_connections_that_nobody_needs_any_more_are_closed(peer):
    clock, provider = Clock(), peer()
    pool = ConnectionPool(ssl_context({}), clock)
    origin = Origin("http", "localhost", provider.port, None)

    async def use(count):
        taken = [await pool.take(origin) for _ in range(count)]
        for connection in taken:
            with connection.network.begin(5):
                await connection.exchange(filled(get(provider), origin, "/"))
            await pool.put_back(connection)

    await use(3)
    clock.forward(IDLE_SECONDS - 1)
    await use(1)
    clock.forward(2)
    await use(1)
    for _ in range(2):
        await anyio.to_thread.run_sync(provider.wait_until_hung_up)
    assert provider.connections == 3
    await pool.aclose()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_loops_come_and_go_and_leave_nothing(peer, context, transport, anyio_backend, tls):
    provider = peer(context=context() if tls else None)
    seen = []

    async def visit():
        if anyio_backend == "asyncio":
            seen.append(weakref.ref(asyncio.get_running_loop()))
        await transport(get(provider))

    anyio.run(visit, backend=anyio_backend)
    gc.collect()
    for number in range(2, 22):
        anyio.run(visit, backend=anyio_backend)
        provider.wait_until_hung_up()
        assert provider.connections == number
    gc.collect()
    assert not any(loop() for loop in seen)


def test_a_loop_that_ends_amid_an_exchange_closes_the_connection(peer, transport):
    provider = peer(first_connection(until_hung_up))

    async def leave():
        asyncio.get_running_loop().left = asyncio.create_task(transport(get(provider)))
        while not provider.requests:
            await asyncio.sleep(0.01)

    asyncio.run(leave())
    provider.wait_until_hung_up()


def test_loops_of_several_threads_share_a_transport_and_no_connection(peer, transport):
    provider = peer(lambda _: [Wait(0.1), answer()])

    async def several():
        for _ in range(3):
            await transport(get(provider))

    threads = [threading.Thread(target=anyio.run, args=(several,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert provider.connections == 4
    assert len(provider.requests) == 12

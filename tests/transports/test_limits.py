"""Time and memory: whatever a provider does, an exchange ends."""

import socket
import threading
import time
import tracemalloc
import zlib

import anyio
import pytest
from urllib3.util.connection import create_connection

from sociallogin.errors import ProviderError
from sociallogin.transports import connections
from transports.asking import ask
from transports.peer import CLOSE, RESET, Wait, answer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DEADLINE = 0.5
MIB = 1024 * 1024


def drip(*first):
    """A script that sends `first`, then a byte every few hundredths of a second."""

    def script(_):
        yield from first
        while True:
            yield Wait(0.05)
            yield b"x"

    return script


@pytest.mark.parametrize(
    "script",
    [
        lambda _: [Wait(60)],
        drip(),
        drip(HEAD + b"X-Dripped: "),
        drip(HEAD + b"Content-Length: 1000\r\n\r\n"),
        drip(HEAD + b"\r\n"),
        lambda _: [HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", Wait(60)],
    ],
    ids=["no-answer", "status-line", "headers", "body", "body-without-length", "chunk"],
)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_i2_an_exchange_ends_at_its_deadline(peer, get, context, script, tls):
    provider = peer(script, context() if tls else None)
    started = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        get(provider.origin, seconds=DEADLINE)
    assert caught.value.code == "provider_timeout"
    assert DEADLINE * 0.9 < time.monotonic() - started < DEADLINE + 15
    assert len(provider.requests) == 1


@pytest.mark.server
def test_i2_a_handshake_ends_at_the_deadline(get):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(ProviderError) as caught:
            get(f"https://localhost:{silent.getsockname()[1]}", seconds=DEADLINE)
    assert caught.value.code == "provider_timeout"
    assert time.monotonic() - started < DEADLINE + 15


@pytest.mark.server
def test_i2_a_slow_connection_leaves_the_handshake_only_the_rest(get, monkeypatch):
    def slow(*args, **kwargs):
        sock = create_connection(*args, **kwargs)
        threading.Event().wait(0.4)
        return sock

    async def slow_too(*args, connect=anyio.connect_tcp, **kwargs):
        stream = await connect(*args, **kwargs)
        await anyio.sleep(0.4)
        return stream

    monkeypatch.setattr(connections, "create_connection", slow)
    monkeypatch.setattr(anyio, "connect_tcp", slow_too)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises(ProviderError) as caught:
            get(f"https://localhost:{silent.getsockname()[1]}", seconds=0.5)
    assert caught.value.code == "provider_timeout"
    assert time.monotonic() - started < 2


def test_i2_a_proxy_s_answer_ends_at_the_deadline(make, peer, bundle):
    proxy = peer(drip(b"HTTP/1.1 200 "))
    transport = make({"REQUESTS_CA_BUNDLE": bundle, "HTTPS_PROXY": proxy.origin})
    started = time.monotonic()
    with pytest.raises(ProviderError) as caught:
        ask(transport, "https://localhost:1/", seconds=DEADLINE)
    assert caught.value.code == "provider_timeout"
    assert time.monotonic() - started < DEADLINE + 15


@pytest.mark.server
def test_i2_many_dead_addresses_share_the_deadline(get, monkeypatch):
    # A full backlog drops every further connection attempt, as a dead address does.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        dead = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *args, **kwargs: (
                5 * [dead] if host == "localhost" else real(host, *args, **kwargs)
            ),
        )
        started = time.monotonic()
        with pytest.raises(ProviderError) as caught:
            get(f"http://localhost:{port}", seconds=DEADLINE)
        took = time.monotonic() - started
        for filler in fillers:
            filler.close()
    assert caught.value.code == "provider_timeout"
    assert took < DEADLINE + 15


def test_nothing_is_sent_when_the_time_is_over(peer, get):
    provider = peer()
    get(provider.origin)
    with pytest.raises(ProviderError) as caught:
        get(provider.origin, seconds=-1)
    assert caught.value.code == "provider_timeout"
    assert len(provider.requests) == 1


def test_a_connection_that_ran_out_of_time_is_not_used_again(peer, get):
    provider = peer(lambda received: [Wait(60)] if received.connection == 1 else [answer()])
    with pytest.raises(ProviderError):
        get(provider.origin, seconds=DEADLINE)
    assert get(provider.origin).status == 200
    assert provider.connections == 2


def zeros(count):
    """So many MiB of zeros, compressed: after a full flush, the same bytes say it once more."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    yield compressor.compress(bytes(MIB)) + compressor.flush(zlib.Z_FULL_FLUSH)
    block = compressor.compress(bytes(MIB)) + compressor.flush(zlib.Z_FULL_FLUSH)
    for _ in range(count - 1):
        yield block


def too_large(_):
    yield HEAD + b"Content-Length: %d\r\n\r\n" % (2 * MIB)
    for _ in range(2):
        yield bytes(MIB)


def too_large_without_length(_):
    yield HEAD + b"\r\n"
    for _ in range(2):
        yield bytes(MIB)
    yield CLOSE


def too_large_in_chunks(_):
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    for _ in range(2 * 1024):
        yield b"400\r\n" + bytes(1024) + b"\r\n"


def bomb(_):
    """10 GiB in 10 MiB."""
    yield HEAD + b"Content-Encoding: gzip\r\n\r\n"
    yield from zeros(10 * 1024)


def small_bomb(_):
    """200 MiB in 200 KiB, with an honest length."""
    body = b"".join(zeros(200))
    yield answer(body, "Content-Encoding: gzip")


@pytest.mark.parametrize(
    "script",
    [too_large, too_large_without_length, too_large_in_chunks, bomb, small_bomb],
)
def test_i3_a_large_answer_is_refused_and_memory_stays_small(peer, get, script):
    provider = peer(script)
    tracemalloc.start()
    try:
        with pytest.raises(ProviderError) as caught:
            get(provider.origin, seconds=20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.code == "provider_bad_response"
    assert "larger than 1 MiB" in caught.value.hint
    assert peak < 16 * MIB


def test_i3_a_body_of_tiny_chunks_is_no_list_of_tiny_objects(peer, get):
    chunks = 2000 * b"2\r\nab\r\n"
    provider = peer(
        lambda _: [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *(20 * [chunks]), b"0\r\n\r\n"]
    )
    tracemalloc.start()
    try:
        body = get(provider.origin, seconds=60).body
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert body == 40_000 * b"ab"
    assert peak < 6 * MIB


def test_an_answer_of_exactly_one_mebibyte_is_read(peer, get):
    assert len(get(peer(answer(bytes(MIB))).origin).body) == MIB


@pytest.mark.parametrize(
    "steps",
    [
        [HEAD + b'Content-Length: 100\r\n\r\n{"id":', CLOSE],
        [HEAD + b'Content-Length: 100\r\n\r\n{"id":', RESET],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n", CLOSE],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc", CLOSE],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc", CLOSE],
        [HEAD + b"Content-Length: 2\r\nContent-Length: 7\r\n\r\n{}", CLOSE],
        [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", CLOSE],
        [b"HTTP/1.1 200 OK\r\n" + 200 * b"X-Many: 1\r\n" + b"\r\n", CLOSE],
        [b"HTTP/1.1 200 OK\r\nX-Long: " + 70_000 * b"x" + b"\r\n\r\n", CLOSE],
    ],
    ids=[
        "length", "reset", "chunks", "chunk", "chunk-size", "two-lengths", "not-http",
        "many-headers", "long-header",
    ],
)  # fmt: skip
def test_i5_an_answer_that_is_cut_off_or_no_http_is_a_bad_response(peer, get, steps):
    provider = peer(lambda _: steps)
    with pytest.raises(ProviderError) as caught:
        get(provider.origin)
    assert caught.value.code == "provider_bad_response"
    assert len(provider.requests) == 1

"""Connections: kept, shared between threads, never between processes, and not trusted to last."""

import os
import shutil
import ssl
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from anyio.from_thread import start_blocking_portal

from forked import holds_in_a_child
from sociallogin.errors import ProviderError
from sociallogin.transports import requests as module
from sociallogin.transports.adapter import POOLS_KEPT
from sociallogin.transports.httpx import HttpxTransport
from sociallogin.transports.requests import RequestsTransport
from transports.asking import Carried, ask
from transports.peer import CLOSE, RESET, answer


@pytest.fixture
def loaded_authorities(monkeypatch):
    """Counts how often authorities are loaded into a TLS context."""
    calls = Counter()
    for name in ("load_verify_locations", "load_default_certs"):
        original = getattr(ssl.SSLContext, name)

        def counted(self, *args, original=original, name=name, **kwargs):
            calls[name] += 1
            return original(self, *args, **kwargs)

        monkeypatch.setattr(ssl.SSLContext, name, counted)
    return calls


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_twenty_requests_need_one_connection(peer, get, post, context, tls):
    provider = peer(context=context() if tls else None)
    for _ in range(10):
        get(provider.origin)
        post(provider.origin)
    assert len(provider.requests) == 20
    assert provider.connections == 1


@pytest.mark.parametrize(
    "sent",
    [
        answer(b"", status="204 No Content"),
        answer(b""),
        answer(b"no", status="500 Error"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["204", "empty", "500", "chunked"],
)
def test_a_connection_is_kept_after_any_whole_answer(peer, get, sent):
    provider = peer(sent)
    get(provider.origin)
    get(provider.origin)
    assert provider.connections == 1


@pytest.fixture
def unread(bundle, tmp_path):
    """A file of authorities that this process has not read before."""
    return shutil.copy(bundle, tmp_path / "unread.pem")


def test_one_tls_context_serves_all_connections(make, peer, context, unread, loaded_authorities):
    providers = [peer(context=context()) for _ in range(3)]
    loaded_authorities.clear()
    transport = make({"REQUESTS_CA_BUNDLE": str(unread)})
    for provider in providers:
        ask(transport, provider.origin)
    transport.close()
    ask(transport, providers[0].origin)
    assert providers[0].connections == 2
    assert loaded_authorities == {"load_verify_locations": 1}


def test_one_tls_context_serves_blocking_and_asynchronous_logins(unread, loaded_authorities):
    for made in (RequestsTransport, HttpxTransport):
        made({"SSL_CERT_FILE": str(unread)})
    assert loaded_authorities == {"load_verify_locations": 1}


def test_sixty_four_threads_have_a_connection_each_and_keep_it(peer, transport):
    together = threading.Barrier(64)

    def script(_):
        together.wait(10)
        yield answer()

    provider = peer(script)
    with ThreadPoolExecutor(64) as executor:
        for _ in range(2):
            answers = executor.map(lambda _: ask(transport, provider.origin, seconds=10), range(64))
            assert {response.status for response in answers} == {200}
    assert provider.connections == 64


def test_answers_are_not_mixed_up_between_threads(peer, transport):
    provider = peer(lambda received: [answer(received.line.split()[1].encode())])

    def exchange(number):
        return ask(transport, f"{provider.origin}/{number}").body == b"/%d" % number

    with ThreadPoolExecutor(8) as executor:
        assert all(executor.map(exchange, range(200)))


@pytest.mark.parametrize("kind", ["requests"], indirect=True)
def test_connections_of_many_origins_are_not_kept_for_ever(peer, transport):
    """Breaks when the connections to every host that ever had a picture stay open.

    Asynchronous ones close when they have been idle for a minute.
    """
    origins = [peer(answer()) for _ in range(2 * POOLS_KEPT + 1)]
    for origin in origins:
        assert ask(transport, origin.origin).status == 200
    origins[0].wait_until_hung_up()
    for origin in (origins[0], origins[-1]):
        assert ask(transport, origin.origin).status == 200
    assert (origins[0].connections, origins[-1].connections) == (2, 1)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_closed_while_idle_is_replaced(peer, transport, method):
    def script(received):
        yield answer()
        if received.connection == 1:
            yield CLOSE

    provider = peer(script)
    ask(transport, provider.origin, method, body=b"")
    provider.wait_until_hung_up()
    assert ask(transport, provider.origin, method, body=b"").status == 200
    assert provider.connections == 2
    assert len(provider.requests) == 2


@pytest.mark.parametrize("end", [CLOSE, RESET], ids=["closed", "reset"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_d9_a_get_is_sent_again_if_its_connection_dies_unanswered(peer, get, context, end, tls):
    provider = peer(
        lambda received: [end] if received.connection == 1 else [answer()],
        context() if tls else None,
    )
    assert get(provider.origin).status == 200
    assert len(provider.requests) == 2


@pytest.mark.parametrize("end", [CLOSE, RESET], ids=["closed", "reset"])
def test_d9_a_get_is_sent_twice_at_most(peer, get, end):
    provider = peer(lambda _: [end])
    with pytest.raises(ProviderError) as caught:
        get(provider.origin)
    assert caught.value.code == "provider_unreachable"
    assert len(provider.requests) == 2


@pytest.mark.parametrize("end", [CLOSE, RESET], ids=["closed", "reset"])
def test_d9_a_post_is_never_sent_again(peer, post, end):
    provider = peer(lambda _: [end])
    with pytest.raises(ProviderError) as caught:
        post(provider.origin)
    assert caught.value.code == "provider_unreachable"
    assert len(provider.requests) == 1


@pytest.mark.parametrize("end", [CLOSE, RESET], ids=["closed", "reset"])
def test_a_get_that_was_answered_in_part_is_not_sent_again(peer, get, end):
    provider = peer(lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n", end])
    with pytest.raises(ProviderError) as caught:
        get(provider.origin)
    assert caught.value.code == "provider_bad_response"
    assert len(provider.requests) == 1


@contextmanager
def in_the_child(transport, kind):
    """The transport in a forked process, which has none of its parent's event loops."""
    if kind == "requests":
        yield transport
    else:
        with start_blocking_portal(kind) as portal:
            yield Carried(transport.transport, portal)


@pytest.mark.server
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_after_a_fork_the_child_opens_its_own_connections(peer, transport, get, context, kind, tls):
    provider = peer(context=context() if tls else None)
    get(provider.origin)

    def is_answered():
        with in_the_child(transport, kind) as renewed:
            return ask(renewed, f"{provider.origin}/child").status == 200

    assert holds_in_a_child(is_answered)
    get(f"{provider.origin}/parent")
    used = {received.line.split()[1]: received.connection for received in provider.requests}
    assert used == {"/": 1, "/child": 2, "/parent": 1}


def test_the_default_transport_is_made_once_however_many_ask(
    monkeypatch, unread, loaded_authorities
):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(unread))
    monkeypatch.setattr(module, "_process", module._Process())
    with ThreadPoolExecutor(16) as executor:
        made = set(executor.map(lambda _: module.default(), range(64)))
    assert len(made) == 1
    assert sum(loaded_authorities.values()) == 1


@pytest.mark.server
def test_importing_the_library_loads_no_http_library():
    script = (
        "import sys, sociallogin, sociallogin.transports;"
        "sys.exit(any(name in sys.modules for name in ('requests', 'urllib3', 'httpx')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

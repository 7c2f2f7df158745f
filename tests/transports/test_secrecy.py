"""No secret of a request or an answer reaches a log or an error."""

import logging
import socket
import traceback

import pytest

from sociallogin.errors import ProviderError
from transports.peer import CLOSE, RESET, Wait, answer

SECRET = "5e4ec7e7"


def refused():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return closed.getsockname()[1]


FAULTS = {
    "closed": lambda _: [CLOSE],
    "reset": lambda _: [RESET],
    "silent": lambda _: [Wait(60)],
    "cut-off": lambda _: [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + SECRET.encode(),
        CLOSE,
    ],
    "not-http": lambda _: [SECRET.encode() + b"\r\n\r\n", CLOSE],
    "bad-coding": lambda _: [answer(SECRET.encode(), "Content-Encoding: gzip")],
}


def send(exchange, url):
    return exchange(
        f"{url}/token",
        body=f"code={SECRET}&client_secret={SECRET}".encode(),
        Authorization=f"Bearer {SECRET}",
        seconds=0.5,
    )


def test_d1_the_log_of_an_exchange_holds_no_secret(peer, post, kind, caplog):
    caplog.set_level(logging.DEBUG)
    sent = answer(f'{{"access_token": "{SECRET}"}}'.encode(), f"Set-Cookie: session={SECRET}")
    send(post, peer(sent).origin)
    # urllib3 does log, and is only told nothing secret.
    assert ("POST /token" in caplog.text) == (kind == "requests")
    assert SECRET not in caplog.text


@pytest.mark.parametrize("fault", FAULTS)
def test_d2_no_failure_tells_a_secret(peer, post, caplog, fault):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ProviderError) as caught:
        send(post, peer(FAULTS[fault]).origin)
    told = "".join(traceback.format_exception(caught.value))
    assert SECRET not in told + caught.value.message + repr(caught.value) + caplog.text


def test_d2_a_refused_connection_tells_no_secret(post, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ProviderError) as caught:
        send(post, f"http://localhost:{refused()}")
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caplog.text


@pytest.mark.parametrize("end", ["\r\nX-Injected: 1", "\n", "€"])
def test_d7_a_header_that_cannot_be_sent_is_not_quoted(peer, post, end):
    provider = peer()
    with pytest.raises(ProviderError) as caught:
        post(provider.origin, Authorization=f"Bearer {SECRET}{end}")
    assert provider.requests == []
    assert SECRET not in "".join(traceback.format_exception(caught.value))

"""Which addresses a request of `public_only` connects to: none of this network, by any name."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from sociallogin import ProviderError
from sociallogin.flows import Request, Send
from sociallogin.transports import async_network, connections
from sociallogin.transports.addresses import is_public
from transports.peer import Peer, Received, answer

PRIVATE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1",
    "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::127.0.0.1", "2002:7f00:1::", "2002:a00:1::", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "not an address", "", "2130706433",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::5e",
          "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::"]  # fmt: skip
URL = "https://pictures.example/p.png"


@pytest.mark.parametrize("address", PRIVATE)
def test_i8_an_address_of_this_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


def ask(transport: Send, url: str, *, public_only: bool = True) -> Any:
    deadline = time.monotonic() + 5
    return transport(Request("GET", url, deadline=deadline, public_only=public_only))


def refusal(transport: Send, url: str) -> str:
    with pytest.raises(ProviderError) as refused:
        ask(transport, url)
    assert refused.value.code == "provider_unreachable"
    return refused.value.hint


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_i8_a_peer_on_this_machine_is_never_connected_to(
    transport: Send, peer: Callable[..., Peer], host: str
) -> None:
    listening = peer()
    url = f"http://{host}:{listening.port}/p.png"
    assert "none of the public internet" in refusal(transport, url)
    assert listening.connections == 0
    assert ask(transport, url, public_only=False).status == 200


def test_i8_a_connection_that_others_opened_is_not_used(
    transport: Send, peer: Callable[..., Peer]
) -> None:
    """Breaks when one pool serves both kinds of request: a kept connection is judged by nobody."""
    listening = peer()
    url = f"{listening.origin}/p.png"
    assert ask(transport, url, public_only=False).status == 200
    refusal(transport, url)
    assert ask(transport, url, public_only=False).status == 200
    assert (listening.connections, len(listening.requests)) == (1, 2)


class Names:
    """What names lead to, one answer after another; and what was connected to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: list[list[str]] = []
        self.connected: list[str] = []
        monkeypatch.setattr(connections.socket, "getaddrinfo", self._resolve)
        monkeypatch.setattr(connections, "create_connection", self._connect)
        monkeypatch.setattr(async_network.anyio, "connect_tcp", self._connect_asynchronously)

    def _resolve(self, host: str, port: int, *_: object, **__: object) -> list[Any]:
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port)) for found in addresses]

    def _connect(self, address: tuple[str, int], *_: object, **__: object) -> None:
        self.connected.append(address[0])
        raise ConnectionRefusedError(111, "refused")

    async def _connect_asynchronously(self, host: str, port: int) -> None:
        found = self._resolve(host, port) if host == "pictures.example" else [(*[""] * 4, (host,))]
        self._connect(found[0][-1])


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


@pytest.mark.parametrize("address", PRIVATE)
def test_i8_a_name_that_leads_into_this_network_is_refused(
    transport: Send, names: Names, address: str
) -> None:
    names.answers = [[address]]
    assert "none of the public internet" in refusal(transport, URL)
    assert names.connected == []


def test_i8_of_several_addresses_the_public_ones_alone_are_tried(
    transport: Send, names: Names
) -> None:
    names.answers = [["10.0.0.1", "1.1.1.1", "::1", "1.0.0.1", "127.0.0.1"]]
    refusal(transport, URL)
    assert names.connected == ["1.1.1.1", "1.0.0.1"]


def test_i8_a_name_is_judged_anew_for_each_connection(transport: Send, names: Names) -> None:
    """Breaks when an answer of the resolver is judged, and another one connected to."""
    names.answers = [["1.1.1.1"], ["127.0.0.1"]]
    assert "refuses connections" in refusal(transport, URL)
    assert "none of the public internet" in refusal(transport, URL)
    assert names.connected == ["1.1.1.1"]


def test_what_does_not_ask_for_it_goes_where_the_name_leads(transport: Send, names: Names) -> None:
    names.answers = [["10.0.0.1"]]
    with pytest.raises(ProviderError, match="refuses connections"):
        ask(transport, URL, public_only=False)
    assert names.connected == ["10.0.0.1"]


def test_a_proxy_may_stand_in_this_network(
    make: Callable[..., Any], bundle: str, peer: Callable[..., Peer]
) -> None:
    """Through a proxy it is the proxy that connects; its own address is the site owner's."""

    def script(_: Received) -> list[object]:
        return [answer(b"", status="502 Bad Gateway")]

    proxy = peer(script)
    environ = {"REQUESTS_CA_BUNDLE": bundle, "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
    assert "the proxy makes no connection" in refusal(make(environ), URL)
    assert proxy.requests[0].line.startswith("CONNECT pictures.example:443")

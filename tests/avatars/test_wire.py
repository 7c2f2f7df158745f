"""Pictures over real sockets: the library's own transport, and peers that mean no good."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from sociallogin import Identity, SocialLogin
from sociallogin.flows import Request, Response
from sociallogin.transports.requests import RequestsTransport
from transports.peer import CLOSE, Peer, Received, Script, Wait, answer

pytestmark = pytest.mark.server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n"


@pytest.fixture
def transport() -> Iterator[RequestsTransport]:
    with contextlib.closing(RequestsTransport({})) as made:
        yield made


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    with contextlib.ExitStack() as stack:
        yield lambda script: stack.enter_context(Peer(script))


def looked_at(transport: Any, url: str, *hosts: str) -> bytes | None:
    """The picture of somebody whose provider says that it is at `url`."""
    login = SocialLogin.from_mapping(
        {
            "base_url": "http://127.0.0.1:8000", "secret_keys": ["k" * 32], "avatars": {},
            "providers": {"facebook": {"client_id": "1", "client_secret": "2",
                                       "picture_hosts": list(hosts)}},
        },
        transport=transport,
    )  # fmt: skip
    identity = Identity(provider="facebook", issuer="https://www.facebook.com", subject="1",
                        picture_url=url)  # fmt: skip
    assert login.avatars is not None
    opaque = login.avatars.name(identity)
    assert opaque is not None, "the host is listed"
    return login.run(login.avatars.serve(opaque, 96)).body


def test_a_picture_on_this_machine_is_shown_where_the_configuration_names_it(
    transport: RequestsTransport, peer: Callable[..., Peer], encoded: Callable[..., bytes]
) -> None:
    there = peer(lambda _: [answer(encoded("PNG"), "Content-Type: image/png")])
    host = f"localhost:{there.port}"
    assert looked_at(transport, f"http://{host}/p.png", host)
    (request,) = there.requests
    assert request.line == "GET /p.png HTTP/1.1"
    assert set(request.headers) == {"host", "accept", "accept-encoding", "user-agent"}


def test_i8_a_listed_name_that_leads_to_this_machine_is_not_connected_to(
    transport: RequestsTransport, peer: Callable[..., Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaks when an allowed name is enough: names lead where their owner likes."""
    there = peer(lambda _: [answer(b"secret")])
    from sociallogin.transports import connections

    def to_this_machine(host: str, port: int, **_: object) -> list[Any]:
        assert host == "pictures.example"
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(connections.socket, "getaddrinfo", to_this_machine)
    host = f"pictures.example:{there.port}"
    assert looked_at(transport, f"https://{host}/p.png", host) is None
    assert there.connections == 0


def test_i8_a_redirect_to_another_place_on_this_machine_is_not_followed(
    transport: RequestsTransport, peer: Callable[..., Peer]
) -> None:
    inside = peer(lambda _: [answer(b"secret")])
    moved = answer(b"", f"Location: http://localhost:{inside.port}/", status="302 Found")
    outside = peer(lambda _: [moved])
    host = f"localhost:{outside.port}"
    assert looked_at(transport, f"http://{host}/", host) is None
    assert len(outside.requests) == 1
    assert inside.connections == 0


def endless(_: Received) -> Iterator[object]:
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"10000\r\n" + b"x" * 65536 + b"\r\n"


@pytest.mark.parametrize(
    "script",
    [endless,
     lambda _: [HEAD + b"Content-Length: 99999999999\r\n\r\n"],
     lambda _: [HEAD + b"Content-Length: 5000\r\n\r\n" + b"x" * 100, CLOSE],
     lambda _: [HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd"],
     lambda _: [CLOSE], lambda _: [b"not HTTP at all\r\n\r\n"]],
    ids=["endless", "a long one promised", "cut off", "no gzip", "no answer", "no HTTP"],
)  # fmt: skip
def test_an_answer_that_is_none_leaves_the_initials(
    transport: RequestsTransport, peer: Callable[..., Peer], script: Script
) -> None:
    there = peer(script)
    host = f"localhost:{there.port}"
    assert looked_at(transport, f"http://{host}/", host) is None


def test_a_body_that_drips_ends_by_the_deadline(
    transport: RequestsTransport, peer: Callable[..., Peer]
) -> None:
    def dripping(_: Received) -> Iterator[object]:
        yield HEAD + b"Content-Length: 1000\r\n\r\n"
        while True:
            yield b"x"
            yield Wait(0.05)

    def impatient(request: Request) -> Response:
        return transport(replace(request, deadline=time.monotonic() + 0.6))

    there = peer(dripping)
    host = f"localhost:{there.port}"
    assert looked_at(impatient, f"http://{host}/", host) is None

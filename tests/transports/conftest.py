"""Peers, certificates and transports for these tests."""

import contextlib
import ssl
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import trustme
from anyio.from_thread import start_blocking_portal

from sociallogin.flows import Response, Send
from sociallogin.transports.httpx import HttpxTransport
from sociallogin.transports.requests import RequestsTransport
from transports.asking import Carried, ask
from transports.peer import Peer, Script, answer

OK = answer()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A file with the test authority's certificate."""
    path = tmp_path_factory.mktemp("authority") / "bundle.pem"
    path.write_bytes(authority.cert_pem.bytes())
    return str(path)


@pytest.fixture
def context(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """Makes a server's TLS context, for `localhost` if nothing else is said."""

    def make(*names: str, issuer: trustme.CA = authority, expired: bool = False) -> ssl.SSLContext:
        now = datetime.now(UTC)
        ends = now - timedelta(days=1) if expired else now + timedelta(days=1)
        certificate = issuer.issue_cert(
            *(names or ("localhost",)), not_before=now - timedelta(days=2), not_after=ends
        )
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(made)
        return made

    return make


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """Starts peers; without a script they answer `{}`."""
    with contextlib.ExitStack() as stack:

        def start(script: Script | bytes = OK, context: ssl.SSLContext | None = None) -> Peer:
            made = Peer((lambda _: [script]) if isinstance(script, bytes) else script, context)
            return stack.enter_context(made)

        yield start


@pytest.fixture(params=["requests", "asyncio", "trio"])
def kind(request: pytest.FixtureRequest) -> str:
    """The blocking transport, or the event loop that carries the asynchronous one."""
    return str(request.param)


@pytest.fixture
def make(kind: str) -> Iterator[Callable[[Mapping[str, str]], RequestsTransport | Carried]]:
    """Makes transports of an environment."""
    with contextlib.ExitStack() as stack:

        def made(environ: Mapping[str, str]) -> RequestsTransport | Carried:
            if kind == "requests":
                return stack.enter_context(contextlib.closing(RequestsTransport(environ)))
            return Carried(HttpxTransport(environ), portal)

        if kind != "requests":
            portal = stack.enter_context(start_blocking_portal(kind))
        yield made


@pytest.fixture
def transport(
    make: Callable[[Mapping[str, str]], RequestsTransport | Carried], bundle: str
) -> RequestsTransport | Carried:
    return make({"REQUESTS_CA_BUNDLE": bundle})


@pytest.fixture
def get(transport: Send) -> Callable[..., Response]:
    return partial(ask, transport)


@pytest.fixture
def post(transport: Send) -> Callable[..., Response]:
    return partial(ask, transport, method="POST", body=b"code=abc")

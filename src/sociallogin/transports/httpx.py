"""The asynchronous transport: httpx, through one pool of connections for each event loop.

Through h11 and httpcore, which speak HTTP in httpx, and not through its clients: so no cookie is
kept, no redirect followed, no `.netrc` read, no URL logged, no TLS context made for a login, and
nothing is encoded, parsed and completed a second time.
"""

import os
import ssl
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

try:
    import anyio
    import h11
    import httpcore
    import httpx  # noqa: F401  (which reads proxies' URLs, in async_proxies)
    from anyio.lowlevel import RunVar
except ImportError as error:
    raise ImportError(
        'asynchronous logins need httpx: pip install "sociallogin[async]"', name=error.name
    ) from error

from ..errors import ProviderError
from ..flows import FLOW_SECONDS, Request, Response
from . import async_proxies, bodies, rules
from .async_connections import Connection, Message, RawHeaders
from .async_pool import ConnectionPool
from .environment import Proxies, ssl_context
from .failures import (
    CUT_OFF,
    DISCONNECTED,
    NO_PROXY,
    NOT_HTTP,
    TIMEOUT,
    UNSENDABLE,
    Meaning,
    explain,
)
from .origins import Origin, Origins

#: What a connection fails with, beside `OSError` where it cannot be made.
_FAILURES = (
    h11.ProtocolError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError,
    anyio.BrokenResourceError, anyio.EndOfStream, OSError,
)  # fmt: skip

#: What may stand in a path and a query, and what is encoded already (RFC 3986 section 2).
_SENT_AS_IT_IS = "!$&'()*+,;=:@/?%"


class HttpxTransport:
    """Performs requests, asynchronously. Safe to share between tasks, and between event loops.

    The rules are those of `RequestsTransport`; here name resolution ends by the deadline, too.
    Works under asyncio and trio. The connections of an event loop close when it ends, or before
    that by `aclose()`. A connection whose exchange is cancelled closes at once.

    Args:
        environ: where `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, `REQUESTS_CA_BUNDLE` and, after
            it, `SSL_CERT_FILE` are read, once.

    Raises:
        ConfigError: one of these variables is wrong.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._origins = Origins(Proxies.read(environ))
        self._context = ssl_context(environ)

    async def __call__(self, request: Request) -> Response:
        """The answer to `request`, whatever its status.

        Raises:
            ProviderError: `provider_unreachable`, `provider_timeout` or `provider_bad_response`.
        """
        deadline = request.deadline
        if deadline is None:
            deadline = time.monotonic() + FLOW_SECONDS
        origin, target = self._origins.split(request.url)
        if request.public_only:
            origin = replace(origin, public_only=True)
        try:
            sent = filled(request, origin, target)
            try:
                return await self._exchange(sent, origin, deadline)
            except _DiedUnanswered:
                if request.method != "GET":
                    raise
            return await self._exchange(sent, origin, deadline)
        except _DiedUnanswered:
            raise ProviderError(DISCONNECTED[0], f"{origin.way}: {DISCONNECTED[1]}") from None
        except ValueError:
            raise ProviderError(UNSENDABLE[0], f"{origin.way}: {UNSENDABLE[1]}") from None

    async def aclose(self) -> None:
        """Closes the connections of this event loop. The transport opens new ones when used."""
        kept = _kept_for_this_loop().get(self)
        if kept is not None:
            await kept.until_closed.aclose()

    async def _exchange(self, message: Message, origin: Origin, deadline: float) -> Response:
        """One attempt on one connection.

        Raises:
            _DiedUnanswered: it may have been dead before.
        """
        pool = await self._pool()
        connection = await pool.take(origin)
        try:
            response = await _answer(connection, message, deadline)
        except BaseException:
            await connection.aclose()
            raise
        await pool.put_back(connection)
        return response

    async def _pool(self) -> ConnectionPool:
        """The connections of this event loop."""
        kept_here = _kept_for_this_loop()
        kept = kept_here.get(self)
        if kept is None:
            pool = ConnectionPool(self._context)
            kept = kept_here[self] = _Kept(pool, _until_closed(self, pool))
            await anext(kept.until_closed)
        return kept.pool


class _DiedUnanswered(Exception):
    """A connection ended before anything of an answer had come."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept for one event loop: its connections, and what closes them."""

    pool: ConnectionPool
    until_closed: AsyncGenerator[None]


_kept: RunVar[dict[HttpxTransport, _Kept] | None] = RunVar("sociallogin", None)


def _kept_for_this_loop() -> dict[HttpxTransport, _Kept]:
    kept = _kept.get()
    if kept is None:
        kept = {}
        _kept.set(kept)
    return kept


async def _until_closed(transport: HttpxTransport, pool: ConnectionPool) -> AsyncGenerator[None]:
    """Closes and forgets the pool when it is closed.

    At its end an event loop closes the asynchronous generators that were begun in it: there is
    no other notice of that end which asyncio and trio both give.
    """
    try:
        yield
    finally:
        del _kept_for_this_loop()[transport]
        await pool.aclose()


async def _answer(connection: Connection, message: Message, deadline: float) -> Response:
    """What is answered on this connection, read to its end."""
    answer, way = None, connection.origin.way
    try:
        with connection.network.begin(deadline - time.monotonic()):
            answer = await connection.exchange(message)
    except _FAILURES as error:
        if connection.died_unanswered(error):
            raise _DiedUnanswered from None
        raise explain(error, way, lambda cause: _meaning(cause, connection)) from None
    if answer is None:
        raise ProviderError(TIMEOUT[0], f"{way}: {TIMEOUT[1]}")
    headers = _headers(answer.headers, way)
    if answer.body is None:
        raise bodies.too_large(way)
    plain = bodies.decompressed(answer.body, headers.get("content-encoding", ""), way)
    return Response(answer.status, headers, plain)


def filled(request: Request, origin: Origin, target: str) -> Message:
    """`request` as it is sent.

    Args:
        request: what to send.
        origin: where to.
        target: path and query.
    """
    named = {"Host": origin.authority, **rules.headers(request)}
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in named.items()]
    encoded = quote(target, safe=_SENT_AS_IT_IS)
    if origin.proxy and origin.scheme == "http":
        # The proxy is told all of the URL (RFC 9112 section 3.2.2). A tunnel tells it nothing.
        encoded = f"http://{origin.authority}{encoded}"
        headers += async_proxies.authorization(origin.proxy)
    return Message(request.method, encoded.encode(), headers, request.body or b"")


def _headers(raw: RawHeaders, way: str) -> dict[str, str]:
    """Lower-case names; what is repeated is joined (RFC 9110 section 5.3).

    Raises:
        ProviderError: `provider_bad_response`: there are more, or longer ones, than are read.
    """
    if len(raw) > rules.MAX_HEADERS or any(
        len(name) + len(value) > rules.MAX_HEADER_LENGTH for name, value in raw
    ):
        raise ProviderError(NOT_HTTP[0], f"{way}: {NOT_HTTP[1]}")
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _meaning(cause: BaseException, connection: Connection) -> Meaning | None:
    match cause:
        case httpcore.ProxyError():
            return NO_PROXY
        case h11.LocalProtocolError() | httpcore.LocalProtocolError():
            return UNSENDABLE
        case httpcore.ReadError() | httpcore.RemoteProtocolError() | h11.RemoteProtocolError():
            return CUT_OFF if connection.network.hung_up else NOT_HTTP
        case anyio.BrokenResourceError() | anyio.EndOfStream():
            return DISCONNECTED
        case OSError() if connection.origin.proxy and not isinstance(cause, ssl.SSLError):
            return NO_PROXY
    return None

"""The asynchronous transport: httpx, through one pool of connections for each event loop.

Through its transports and not its clients: so no cookie is kept, no redirect followed, no
`.netrc` read, no URL logged, and no TLS context made for a login.
"""

import logging
import os
import ssl
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass
from typing import cast

try:
    import anyio
    import h11
    import httpx
    from anyio.lowlevel import RunVar
except ImportError as error:
    raise ImportError(
        'asynchronous logins need httpx: pip install "sociallogin[async]"', name=error.name
    ) from error

from ..errors import ProviderError
from ..flows import FLOW_SECONDS, Request, Response
from . import bodies, rules
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

_TIMEOUT = httpx.Timeout(rules.READ_SECONDS, connect=rules.CONNECT_SECONDS, pool=None).as_dict()

#: For each loop and way out. httpcore counts the busy connections as if they were idle, so less
#: than twice the tasks' number would close connections that are about to be used.
_LIMITS = httpx.Limits(
    max_connections=None, max_keepalive_connections=4 * rules.POOL_SIZE, keepalive_expiry=60.0
)

_exchanging: ContextVar[bool] = ContextVar("sociallogin_exchanging", default=False)


def _of_others(_: logging.LogRecord) -> bool:
    """httpcore logs the headers of answers and quotes broken ones: not those of our exchanges."""
    return not _exchanging.get()


logging.getLogger("httpcore.http11").addFilter(_of_others)


class HttpxTransport:
    """Performs requests, asynchronously. Safe to share between tasks, and between event loops.

    The rules are those of `RequestsTransport`; here name resolution ends by the deadline, too.
    Works under asyncio and trio. The connections of an event loop close when it ends, or before
    that by `aclose()`.

    Args:
        environ: where `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, `REQUESTS_CA_BUNDLE` and, after
            it, `SSL_CERT_FILE` are read, once.

    Raises:
        ConfigError: one of these variables is wrong.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._origins = Origins(Proxies.read(environ))
        self._context = ssl_context(environ)
        self._kept: RunVar[_Kept | None] = RunVar("sociallogin_connections", None)

    async def __call__(self, request: Request) -> Response:
        """The answer to `request`, whatever its status.

        Raises:
            ProviderError: `provider_unreachable`, `provider_timeout` or `provider_bad_response`.
        """
        deadline = request.deadline
        seconds = FLOW_SECONDS if deadline is None else deadline - time.monotonic()
        origin, target = self._origins.split(request.url)
        outer = _exchanging.set(True)
        try:
            return await self._exchange(_fill(request, origin, target), origin, seconds)
        except (httpx.TransportError, httpx.InvalidURL, OSError, ValueError) as error:
            raise _explained(error, origin) from None
        finally:
            _exchanging.reset(outer)

    async def aclose(self) -> None:
        """Closes the connections of this event loop. The transport opens new ones when used."""
        kept = self._kept.get()
        if kept is not None:
            self._kept.set(None)
            await kept.until_closed.aclose()

    async def _exchange(self, request: httpx.Request, origin: Origin, seconds: float) -> Response:
        body, way = bytearray(), origin.way
        with anyio.move_on_after(seconds) as scope:
            response = await self._send(request, await self._pool(origin.proxy))
            headers = _headers(response)
            async with aclosing(cast("httpx.AsyncByteStream", response.stream)) as stream:
                if _declared_length(headers) > bodies.MAX_BODY:
                    raise bodies.too_large(way)
                try:
                    async for piece in stream:
                        body += piece
                        if len(body) > bodies.MAX_BODY:
                            # httpcore's generators end in order only if they are not left early.
                            scope.cancel()
                except (httpx.NetworkError, httpx.RemoteProtocolError):
                    raise ProviderError(CUT_OFF[0], f"{way}: {CUT_OFF[1]}") from None
        if len(body) > bodies.MAX_BODY:
            raise bodies.too_large(way)
        if scope.cancelled_caught:
            raise TimeoutError
        plain = bodies.decompressed(bytes(body), headers.get("content-encoding", ""), way)
        return Response(response.status_code, headers, plain)

    async def _send(self, request: httpx.Request, pool: httpx.AsyncHTTPTransport) -> httpx.Response:
        try:
            return await pool.handle_async_request(request)
        except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
            if request.method != "GET" or not _died_unanswered(error):
                raise
        return await pool.handle_async_request(request)

    async def _pool(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        """The connections of this event loop, directly or through a proxy."""
        kept = self._kept.get()
        if kept is None:
            pools: dict[str | None, httpx.AsyncHTTPTransport] = {}
            kept = _Kept(pools, _until_closed(pools))
            self._kept.set(kept)
            await anext(kept.until_closed)
        pool = kept.pools.get(proxy)
        if pool is None:
            pool = kept.pools[proxy] = httpx.AsyncHTTPTransport(
                verify=self._context, limits=_LIMITS, proxy=_proxy(proxy, self._context)
            )
        return pool


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept for one event loop: a pool for each way out, and what closes them."""

    pools: dict[str | None, httpx.AsyncHTTPTransport]
    until_closed: AsyncGenerator[None]


async def _until_closed(
    pools: Mapping[str | None, httpx.AsyncHTTPTransport],
) -> AsyncGenerator[None]:
    """Closes the pools when it is closed.

    At its end an event loop closes the asynchronous generators that were begun in it: there is
    no other notice of that end which asyncio and trio both give.
    """
    try:
        yield
    finally:
        for pool in pools.values():
            await pool.aclose()


def _proxy(url: str | None, context: ssl.SSLContext) -> httpx.Proxy | None:
    if url is None:
        return None
    return httpx.Proxy(url, ssl_context=context if url.startswith("https:") else None)


def _fill(request: Request, origin: Origin, target: str) -> httpx.Request:
    headers = rules.headers(request)
    return httpx.Request(
        request.method,
        httpx.URL(
            scheme=origin.scheme, host=origin.host, port=origin.port, raw_path=target.encode()
        ),
        headers=[
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
        ],
        content=request.body,
        extensions={"timeout": _TIMEOUT},
    )


def _headers(response: httpx.Response) -> dict[str, str]:
    """Lower-case names; what is repeated is joined (RFC 9110 section 5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _declared_length(headers: Mapping[str, str]) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


def _died_unanswered(error: httpx.TransportError) -> bool:
    # That a connection was closed is httpcore's own finding; what is no HTTP is h11's.
    return isinstance(error, httpx.ReadError | httpx.WriteError) or (
        isinstance(error, httpx.RemoteProtocolError)
        and not isinstance(_beneath(error), h11.ProtocolError)
    )


def _beneath(error: Exception) -> BaseException:
    """What httpcore made its error from. It calls that no cause, but makes no such error else."""
    core = error.__cause__
    made_from = core and (core.__cause__ or core.__context__)
    if isinstance(error, httpx.NetworkError) or isinstance(made_from, h11.ProtocolError):
        return made_from or error
    return error


def _explained(error: Exception, origin: Origin) -> ProviderError:
    beneath = _beneath(error)
    to_proxy = origin.proxy and isinstance(error, httpx.ConnectError)
    if to_proxy and isinstance(beneath, OSError) and not isinstance(beneath, ssl.SSLError):
        return ProviderError(NO_PROXY[0], f"{origin.way}: {NO_PROXY[1]}")
    return explain(beneath, origin.way, _meaning)


def _meaning(cause: BaseException) -> Meaning | None:
    match cause:
        case httpx.ProxyError():
            return NO_PROXY
        case httpx.TimeoutException():
            return TIMEOUT
        case h11.LocalProtocolError():
            return UNSENDABLE
        case h11.RemoteProtocolError():
            return NOT_HTTP
        case httpx.RemoteProtocolError():
            return DISCONNECTED
    return None

"""The blocking transport: requests, through one pooled adapter for the process's life.

Through its adapter and not its sessions: so no cookie is kept, no redirect followed and no
`.netrc` read, and a login costs half.
"""

import os
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

from requests import ConnectionError as ConnectionFailed
from requests import RequestException
from urllib3.exceptions import HTTPError, InvalidHeader, ProxyError, ReadTimeoutError
from urllib3.response import HTTPResponse

from .. import forks
from ..flows import FLOW_SECONDS, Request, Response
from . import bodies
from .adapter import FilledRequest, PooledAdapter
from .connections import exchange
from .environment import Proxies, ssl_context
from .failures import (
    CUT_OFF,
    DISCONNECTED,
    NO_PROXY,
    NOT_HTTP,
    TIMEOUT,
    Meaning,
    causes,
    explain,
)
from .origins import Origins
from .rules import READ_SECONDS


class RequestsTransport:
    """Performs requests, blocking. Safe to share between threads, and across a fork.

    A request goes to an https origin, or by plain http to this machine itself. Certificates are
    checked. It ends by its deadline whatever the other side does (name resolution excepted), and
    its answer holds 1 MiB at most. A GET is sent a second time if its connection dies before any
    answer; nothing else is. What asks for `public_only` has connections of its own, to public
    addresses; where a proxy connects, the proxy decides.

    Args:
        environ: where `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, `REQUESTS_CA_BUNDLE` and, after
            it, `SSL_CERT_FILE` are read, once.

    Raises:
        ConfigError: one of these variables is wrong.
    """

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._origins = Origins(Proxies.read(environ))
        self._context = ssl_context(environ)
        self._make_adapters()
        forks.watch(self)

    def __call__(self, request: Request) -> Response:
        """The answer to `request`, whatever its status.

        Raises:
            ProviderError: `provider_unreachable`, `provider_timeout` or `provider_bad_response`.
        """
        deadline = request.deadline
        exchange.deadline = time.monotonic() + FLOW_SECONDS if deadline is None else deadline
        origin, target = self._origins.split(request.url)
        way = origin.way
        try:
            adapter = self._public_adapter if request.public_only else self._adapter
            with closing(self._send(FilledRequest(request, origin, target), adapter)) as answer:
                body = bodies.read(answer, way)
        except (RequestException, HTTPError, OSError, ValueError) as error:
            raise explain(error, way, _meaning) from None
        headers = {name.lower(): value for name, value in answer.headers.itermerged()}
        body = bodies.decompressed(body, headers.get("content-encoding", ""), way)
        return Response(answer.status, headers, body)

    def close(self) -> None:
        """Closes the idle connections. The transport can still be used, and opens new ones."""
        self._adapter.close()
        self._public_adapter.close()

    def renew_after_fork(self) -> None:
        """Opens new ones from now on; those so far are another process's."""
        self._make_adapters()

    def _make_adapters(self) -> None:
        self._adapter = PooledAdapter(self._context)
        self._public_adapter = PooledAdapter(self._context, public_only=True)

    def _send(self, request: FilledRequest, adapter: PooledAdapter) -> HTTPResponse:
        exchange.remaining(READ_SECONDS)  # nothing is sent when the time is over
        try:
            return adapter.answer(request)
        except ConnectionFailed as error:
            died_unanswered = any(isinstance(cause, RemoteDisconnected) for cause in causes(error))
            if request.method != "GET" or not died_unanswered:
                raise
        return adapter.answer(request)


def _meaning(cause: BaseException) -> Meaning | None:
    match cause:
        case ProxyError():
            return NO_PROXY
        case ReadTimeoutError():
            return TIMEOUT
        case RemoteDisconnected():
            return DISCONNECTED
        case IncompleteRead():
            return CUT_OFF
        case HTTPException() | InvalidHeader():
            return NOT_HTTP
    return None


class _Process:
    """What there is one of in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.default: RequestsTransport | None = None

    def renew_after_fork(self) -> None:
        self.lock = threading.Lock()


_process = _Process()
forks.watch(_process)


def default() -> RequestsTransport:
    """The transport of this process, made when it is first asked for."""
    with _process.lock:
        if _process.default is None:
            _process.default = RequestsTransport()
        return _process.default

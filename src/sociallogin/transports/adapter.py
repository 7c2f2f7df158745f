"""requests' adapter, told once what it would otherwise find out again for every request."""

import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.response import HTTPResponse
from urllib3.util import Retry

from ..flows import Request
from . import rules
from .connections import POOLS, PUBLIC_POOLS
from .origins import Origin
from .rules import CONNECT_SECONDS, POOL_SIZE, READ_SECONDS

#: Origins whose connections are kept: two or three for each provider.
POOLS_KEPT = 32


class FilledRequest(requests.PreparedRequest):
    """A `PreparedRequest` filled by hand: requests' preparing costs more than its sending.

    Args:
        request: what to send.
        origin: where to.
        target: what stands in the request line (RFC 9112 section 3.2).
    """

    def __init__(self, request: Request, origin: Origin, target: str) -> None:
        super().__init__()
        self.origin = origin
        self.target = target
        self.method = request.method
        self.url = request.url
        self.body = request.body
        # A dict, since all names are ours: a CaseInsensitiveDict costs more than the rest of this.
        self.headers = rules.headers(request)  # type: ignore[assignment]


class PooledAdapter(HTTPAdapter):
    """Connections that end in time, kept alive, on one TLS context for all of them.

    Left to itself, requests loads the trusted authorities for every connection anew.

    Args:
        context: how certificates are checked, also those of proxies.
        public_only: whether to connect to public addresses only. Through a proxy it is the proxy
            that connects, and that decides.
    """

    def __init__(self, context: ssl.SSLContext, *, public_only: bool = False) -> None:
        self._context = context
        self._public_only = public_only
        self._pools: dict[Origin, Any] = {}
        # Retry(False) hands every failure on as it is: what is sent twice is decided by us.
        super().__init__(POOLS_KEPT, POOL_SIZE, max_retries=Retry(False))

    def answer(self, request: FilledRequest) -> HTTPResponse:
        """Sends `request`; the body of the answer is still to be read."""
        proxy = request.origin.proxy
        answer: HTTPResponse = self.send(
            request,
            stream=True,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            proxies={"all": proxy} if proxy else None,
        ).raw
        return answer

    def close(self) -> None:
        self._pools.clear()
        super().close()

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        pool_kwargs["ssl_context"] = self._context
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = PUBLIC_POOLS if self._public_only else POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(
            proxy, ssl_context=self._context, proxy_ssl_context=self._context, **proxy_kwargs
        )
        manager.pool_classes_by_scheme = POOLS
        return manager

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """The pool of the request's origin; requests would parse the URL four times for it."""
        pool = self._pools.get(request.origin)
        if pool is None:
            if len(self._pools) >= POOLS_KEPT:  # else none that urllib3 lets go would ever close
                self._pools.clear()
            pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
            self._pools[request.origin] = pool
        return pool

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        origin = request.origin
        return {"scheme": origin.scheme, "host": origin.host, "port": origin.port}, {}

    def request_url(self, request: Any, proxies: Any) -> Any:
        """The whole URL where a proxy forwards the request, else its target."""
        forwarded = request.origin.proxy and request.origin.scheme == "http"
        return request.url if forwarded else request.target

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leaves the verification to the context."""

    def build_response(self, req: Any, resp: Any) -> Any:
        """What the library `responses` looks at; requests would add a cookie jar and more."""
        answer = requests.Response.__new__(requests.Response)
        answer.raw, answer.status_code, answer.headers = resp, resp.status, resp.headers
        answer.request, answer.url = req, req.url
        return answer

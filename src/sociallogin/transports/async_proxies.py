"""The way through a proxy, asynchronously: httpx reads its URL, httpcore asks it for a tunnel."""

import ssl
from base64 import b64encode

import anyio
import httpcore
import httpx

from .async_network import Network, Stream
from .origins import Origin


def authorization(proxy_url: str) -> list[tuple[bytes, bytes]]:
    """The header for a proxy in whose URL stand a name and a password (RFC 9110 section 11.7.2)."""
    credentials = httpx.Proxy(proxy_url).raw_auth
    if credentials is None:
        return []
    return [(b"Proxy-Authorization", b"Basic " + b64encode(b":".join(credentials)))]


async def connect(
    origin: Origin, proxy_url: str, context: ssl.SSLContext, network: Network
) -> Stream:
    """The bytes to an origin of https; for one of http, to the proxy, which is told all of the URL.

    Raises:
        OSError, anyio.EndOfStream, anyio.BrokenResourceError, httpcore.NetworkError,
        httpcore.ProtocolError, httpcore.ProxyError: the proxy makes no connection.
    """
    url = httpx.Proxy(proxy_url).url
    stream = await network.connect(url.host, url.port or (443 if url.scheme == "https" else 80))
    if url.scheme == "https":
        stream = await stream.secured(context, url.host)
    if origin.scheme == "https":
        try:
            await _ask_for_tunnel(stream, httpcore.URL(str(url)), origin, authorization(proxy_url))
        except BaseException:
            with anyio.CancelScope(shield=True):
                await stream.aclose()
            raise
    return stream


async def _ask_for_tunnel(
    stream: Stream, proxy: httpcore.URL, origin: Origin, headers: list[tuple[bytes, bytes]]
) -> None:
    """Has the proxy pass on whatever is sent from now on (RFC 9110 section 9.3.6)."""
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    target = f"{host}:{origin.port}".encode("idna")
    url = httpcore.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port, target=target)
    request = httpcore.Request("CONNECT", url, headers=[(b"Host", target), *headers])
    answer = await httpcore.AsyncHTTP11Connection(url.origin, stream).handle_async_request(request)
    if not 200 <= answer.status < 300:
        raise httpcore.ProxyError

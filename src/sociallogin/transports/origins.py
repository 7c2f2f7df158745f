"""Whom a request asks, and whether it may."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from ..errors import ProviderError
from .environment import Proxies, is_loopback

#: More than a configuration names; but people's pictures are at hosts of all kinds of names.
MAX_KNOWN = 1000

_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Origin:
    """Whom a request asks, and the URL of the proxy on the way (it may hold a password).

    With `public_only` at public addresses alone; connections are kept apart from others'.
    """

    scheme: str
    host: str
    port: int
    proxy: str | None = field(repr=False)
    public_only: bool = False

    @property
    def authority(self) -> str:
        """What the `Host` header says (RFC 9110 section 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def way(self) -> str:
        """Host and proxy, for people."""
        if self.proxy is None:
            return self.host
        return f"{self.host} (through the proxy {urlsplit(self.proxy).hostname})"


class Origins:
    """The origins that were asked so far, up to `MAX_KNOWN`.

    Args:
        proxies: which of them are asked through a proxy.
    """

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies
        self._known: dict[str, Origin] = {}

    def split(self, url: str) -> tuple[Origin, str]:
        """The origin of `url`, and what stands in the request line (RFC 9112 section 3.2).

        Raises:
            ProviderError: `provider_unreachable`: it is no URL, or one that may not be asked.
        """
        try:
            parts = urlsplit(url)
            key = f"{parts.scheme}://{parts.netloc}"
            origin = self._known.get(key)
            if origin is None:
                if len(self._known) >= MAX_KNOWN:
                    self._known.clear()
                origin = self._known[key] = self._judge(parts)
        except ValueError:
            raise ProviderError("provider_unreachable", "its address is no URL") from None
        path = parts.path or "/"
        return origin, f"{path}?{parts.query}" if parts.query else path

    def _judge(self, parts: SplitResult) -> Origin:
        scheme, host = parts.scheme, parts.hostname
        if not host or not (scheme == "https" or (scheme == "http" and is_loopback(host))):
            raise ProviderError(
                "provider_unreachable",
                f"{host}: only https is used, and plain http for this machine itself",
            )
        port = parts.port or _DEFAULT_PORTS[scheme]
        return Origin(scheme, host, port, self._proxies.choose(scheme, host, port))

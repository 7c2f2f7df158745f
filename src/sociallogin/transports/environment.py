"""What the process's environment says about outgoing HTTP: which authorities to trust, which
proxies to use. It is read once, when a transport is made.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import (  # type: ignore[attr-defined]  # as old as the module, untyped
    proxy_bypass_environment,
)

import certifi

from ..errors import ConfigError, ConfigFault

#: The first that is set names a file or a folder of trusted authorities.
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")


def is_loopback(host: str) -> bool:
    """Whether `host` (a name, or an address without brackets) is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.rstrip(".").lower() == "localhost"


def ssl_context(environ: Mapping[str, str]) -> ssl.SSLContext:
    """A context that checks certificates against the authorities that the environment names.

    Making one costs about 12 ms, all of it for loading the authorities: there is one for each
    such file in a process, shared by all transports.

    Raises:
        ConfigError: the variable names nothing that holds certificates.
    """
    variable = next((name for name in CA_VARIABLES if environ.get(name)), None)
    path = environ[variable] if variable else certifi.where()
    try:
        return _context(path)
    except OSError as error:
        reason = "no certificates" if isinstance(error, ssl.SSLError) else error.strerror
        fault = ConfigFault(
            variable or "certifi", f"{path} ({reason})", "a file or folder of PEM certificates"
        )
        raise ConfigError([fault], "the environment") from error


@cache
def _context(path: str) -> ssl.SSLContext:
    if Path(path).is_dir():
        context = ssl.create_default_context(capath=path)
    else:
        context = ssl.create_default_context(cafile=path)
    context.set_alpn_protocols(["http/1.1"])
    return context


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies of `HTTPS_PROXY` and `HTTP_PROXY`, and the hosts of `NO_PROXY`.

    Either case of a variable's name counts, the lower before the upper, as curl has it.
    """

    urls: Mapping[str, str]
    no_proxy: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Proxies":
        """
        Raises:
            ConfigError: a variable holds no http or https URL.
        """

        def variable(name: str) -> str:
            return environ.get(name) or environ.get(name.upper(), "")

        urls, faults = {}, []
        for scheme in ("https", "http"):
            url = variable(f"{scheme}_proxy")
            if not url:
                continue
            urls[scheme] = url if "://" in url else f"http://{url}"
            if not _is_proxy_url(urls[scheme]):
                # The value is not told: it may hold a password.
                faults.append(
                    ConfigFault(
                        f"{scheme.upper()}_PROXY", "another kind of value", "an http or https URL"
                    )
                )
        if faults:
            raise ConfigError(faults, "the environment")
        return cls(urls, variable("no_proxy"))

    def choose(self, scheme: str, host: str, port: int) -> str | None:
        """The URL of the proxy for an origin, or None."""
        proxy = self.urls.get(scheme)
        if proxy is None or proxy_bypass_environment(f"{host}:{port}", {"no": self.no_proxy}):
            return None
        # Plain http is for this machine alone; a proxy elsewhere would carry secrets off it.
        if scheme == "http" and not is_loopback(urlsplit(proxy).hostname or ""):
            return None
        return proxy


def _is_proxy_url(url: str) -> bool:
    try:
        split = urlsplit(url)
        return split.scheme in ("http", "https") and bool(split.hostname) and split.port != 0
    except ValueError:
        return False

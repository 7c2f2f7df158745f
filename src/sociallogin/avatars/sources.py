"""Where a person's picture is, and whether it may be fetched from there."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from ..config import Config
from ..identity import GUEST, Identity
from ..schema import is_loopback

#: Pixels asked of Gravatar; no more are shown.
_GRAVATAR_PIXELS = 192
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Source:
    """One picture: by which provider, whose, and where. The last two stand in no `repr`."""

    provider: str
    person: str = field(repr=False)
    url: str = field(repr=False)


class Sources:
    """The pictures that a site may show."""

    def __init__(self, config: Config) -> None:
        self._hosts = {client.name: client.record.picture_hosts for client in config.providers}
        self._gravatar_url = ""
        if config.avatars is not None and config.avatars.gravatar:
            self._gravatar_url = config.avatars.gravatar_url
            host = urlsplit(self._gravatar_url).netloc.lower()
            self._hosts[GUEST] = (host, f"*.{host}")

    def of(self, identity: Identity) -> Source | None:
        """The picture of a person, if there is one that may be shown."""
        url = self._gravatar(identity.email) if identity.is_guest else identity.picture_url
        if url is None or not self.may_fetch(identity.provider, url):
            return None
        return Source(identity.provider, identity.key, url)

    def may_fetch(self, provider: str, url: str) -> bool:
        """Whether `url` is https, or loopback http, at one of the provider's hosts."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]
        except (ValueError, KeyError):
            return False
        if parts.username is not None or (parts.scheme == "http" and not is_loopback(host)):
            return False
        return _is_listed(parts, host, port, self._hosts.get(provider, ()))

    def _gravatar(self, email: str | None) -> str | None:
        """Source: docs.gravatar.com, "Avatar images"; SHA-256 of the address in lower case."""
        if not email or not self._gravatar_url:
            return None
        digest = hashlib.sha256(email.strip().lower().encode()).hexdigest()
        return f"{self._gravatar_url}/{digest}?d=404&s={_GRAVATAR_PIXELS}"


def must_be_public(url: str) -> bool:
    """Whether `url` must lead to a public address: only a loopback name, which has to be listed
    among the hosts like any other, says by itself that it leads to this machine.
    """
    return not is_loopback(urlsplit(url).hostname)


def _is_listed(parts: SplitResult, host: str, port: int, hosts: Iterable[str]) -> bool:
    written = f"[{host}]" if ":" in host else host
    found = {f"{written}:{port}"}
    if port == _DEFAULT_PORTS[parts.scheme]:
        found.add(written)
    return any(
        name.endswith(listed[1:]) if listed.startswith("*.") else name == listed
        for listed in hosts
        for name in found
    )

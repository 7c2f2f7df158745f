"""All emulators together, as a transport and as a browser that needs no network."""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

from ..errors import ProviderError
from ..flows import Request, Response
from .akismet import Akismet
from .emulator import REAL, Client, Emulator
from .facebook import Facebook
from .people import COMPLETE
from .reading import FORM
from .twitter import Twitter
from .twitter_oauth1 import TwitterOAuth1
from .wordpress import WordPress

E = TypeVar("E", bound=Emulator)

#: How long an app waits for an answer, in seconds, as the library's own transports do.
READ_SECONDS = 10.0
MAX_REDIRECTS = 5

#: Client id and secret of the app at each emulator, by provider and protocol.
CREDENTIALS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("wordpress", "oauth2"): ("12345", "wordpress-secret"),
    ("twitter", "oauth2"): ("eC1jbGllbnQtaWQ6MTpjaQ", "x-secret"),
    ("twitter", "oauth1"): ("xConsumerKey", "x-consumer-secret"),
    ("facebook", "oauth2"): ("1029384756", "facebook-secret"),
}

#: The key that Akismet's emulator knows.
AKISMET_KEY = "akismet-key"

#: The protocol that X is spoken to with.
TwitterProtocol: TypeAlias = Literal["oauth2", "oauth1"]


class PressError(Exception):
    """There is nothing to press: the provider shows a page of its own, or lacks that button."""


class Emulators:
    """The emulators of all providers, with one app registered at each.

    Args:
        base_url: the origin of the app.
        mount: the path below which the app has its login endpoints.
        credentials: the app's client id and secret at each emulator, as in `CREDENTIALS`.
        at: where each of the providers' hosts is served; by default at the real addresses.
        clock: seconds since the epoch.
        random: so many random bytes.

    Attributes:
        wordpress, twitter, twitter_oauth1, facebook: the emulators; X has one per protocol.
        akismet: the emulator of Akismet, beside the providers.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8000",
        mount: str = "/auth",
        *,
        credentials: Mapping[tuple[str, str], tuple[str, str]] = CREDENTIALS,
        at: Callable[[str], str] | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._at = at

        def made(kind: type[E]) -> E:
            callback = f"{base_url}{mount}/callback/{kind.name}"
            client = Client(*credentials[kind.name, kind.protocol], (callback,))
            return kind([client], at=at or REAL, clock=clock, random=random)

        self.wordpress = made(WordPress)
        self.twitter = made(Twitter)
        self.twitter_oauth1 = made(TwitterOAuth1)
        self.facebook = made(Facebook)
        self.akismet = Akismet(AKISMET_KEY, at=at or REAL, clock=clock, random=random)

    @property
    def all(self) -> tuple[Emulator, ...]:
        """Every provider's emulator, in the order of the comment box."""
        return (self.wordpress, self.twitter, self.twitter_oauth1, self.facebook)

    def of(self, provider: str, protocol: str | None = None) -> Emulator:
        """The emulator of a provider, for its protocol or the default one.

        Raises:
            LookupError: there is none.
        """
        for emulator in self.all:
            if emulator.name == provider and protocol in (None, emulator.protocol):
                return emulator
        raise LookupError(f"no emulator of {provider} {protocol or ''}".rstrip())

    def serving(self, url: str) -> Emulator | None:
        """The emulator that has this URL among its endpoints."""
        everything = (*self.all, self.akismet)
        return next((emulator for emulator in everything if emulator.serves(url)), None)

    def config(self, twitter: TwitterProtocol = "oauth2") -> dict[str, Any]:
        """`{"providers": …}` of a configuration that uses them.

        The box of an app with the table `akismet` says that it asks Akismet; an app that does adds
        `"akismet": emulators.akismet_table()`.

        Args:
            twitter: the protocol to speak with X.
        """
        chosen = (self.wordpress, self.of("twitter", twitter), self.facebook)
        return {"providers": {emulator.name: self.table(emulator) for emulator in chosen}}

    @property
    def gravatar_url(self) -> str:
        """The `gravatar_url` of a configuration that uses them."""
        return self.wordpress.url(*self.wordpress.pictures)

    def toml(self, twitter: TwitterProtocol = "oauth2") -> str:
        """`config()` as TOML, to paste into a configuration file; `akismet` stands behind `#`."""
        lines: list[str] = []
        for name, table in self.config(twitter)["providers"].items():
            lines += [f"[providers.{name}]", *_pairs(table), ""]
        lines += ["# For an app that asks Akismet about its comments:", "# [akismet]"]
        lines += [*(f"# {pair}" for pair in _pairs(self.akismet_table())), ""]
        return "\n".join(lines)

    def send(self, request: Request) -> Response:
        """The transport: performs a request in this process, without waiting.

        Raises:
            ProviderError: `provider_unreachable` for a host of no emulator, `provider_timeout`
                and `provider_bad_response` for answers that come too late or break off.
        """
        emulator = self.serving(request.url)
        if emulator is None:
            raise ProviderError("provider_unreachable", "no emulator has this address")
        answer = emulator(request)
        if answer.delay >= READ_SECONDS:
            raise ProviderError("provider_timeout", "it did not answer in time")
        if answer.cut_at is not None:
            raise ProviderError("provider_bad_response", "its answer is cut off")
        return answer.response

    def press(self, authorize_url: str, button: str = "grant") -> str:
        """What a browser does: goes to the consent page, and presses one of its buttons.

        Args:
            authorize_url: where the app sends the browser.
            button: `grant`, a key of `PEOPLE`, `deny`, or a key of `FAULTS`.

        Returns:
            The URL that the provider sends the browser to: the app's callback, with its
            parameters and fragment.

        Raises:
            PressError: the provider shows an error page, or the page has no such button.
        """
        url, response = authorize_url, self._visit(Request("GET", authorize_url))
        for _ in range(MAX_REDIRECTS):
            if response.status != 302:
                break
            url = urljoin(url, response.headers["location"])
            response = self._visit(Request("GET", url))
        page = _buttons(response.body)
        emulator = self.serving(url)
        # Whom its first button logs in has no button of their own.
        if emulator and button == emulator.person.key and button not in page.values:
            button = "grant"
        if response.status != 200 or button not in page.values:
            raise PressError(f"no button {button!r} on the page “{page.title}” ({response.status})")
        body = urlencode({"press": button}).encode()
        response = self._visit(Request("POST", url, {"Content-Type": FORM}, body))
        if response.status != 302:
            raise PressError(f"{button!r} leads nowhere: {response.status}")
        return response.headers["location"]

    def _visit(self, request: Request) -> Response:
        """As `send`, for a browser: an address of nobody is its user's mistake."""
        if self.serving(request.url) is None:
            raise PressError("no emulator has this address")
        return self.send(request)

    def table(self, emulator: Emulator) -> dict[str, Any]:
        """The table of the configuration that uses this emulator."""
        client = next(iter(emulator.clients.values()))
        protocol = {"protocol": emulator.protocol} if emulator.name == "twitter" else {}
        urls: dict[str, Any] = emulator.urls() if self._at else {}
        if self._at:
            urls["picture_hosts"] = [urlsplit(emulator.picture_url(COMPLETE)).netloc]
        return {
            **protocol,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            **urls,
        }

    def akismet_table(self) -> dict[str, str]:
        """The table `akismet` of the configuration that uses its emulator."""
        return {"api_key": self.akismet.key, **(self.akismet.urls() if self._at else {})}


def _pairs(table: Mapping[str, Any]) -> list[str]:
    """The lines of a table; a JSON string of plain ASCII is a TOML string."""
    return [f"{key} = {json.dumps(value)}" for key, value in table.items()]


@lru_cache(maxsize=64)
def _buttons(page: bytes) -> "_Buttons":
    """Consent pages are few and long, and the tests of an app press their buttons often."""
    return _Buttons(page.decode())


class _Buttons(HTMLParser):
    """The title of a page, and the values of its buttons."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.title = ""
        self.values: list[str | None] = []
        self._in_title = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        if tag == "button":
            self.values.append(dict(attrs).get("value"))

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

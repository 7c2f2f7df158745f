"""`log_in` and `log_out`: a whole login, as a browser goes through it, in one call."""

from collections.abc import Generator, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast
from urllib.parse import urljoin, urlsplit

from ..site_login import SiteLogin
from .apps import login_of
from .clients import Browser, Client, Visit, browser_of
from .guard import refuse_outside_tests
from .mounting import mounted
from .providers import EmulatedProviders, who

if TYPE_CHECKING:
    from ..emulators import Person

R = TypeVar("R")

#: Yields visits, is sent their responses, and returns the last one.
_Journey: TypeAlias = Generator[Visit, Any, Any]

_REDIRECTS = {301, 302, 303, 307, 308}
_MAX_REDIRECTS = 5


def log_in(
    client: Client[R],
    provider: str,
    next_url: str = "/",
    *,
    person: "Person | str | None" = None,
    change: bool = False,
    form: Mapping[str, str] | None = None,
    login: SiteLogin | None = None,
) -> R:
    """Logs somebody in at an emulated provider, as a browser does: from the button to the page.

    Needs the fixture `social_login_emulators` or `social_login_emulator_server` (or `emulated()`,
    `served()`).

    Args:
        client: a test client of Flask, Django, Starlette or FastAPI, httpx, or WebTest.
        provider: its name in the app's configuration.
        next_url: the page of the app to come back to.
        person: who logs in: one of `sociallogin.emulators.PEOPLE` or its key. By default whom
            `as_user` names, or the complete profile.
        change: whether the button of Change was pressed.
        form: further fields of the form that begins the login, for the app's `on_begin`.
        login: the app's `SocialLogin`, where it cannot be found from the client.

    Returns:
        The response that the browser ends at, which is the page at `next_url`, or the page that
        tells why nobody is logged in. With an asynchronous client it is to be awaited.

    Raises:
        OutsideTests: no test is running.
        TypeError: the client is of an unknown kind.
        LookupError: the app has no such provider, its endpoints are not where they should be,
            no emulator plays the provider, or nobody is called so.
        ValueError: the client has no address.
        PressError: the provider shows its own error page.
    """
    refuse_outside_tests("log_in")
    browser = browser_of(client)
    login = login_of(browser, login)
    asked = {**(form or {}), "next": next_url, **({"change": "1"} if change else {})}
    return cast(R, _travelled(browser, _logging_in(login, provider, asked, person)))


def log_out(client: Client[R], next_url: str = "/", *, login: SiteLogin | None = None) -> R:
    """Presses Log Out. The next login then asks the provider to let the person choose an account.

    Args:
        client: as for `log_in`.
        next_url: the page of the app to come back to.
        login: as for `log_in`.

    Returns:
        The page at `next_url`. With an asynchronous client it is to be awaited.

    Raises:
        OutsideTests: no test is running.
        TypeError: the client is of an unknown kind.
        LookupError: the app's endpoints are not where they should be.
        ValueError: the client has no address.
    """
    refuse_outside_tests("log_out")
    browser = browser_of(client)
    login = login_of(browser, login)
    return cast(R, _travelled(browser, _logging_out(login, next_url)))


def _travelled(browser: Browser, journey: _Journey) -> Any:
    """The end of a journey, to be awaited where the client is asynchronous."""
    return _travel_async(browser, journey) if browser.waits else _travel(browser, journey)


def _travel(browser: Browser, journey: _Journey) -> Any:
    try:
        visit = next(journey)
        while True:
            visit = journey.send(browser.visit(visit))
    except StopIteration as end:
        browser.release()
        return end.value


async def _travel_async(browser: Browser, journey: _Journey) -> Any:
    try:
        visit = next(journey)
        while True:
            visit = journey.send(await browser.visit(visit))
    except StopIteration as end:
        browser.release()
        return end.value


def _logging_in(
    login: SiteLogin, provider: str, form: Mapping[str, str], person: "Person | str | None"
) -> _Journey:
    enabled = [client.name for client in login.providers]
    if provider not in enabled:
        names = ", ".join(enabled) or "none"
        raise LookupError(f"the app has no provider {provider!r}; enabled are: {names}")
    players = mounted()
    if not players:
        raise LookupError(
            "no emulators play the providers: let the test use the fixture social_login_emulators"
        )
    for each in players:
        each.register(login)

    response = yield from _posted(login, f"/login/{provider}", form)
    if response.status_code != 303:
        return response
    callback = _consented(players, provider, response.headers["Location"], person)
    response = yield Visit(_target(callback))
    return (yield from _followed(callback, response))


def _logging_out(login: SiteLogin, next_url: str) -> _Journey:
    response = yield from _posted(login, "/logout", {"next": next_url})
    return (yield from _followed(login.config.base_url, response))


def _posted(login: SiteLogin, endpoint: str, form: Mapping[str, str]) -> _Journey:
    """The answer of one of our endpoints to a form.

    Raises:
        LookupError: it is not there.
    """
    path = login.config.mount + endpoint
    response = yield Visit(path, form)
    if response.status_code in (404, 405):
        raise LookupError(
            f"the app answers POST {path} with {response.status_code}: are its endpoints mounted "
            f"at {login.config.mount}?"
        )
    return response


def _followed(here: str, response: Any) -> _Journey:
    """The response at the end of the redirects within the site."""
    site = urlsplit(here).netloc
    for _ in range(_MAX_REDIRECTS):
        if response.status_code not in _REDIRECTS:
            break
        here = urljoin(here, response.headers["Location"])
        if urlsplit(here).netloc != site:
            break
        response = yield Visit(_target(here))
    return response


def _consented(
    players: list[EmulatedProviders], provider: str, url: str, person: "Person | str | None"
) -> str:
    """Where the provider sends the browser after the consent page."""
    for player in players:
        emulator = player.emulators.serving(url)
        if emulator is not None:
            chosen = who(person)
            with emulator.being(chosen) if chosen else nullcontext():
                return player.press(url)
    host = urlsplit(url).netloc
    raise LookupError(
        f"the app sends the browser to {host}, where no emulator is: is another URL of "
        f"{provider} configured than the provider's own, or than config() of the emulators gives?"
    )


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"

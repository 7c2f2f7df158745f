"""`log_in`: a whole login, as a browser goes through it, in one call."""

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

    Needs the fixture `social_login_emulators` or `social_login_emulator_server` (or `emulated()`).

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
        The response that the browser ends at: the page at `next_url`, or the page that tells why
        nobody is logged in. With an asynchronous client it is to be awaited.

    Raises:
        OutsideTests: no test is running.
        TypeError: the client is of an unknown kind.
        LookupError: the app has no such provider, its endpoints are not where they should be,
            no emulator plays the provider, or nobody is called so.
        ValueError: the client would not send the app's cookies back.
        sociallogin.emulators.PressError: the provider shows its own error page.
    """
    refuse_outside_tests("log_in")
    browser = browser_of(client)
    login = login_of(browser, login)
    journey = _journey(login, provider, next_url, person, change, form or {})
    travelled = _travel_async(browser, journey) if browser.waits else _travel(browser, journey)
    return cast(R, travelled)


def _travel(browser: Browser, journey: _Journey) -> Any:
    try:
        visit = next(journey)
        while True:
            visit = journey.send(browser.visit(visit))
    except StopIteration as end:
        return end.value


async def _travel_async(browser: Browser, journey: _Journey) -> Any:
    try:
        visit = next(journey)
        while True:
            visit = journey.send(await browser.visit(visit))
    except StopIteration as end:
        return end.value


def _journey(
    login: SiteLogin,
    provider: str,
    next_url: str,
    person: "Person | str | None",
    change: bool,
    form: Mapping[str, str],
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

    path = f"{login.config.mount}/login/{provider}"
    asked = {"next": next_url, **({"change": "1"} if change else {})}
    response = yield Visit(path, {**form, **asked})
    if response.status_code in (404, 405):
        raise LookupError(
            f"the app answers POST {path} with {response.status_code}: are its endpoints mounted "
            f"at {login.config.mount}?"
        )
    if response.status_code != 303:
        return response
    callback = _consented(players, provider, response.headers["Location"], person)
    response = yield Visit(_target(callback))
    here = callback
    for _ in range(_MAX_REDIRECTS):
        if response.status_code not in _REDIRECTS:
            break
        here = urljoin(here, response.headers["Location"])
        if urlsplit(here).netloc != urlsplit(callback).netloc:
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

"""What every refused attack must leave behind."""

from carrying import Reply
from sites import Browser, Site, shown_error

JSON = {"Accept": "application/json"}


def refused(
    browser: Browser, target: str, code: str, status: int, method: str = "GET", **more: object
) -> Reply:
    """The request is refused with this code, nobody is signed in by it, and logins still work.

    Asked as JSON, which names the code; the caller's browser keeps the cookies of the answer.
    """
    before = dict(browser.cookies)
    reply = browser.request(method, target, headers=JSON, **more)  # type: ignore[arg-type]
    assert (shown_error(reply), reply.status) == (code, status)
    signed_in = [name for name in reply.set_cookies if name.endswith("_identity")]
    assert not signed_in, "a refusal must not touch the identity cookie"
    kept = {name: value for name, value in before.items() if name.endswith("_identity")}
    assert kept.items() <= browser.cookies.items()
    return reply


def still_usable(browser: Browser, provider: str = "facebook") -> None:
    """A fresh login of this browser works."""
    reply = browser.log_in(provider)
    assert reply.status == 303
    identity = browser.identity()
    assert identity is not None
    assert identity["provider"] == provider


def token_requests(site: Site, provider: str, protocol: str = "oauth2") -> int:
    """How often the provider was asked for an access token."""
    return len(site.emulators.of(provider, protocol).asked("token"))


def signed_in(site: Site, provider: str = "facebook") -> Browser:
    """A browser of somebody who has logged in."""
    browser = site.browser()
    assert browser.log_in(provider).status == 303
    return browser

"""`sign_in`: somebody is logged in without any login."""

import hashlib
from typing import TypedDict, Unpack

from ..identity import GUEST, Identity
from ..site_login import SiteLogin
from ..web.cookies import Cookies
from .apps import login_of
from .clients import Client, browser_of
from .guard import refuse_outside_tests

NAME = "Nora Lind"


class AboutIdentity(TypedDict, total=False):
    """Fields of `Identity`."""

    provider: str
    issuer: str
    subject: str
    name: str | None
    username: str | None
    email: str | None
    email_verified: bool | None
    profile_url: str | None
    picture_url: str | None
    website_url: str | None
    locale: str | None
    authenticated_at: int


def sign_in(
    client: Client[object],
    identity: Identity | None = None,
    *,
    login: SiteLogin | None = None,
    **about: Unpack[AboutIdentity],
) -> Identity:
    """Signs an identity in: the client gets the cookie that the app sets after a login.

        sign_in(client, name="Ada Lovelace", email="ada@example.org")

    The app's `on_login` does not hear of it; nothing is sent anywhere.

    Args:
        client: a test client of Flask, Django, Starlette or FastAPI, httpx, or WebTest.
        identity: who it is; otherwise made from the other arguments.
        login: the app's `SocialLogin`, where it cannot be found from the client.
        about: fields of `Identity`. By default somebody of the app's first provider, called Nora
            Lind; another name or user name is another subject.

    Returns:
        The identity, as the app will see it.

    Raises:
        OutsideTests: no test is running.
        TypeError: the client is of an unknown kind; both an identity and fields are given; or
            `Identity` has no such field.
        LookupError: the app's logins cannot be found, or the issuer of a provider that it has not.
        ValueError: the client has no address to keep a cookie for, or a field has a value that
            cannot be.
    """
    refuse_outside_tests("sign_in")
    if identity is not None and about:
        raise TypeError("give an identity or its fields, not both")
    browser = browser_of(client)
    login = login_of(browser, login)
    identity = identity or _made_up(login, about)
    cookies = Cookies(login.config)
    sealed = login.seal_identity(identity)
    _, header = cookies.set(cookies.identity, sealed, login.config.session_max_age)
    browser.keep(header)
    browser.release()
    return identity


def _made_up(login: SiteLogin, about: AboutIdentity) -> Identity:
    issuers = {client.name: client.record.issuer for client in login.providers}
    issuers[GUEST] = login.config.base_url
    provider = about.get("provider") or next(iter(issuers))
    if "issuer" not in about and provider not in issuers:
        raise LookupError(f"the app has no provider {provider!r}: give its issuer too")
    name = about.get("name", NAME)
    known = about.get("username") or name or ""
    whole: AboutIdentity = {
        "provider": provider,
        "issuer": issuers.get(provider, ""),
        "subject": hashlib.sha256(known.encode("utf-8", "surrogatepass")).hexdigest()[:16],
        "name": name,
        "authenticated_at": int(login.clock()),
    }
    whole.update(about)
    return Identity(**whole)

"""The site that the settings describe: its logins, its endpoints, its hooks."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from threading import Lock
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.module_loading import import_string

from ...async_social_login import AsyncSocialLogin
from ...identity import Identity
from ...login import SignIn
from ...site_login import SiteLogin
from ...social_login import SocialLogin
from ...web.endpoints import Endpoints
from .signals import logged_in, logged_out

#: What Django's own forms carry against other sites; no app wants it in a draft.
_CSRF_FIELD = "csrfmiddlewaretoken"

# The endpoints call the hooks without a request, and Django knows no current one.
_served: ContextVar[HttpRequest] = ContextVar("sociallogin_served_request")


class Site:
    """The site of the settings.

    Attributes:
        login: a `SocialLogin` or an `AsyncSocialLogin`.
        endpoints: its endpoints, which call the hooks of the settings.

    Raises:
        ConfigError: the configuration has faults.
        ImproperlyConfigured: a setting is missing, of a wrong type, or names nothing.
    """

    def __init__(self) -> None:
        self.login = _login()
        self.is_async = isinstance(self.login, AsyncSocialLogin)
        self._on_login = hook("SOCIALLOGIN_ON_LOGIN")
        self._on_begin = hook("SOCIALLOGIN_ON_BEGIN")
        # Hooks and receivers may use the ORM, which must not block an event loop.
        carried: Callable[..., Any] = sync_to_async if self.is_async else _as_it_is
        self.endpoints = Endpoints(
            self.login,
            on_login=carried(self._accept),
            on_begin=carried(self._pass_on) if self._on_begin else None,
            debug=settings.DEBUG,
        )

    @contextmanager
    def serving(self, request: HttpRequest) -> Iterator[None]:
        """The time in which hooks are called for `request`."""
        token = _served.set(request)
        try:
            yield
        finally:
            _served.reset(token)

    def tell_leave(self, request: HttpRequest, identity: Identity) -> None:
        """Sends `logged_out`."""
        logged_out.send(Identity, request=request, identity=identity)

    def _accept(self, signin: SignIn) -> None:
        request = _served.get()
        if self._on_login is not None:
            self._on_login(request, signin)
        logged_in.send(Identity, request=request, signin=signin)

    def _pass_on(self, provider: str, form: Mapping[str, str]) -> None:
        assert self._on_begin is not None
        fields = {name: value for name, value in form.items() if name != _CSRF_FIELD}
        self._on_begin(_served.get(), provider, fields)


def site() -> Site:
    """The site, made with the first call; see `Site` for what it raises."""
    with _making:
        return _site()


def forget(*, setting: str = "", **_: Any) -> None:
    """Receives `setting_changed`, which tests send: the next call makes the site anew."""
    if setting.startswith("SOCIALLOGIN") or setting == "DEBUG":
        _site.cache_clear()


def hook(setting: str) -> Callable[..., object] | None:
    """The function that a setting names, to be called from where blocking is allowed.

    Raises:
        ImproperlyConfigured: it names none.
    """
    found = _imported(setting)
    if found is None or (callable(found) and not iscoroutinefunction(found)):
        return found
    if not callable(found):
        raise ImproperlyConfigured(f"{setting} must be a function or the dotted path of one")
    blocking: Callable[..., object] = async_to_sync(found)
    return blocking


def _login() -> SiteLogin:
    given = getattr(settings, "SOCIALLOGIN", None)
    if isinstance(given, str) and not given.endswith(".toml"):
        given = _imported("SOCIALLOGIN")
    if isinstance(given, SiteLogin):
        return given
    if isinstance(given, Mapping):
        return SocialLogin.from_mapping(given)
    if isinstance(given, str | os.PathLike):
        return SocialLogin.from_file(given)
    raise ImproperlyConfigured(
        "SOCIALLOGIN must be the path of a .toml file, a mapping of the same shape, or a "
        f"SocialLogin, an AsyncSocialLogin or the dotted path of one; found {type(given).__name__}"
    )


def _imported(setting: str) -> Any:
    """A setting's value, or what it names by a dotted path; None where it is absent."""
    given = getattr(settings, setting, None)
    if not isinstance(given, str):
        return given
    try:
        return import_string(given)
    except ImportError as error:
        raise ImproperlyConfigured(f"{setting} names {given!r}: {error}") from error


def _as_it_is(function: Callable[..., object]) -> Callable[..., object]:
    return function


_making = Lock()
_site = cache(Site)

"""The site that the settings describe: its logins, its endpoints, its hooks."""

import os
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import cache
from importlib import import_module
from threading import Lock
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.module_loading import import_string

from ...async_social_login import AsyncSocialLogin
from ...flows import Call, Flow
from ...site_login import SiteLogin
from ...social_login import SocialLogin
from ...web.endpoints import Endpoints
from ...web.messages import WebRequest, WebResponse
from ...web.site import ChooseLocale

#: What Django's own forms carry against other sites; no app wants it in a draft.
_CSRF_FIELD = "csrfmiddlewaretoken"
_ENDING = ("/logout", "/guest")

# The endpoints call the hooks without a request, and Django knows no current one.
_served: ContextVar[HttpRequest] = ContextVar("sociallogin_served_request")


class Site:
    """The site of the settings.

    Attributes:
        login: a `SocialLogin` or an `AsyncSocialLogin`.
        is_async: whether it is the latter.
        endpoints: its endpoints, which call the hooks of the settings.

    Raises:
        ConfigError: the configuration has faults.
        ImproperlyConfigured: a setting is missing, of a wrong type, or names nothing.
    """

    def __init__(self) -> None:
        self.login = _login()
        self.is_async = isinstance(self.login, AsyncSocialLogin)
        on_login, on_begin = self._hook("SOCIALLOGIN_ON_LOGIN"), self._hook("SOCIALLOGIN_ON_BEGIN")
        accounts = "sociallogin.integrations.django.accounts"
        installed = apps.is_installed(accounts)
        bridge: Any = import_module(f"{accounts}.bridge") if installed else None
        log_in = self._calling(on_login, bridge and bridge.log_in)
        self._begin = self._calling(on_begin)
        self._log_out = self._calling(bridge and bridge.log_out)
        self.endpoints = Endpoints(
            self.login, on_login=log_in, on_begin=self._pass_on, choose_locale=_choosing(),
            debug=settings.DEBUG,
        )  # fmt: skip

    def answer(self, asked: WebRequest, request: HttpRequest) -> Flow[WebResponse]:
        """The endpoints' answer; the bridge hears of it when it ended a login."""
        token = _served.set(request)
        try:
            response = yield from self.endpoints.handle(asked)
            if asked.path in _ENDING and response.status == 303:
                yield Call(self._log_out, ())
            return response
        finally:
            _served.reset(token)

    def _pass_on(self, provider: str, form: Mapping[str, str]) -> object:
        fields = {name: value for name, value in form.items() if name != _CSRF_FIELD}
        return self._begin(provider, fields)

    def _hook(self, setting: str) -> Callable[..., Any] | None:
        found = _function(setting)
        if iscoroutinefunction(found) and not self.is_async:
            raise ImproperlyConfigured(
                f"{setting} is asynchronous, which a SocialLogin cannot await: write it with def, "
                "or make SOCIALLOGIN an AsyncSocialLogin"
            )
        return found

    def _calling(self, *hooks: Callable[..., Any] | None) -> Callable[..., object]:
        """One hook after another, each with the request that is being served."""

        def call(*arguments: object) -> None:
            for hook in filter(None, hooks):
                hook(_served.get(), *arguments)

        async def call_async(*arguments: object) -> None:
            for hook in filter(None, hooks):
                # What blocks, such as the ORM, must not hold up the event loop.
                awaited = hook if iscoroutinefunction(hook) else sync_to_async(hook)
                await awaited(_served.get(), *arguments)

        return call_async if self.is_async else call


def site() -> Site:
    """The site, made with the first call; see `Site` for what it raises."""
    with _making:
        return _site()


def forget(*, setting: str = "", **_: Any) -> None:
    """Receives `setting_changed`, which tests send: the next call makes the site anew."""
    if setting.startswith("SOCIALLOGIN") or setting in ("DEBUG", "INSTALLED_APPS"):
        _site.cache_clear()


def imported(setting: str) -> Any:
    """A setting's value, or what it names by a dotted path; None where it is absent.

    Raises:
        ImproperlyConfigured: it names nothing.
    """
    given = getattr(settings, setting, None)
    if not isinstance(given, str):
        return given
    try:
        return import_string(given)
    except ImportError as error:
        raise ImproperlyConfigured(f"{setting} names {given!r}: {error}") from error


def _function(setting: str) -> Callable[..., Any] | None:
    found: Any = imported(setting)
    if found is not None and not callable(found):
        raise ImproperlyConfigured(f"{setting} must be a function or the dotted path of one")
    return found  # type: ignore[no-any-return]  # a callable, as has been asked


def _choosing() -> ChooseLocale | None:
    """The app's choice of a language, which is asked while a page is being made."""
    setting = "SOCIALLOGIN_CHOOSE_LOCALE"
    choose = _function(setting)
    if iscoroutinefunction(choose):
        raise ImproperlyConfigured(f"{setting} is asynchronous: write it with def")
    return choose and (lambda asked, page: choose(asked.native, page))


def _login() -> SiteLogin:
    given = getattr(settings, "SOCIALLOGIN", None)
    if isinstance(given, str) and not given.endswith(".toml"):
        given = imported("SOCIALLOGIN")
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


_making = Lock()
_site = cache(Site)

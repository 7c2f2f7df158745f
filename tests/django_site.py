"""One Django project for all tests of a process: Django's settings are global."""

import asyncio
import atexit
import importlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import setting_changed
from django.urls import include, path

from sociallogin import AsyncSocialLogin
from sociallogin.site_login import SiteLogin

#: What `startproject` writes, and ours.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sociallogin.integrations.django.middleware.SocialLoginMiddleware",
]

_switching = Lock()


@cache
def set_up() -> None:
    """Configures Django, once."""
    folder = Path(tempfile.mkdtemp(prefix="sociallogin-django-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings.configure(
        ALLOWED_HOSTS=["*"],
        SECRET_KEY="a-secret-key-of-django-that-nobody-needs-to-guess",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "sociallogin.integrations.django",
        ],
        MIDDLEWARE=MIDDLEWARE,
        ROOT_URLCONF=None,
        SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "db.sqlite3"}
        },
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        USE_TZ=True,
        LOGGING_CONFIG=None,
    )
    django.setup()


def serve(login: SiteLogin, hooks: Mapping[str, Any]) -> Callable[..., Any]:
    """The project with this login, as a WSGI or an ASGI app."""
    set_up()
    given = {
        "SOCIALLOGIN": login,
        "SOCIALLOGIN_ON_LOGIN": _without_request(hooks.get("on_login")),
        "SOCIALLOGIN_ON_BEGIN": _without_request(hooks.get("on_begin")),
    }
    is_async = isinstance(login, AsyncSocialLogin)

    def wsgi(environ: Any, start_response: Any) -> Any:
        switch(**given)
        return _handler(WSGIHandler)(environ, start_response)

    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        switch(**given)
        await _handler(ASGIHandler)(scope, partial(_waiting, receive, [True]), send)

    return asgi if is_async else wsgi


def switch(**given: Any) -> None:
    """Makes these the settings, and tells."""
    with _switching:
        if getattr(settings, "SOCIALLOGIN", None) is given["SOCIALLOGIN"]:
            return
        for name, value in given.items():
            setattr(settings, name, value)
            setting_changed.send(sender=switch, setting=name, value=value, enter=True)
        settings.ROOT_URLCONF = _urls(isinstance(given["SOCIALLOGIN"], AsyncSocialLogin))


@cache
def _handler(kind: Callable[[], Any]) -> Any:
    return kind()


@cache
def _urls(is_async: bool) -> ModuleType:
    module = ModuleType(f"urls_{is_async}")
    module.urlpatterns = [path("", include(endpoints()))]  # type: ignore[attr-defined]
    return module


def reads_forms(get_response: Any) -> Any:
    """A middleware, as some apps have one."""

    def middleware(request: Any) -> Any:
        assert request.POST is not None
        return get_response(request)

    return middleware


def endpoints() -> Any:
    """The URL patterns, as made by a process whose settings are those of now."""
    from sociallogin.integrations.django import urls

    return importlib.reload(urls).urlpatterns


def _without_request(hook: Any) -> Any:
    """Hooks of the suite know no framework, and so no request."""
    return hook and (lambda _request, *arguments: hook(*arguments))


async def _waiting(receive: Any, first: list[bool]) -> Any:
    """As from a server: after the body nothing comes until the browser is gone."""
    if first:
        first.clear()
        return await receive()
    return await asyncio.Event().wait()

"""What `manage.py check` says.

sociallogin.E001  a fault in the configuration; one message for each
sociallogin.E002  a setting is missing, of a wrong type, names nothing, or does not fit another
sociallogin.E003  the middleware is missing
sociallogin.E004  the middleware stands outside the one that caches pages
sociallogin.W001  the URLs are not included, or another view answers there
"""

from inspect import isclass
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.middleware.cache import UpdateCacheMiddleware
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.module_loading import import_string

from ...errors import ConfigError
from .middleware import SocialLoginMiddleware
from .site import site
from .views import endpoint, endpoint_async

_PATH = "sociallogin.integrations.django.middleware.SocialLoginMiddleware"


def settings_are_faultless(**_: Any) -> list[checks.CheckMessage]:
    try:
        site()
    except ConfigError as error:
        return [checks.Error(str(fault), id="sociallogin.E001") for fault in error.faults]
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="sociallogin.E002")]
    return []


def middleware_is_in_place(**_: Any) -> list[checks.CheckMessage]:
    places = _places(SocialLoginMiddleware)
    if not places:
        missing = "Requests have no `identity`: the middleware of sociallogin is missing."
        hint = f'MIDDLEWARE = [..., "{_PATH}"]'
        return [checks.Error(missing, hint=hint, id="sociallogin.E003")]
    if any(place > places[0] for place in _places(UpdateCacheMiddleware)):
        return [
            checks.Error(
                "UpdateCacheMiddleware keeps pages before sociallogin says that they vary by "
                "cookie: one visitor could be shown the page of another.",
                hint=f"Put {_PATH} behind it in MIDDLEWARE.",
                id="sociallogin.E004",
            )
        ]
    return []


def urls_are_included(**_: Any) -> list[checks.CheckMessage]:
    if settings_are_faultless() or not settings.ROOT_URLCONF:
        return []
    mount = site().login.config.mount
    path = f"{mount.removeprefix(get_script_prefix().rstrip('/'))}/"
    try:
        match = resolve(path)
    except Resolver404:
        found = f"No URL pattern leads to the endpoints of sociallogin at {mount}/."
    else:
        if match.func in (endpoint, endpoint_async):
            return []
        found = f"Another view answers at {mount}/: the pattern {match.route!r} comes first."
    hint = 'urlpatterns = [path("", include("sociallogin.integrations.django.urls")), ...]'
    return [checks.Warning(found, hint=hint, id="sociallogin.W001")]


def _places(kind: type) -> list[int]:
    found = [import_string(name) for name in settings.MIDDLEWARE]
    return [place for place, it in enumerate(found) if isclass(it) and issubclass(it, kind)]

"""What `manage.py check` says about the settings.

sociallogin.E001  a fault in the configuration; one message for each
sociallogin.E002  a setting is missing, of a wrong type, or names nothing
sociallogin.W001  the URLs are not included, or elsewhere than `mount` says
sociallogin.W002  the middleware is missing
"""

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.urls import NoReverseMatch, reverse

from ...errors import ConfigError
from .site import site

_MIDDLEWARE = "sociallogin.integrations.django.middleware.SocialLoginMiddleware"


def settings_are_faultless(**_: Any) -> list[checks.CheckMessage]:
    try:
        site()
    except ConfigError as error:
        return [checks.Error(str(fault), id="sociallogin.E001") for fault in error.faults]
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="sociallogin.E002")]
    return []


def urls_are_included(**_: Any) -> list[checks.CheckMessage]:
    if settings_are_faultless() or not settings.ROOT_URLCONF:
        return []
    mount = f"{site().login.config.mount}/"
    try:
        included = reverse("sociallogin:endpoints", args=[""])
    except NoReverseMatch:
        found = "The endpoints of sociallogin are in no URLconf."
    else:
        # A server may put the whole project below a prefix, which is known in requests only.
        if mount.endswith(included):
            return []
        found = f"The endpoints stand at {included}, but the configuration says {mount}."
    path = mount.removeprefix("/")
    hint = f'path("{path}", include("sociallogin.integrations.django.urls"))'
    return [checks.Warning(found, hint=f"urlpatterns = [{hint}, …]", id="sociallogin.W001")]


def middleware_is_there(**_: Any) -> list[checks.CheckMessage]:
    if _MIDDLEWARE in settings.MIDDLEWARE:
        return []
    return [
        checks.Warning(
            "Requests have no `identity`: the middleware of sociallogin is missing.",
            hint=f'MIDDLEWARE = [..., "{_MIDDLEWARE}"]',
            id="sociallogin.W002",
        )
    ]

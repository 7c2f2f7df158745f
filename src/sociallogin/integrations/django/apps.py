"""The app `sociallogin.integrations.django`."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.core.signals import setting_changed

from . import checks, site


class SocialLoginConfig(AppConfig):
    name = "sociallogin.integrations.django"
    label = "sociallogin"
    verbose_name = "Social login"

    def ready(self) -> None:
        register(checks.settings_are_faultless)
        register(checks.middleware_is_in_place)
        register(checks.urls_are_included, Tags.urls)
        setting_changed.connect(site.forget)

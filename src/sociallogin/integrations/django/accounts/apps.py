"""The app `sociallogin.integrations.django.accounts`."""

from django.apps import AppConfig
from django.core.checks import register

from . import checks


class AccountsConfig(AppConfig):
    name = "sociallogin.integrations.django.accounts"
    label = "sociallogin_accounts"
    verbose_name = "Social login accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(checks.users_can_be_made)
        register(checks.sessions_are_there)

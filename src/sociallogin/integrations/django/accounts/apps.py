"""The app `sociallogin.integrations.django.accounts`."""

from django.apps import AppConfig
from django.core.checks import register

from ..signals import logged_in, logged_out


class AccountsConfig(AppConfig):
    name = "sociallogin.integrations.django.accounts"
    label = "sociallogin_accounts"
    verbose_name = "Social login accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import bridge  # models exist now

        register(bridge.user_model_fits)
        logged_in.connect(bridge.log_in)
        logged_out.connect(bridge.log_out)

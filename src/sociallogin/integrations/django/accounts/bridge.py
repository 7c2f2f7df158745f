"""Users of `django.contrib.auth` log in and out with their identities."""

from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.models import AbstractUser
from django.core import checks
from django.http import HttpRequest

from ....errors import LoginRefused
from ....login import SignIn
from .models import Account

_SESSION_KEY = "sociallogin_account"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def log_in(*, request: HttpRequest, signin: SignIn, **_: Any) -> None:
    """Receives `logged_in`. Raises `LoginRefused` for a user who was made inactive."""
    account = Account.objects.of(signin.identity)
    if not account.user.is_active:
        raise LoginRefused
    backends = settings.AUTHENTICATION_BACKENDS
    auth.login(request, account.user, _BACKEND if _BACKEND in backends else backends[0])
    request.session[_SESSION_KEY] = account.pk


def log_out(*, request: HttpRequest, **_: Any) -> None:
    """Receives `logged_out`. Who came in by a password stays."""
    if _SESSION_KEY in request.session:
        auth.logout(request)


def user_model_fits(**_: Any) -> list[checks.CheckMessage]:
    """Checks that users can be made: `sociallogin_accounts.E001`."""
    model = auth.get_user_model()
    if issubclass(model, AbstractUser) and model.USERNAME_FIELD == "username":
        return []
    return [
        checks.Error(
            f"Users of {settings.AUTH_USER_MODEL} cannot be made from identities.",
            hint="The model must be an AbstractUser whose USERNAME_FIELD is its username.",
            id="sociallogin_accounts.E001",
        )
    ]

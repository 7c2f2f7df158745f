"""Users of `django.contrib.auth` log in and out with their identities."""

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from ....errors import LoginRefused
from ....login import SignIn
from .models import Account

_SESSION_KEY = "sociallogin_account"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def log_in(request: HttpRequest, signin: SignIn) -> None:
    """Logs the user of an identity in. Raises `LoginRefused` for one who was made inactive.

    A login for a page of another site leaves this site's session as it is: that page has a bearer.
    """
    account = Account.objects.of(signin.identity)
    if not account.user.is_active:
        raise LoginRefused
    if signin.embed_origin is not None:
        return
    backends = settings.AUTHENTICATION_BACKENDS
    # Django gives the session a new key, which nobody can have planted.
    auth.login(request, account.user, _BACKEND if _BACKEND in backends else backends[0])
    request.session[_SESSION_KEY] = account.pk


def log_out(request: HttpRequest) -> None:
    """Ends the session of who came in by a provider; who came in by a password stays."""
    if _SESSION_KEY in request.session:
        auth.logout(request)

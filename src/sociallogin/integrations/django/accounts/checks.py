"""What `manage.py check` says of the bridge.

sociallogin_accounts.E001  users cannot be made from identities
sociallogin_accounts.E002  sessions, or users in requests, are missing
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db.models import EmailField

from ..site import imported
from .users import SETTING

_NEEDED = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
)


def users_can_be_made(**_: Any) -> list[checks.CheckMessage]:
    try:
        own = imported(SETTING)
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="sociallogin_accounts.E001")]
    if callable(own):
        return []
    model = get_user_model()
    named_by_email = isinstance(model._meta.get_field(model.USERNAME_FIELD), EmailField)
    if hasattr(model.objects, "create_user") and not named_by_email and own is None:
        return []
    return [
        checks.Error(
            f"Users of {settings.AUTH_USER_MODEL} cannot be made from identities: its user name "
            "is an e-mail address, or its manager has no create_user.",
            hint=f'{SETTING} = "people.new_user", a function from an Identity to a saved user',
            id="sociallogin_accounts.E001",
        )
    ]


def sessions_are_there(**_: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(
            "Users who log in with a provider need Django's sessions.",
            hint=f'MIDDLEWARE = [..., "{name}", ...]',
            id="sociallogin_accounts.E002",
        )
        for name in _NEEDED
        if name not in settings.MIDDLEWARE
    ]

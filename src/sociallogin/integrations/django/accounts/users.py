"""A user for somebody who comes for the first time."""

import re
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model

from ....identity import Identity
from ..site import imported, site

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

#: Names a function of your own, from an `Identity` to a saved user.
SETTING = "SOCIALLOGIN_NEW_USER"

_NOT_IN_NAMES = re.compile(r"[^\w.@+-]+")  # the characters of Django's UnicodeUsernameValidator


def new_user(identity: Identity) -> "AbstractBaseUser":
    """A user with an unusable password, made by `SOCIALLOGIN_NEW_USER` if there is one."""
    make = imported(SETTING) or _made
    user: AbstractBaseUser = make(identity)
    return user


def _made(identity: Identity) -> "AbstractBaseUser":
    model = get_user_model()
    known = {field.name for field in model._meta.get_fields()}
    fields = {
        "email": identity.email if identity.email_verified is True else None,
        "first_name": (identity.name or identity.username or "")[:150],
    }
    given = {name: value for name, value in fields.items() if value and name in known}
    user: AbstractBaseUser = model.objects.create_user(
        **{model.USERNAME_FIELD: _free_name(identity)}, **given
    )
    return user


def _free_name(identity: Identity) -> str:
    """A readable user name, and a random end: nobody has it, and nobody can take another's."""
    field = get_user_model()._meta.get_field(get_user_model().USERNAME_FIELD)
    end = f"_{site().login.random(8).hex()}"
    wanted = _NOT_IN_NAMES.sub("", identity.username or identity.name or "") or identity.provider
    return wanted[: (field.max_length or 150) - len(end)] + end

"""Which user belongs to which identity."""

import hashlib

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.db import models

from ....identity import Identity
from ..site import site


class AccountManager(models.Manager["Account"]):
    """The accounts."""

    def of(self, identity: Identity) -> "Account":
        """The account of an identity; with its first login it is made, and a user with it."""
        # Two first logins at once: the unique digest lets one of them make the user, the other
        # one's is rolled back.
        account, _ = self.select_related("user").get_or_create(
            digest=hashlib.sha256(identity.key.encode()).hexdigest(),
            defaults={
                "issuer": identity.issuer,
                "subject": identity.subject,
                "user": lambda: _new_user(identity),
            },
        )
        return account


class Account(models.Model):
    """One identity, and the user who logs in by it.

    Attributes:
        digest: the SHA-256 of `Identity.key` in hexadecimal. Subjects that differ by case alone
            are different people, which not every database's collation knows.
        issuer, subject: what was hashed.
        user: made with the first login. An administrator may put another one here.
    """

    digest = models.CharField(max_length=64, unique=True, editable=False)
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="social_accounts"
    )

    objects = AccountManager()

    def __str__(self) -> str:
        return f"{self.issuer} {self.subject}"


def _new_user(identity: Identity) -> AbstractUser:
    """A user with an unusable password, and a name that nobody can have taken before."""
    user: AbstractUser = get_user_model().objects.create_user(
        username=f"{identity.provider[:100]}_{site().login.random(16).hex()}",
        email=identity.email if identity.email_verified is True else None,
        first_name=(identity.name or identity.username or "")[:150],
    )
    return user

"""Which user belongs to which identity."""

import hashlib

from django.conf import settings
from django.db import models

from ....identity import Identity
from .users import new_user


class AccountManager(models.Manager["Account"]):
    """The accounts."""

    def of(self, identity: Identity) -> "Account":
        """The account of an identity; with its first login it is made, and a user with it."""
        # Two first logins at once: the unique digest lets one of them make the user; the other's
        # user is rolled back with it.
        account: Account
        account, _ = self.select_related("user").get_or_create(
            digest=hashlib.sha256(identity.key.encode()).hexdigest(),
            defaults={
                "issuer": identity.issuer,
                "subject": identity.subject,
                "user": lambda: new_user(identity),
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
    issuer = models.CharField(max_length=255, editable=False)
    subject = models.CharField(max_length=255, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="social_accounts"
    )

    objects = AccountManager()

    def __str__(self) -> str:
        return f"{self.issuer} {self.subject}"

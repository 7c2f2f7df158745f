"""Accounts in Django's admin: who logs in as which user."""

from typing import Any

from django.contrib import admin

from .models import Account


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):
    """The user may be changed; accounts come from logins alone."""

    list_display = ("issuer", "subject", "user")
    fields = list_display
    readonly_fields = ("issuer", "subject")
    raw_id_fields = ("user",)
    search_fields = ("=subject",)

    def has_add_permission(self, request: Any) -> bool:
        return False

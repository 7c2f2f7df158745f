"""A bridge to `django.contrib.auth`: a user for each person who logs in with a provider.

    INSTALLED_APPS = [..., "sociallogin.integrations.django.accounts"]

The user belongs to (issuer, subject) and is never looked up by an e-mail address or a name.
"""

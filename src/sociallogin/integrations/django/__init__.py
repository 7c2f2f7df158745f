"""Django: an app for `INSTALLED_APPS`, the box, hooks, and a guard for views.

    INSTALLED_APPS = [..., "sociallogin.integrations.django"]
    MIDDLEWARE = [..., "sociallogin.integrations.django.middleware.SocialLoginMiddleware"]
    SOCIALLOGIN = BASE_DIR / "sociallogin.toml"
    urlpatterns = [path("", include("sociallogin.integrations.django.urls")), ...]

`request.identity` is the current `Identity` or None.
"""

try:
    import django  # noqa: F401
except ImportError as error:
    raise ImportError(
        'the Django integration needs Django: pip install "sociallogin[django]"'
    ) from error

from .shortcuts import LoginRequiredMixin, box, commenter, login_required, sign_in

__all__ = ["LoginRequiredMixin", "box", "commenter", "login_required", "sign_in"]

"""`path("", include("sociallogin.integrations.django.urls"))`.

The endpoints stand where `mount` in the configuration says, and no other path is touched.
"""

from typing import Any

from django.urls import URLPattern, get_script_prefix
from django.urls.resolvers import RegexPattern

from .site import site
from .views import fitting


class MountPattern(RegexPattern):
    """Matches the mount point and every path below it: there APPEND_SLASH redirects nothing."""

    def match(self, path: str) -> tuple[str, tuple[()], dict[str, Any]] | None:
        """What Django asks of a pattern: the rest of the path and the view's arguments."""
        # `mount` is the whole path that browsers see, with the prefix that a server puts before.
        public_path = get_script_prefix() + path
        return None if site().endpoints.below(public_path) is None else ("", (), {})


urlpatterns = [URLPattern(MountPattern(""), fitting())]

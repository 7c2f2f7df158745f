"""Template tags: `{% load sociallogin %}`."""

"""The view below the mount point: one that blocks and one that is awaited.

Both are exempt from Django's own CSRF check. The endpoints judge themselves where a POST comes
from, so that the box needs no token and pages with it can be cached; and a callback may rightly
come from another site.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from ...errors import ConfigError
from ...web.kinds import asynchronous, blocking
from ...web.messages import WebRequest
from .messages import body_of, django_response, web_request
from .site import Site, site


def endpoint(request: HttpRequest) -> HttpResponse:
    """Answers with a `SocialLogin`."""
    here = site()
    answering = here.answer(_asked(here, request), request)
    return django_response(blocking(here.login).run(answering))


async def endpoint_async(request: HttpRequest) -> HttpResponse:
    """Answers with an `AsyncSocialLogin`."""
    here = site()
    answering = here.answer(_asked(here, request), request)
    return django_response(await asynchronous(here.login).run(answering))


# Before Django 5.0 the decorator `csrf_exempt` makes a plain function of an asynchronous one.
for _view in (endpoint, endpoint_async):
    vars(_view)["csrf_exempt"] = True


def fitting() -> Callable[..., Any]:
    """The view that fits the login of the settings."""
    try:
        return endpoint_async if site().is_async else endpoint
    except (ConfigError, ImproperlyConfigured):
        return endpoint  # `manage.py check` reports it, and so does the first request


def _asked(here: Site, request: HttpRequest) -> WebRequest:
    asked = web_request(request)
    return replace(asked, path=here.endpoints.below_or_fault(asked.path), **body_of(request))

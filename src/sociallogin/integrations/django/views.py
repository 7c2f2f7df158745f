"""The view below the mount point: one that blocks and one that is awaited.

Both are exempt from Django's own CSRF check. The endpoints judge themselves where a POST comes
from, so that the box needs no token and pages with it can be cached; and a callback may rightly
come from another site.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from ...errors import ConfigError
from ...identity import Identity
from ...web.messages import WebRequest, WebResponse
from .messages import body, django_response, web_request
from .site import Site, site


def endpoint(request: HttpRequest, rest: str) -> HttpResponse:
    """Answers with a `SocialLogin`."""
    here, asked = site(), _asked(request, rest)
    with here.serving(request):
        response: WebResponse = here.login.run(here.endpoints.handle(asked))
    left = _left(here, asked, response)
    if left is not None:
        here.tell_leave(request, left)
    return django_response(response)


async def endpoint_async(request: HttpRequest, rest: str) -> HttpResponse:
    """Answers with an `AsyncSocialLogin`."""
    here, asked = site(), _asked(request, rest)
    with here.serving(request):
        response: WebResponse = await here.login.run(here.endpoints.handle(asked))
    left = _left(here, asked, response)
    if left is not None:
        await sync_to_async(here.tell_leave)(request, left)
    return django_response(response)


# Before Django 5.0 the decorator `csrf_exempt` makes a plain function of an asynchronous one.
for _view in (endpoint, endpoint_async):
    _view.csrf_exempt = True  # type: ignore[attr-defined]


def chosen() -> Callable[..., Any]:
    """The view that fits the login of the settings."""
    try:
        return endpoint_async if site().is_async else endpoint
    except (ConfigError, ImproperlyConfigured):
        return endpoint  # `manage.py check` reports it, and so does the first request


def _asked(request: HttpRequest, rest: str) -> WebRequest:
    return replace(web_request(request), path=f"/{rest}", body=body(request))


def _left(here: Site, asked: WebRequest, response: WebResponse) -> Identity | None:
    """Who had logged in with a provider and is not logged in any more."""
    if asked.path not in ("/logout", "/guest") or response.status != 303:
        return None
    identity = here.endpoints.identity(asked)
    return None if identity is None or identity.is_guest else identity

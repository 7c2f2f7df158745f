"""`request.identity`: who is logged in, read when it is asked for."""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from asgiref.sync import (
    async_to_sync,
    iscoroutinefunction,
    markcoroutinefunction,
    sync_to_async,
)
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from ...flows import Flow
from ...identity import Identity
from ...web.messages import WebRequest, WebResponse
from .messages import django_response, vouch, web_request
from .shortcuts import SHOWS_BOX, visit_of
from .site import site


class SocialLoginMiddleware:
    """Gives requests their `identity`, and answers that depend on it `Vary: Cookie`.

    Raises:
        ConfigError, ImproperlyConfigured: the settings are wrong, which a server tells at its
            start by this.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        site()
        self._get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        if self._is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        # A lazy object that wraps None is not None; so it is a property, which needs a class.
        request.__class__ = _identified(request.__class__)
        if self._is_async:
            return self._awaited(request)
        refused = None
        if (asking := _recognizing(request)) is not None:
            login: Any = site().login
            refused = (async_to_sync(login.run) if site().is_async else login.run)(asking)
        return _varying(request, refused or self._get_response(request))

    async def _awaited(self, request: HttpRequest) -> Any:
        refused = None
        if (asking := _recognizing(request)) is not None:
            login: Any = site().login
            run = login.run if site().is_async else sync_to_async(login.run)
            refused = await run(asking)
        return _varying(request, refused or await self._get_response(request))


def _recognizing(request: HttpRequest) -> Flow[HttpResponse | None] | None:
    """What asks the store whom the request's bearer stands for; None where it carries none."""
    if "HTTP_AUTHORIZATION" not in request.META:
        return None
    asked = web_request(request)
    return _recognized(request, asked) if site().endpoints.bears(asked) else None


def _recognized(request: HttpRequest, asked: WebRequest) -> Flow[HttpResponse | None]:
    recognized = yield from site().endpoints.recognize(asked)
    if isinstance(recognized, WebResponse):
        return django_response(recognized)
    vouch(request, recognized.vouched)
    return None


def _identity(request: HttpRequest) -> Identity | None:
    return visit_of(request).identity


@cache
def _identified(kind: type) -> type:
    """The class of requests with an identity, under the same name."""
    identity = cached_property(_identity)
    return type(kind.__name__, (kind,), {"identity": identity, "__module__": kind.__module__})


def _varying(request: HttpRequest, response: Any) -> Any:
    if "identity" in vars(request):  # it has been asked for
        patch_vary_headers(response, ("Cookie",))
        if SHOWS_BOX in vars(request):
            patch_vary_headers(response, ("Accept-Language",))
        if "HTTP_AUTHORIZATION" in request.META:  # which may have decided, not the cookie
            patch_vary_headers(response, ("Authorization", "Origin"))
    return response

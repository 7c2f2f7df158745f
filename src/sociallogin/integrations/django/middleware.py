"""`request.identity`: who is logged in, read when it is asked for."""

from collections.abc import Callable
from functools import cache, cached_property
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.utils.cache import patch_vary_headers

from ...identity import Identity
from .shortcuts import visit_of
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
        return _varying(request, self._get_response(request))

    async def _awaited(self, request: HttpRequest) -> Any:
        return _varying(request, await self._get_response(request))


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
    return response

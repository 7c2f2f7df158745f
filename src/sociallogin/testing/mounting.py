"""Puts the emulators where the providers would be: in this process, or on a socket."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from unittest.mock import patch

from ..flows import Request, Response, Send
from .guard import refuse_outside_tests
from .providers import EmulatedProviders

#: Those of the running test, the newest last.
_mounted: list[EmulatedProviders] = []


@contextmanager
def emulated() -> Iterator[EmulatedProviders]:
    """The providers, emulated in this process while it lasts.

    Meanwhile sociallogin's own transports, blocking and asynchronous, send to them: those of
    every `SocialLogin` that was not given a `transport=`, made before or after. No socket is
    opened, and no other HTTP of the app is touched.

    Yields:
        The emulated providers, with nobody logged in and nothing sent.

    Raises:
        OutsideTests: no test is running.
        ImportError: the extra `testing` is not installed.
    """
    refuse_outside_tests("emulating the providers")
    with _naming_the_extra():
        from ..emulators import Emulators
    providers = EmulatedProviders(Emulators())
    with _diverted(providers.send), _known(providers):
        yield providers


@contextmanager
def served() -> Iterator[EmulatedProviders]:
    """The providers, emulated on a real socket of this machine while it lasts.

    An app reaches them with the configuration that `config()` gives; `url` is where they are.

    Yields:
        The emulated providers.

    Raises:
        OutsideTests: no test is running.
        ImportError: the extra `testing` is not installed.
    """
    refuse_outside_tests("serving the emulators")
    with _naming_the_extra():
        from ..emulators.server import EmulatorServer
    with EmulatorServer() as server:
        providers = EmulatedProviders(server.emulators, server.url)
        with _known(providers):
            yield providers


def mounted() -> list[EmulatedProviders]:
    """The emulated providers of the running test, the newest first."""
    return _mounted[::-1]


@contextmanager
def _known(providers: EmulatedProviders) -> Iterator[None]:
    _mounted.append(providers)
    try:
        yield
    finally:
        _mounted.remove(providers)


@contextmanager
def _diverted(send: Send) -> Iterator[None]:
    """Sends with `send` whatever the library's own transports are asked to send.

    At their class, as an app's `SocialLogin` may have been made long before the test, and in
    every thread, as a live server has its own.
    """
    from ..transports.requests import RequestsTransport

    def blocking(_transport: object, request: Request) -> Response:
        return send(request)

    async def asynchronous(_transport: object, request: Request) -> Response:
        return send(request)

    with ExitStack() as stack:
        stack.enter_context(patch.object(RequestsTransport, "__call__", blocking))
        if find_spec("httpx"):
            from ..transports.httpx import HttpxTransport

            stack.enter_context(patch.object(HttpxTransport, "__call__", asynchronous))
        yield


@contextmanager
def _naming_the_extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "more").partition(".")[0]
        raise ImportError(
            f'the emulators need {library}: pip install "sociallogin[testing]"'
        ) from error

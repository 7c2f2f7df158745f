"""The vocabulary of I/O: what a flow asks for, what it is answered, and who carries it.

A *flow* is a generator that yields a `Request`, is sent the `Response`, and returns its
result. It opens no socket, reads no clock and draws no randomness except through what it is
given, so one text serves blocking and async callers, and a test needs no network.
"""

import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from inspect import isawaitable, iscoroutine
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

#: Seconds that all requests of one flow may take together, connection set-up and dripped
#: headers included; name resolution excepted.
FLOW_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request to a provider.

    Header names keep the case they are written in. `deadline` is a `time.monotonic()` value by
    which the whole answer must have arrived; the driver sets it. With `public_only` the address
    that is connected to must be one of the public internet, whatever name led there: for URLs
    that come from outside. Neither headers nor body nor the URL's query stand in the `repr`: they
    carry credentials.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    deadline: float | None = field(default=None, repr=False, compare=False)
    public_only: bool = False

    def __repr__(self) -> str:
        bare = urlsplit(self.url)._replace(query="", fragment="").geturl()
        return f"<Request {self.method} {bare}>"


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP answer: status, headers with lower-case names, and the decompressed body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def __repr__(self) -> str:
        kind = self.headers.get("content-type", "no content type")
        return f"<Response {self.status} {kind} {len(self.body)} bytes>"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an app's hook. The driver makes it, so that a hook may be asynchronous too."""

    hook: Callable[..., object]
    arguments: tuple[object, ...] = field(repr=False)


#: A generator that asks for requests and calls to be performed and returns its result. It is
#: sent a `Response` for a `Request`, and whatever the hook returns for a `Call`.
Flow: TypeAlias = Generator[Request | Call, Any, T]

#: What performs a request: a transport is one function. It raises `ProviderError` with the code
#: `provider_unreachable`, `provider_timeout` or `provider_bad_response`, and nothing else.
Send: TypeAlias = Callable[[Request], Response]

#: The same for asynchronous callers.
AsyncSend: TypeAlias = Callable[[Request], Awaitable[Response]]


class NotAwaited(TypeError):
    """A coroutine function was given to a blocking login; its text names the fix."""


def run(flow: Flow[T], send: Send) -> T:
    """Carries `flow` to its end with a blocking transport and returns its result.

    What a request or a hook raises is thrown into the flow, which may handle it; every error of
    the flow passes through.
    """
    deadline = time.monotonic() + FLOW_SECONDS
    with closing(flow):
        try:
            asked = next(flow)
            while True:
                try:
                    answer = _performed(asked, send, deadline)
                except Exception as error:  # noqa: BLE001  (thrown into the flow, not swallowed)
                    asked = flow.throw(error)
                else:
                    asked = flow.send(answer)
        except StopIteration as stop:
            result: T = stop.value
            return result


async def run_async(flow: Flow[T], send: AsyncSend) -> T:
    """Carries `flow` to its end with an asynchronous transport; otherwise like `run`.

    A hook may be a coroutine function. When the caller is cancelled, the flow ends where it
    stands: nothing is thrown into it that it could answer with another request.
    """
    deadline = time.monotonic() + FLOW_SECONDS
    with closing(flow):
        try:
            asked = next(flow)
            while True:
                try:
                    answer = await _awaited(asked, send, deadline)
                except Exception as error:  # noqa: BLE001  (thrown into the flow, not swallowed)
                    asked = flow.throw(error)
                else:
                    asked = flow.send(answer)
        except StopIteration as stop:
            result: T = stop.value
            return result


def _performed(asked: Request | Call, send: Send, deadline: float) -> object:
    """What a flow is sent for what it asked."""
    if isinstance(asked, Request):
        return send(replace(asked, deadline=deadline))
    answer = asked.hook(*asked.arguments)
    if iscoroutine(answer):  # never awaited, it would refuse nobody
        answer.close()
        raise NotAwaited(
            f"{asked.hook!r} is asynchronous: SocialLogin cannot await it. "
            "Write it with def, or use AsyncSocialLogin in an ASGI app"
        )
    return answer


async def _awaited(asked: Request | Call, send: AsyncSend, deadline: float) -> object:
    """The same, awaited where it has to be."""
    if isinstance(asked, Request):
        return await send(replace(asked, deadline=deadline))
    answer = asked.hook(*asked.arguments)
    return await answer if isawaitable(answer) else answer

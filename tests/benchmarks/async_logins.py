"""Asynchronous logins: a bare shared `httpx.AsyncClient`, and `AsyncSocialLogin`."""

import asyncio
import json
import ssl
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import floors
import httpx
from subjects import SITE, Work, tables

from sociallogin import AsyncSocialLogin
from sociallogin.transports.httpx import HttpxTransport

AsyncWork = Callable[[], Awaitable[object]]

#: Idle connections that the bare client may keep; its default of 20 would close most of 64.
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=128)


@contextmanager
def event_loop() -> Iterator[asyncio.Runner]:
    """One event loop for everything that is compared."""
    with asyncio.Runner() as runner:
        yield runner


def repeated(runner: asyncio.Runner, work: AsyncWork, times: int) -> Work:
    """Blocking work that does `work` so many times: entering the loop is not what is measured."""

    async def several() -> None:
        for _ in range(times):
            await work()

    return lambda: runner.run(several())


def bare_client(bundle: str) -> httpx.AsyncClient:
    """A client as a careful app would share it."""
    return httpx.AsyncClient(verify=ssl.create_default_context(cafile=bundle), limits=LIMITS)


def through_bare_client(client: httpx.AsyncClient, origin: str) -> AsyncWork:
    """The two calls of a login and nothing else: no state, no cookie, no identity."""
    form = {
        "grant_type": "authorization_code",
        "code": "a-code",
        "redirect_uri": f"{SITE}/callback",
        "code_verifier": 43 * "v",
        "client_id": floors.CLIENT_ID,
        "client_secret": floors.CLIENT_SECRET,
    }

    async def work() -> None:
        answer = await client.post(
            f"{origin}/token", content=urlencode(form).encode(), headers=floors.FORM
        )
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {answer.json()['access_token']}",
            "User-Agent": "floor",
        }
        answer = await client.get(f"{origin}/me?fields=id,name,email,picture", headers=headers)
        assert answer.json()["id"]

    return work


class ByHand:
    """The two calls on asyncio's own streams: the least that waiting can cost."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def __call__(self) -> None:
        if self._idle:
            reader, writer = self._idle.pop()
        else:
            reader, writer = await asyncio.open_connection("localhost", self._port)
        body = 300 * b"c"
        for request in (
            b"POST /token HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body),
            b"GET /me HTTP/1.1\r\n\r\n",
        ):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
            assert json.loads(await reader.readexactly(int(length)))
        self._idle.append((reader, writer))

    async def aclose(self) -> None:
        for _, writer in self._idle:
            writer.close()
            await writer.wait_closed()


async def waited_alone(port: int, times: int) -> float:
    """The median seconds until an answer, for one who asks by hand and alone.

    A provider's timers are late, too: what others wait beyond this is theirs.
    """
    by_hand, seconds = ByHand(port), []
    for _ in range(times):
        started = time.perf_counter()
        await by_hand()
        seconds.append((time.perf_counter() - started) / 2)
    await by_hand.aclose()
    return statistics.median(seconds)


def social_login(origin: str, transport: HttpxTransport) -> AsyncSocialLogin:
    """The site of the blocking measurements, asynchronous."""
    return AsyncSocialLogin.from_mapping(tables(origin), transport=transport)


def through_core(login: AsyncSocialLogin) -> AsyncWork:
    """A login with `AsyncSocialLogin` alone, from `begin` to the sealed identity."""

    async def work() -> None:
        start = await login.begin("facebook", next_url="/post/1#comments")
        params = {"state": parse_qs(urlsplit(start.url).query)["state"][0], "code": "a-code"}
        signin = await login.complete("facebook", params, transaction=start.transaction)
        assert login.seal_identity(signin.identity)

    return work


async def together(work: AsyncWork, tasks: int, times: int) -> None:
    """So many tasks, each doing `work` so many times."""

    async def several() -> None:
        for _ in range(times):
            await work()

    async with asyncio.TaskGroup() as group:
        for _ in range(tasks):
            group.create_task(several())

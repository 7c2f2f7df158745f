"""What is `AsyncSocialLogin`'s alone: cancellation, closing, and the extra that it needs."""

import logging
import subprocess
import sys

import anyio
import pytest

from frameworks import asynchronous
from sites import Site, query
from sociallogin import AsyncSocialLogin, StateError
from sociallogin.transports.httpx import HttpxTransport


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.fixture
def site():
    return Site()


class Held:
    """A transport that holds one step's answer back until its caller is cancelled."""

    def __init__(self, site, step, *, sent):
        self._send = site.login._send
        self._step = step
        self._sent = sent
        self.reached = anyio.Event()

    async def __call__(self, request):
        if self._step in request.url and not self.reached.is_set():
            if self._sent:
                self._send(request)
            self.reached.set()
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()
        return self._send(request)


def held(site, step, *, sent=True):
    transport = Held(site, step, sent=sent)
    login = AsyncSocialLogin(
        site.login.config, transport=transport, clock=site.clock, random=site.login.random
    )
    return login, transport


async def cancel_when_reached(transport, function):
    async with anyio.create_task_group() as group:
        group.start_soon(function)
        await transport.reached.wait()
        group.cancel_scope.cancel()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("step", "sent"),
    [("oauth/access_token", True), ("oauth/access_token", False), ("/me", True)],
    ids=["code redeemed", "code unsent", "userinfo"],
)
async def test_a_cancelled_callback_leaves_its_transaction_used(site, caplog, step, sent):
    caplog.set_level(logging.INFO, "sociallogin")
    login, transport = held(site, step, sent=sent)
    start = await login.begin("facebook", next_url="/post/1")
    callback = query(site.emulators.press(start.url))

    async def complete():
        await login.complete("facebook", callback, transaction=start.transaction)

    await cancel_when_reached(transport, complete)
    assert "login provider=facebook outcome=cancelled" in caplog.text
    asked = len(site.emulators.facebook.asked("token"))
    with pytest.raises(StateError) as caught:
        await complete()
    assert caught.value.code == "state_replayed"
    assert len(site.emulators.facebook.asked("token")) == asked  # nothing is sent a second time
    again = await login.begin("facebook")
    callback = query(site.emulators.press(again.url))
    signin = await login.complete("facebook", callback, transaction=again.transaction)
    assert signin.identity.name == "Nora Lind"


@pytest.mark.anyio
async def test_a_cancelled_begin_leaves_nothing_behind():
    site = Site(twitter="oauth1")
    login, transport = held(site, "request_token")

    async def begin():
        await login.begin("twitter")

    await cancel_when_reached(transport, begin)
    start = await login.begin("twitter")
    callback = query(site.emulators.press(start.url))
    signin = await login.complete("twitter", callback, transaction=start.transaction)
    assert signin.identity.provider == "twitter"


@pytest.mark.anyio
async def test_many_logins_at_once_give_everyone_their_own_identity(site):
    login = asynchronous(site.login)
    found = {}

    async def log_in(person):
        start = await login.begin("facebook", next_url=f"/{person}")
        callback = query(site.emulators.press(start.url, person))
        signin = await login.complete("facebook", callback, transaction=start.transaction)
        found[signin.next_url] = signin.identity.name

    async with anyio.create_task_group() as group:
        for person in ("grant", "arabic", "script"):
            group.start_soon(log_in, person)
    assert found == {
        "/grant": "Nora Lind", "/arabic": "ليلى حداد", "/script": "<script>alert(1)</script>",
    }  # fmt: skip


@pytest.mark.anyio
async def test_its_own_transport_is_closed_and_another_s_is_not(site, monkeypatch):
    closed = []

    async def aclose(transport):
        closed.append(transport)

    monkeypatch.setattr(HttpxTransport, "aclose", aclose)
    config = site.login.config
    async with AsyncSocialLogin(config) as login:
        assert not closed
    assert closed == [login._send]
    async with AsyncSocialLogin(config, transport=HttpxTransport()):
        pass
    assert len(closed) == 1


WITHOUT_HTTPX = """
import sys
sys.modules["httpx"] = None  # as if it were not installed
from sociallogin import AsyncSocialLogin, SocialLogin
config = {"base_url": "http://localhost", "secret_keys": [32 * "k"], "providers": {}}
SocialLogin.from_mapping(config)
AsyncSocialLogin.from_mapping(config, transport=print)
try:
    AsyncSocialLogin.from_mapping(config)
except ImportError as error:
    print(error, end="")
"""


@pytest.mark.server
def test_without_httpx_the_error_names_the_extra():
    printed = subprocess.run(
        [sys.executable, "-c", WITHOUT_HTTPX], check=True, capture_output=True, text=True
    ).stdout
    assert 'pip install "sociallogin[async]"' in printed


@pytest.mark.server
def test_importing_the_face_loads_no_http_library():
    script = (
        "import sys; from sociallogin import AsyncSocialLogin;"
        "sys.exit(any(name in sys.modules for name in ('anyio', 'httpx', 'requests')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

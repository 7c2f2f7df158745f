"""The asynchronous face asks and answers as the blocking one does, under asyncio and trio."""

from collections.abc import Callable

import anyio
import pytest

from akismet.conftest import BASE_URL, comment, person
from sociallogin import AsyncSocialLogin, SocialLogin
from sociallogin.akismet import Akismet, AsyncAkismet, Verdict
from sociallogin.emulators import Emulators
from sociallogin.emulators.akismet import SPAM_AUTHOR
from sociallogin.flows import Request, Response

SITE = {"base_url": BASE_URL, "secret_keys": ["k" * 32]}


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(emulators: Emulators) -> Callable[..., AsyncAkismet]:
    async def send(request: Request) -> Response:
        await anyio.sleep(0)
        return emulators.send(request)

    def make(**table: object) -> AsyncAkismet:
        akismet = {"akismet": {**emulators.akismet_table(), **table}}
        return AsyncAkismet.of(AsyncSocialLogin.from_mapping({**SITE, **akismet}, transport=send))

    return make


def test_each_face_takes_the_login_of_its_kind():
    site = {**SITE, "akismet": {"api_key": "k"}}
    with pytest.raises(TypeError, match=r"await AsyncSocialLogin\. Use AsyncAkismet"):
        Akismet.of(AsyncSocialLogin.from_mapping(site))
    with pytest.raises(TypeError, match=r"SocialLogin is nothing to await\. Use Akismet"):
        AsyncAkismet.of(SocialLogin.from_mapping(site))


def test_it_judges_and_reports(make, emulators, backend):
    spam = comment(person(name=SPAM_AUTHOR))

    async def ask() -> None:
        akismet = make()
        assert await akismet.verify_key() == "valid"
        assert await akismet.check(comment()) == Verdict("ham")
        assert await akismet.check(spam) == Verdict("spam")
        assert await akismet.submit_ham(spam) is True
        assert await akismet.submit_spam(comment()) is True

    anyio.run(ask, backend=backend)
    assert [request.url.rpartition("/")[2] for request in emulators.akismet.requests] == [
        "verify-key", "comment-check", "comment-check", "submit-ham", "submit-spam",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("server_error", "unreachable"), ("timeout", "timeout"), ("html_error", "bad_response")],
)
def test_trouble_at_akismet_is_a_question_to_the_moderator(make, emulators, backend, fault, reason):
    async def ask() -> None:
        akismet = make()
        with emulators.akismet.failing(fault):
            assert await akismet.check(comment()) == Verdict("unknown", reason)
            assert await akismet.submit_spam(comment()) is False
            assert await akismet.submit_ham(comment()) is False
            assert await akismet.verify_key() == "unknown"

    anyio.run(ask, backend=backend)


def test_a_wrong_key_is_no_exception(make, backend):
    async def ask() -> None:
        assert await make(api_key="another").check(comment()) == Verdict("unknown", "rejected_key")

    anyio.run(ask, backend=backend)


def test_without_its_table_akismet_is_off():
    async def send(_: Request) -> Response:
        raise AssertionError

    assert AsyncAkismet.of(AsyncSocialLogin.from_mapping(SITE, transport=send)) is None

"""A site whose providers say what a test writes down."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sociallogin import SignIn, SocialLogin, Start
from sociallogin.flows import Request, Response

NOW = 1_800_000_000
BASE_URL = "https://blog.example.com"
KEY = "a-secret-key-of-thirty-two-bytes-or-more"
SECRET = "S3NTINEL-client-secret"
CODE = "S3NTINEL-code"
TOKEN = "S3NTINEL-token"

#: What each provider answers when all is well, in the order in which it is asked.
GOOD: Mapping[tuple[str, str], tuple[Any, ...]] = {
    ("wordpress", "oauth2"): (
        {"access_token": TOKEN, "token_type": "bearer", "blog_id": 0,
         "blog_url": "https://public-api.wordpress.com", "scope": "auth"},
        {"ID": 78749002, "display_name": "Ada", "username": "ada"},
    ),
    ("twitter", "oauth2"): (
        {"access_token": TOKEN, "token_type": "bearer", "expires_in": 7200,
         "scope": "users.read tweet.read users.email"},
        {"data": {"id": "2244994945", "name": "Ada", "username": "ada"}},
    ),
    ("twitter", "oauth1"): (
        f"oauth_token=request-token&oauth_token_secret={TOKEN}&oauth_callback_confirmed=true",
        f"oauth_token={TOKEN}&oauth_token_secret={TOKEN}&user_id=2244994945&screen_name=ada",
        {"id": 2244994945, "id_str": "2244994945", "name": "Ada", "screen_name": "ada"},
    ),
    ("facebook", "oauth2"): (
        {"access_token": TOKEN, "token_type": "bearer", "expires_in": 5183944},
        {"id": "10158624370112345", "name": "Ada"},
    ),
}  # fmt: skip


@dataclass
class Conversation:
    """A login whose provider answers by the book; `asked` is what it was asked.

    `answers` are taken in turn: a `Response`, an error to raise, JSON, or form-encoded text.
    """

    provider: str
    protocol: str
    config: Mapping[str, Any] = field(default_factory=dict)
    table: Mapping[str, Any] = field(default_factory=dict)
    now: float = NOW
    asked: list[Request] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.login = self.another()

    def another(self, **config: Any) -> SocialLogin:
        """The same site as another process sees it, or with another configuration."""
        table = {"client_id": "client", "client_secret": SECRET, "protocol": self.protocol}
        values = {
            "base_url": BASE_URL,
            "secret_keys": [KEY],
            "providers": {self.provider: {**table, **self.table}},
            **self.config,
            **config,
        }
        return SocialLogin.from_mapping(values, transport=self.send, clock=lambda: self.now)

    def send(self, request: Request) -> Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Response):
            return answer
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return Response(200, {"content-type": "application/json"}, body.encode())

    def expect(self, *answers: Any) -> None:
        """What will be answered next; where too few are given, what is good ends the list."""
        self.answers[:] = [*answers, *self.good[len(answers) :]]

    @property
    def good(self) -> tuple[Any, ...]:
        """What the provider answers when all is well."""
        return GOOD[self.provider, self.protocol]

    def begin(self, next_url: str | None = None) -> Start:
        return self.login.begin(self.provider, next_url=next_url)

    def params(self, start: Start) -> dict[str, str]:
        """The callback of a person who agrees."""
        query = dict(parse_qsl(urlsplit(start.url).query))
        if self.protocol == "oauth1":
            return {"oauth_token": query["oauth_token"], "oauth_verifier": CODE}
        return {"state": query["state"], "code": CODE}

    def complete(self, start: Start, params: Any = None) -> SignIn:
        params = self.params(start) if params is None else params
        return self.login.complete(self.provider, params, transaction=start.transaction)

    def log_in(self, *answers: Any, next_url: str | None = None) -> SignIn:
        """A whole login with these answers."""
        self.expect(*answers)
        return self.complete(self.begin(next_url))

    def answered_at(self, step: str, answer: Any) -> SignIn:
        """A whole login in which one step (`request_token`, `token`, `userinfo`) fails."""
        steps = ["token", "userinfo"]
        if self.protocol == "oauth1":
            steps.insert(0, "request_token")
        return self.log_in(*self.good[: steps.index(step)], answer)


@pytest.fixture(scope="session")
def converse() -> Callable[..., Conversation]:
    """Makes a `Conversation` with a provider (by name and protocol)."""

    def make(provider: str = "facebook", protocol: str = "oauth2", **given: Any) -> Conversation:
        return Conversation(provider, protocol, **given)

    return make


@pytest.fixture(params=list(GOOD), ids="-".join)
def conversation(request: pytest.FixtureRequest) -> Conversation:
    """A conversation with every provider in every protocol."""
    return Conversation(*request.param)


@pytest.fixture
def refusal() -> Callable[..., Response]:
    """Makes the answer that refuses: status, JSON or text, headers."""

    def make(
        status: int, body: Any = b"", headers: Iterable[tuple[str, str]] = (), **more: str
    ) -> Response:
        if isinstance(body, dict):
            text = json.dumps(body).encode()
        else:
            text = body.encode() if isinstance(body, str) else body
        return Response(status, {"content-type": "application/json", **dict(headers), **more}, text)

    return make

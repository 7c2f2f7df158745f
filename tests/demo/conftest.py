"""The demo's blog on Flask's test client, with the emulators on a real socket."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sociallogin import SocialLogin
from sociallogin.demo import create_app
from sociallogin.emulators.server import EmulatorServer

BASE_URL = "http://127.0.0.1:8000"
SECRET_KEY = "a key of the tests, thirty-two bytes or more"


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Visitor:
    """A person with a browser: what they do, and what they see."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"

    def read(self) -> str:
        """The page with the post."""
        response = self.client.get("/post/1")
        assert response.status_code == 200
        return response.text

    def post(self, what: str, **form: str) -> TestResponse:
        """Presses a button of the page."""
        return self.client.post(f"/post/1/{what}", data=form)

    def comment(self, text: str, **form: str) -> int:
        """Publishes a comment and gives its number."""
        response = self.post("comments", text=text, **form)
        assert response.status_code == 303
        return int(response.location.rpartition("#comment-")[2])

    def leave_for(self, provider: str, **form: str) -> str:
        """Presses a provider's button; where the browser is sent."""
        form = {"next": "/post/1#respond", **form}
        response = self.client.post(f"/auth/login/{provider}", data=form)
        assert response.status_code == 303
        return response.location

    def come_back(self, provider_url: str, press: str) -> TestResponse:
        """Presses a button on the provider's consent page and returns to the blog."""
        with requests.Session() as browser:
            browser.trust_env = False
            asked = browser.get(provider_url)
            answered = browser.post(asked.url, data={"press": press}, allow_redirects=False)
            while not answered.headers["location"].startswith(BASE_URL):
                answered = browser.get(answered.headers["location"], allow_redirects=False)
        return self.client.get(answered.headers["location"].removeprefix(BASE_URL))

    def log_in(self, provider: str, press: str = "grant", **form: str) -> TestResponse:
        """Logs in with a provider and comes back to the page."""
        response = self.come_back(self.leave_for(provider, **form), press)
        assert response.status_code == 303
        return response


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Here the emulators are a server on a real socket."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and "emulators" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)


@pytest.fixture(scope="session")
def emulators() -> Iterator[EmulatorServer]:
    server = EmulatorServer(app_base_url=BASE_URL, mount="/auth", host="localhost", port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def login(emulators: EmulatorServer, clock: Clock) -> SocialLogin:
    site = {"base_url": BASE_URL, "secret_keys": [SECRET_KEY]}
    akismet = emulators.emulators.akismet_table()
    return SocialLogin.from_mapping({**emulators.config(), **site, "akismet": akismet}, clock=clock)


@pytest.fixture
def app(login: SocialLogin, tmp_path: Path) -> Flask:
    return create_app(login, data=tmp_path)


@pytest.fixture
def arrive(app: Flask) -> Callable[[], Visitor]:
    """Each call is another person with a browser of their own."""
    return lambda: Visitor(app.test_client())


@pytest.fixture
def visitor(arrive: Callable[[], Visitor]) -> Visitor:
    return arrive()

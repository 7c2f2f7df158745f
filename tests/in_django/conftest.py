"""A Django project in this process: its views, its login, and clients that visit it."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import AsyncClient, Client, override_settings
from django.urls import include, path

import django_site
from frameworks import asynchronous
from sites import KEY, Clock
from sociallogin import SocialLogin
from sociallogin.emulators import Emulators

SITE = "https://blog.example.com"


@dataclass
class Project:
    """One project, with a client of its own."""

    client: Any
    emulators: Emulators
    login: SocialLogin

    def get(self, target: str, **headers: str) -> Any:
        return self._answered(self.client.get(target, headers=headers, secure=True))

    def post(self, target: str, form: Any = None) -> Any:
        """Posts a form as Django's client does, which is multipart."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        return self._answered(self.client.post(target, form, headers=headers, secure=True))

    def press(self, target: str, site: str = "same-origin", **form: str) -> Any:
        """Presses a button of a form, on a page of this site or of another."""
        asked = self.client.post(
            target, urlencode(form), content_type="application/x-www-form-urlencoded",
            headers={"Sec-Fetch-Site": site}, secure=True,
        )  # fmt: skip
        return self._answered(asked)

    def log_in(self, provider: str = "facebook", button: str = "grant") -> Any:
        """A whole login; gives the answer to its callback."""
        begun = self.press(f"/auth/login/{provider}", next="/")
        assert begun.status_code == 303, begun.content
        callback = urlsplit(self.emulators.press(begun["Location"], button))
        return self.get(f"{callback.path}?{callback.query}")

    def _answered(self, asked: Any) -> Any:
        return asyncio.run(_awaited(asked)) if isinstance(self.client, AsyncClient) else asked


async def _awaited(asked: Any) -> Any:
    return await asked


@pytest.fixture(params=["blocking", "asynchronous"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make_project(kind: str) -> Iterator[Callable[..., Project]]:
    """Makes the project with these views, by path, and these settings."""
    django_site.set_up()
    overridden: list[override_settings] = []

    def make(views: dict[str, Any] | None = None, **settings: Any) -> Project:
        clock = Clock()
        emulators = Emulators(SITE, clock=clock)
        config = {"base_url": SITE, "secret_keys": [KEY], **emulators.config()}
        config |= settings.pop("config", {})
        login = SocialLogin.from_mapping(config, transport=emulators.send, clock=clock)
        given = login if kind == "blocking" else asynchronous(login)
        overridden.append(override_settings(SOCIALLOGIN=given, **settings))
        overridden[-1].enable()
        urls = ModuleType("urls_of_a_test")
        endpoints = include(django_site.endpoints())
        pages = [path(target, view) for target, view in (views or {}).items()]
        urls.urlpatterns = [path("", endpoints), *pages]  # type: ignore[attr-defined]
        overridden.append(override_settings(ROOT_URLCONF=urls))
        overridden[-1].enable()
        client = Client() if kind == "blocking" else AsyncClient()
        return Project(client, emulators, login)

    yield make
    for override in reversed(overridden):
        override.disable()

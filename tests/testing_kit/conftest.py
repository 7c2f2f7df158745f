"""One small app, in every framework whose test client the kit knows, and its client."""

import asyncio
import importlib
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

import django_site
from sociallogin import AsyncSocialLogin, SocialLogin
from sociallogin.testing import log_in
from sociallogin.testing.clients import Visit, browser_of

#: As an app has it that knows nothing of tests: the providers' own URLs, its own client ids.
CONFIG = {
    "base_url": "http://127.0.0.1:8000",
    "secret_keys": ["a-secret-key-of-thirty-two-bytes-or-more"],
    "providers": {
        name: {"client_id": f"{name}-67890", "client_secret": f"{name}-secret-of-the-app"}
        for name in ("wordpress", "twitter", "facebook")
    },
}


@dataclass
class App:
    """An app whose every page says who is logged in, and its test client.

    `begun` holds what `on_begin` heard; `ending` undoes what the app needs beyond itself.
    """

    client: Any
    login: Any
    begun: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    ending: ExitStack = field(default_factory=ExitStack)

    def wait(self, result: Any) -> Any:
        """The response; of an asynchronous client when it is there."""
        return asyncio.run(_awaited(result)) if inspect.isawaitable(result) else result

    def readable(self, response: Any) -> Any:
        """The response, whose `text` Django before 5.2 does not have."""
        if not hasattr(response, "text"):
            response.text = response.content.decode()
        return response

    def log_in(self, *args: Any, **kwargs: Any) -> Any:
        """The page that a login ends at, in every framework."""
        return self.readable(self.wait(log_in(self.client, *args, **kwargs)))

    def page(self) -> str:
        return str(self.readable(self.wait(self.client.get("/post/1"))).text)

    def post(self, path: str) -> Any:
        return self.wait(browser_of(self.client).visit(Visit(path, {})))


async def _awaited(result: Any) -> Any:
    return await result


def greeting(identity: Any) -> str:
    return f"You are {identity.label if identity else 'nobody'}."


def of_flask(config: Mapping[str, Any], address: str, prefix: str = "") -> App:
    from flask import Flask, g

    from sociallogin.integrations.flask import SocialLoginFlask

    flask_app = Flask("tested")
    flask_app.config["APPLICATION_ROOT"] = prefix or "/"
    login = SocialLogin.from_mapping(config)
    social = SocialLoginFlask(flask_app, login)
    app = App(flask_app.test_client(), login)
    social.on_begin(lambda provider, form: app.begun.append((provider, dict(form))))
    flask_app.add_url_rule("/<path:page>", view_func=lambda page: greeting(g.identity))
    return app


def wsgi(config: Mapping[str, Any]) -> tuple[App, Any]:
    from sociallogin.integrations.wsgi import SocialLoginMiddleware

    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return [greeting(environ["sociallogin.identity"]).encode()]

    login = SocialLogin.from_mapping(config)
    app = App(None, login)
    middleware = SocialLoginMiddleware(
        page, login, on_begin=lambda provider, form: app.begun.append((provider, dict(form)))
    )
    return app, middleware


def of_webtest(config: Mapping[str, Any], address: str, prefix: str = "") -> App:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # WebOb imports cgi
        from webtest import TestApp

    app, middleware = wsgi(config)
    scheme = address.partition(":")[0]
    app.client = TestApp(middleware, {"wsgi.url_scheme": scheme, "SCRIPT_NAME": prefix})
    return app


def of_httpx_on_wsgi(config: Mapping[str, Any], address: str, prefix: str = "") -> App:
    import httpx

    app, middleware = wsgi(config)
    transport = httpx.WSGITransport(middleware, script_name=prefix)
    app.client = httpx.Client(transport=transport, base_url=address)
    return app


def starlette(config: Mapping[str, Any]) -> tuple[App, Any]:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount, Route

    from sociallogin.integrations.starlette import SocialLoginStarlette

    login = AsyncSocialLogin.from_mapping(config)
    social = SocialLoginStarlette(login)
    app = App(None, login)

    @social.on_begin
    async def begun(provider: str, form: Mapping[str, str]) -> None:
        app.begun.append((provider, dict(form)))

    async def page(request: Any) -> PlainTextResponse:
        return PlainTextResponse(greeting(social.current_identity(request)))

    return app, Starlette(routes=[Mount("/auth", social), Route("/{page:path}", page)])


def of_starlette(config: Mapping[str, Any], address: str) -> App:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where httpx2 is absent, httpx is deprecated
        from starlette.testclient import TestClient

    app, starlette_app = starlette(config)
    app.client = TestClient(starlette_app, base_url=address)
    return app


def of_httpx_on_asgi(config: Mapping[str, Any], address: str) -> App:
    import httpx

    app, starlette_app = starlette(config)
    transport = httpx.ASGITransport(starlette_app)
    app.client = httpx.AsyncClient(transport=transport, base_url=address)
    return app


def django(login: Any, prefix: str = "") -> App:
    """The project of all tests, with this login and a page of its own for as long as it lasts."""
    django_site.set_up()
    from django.http import HttpResponse
    from django.test import override_settings
    from django.urls import get_script_prefix, include, path, set_script_prefix

    from sociallogin.integrations.django import urls

    def page(request: Any, page: str) -> HttpResponse:
        return HttpResponse(greeting(request.identity))

    def begun(_request: Any, provider: str, form: Mapping[str, str]) -> None:
        app.begun.append((provider, dict(form)))

    app, routes = App(None, login), ModuleType("urls_of_the_test")
    app.ending.enter_context(
        override_settings(
            SOCIALLOGIN=login,
            SOCIALLOGIN_ON_LOGIN=None,
            SOCIALLOGIN_ON_BEGIN=begun,
            ROOT_URLCONF=routes,
            FORCE_SCRIPT_NAME=prefix or None,
        )
    )
    # Which `django.setup()` does in a project that has the setting.
    app.ending.callback(set_script_prefix, get_script_prefix())
    set_script_prefix(prefix or "/")
    # The views fit the login of the settings, as in a process that begins with them. They are
    # included at both places that they may want: where `mount` says, and where they look for it.
    endpoints = include(importlib.reload(urls).urlpatterns)
    routes.urlpatterns = [  # type: ignore[attr-defined]
        path("auth/", endpoints),
        path("post/<path:page>", page),
        path("", endpoints),
    ]
    return app


def of_django(config: Mapping[str, Any], address: str, prefix: str = "") -> App:
    app = django(SocialLogin.from_mapping(config), prefix)
    from django.test import Client

    app.client = Client(enforce_csrf_checks=True)
    return app


def of_async_django(config: Mapping[str, Any], address: str) -> App:
    app = django(AsyncSocialLogin.from_mapping(config))
    from django.test import AsyncClient

    app.client = AsyncClient(enforce_csrf_checks=True)
    return app


CLIENTS: Mapping[str, Callable[..., App]] = {
    "flask": of_flask,
    "webtest": of_webtest,
    "httpx on wsgi": of_httpx_on_wsgi,
    "starlette": of_starlette,
    "httpx on asgi": of_httpx_on_asgi,
    "django": of_django,
    "async django": of_async_django,
}


@pytest.fixture(params=CLIENTS)
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., App]]:
    """Makes the app in one of the frameworks; `address` is where its client takes it to be."""
    with ExitStack() as endings:

        def made(address: str = "http://testserver", **config: Any) -> App:
            app = CLIENTS[request.param]({**CONFIG, **config}, address)
            endings.enter_context(app.ending)
            return app

        yield made


@pytest.fixture
def below_a_prefix() -> Iterator[Callable[..., App]]:
    """Makes the app in one of the frameworks, served under a prefix that its client knows of."""
    with ExitStack() as endings:

        def made(framework: str, config: Mapping[str, Any], prefix: str) -> App:
            app = CLIENTS[framework](config, "http://testserver", prefix)
            endings.enter_context(app.ending)
            return app

        yield made


@pytest.fixture
def app(make: Callable[..., App]) -> App:
    return make()


@pytest.fixture
def flask_app() -> App:
    """In Flask, for what is the same in all of them."""
    return of_flask(CONFIG, "http://localhost")


@pytest.fixture
def config() -> dict[str, Any]:
    return dict(CONFIG)

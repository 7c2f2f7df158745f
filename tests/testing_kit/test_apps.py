"""From a test client to the logins of its app, however deep they are."""

from collections.abc import Callable
from typing import Any

import pytest

from sociallogin import AsyncSocialLogin, SocialLogin
from sociallogin.integrations import asgi, wsgi
from sociallogin.testing import log_out, sign_in


class Wrapped:
    """What middlewares look like, under one of the names that they give to their app."""

    def __init__(self, name: str, app: Any) -> None:
        setattr(self, name, app)

    def __call__(self, *arguments: Any) -> Any:
        raise NotImplementedError  # no request is made


def in_flask_behind_a_middleware(login: Any) -> Any:
    from flask import Flask

    from sociallogin.integrations.flask import SocialLoginFlask

    app = Flask("tested")
    SocialLoginFlask(app, login)
    app.wsgi_app = Wrapped("app", app.wsgi_app)  # type: ignore[method-assign]
    return app


def in_flask_as_a_method(login: Any) -> Any:
    return Wrapped("application", in_flask_behind_a_middleware(login).wsgi_app.app)


def around_a_wsgi_app(login: Any) -> Any:
    return Wrapped("wsgi_app", Wrapped("app", wsgi.SocialLoginMiddleware(Wrapped("a", 1), login)))


def around_an_asgi_app(login: Any) -> Any:
    return Wrapped("asgi_app", asgi.SocialLoginMiddleware(Wrapped("a", 1), login))


def as_a_middleware_of_starlette(login: Any) -> Any:
    from starlette.applications import Starlette

    app = Starlette()
    app.add_middleware(asgi.SocialLoginMiddleware, login=login)
    return app


def in_starlette(login: Any) -> Any:
    from starlette.applications import Starlette

    from sociallogin.integrations.starlette import SocialLoginStarlette

    app = Starlette()
    SocialLoginStarlette(app, login)
    return app


def in_fastapi(login: Any) -> Any:
    from fastapi import FastAPI

    from sociallogin.integrations.fastapi import SocialLoginFastAPI

    app = FastAPI()
    SocialLoginFastAPI(app, login)
    return app


def in_a_mounted_app_of_fastapi(login: Any) -> Any:
    from fastapi import FastAPI

    from sociallogin.integrations.starlette import SocialLoginStarlette

    app, inner = FastAPI(), FastAPI()
    inner.mount("/auth", SocialLoginStarlette(login))
    app.mount("/blog", inner)
    return app


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        (SocialLogin, in_flask_behind_a_middleware),
        (SocialLogin, in_flask_as_a_method),
        (SocialLogin, around_a_wsgi_app),
        (AsyncSocialLogin, around_an_asgi_app),
        (AsyncSocialLogin, as_a_middleware_of_starlette),
        (AsyncSocialLogin, in_starlette),
        (AsyncSocialLogin, in_fastapi),
        (AsyncSocialLogin, in_a_mounted_app_of_fastapi),
    ],
)
def test_they_are_found(config: dict[str, Any], kind: Any, made: Callable[[Any], Any]) -> None:
    import httpx

    login = kind.from_mapping(config)
    transport = httpx.ASGITransport(made(login))
    client = httpx.AsyncClient(transport=transport, base_url="http://testserver")
    identity = sign_in(client)
    cookies = dict(client.cookies)
    assert login.open_identity(cookies["sociallogin_identity"]) == identity


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "https://blog.example.com"])
def test_a_client_of_werkzeug_is_one_too(config: dict[str, Any], base_url: str) -> None:
    from werkzeug.test import Client

    login = SocialLogin.from_mapping({**config, "base_url": base_url})
    client = Client(wsgi.SocialLoginMiddleware(Wrapped("a", 1), login))
    sign_in(client, name="Ada")
    assert client.get("/auth/identity").json["identity"]["name"] == "Ada"
    assert log_out(client, "/auth/identity").json == {"identity": None}


@pytest.mark.parametrize("app", [Wrapped("a", 1), lambda *_: None])
def test_where_there_are_none_it_is_said_how_to_give_them(config: dict[str, Any], app: Any) -> None:
    from werkzeug.test import Client

    client = Client(app)
    with pytest.raises(LookupError, match="pass login=, its SocialLogin"):
        sign_in(client)
    login = SocialLogin.from_mapping(config)
    assert sign_in(client, login=login).name == "Nora Lind"


def test_apps_that_wrap_each_other_are_left_again() -> None:
    from werkzeug.test import Client

    app = Wrapped("app", None)
    app.app = Wrapped("application", app)  # type: ignore[attr-defined]
    with pytest.raises(LookupError, match="cannot be found"):
        sign_in(Client(app))

"""The login in every framework: an adapter of a few lines for each."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from carrying import App, Reply, by_asgi, by_wsgi
from sociallogin import AsyncSocialLogin, SocialLogin
from sociallogin.flows import Request, Response
from sociallogin.web.endpoints import Endpoints
from sociallogin.web.messages import WebRequest


def bare(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """The endpoints without any framework."""
    endpoints = Endpoints(login, **hooks)

    def app(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        parts = urlsplit(target)
        lowered = {name.lower(): value for name, value in headers.items()}
        path = unquote(parts.path).removeprefix(login.config.mount) or "/"
        request = WebRequest(method, path, parts.query, lowered, body)
        response = login.run(endpoints.handle(request))
        return Reply(response.status, response.headers, response.body)

    return app


def flask(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A Flask app."""
    from flask import Flask

    from sociallogin.integrations.flask import SocialLoginFlask

    flask_app = Flask("site")
    _decorate(SocialLoginFlask(flask_app, login), hooks)
    return by_wsgi(flask_app)


def wsgi(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A WSGI app that has nothing of its own."""
    from sociallogin.integrations.wsgi import SocialLoginMiddleware

    return by_wsgi(SocialLoginMiddleware(_not_found_in_wsgi, login, **hooks))


def asgi(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """An ASGI app that has nothing of its own."""
    from sociallogin.integrations.asgi import SocialLoginMiddleware

    return by_asgi(SocialLoginMiddleware(_not_found_in_asgi, asynchronous(login), **hooks))


def starlette(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A Starlette app."""
    from starlette.applications import Starlette

    from sociallogin.integrations.starlette import SocialLoginStarlette

    starlette_app = Starlette()
    _decorate(SocialLoginStarlette(starlette_app, asynchronous(login)), hooks)
    return by_asgi(starlette_app)


def fastapi(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A FastAPI app."""
    from fastapi import FastAPI

    from sociallogin.integrations.fastapi import SocialLoginFastAPI

    fastapi_app = FastAPI()
    _decorate(SocialLoginFastAPI(fastapi_app, asynchronous(login)), hooks)
    return by_asgi(fastapi_app)


def django(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A Django project under WSGI."""
    import django_site

    return by_wsgi(django_site.serve(login, hooks))


def django_async(login: SocialLogin, hooks: Mapping[str, Any]) -> App:
    """A Django project under ASGI."""
    import django_site

    return by_asgi(django_site.serve(asynchronous(login), hooks))


FRAMEWORKS: Mapping[str, Callable[[SocialLogin, Mapping[str, Any]], App]] = {
    "bare": bare,
    "flask": flask,
    "wsgi": wsgi,
    "asgi": asgi,
    "starlette": starlette,
    "fastapi": fastapi,
    "django": django,
    "django async": django_async,
}


def _decorate(social: Any, hooks: Mapping[str, Any]) -> None:
    for name, hook in hooks.items():
        getattr(social, name)(hook)


def asynchronous(login: SocialLogin) -> AsyncSocialLogin:
    """The same logins for asynchronous apps."""

    async def send(request: Request) -> Response:
        return login._send(request)

    return AsyncSocialLogin(login.config, transport=send, clock=login.clock, random=login.random)


def _not_found_in_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"nothing here"]


async def _not_found_in_asgi(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b"nothing here"})

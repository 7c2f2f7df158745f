"""A view of an app knows whom a page of another site brings, in every framework."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import pytest
from django.http import HttpResponse, JsonResponse
from django.test import AsyncRequestFactory, RequestFactory, override_settings
from django.urls import path

import django_site
from carrying import App, by_asgi, by_wsgi
from embedding import BLOG, Page
from frameworks import asynchronous
from redis_server import RedisServer
from sites import Site, shown_error
from sociallogin import AsyncSocialLogin, Identity, SocialLogin
from sociallogin.integrations.asgi import EmbedCORSMiddleware as AsgiCORS
from sociallogin.integrations.wsgi import EmbedCORSMiddleware as WsgiCORS

PATHS = ["/comments"]
WHO, MEMBERS, ELSEWHERE = "/comments/who", "/comments/members", "/elsewhere"


def name_of(identity: Identity | None) -> str:
    return identity.key if identity else "nobody"


def flask(login: SocialLogin) -> Any:
    from flask import Flask, g

    from sociallogin.integrations.flask import SocialLoginFlask

    app = Flask("app")
    social = SocialLoginFlask(app, login)
    app.add_url_rule(WHO, "who", lambda: name_of(g.identity))
    app.add_url_rule(ELSEWHERE, "elsewhere", lambda: name_of(g.identity))
    app.add_url_rule(MEMBERS, "members", social.login_required(lambda: name_of(g.identity)))
    app.wsgi_app = WsgiCORS(app.wsgi_app, login, PATHS)  # type: ignore[method-assign]
    return app


def wsgi(login: SocialLogin) -> Any:
    from sociallogin.integrations.wsgi import SocialLoginMiddleware, login_required

    def who(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        assert environ["sociallogin"].identity == environ["sociallogin.identity"]
        return [name_of(environ["sociallogin.identity"]).encode()]

    def app(environ: Any, start_response: Any) -> Any:
        view = login_required(who) if environ["PATH_INFO"] == MEMBERS else who
        return view(environ, start_response)

    return WsgiCORS(SocialLoginMiddleware(app, login), login, PATHS)


def asgi(login: AsyncSocialLogin) -> Any:
    from sociallogin.integrations.asgi import SocialLoginMiddleware, login_required

    async def who(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        assert scope["sociallogin"].identity == scope["sociallogin.identity"]
        body = name_of(scope["sociallogin.identity"]).encode()
        await send({"type": "http.response.body", "body": body})

    async def app(scope: Any, receive: Any, send: Any) -> None:
        view = login_required(who) if scope["path"] == MEMBERS else who
        await view(scope, receive, send)

    return AsgiCORS(SocialLoginMiddleware(app, login), login, PATHS)


def starlette(login: AsyncSocialLogin, *, mounts: bool = False) -> Any:
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount, Route

    from sociallogin.integrations.starlette import (
        BearerMiddleware,
        SocialLoginStarlette,
        current_identity,
        required_identity,
    )

    async def who(request: Request) -> PlainTextResponse:
        return PlainTextResponse(name_of(current_identity(request)))

    async def members(request: Request) -> PlainTextResponse:
        return PlainTextResponse(name_of(required_identity(request)))

    routes: list[Any] = [Route(WHO, who), Route(ELSEWHERE, who), Route(MEMBERS, members)]
    if mounts:
        social = SocialLoginStarlette(login)
        routes.append(Mount("/auth", social))
        app = Starlette(routes=routes, middleware=[Middleware(BearerMiddleware, social=social)])
    else:
        app = Starlette(routes=routes)
        SocialLoginStarlette(app, login)
    app.add_middleware(AsgiCORS, login=login, paths=PATHS)
    return app


def starlette_mounted(login: AsyncSocialLogin) -> Any:
    return starlette(login, mounts=True)


def fastapi(login: AsyncSocialLogin) -> Any:
    from fastapi import Depends, FastAPI
    from fastapi.responses import PlainTextResponse

    from sociallogin.integrations.fastapi import (
        SocialLoginFastAPI,
        current_identity,
        required_identity,
    )

    app = FastAPI(default_response_class=PlainTextResponse)
    SocialLoginFastAPI(app, login)

    async def who(identity: Annotated[Any, Depends(current_identity)]) -> str:
        return name_of(identity)

    async def members(identity: Annotated[Any, Depends(required_identity)]) -> str:
        return name_of(identity)

    for at, view in ((WHO, who), (ELSEWHERE, who), (MEMBERS, members)):
        app.add_api_route(at, view)
    app.add_middleware(AsgiCORS, login=login, paths=PATHS)
    return app


def django(login: SocialLogin | AsyncSocialLogin) -> Any:
    from sociallogin.integrations.django import login_required

    def who(request: Any) -> HttpResponse:
        return HttpResponse(name_of(request.identity))

    def cached(request: Any) -> JsonResponse:
        return JsonResponse({"who": name_of(request.identity)})

    serve = django_site.serve(login, {})
    hooks = {"SOCIALLOGIN_ON_LOGIN": None, "SOCIALLOGIN_ON_BEGIN": None}
    django_site.switch(SOCIALLOGIN=login, **hooks)
    patterns = [*django_site.endpoints(), path(WHO[1:], who), path(ELSEWHERE[1:], cached),
                path(MEMBERS[1:], login_required(who))]  # fmt: skip

    class Urls:
        urlpatterns = patterns

    if isinstance(login, AsyncSocialLogin):

        async def asgi(scope: Any, receive: Any, send: Any) -> None:
            with override_settings(SOCIALLOGIN=login, ROOT_URLCONF=Urls):
                await serve(scope, receive, send)

        return AsgiCORS(asgi, login, PATHS)

    def wsgi(environ: Any, start_response: Any) -> Any:
        with override_settings(SOCIALLOGIN=login, ROOT_URLCONF=Urls):
            return serve(environ, start_response)

    return WsgiCORS(wsgi, login, PATHS)


BLOCKING: Mapping[str, Callable[[Any], Any]] = {"flask": flask, "wsgi": wsgi, "django": django}
ASYNC: Mapping[str, Callable[[Any], Any]] = {
    "asgi": asgi,
    "starlette": starlette,
    "starlette mounted": starlette_mounted,
    "fastapi": fastapi,
    "django async": django,
}


def app_of(framework: str, site: Site) -> App:
    if framework in BLOCKING:
        return by_wsgi(BLOCKING[framework](site.login))
    return by_asgi(ASYNC[framework](asynchronous(site.login)))


@pytest.fixture(params=[*BLOCKING, *ASYNC])
def page(request: pytest.FixtureRequest, redis_server: RedisServer) -> Page:
    site = Site(embed_origins=[BLOG], store=redis_server.url)
    site.app = app_of(request.param, site)
    return Page(site)


def test_a_view_knows_whom_the_bearer_stands_for(page: Page) -> None:
    assert page.ask("GET", WHO).text == "nobody"
    told = page.log_in().identity()
    assert told is not None
    reply = page.ask("GET", WHO)
    assert reply.text == f"{told['issuer']} {told['subject']}"
    assert reply.header("Access-Control-Allow-Origin") == BLOG
    assert "Origin" in (reply.header("Vary") or "")
    assert page.ask("GET", WHO, origin="https://evil.example").text == "nobody"
    assert page.ask("GET", WHO, origin=None).text == "nobody"


def test_a_guarded_view_lets_a_bearer_in_and_can_be_told_of_the_others(page: Page) -> None:
    refused = page.ask("GET", MEMBERS)
    assert (refused.status, shown_error(refused)) == (401, "login_required")
    assert refused.header("Access-Control-Allow-Origin") == BLOG
    page.log_in()
    assert page.ask("GET", MEMBERS).status == 200
    assert page.ask("POST", "/auth/logout").status == 200
    assert page.ask("GET", MEMBERS).status == 401


def test_only_the_named_paths_may_be_asked(page: Page) -> None:
    asks = {"Access-Control-Request-Method": "POST"}
    allowed = page.ask("OPTIONS", WHO, **asks)
    assert (allowed.status, allowed.header("Access-Control-Allow-Origin")) == (200, BLOG)
    for target, origin in ((ELSEWHERE, BLOG), ("/commentsx", BLOG), (WHO, "https://evil.example")):
        reply = page.ask("OPTIONS", target, origin=origin, **asks)
        assert reply.header("Access-Control-Allow-Origin") is None
    assert page.ask("GET", ELSEWHERE).header("Access-Control-Allow-Origin") is None


def test_a_cookie_beside_the_bearer_is_not_read(page: Page) -> None:
    page.log_in("facebook")
    facebook = page.ask("GET", WHO).text
    page.window.log_in("wordpress")
    cookies = "; ".join(f"{name}={value}" for name, value in page.window.cookies.items())
    assert page.ask("GET", WHO, Cookie=cookies).text == facebook
    page.bearer = page.bearer[:-1] + ("A" if page.bearer[-1] != "A" else "B")
    assert page.ask("GET", WHO, Cookie=cookies).text == "nobody"
    page.bearer = "a-token-of-the-app-itself"
    assert page.ask("GET", WHO, Cookie=cookies).text not in ("nobody", facebook)


def test_a_store_that_fails_is_told_and_lets_nobody_in(
    page: Page, redis_server: RedisServer
) -> None:
    page.log_in()
    redis_server.stop()
    reply = page.ask("GET", WHO)
    assert (reply.status, shown_error(reply)) == (503, "store_unavailable")
    assert reply.header("Access-Control-Allow-Origin") == BLOG
    page.bearer = ""
    assert page.ask("GET", WHO).text == "nobody", "who brings no bearer is not concerned"


def test_an_app_that_mounts_the_login_is_told_what_is_missing() -> None:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount, Route

    from sociallogin.integrations.starlette import SocialLoginStarlette, current_identity

    async def who(request: Request) -> PlainTextResponse:
        return PlainTextResponse(name_of(current_identity(request)))

    site = Site(embed_origins=[BLOG])
    social = SocialLoginStarlette(asynchronous(site.login))
    site.app = by_asgi(Starlette(routes=[Mount("/auth", social), Route(WHO, who)]))
    page = Page(site).log_in()
    with pytest.raises(RuntimeError, match=r"add_middleware\(BearerMiddleware"):
        page.ask("GET", WHO)


@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "awaited"])
def test_in_django_each_kind_of_login_is_asked_from_each_kind_of_stack(
    redis_server: RedisServer, is_async: bool
) -> None:
    site = Site(embed_origins=[BLOG], store=redis_server.url)
    page = Page(site).log_in()
    django_site.set_up()
    from sociallogin.integrations.django.middleware import SocialLoginMiddleware

    def view(request: Any) -> HttpResponse:
        return HttpResponse(name_of(request.identity))

    async def view_async(request: Any) -> HttpResponse:
        return HttpResponse(name_of(request.identity))

    headers = {"Origin": BLOG, "Authorization": f"Bearer {page.bearer}"}
    login = asynchronous(site.login) if is_async else site.login
    with override_settings(SOCIALLOGIN=login):
        stack: Any = SocialLoginMiddleware(view)
        answer = stack(RequestFactory().get(WHO, headers=headers))
        awaited: Any = SocialLoginMiddleware(view_async)
        second = asyncio.run(awaited(AsyncRequestFactory().get(WHO, headers=headers)))
    for response in (answer, second):
        assert response.content != b"nobody"
        assert response.headers["Vary"] == "Cookie, Authorization, Origin"

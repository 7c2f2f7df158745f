"""Under a prefix: `mount` is the whole path that browsers see, whatever the server takes off."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from carrying import App, by_asgi, by_wsgi
from frameworks import asynchronous
from sites import Browser, Site, query
from sociallogin.integrations import asgi, fastapi, flask, starlette, wsgi
from sociallogin.web.visit import Visit

PREFIX = "/blog"


def in_wsgi(site: Site) -> App:
    return by_wsgi(wsgi.SocialLoginMiddleware(wsgi_page, site.login), PREFIX)


def in_flask(site: Site) -> App:
    from flask import Flask

    app = Flask("site")
    app.config["APPLICATION_ROOT"] = PREFIX
    social = flask.SocialLoginFlask(app, site.login)
    app.add_url_rule("/page", view_func=social.login_required(lambda: "page"))
    return by_wsgi(app, PREFIX)


def asgi_middleware(site: Site) -> Any:
    return asgi.SocialLoginMiddleware(asgi.login_required(not_called), asynchronous(site.login))


def starlette_app(site: Site) -> Starlette:
    app = Starlette()
    guard(app, starlette.SocialLoginStarlette(app, asynchronous(site.login)))
    return app


def fastapi_app(site: Site) -> Starlette:
    from fastapi import FastAPI

    app = FastAPI()
    guard(app, fastapi.SocialLoginFastAPI(app, asynchronous(site.login)))
    return app


def mounted_by_hand(site: Site) -> Starlette:
    social = starlette.SocialLoginStarlette(asynchronous(site.login))
    app = Starlette(routes=[Mount("/auth", social)])
    guard(app, social)
    return app


def guard(app: Starlette, social: starlette.SocialLoginStarlette) -> None:
    from starlette.routing import Route

    async def page(request: Any) -> None:
        social.required_identity(request)

    app.router.routes.append(Route("/page", page))


@wsgi.login_required
def wsgi_page(environ: Any, start_response: Any) -> list[bytes]:
    raise AssertionError("nobody is logged in")


async def not_called(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("nobody is logged in")


ASGI_APPS = [asgi_middleware, starlette_app, fastapi_app, mounted_by_hand]
SERVED: dict[str, Callable[[Site], App]] = {
    "wsgi": in_wsgi,
    "flask": in_flask,
    **{
        f"{make.__name__}, {kind}": lambda site, make=make, stripped=kind == "stripped": by_asgi(
            make(site), PREFIX, stripped=stripped
        )
        for make in ASGI_APPS
        for kind in ("whole path", "stripped")
    },
    "in an app of an app": lambda site: by_asgi(
        Starlette(routes=[Mount(PREFIX, starlette_app(site))])
    ),
    "in an app of an app under a prefix": lambda site: by_asgi(
        Starlette(routes=[Mount("/post", starlette_app(site))]), PREFIX
    ),
}


@pytest.fixture(params=SERVED)
def browser(request: pytest.FixtureRequest) -> Browser:
    prefix = "/blog/post" if "prefix" in request.param else PREFIX
    site = Site(base_url="http://127.0.0.1:8000", mount=f"{prefix}/auth")
    site.app = SERVED[request.param](site)
    return site.browser()


def test_a_login_comes_back_to_the_whole_path(browser: Browser) -> None:
    mount = browser.mount
    leaving = browser.begin("twitter", f"{mount}/identity")
    assert query(leaving)["redirect_uri"] == f"http://127.0.0.1:8000{mount}/callback/twitter"
    assert browser.get(browser.consent(leaving)).location == f"{mount}/identity"
    identity = browser.identity()
    assert identity is not None
    assert identity["provider"] == "twitter"


def test_pages_and_guards_name_the_whole_path(browser: Browser) -> None:
    mount = browser.mount
    page = mount.removesuffix("/auth") + "/page"
    guarded = browser.get(f"{page}?a=1")
    assert guarded.status == 303
    assert guarded.location == f"{mount}/?next={page.replace('/', '%2F')}%3Fa%3D1"
    assert f'action="{mount}/login/facebook"' in browser.get(guarded.location).text
    assert browser.get(f"{mount}/").status == 200


@pytest.mark.parametrize("served", ["flask", "mounted_by_hand, whole path"])
def test_a_mount_that_leaves_the_prefix_out_is_named(served: str) -> None:
    site = Site(base_url="http://127.0.0.1:8000")
    site.app = SERVED[served](site)
    if served == "flask":
        reply = site.browser().get("/blog/auth/")
        assert reply.status == 500
    else:
        with pytest.raises(RuntimeError, match=r'mount = "/auth".*whole path that browsers'):
            site.browser().get("/blog/auth/")


def test_the_box_in_a_page_under_a_prefix_leads_back_to_it() -> None:
    site = Site(base_url="http://127.0.0.1:8000", mount="/blog/auth")

    def page(environ: Any, start_response: Any) -> list[bytes]:
        visit: Visit = environ["sociallogin"]
        start_response("200 OK", [("Content-Type", "text/html")])
        return [visit.box().encode()]

    site.app = by_wsgi(wsgi.SocialLoginMiddleware(page, site.login), "/blog")
    page_text = site.browser().get("/blog/caf%C3%A9?page=2").text
    assert 'name="next" value="/blog/caf%C3%A9?page=2"' in page_text

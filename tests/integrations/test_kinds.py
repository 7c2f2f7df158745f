"""A login, a hook or an installation that does not fit is refused with the fix."""

import subprocess
import sys
from typing import Any

import pytest
from bottle import Bottle
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette

from frameworks import asynchronous
from sites import Site
from sociallogin.integrations import asgi, fastapi, flask, starlette, wsgi


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    """Is never called."""


@pytest.mark.parametrize(
    ("skin", "given"),
    [
        (asgi.SocialLoginMiddleware, [asgi_app]),
        (starlette.SocialLoginStarlette, [Starlette()]),
        (starlette.SocialLoginStarlette, []),
        (fastapi.SocialLoginFastAPI, [FastAPI()]),
    ],
)
def test_a_blocking_login_in_an_asynchronous_app(site: Site, skin: Any, given: list[Any]) -> None:
    with pytest.raises(TypeError, match=r"AsyncSocialLogin\.from_file"):
        skin(*given, site.login)


@pytest.mark.parametrize(
    ("skin", "app"), [(wsgi.SocialLoginMiddleware, Bottle()), (flask.SocialLoginFlask, Flask("a"))]
)
def test_an_asynchronous_login_in_a_blocking_app(site: Site, skin: Any, app: Any) -> None:
    with pytest.raises(TypeError, match=r"Use SocialLogin, .* SocialLogin\.from_file"):
        skin(app, asynchronous(site.login))


@pytest.mark.parametrize("skin", [wsgi.SocialLoginMiddleware, asgi.SocialLoginMiddleware])
def test_what_is_no_login_is_called_so(skin: Any) -> None:
    with pytest.raises(TypeError, match=r"str does not fit here: it is no login\. Use .*from_file"):
        skin(Bottle(), "sociallogin.toml")


@pytest.mark.parametrize("hook", ["on_login", "on_begin"])
def test_an_asynchronous_hook_in_a_blocking_app_signs_nobody_in(hook: str) -> None:
    async def never_awaited(*_: object) -> None:
        """Would refuse nobody."""

    site = Site("wsgi", hooks={hook: never_awaited})
    browser = site.browser()
    with pytest.raises(TypeError, match=r"never_awaited.* is asynchronous"):
        browser.log_in("facebook")
    assert browser.identity() is None


@pytest.mark.server
@pytest.mark.parametrize("framework", ["flask", "starlette", "fastapi"])
def test_without_its_framework_an_integration_names_the_extra(framework: str) -> None:
    script = (
        f"import sys; sys.modules[{framework!r}] = None\n"
        f"import sociallogin.integrations.{framework}"
    )
    run = subprocess.run([sys.executable, "-c", script], check=False, stderr=subprocess.PIPE)
    assert run.returncode == 1
    assert f'pip install "sociallogin[{framework}]"' in run.stderr.decode().splitlines()[-1]


@pytest.mark.server
@pytest.mark.parametrize("middleware", ["wsgi", "asgi"])
def test_the_middlewares_need_no_framework_and_no_httpx(middleware: str) -> None:
    script = (
        f"import sys, sociallogin.integrations.{middleware}\n"
        "print(*{'flask', 'starlette', 'fastapi', 'django', 'httpx', 'anyio'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not run.stdout.strip()

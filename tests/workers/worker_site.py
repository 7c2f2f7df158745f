"""The site that the servers of these tests serve, configured by variables: `wsgi` or `asgi`."""

from typing import Any

from sociallogin import AsyncSocialLogin, SocialLogin


def wsgi() -> Any:
    """A Flask app."""
    from flask import Flask

    from sociallogin.integrations.flask import SocialLoginFlask

    app = Flask("site")
    SocialLoginFlask(app, SocialLogin.from_env())
    return app


def asgi() -> Any:
    """A Starlette app."""
    from starlette.applications import Starlette

    from sociallogin.integrations.starlette import SocialLoginStarlette

    app = Starlette()
    SocialLoginStarlette(app, AsyncSocialLogin.from_env())
    return app

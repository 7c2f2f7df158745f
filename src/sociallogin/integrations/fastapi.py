"""FastAPI: Starlette's integration, whose guard stands in the OpenAPI description too."""

from typing import Any

from ..async_social_login import AsyncSocialLogin
from ..identity import Identity
from . import starlette

try:
    from fastapi import FastAPI
    from fastapi.openapi.models import APIKey, APIKeyIn
    from fastapi.security.base import SecurityBase
    from starlette.requests import HTTPConnection
except ImportError as error:
    raise ImportError(
        'the FastAPI integration needs FastAPI: pip install "sociallogin[fastapi]"'
    ) from error

_SCHEME = "sociallogin"
_STRING = {"type": "string"}
_ERROR = {"type": "object", "properties": {"code": _STRING, "message": _STRING}}
_ANSWERS = {
    "303": {"description": "Nobody is logged in: a browser goes to the login choices."},
    "401": {
        "description": "Nobody is logged in, and JSON was asked for: `login_required`.",
        "content": {
            "application/json": {"schema": {"type": "object", "properties": {"error": _ERROR}}}
        },
    },
}


class SocialLoginFastAPI(starlette.SocialLoginStarlette):
    """Social login for a FastAPI app: `SocialLoginFastAPI(app, login)`.

    Like `SocialLoginStarlette`. In the app's OpenAPI description every operation that depends on
    `required_identity` needs the cookie of the identity, and has the answers of the guard.

    Args:
        app: the app.
        login: the site's logins.
        debug: whether error pages show code and hint.

    Raises:
        TypeError: `login` is a blocking `SocialLogin`, which would hold up the event loop.
    """

    def __init__(self, app: FastAPI, login: AsyncSocialLogin, /, *, debug: bool = False) -> None:
        super().__init__(app, login, debug=debug)
        describe = app.openapi

        def openapi() -> dict[str, Any]:
            if app.openapi_schema is None:
                _describe_guard(describe(), self.endpoints.cookies.identity)
            return describe()

        app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation does


async def current_identity(connection: HTTPConnection) -> Identity | None:
    """Dependency: who is logged in, or None."""
    return starlette.current_identity(connection)


class _RequiredIdentity(SecurityBase):
    def __init__(self) -> None:
        self.model = APIKey(**{"in": APIKeyIn.cookie}, name=_SCHEME)  # type: ignore[arg-type]
        self.scheme_name = _SCHEME

    async def __call__(self, connection: HTTPConnection) -> Identity:
        return starlette.required_identity(connection)


#: Dependency: who is logged in. Nobody is sent to the choices by a 303, for JSON answered 401.
required_identity = _RequiredIdentity()


def _describe_guard(schema: dict[str, Any], cookie: str) -> None:
    schemes = schema.get("components", {}).get("securitySchemes", {})
    if _SCHEME in schemes:
        schemes[_SCHEME]["name"] = cookie
    for path in schema.get("paths", {}).values():
        for operation in path.values():
            if {_SCHEME: []} in operation.get("security", ()):
                operation["responses"] = {**_ANSWERS, **operation["responses"]}

"""A post with the comment box: `python examples/starlette/app.py --port 8000`.

Needs `pip install 'sociallogin[starlette,testing]'`. The providers are emulators, started
beside it.
"""

import argparse
import secrets
import signal
from html import escape
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route

from sociallogin import AsyncSocialLogin
from sociallogin.emulators.server import EmulatorServer
from sociallogin.integrations.starlette import SocialLoginStarlette


def create_app(base_url: str, providers: dict[str, Any]) -> Starlette:
    keys = [secrets.token_urlsafe(32)]  # yours stays the same: AsyncSocialLogin.from_file(...)
    login = AsyncSocialLogin.from_mapping({"base_url": base_url, "secret_keys": keys, **providers})

    async def page(request: Request) -> HTMLResponse:
        identity = social.current_identity(request)
        who = escape(identity.label) if identity else "nobody yet"
        return HTMLResponse(
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
            f"<title>A post</title><h1>A post</h1><p>You are {who}.</p>{social.box(request, '/')}"
        )

    async def me(request: Request) -> JSONResponse:
        return JSONResponse(social.required_identity(request).to_dict())

    app = Starlette(routes=[Route("/", page), Route("/me", me)])
    social = SocialLoginStarlette(app, login)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    url = f"http://127.0.0.1:{port}"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    # For the browser, localhost is another site than 127.0.0.1, as real providers are.
    with EmulatorServer(app_base_url=url, host="localhost") as emulators:
        print(f"Open {url}/", flush=True)
        uvicorn.run(create_app(url, emulators.config()), port=port, log_level="warning")

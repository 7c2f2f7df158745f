"""A post in Quart, by the ASGI middleware: `python examples/asgi/app.py --port 8000`.

Needs `pip install 'sociallogin[async,testing]' quart uvicorn`. The providers are emulators, started
beside it.
"""

import argparse
import secrets
import signal
from html import escape
from typing import Any

import uvicorn
from quart import Quart, request

from sociallogin import AsyncSocialLogin, Identity
from sociallogin.emulators.server import EmulatorServer
from sociallogin.integrations.asgi import SocialLoginMiddleware
from sociallogin.web.visit import Visit


def create_app(base_url: str, providers: dict[str, Any]) -> SocialLoginMiddleware:
    app = Quart(__name__)
    keys = [secrets.token_urlsafe(32)]  # yours stays the same: AsyncSocialLogin.from_file(...)
    login = AsyncSocialLogin.from_mapping({"base_url": base_url, "secret_keys": keys, **providers})

    @app.get("/")
    async def page() -> str:
        scope: dict[str, Any] = {**request.scope}
        visit: Visit = scope["sociallogin"]
        identity: Identity | None = scope["sociallogin.identity"]
        who = escape(identity.label) if identity else "nobody yet"
        return (
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
            f"<title>A post</title><h1>A post</h1><p>You are {who}.</p>{visit.box()}"
        )

    return SocialLoginMiddleware(app, login)


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

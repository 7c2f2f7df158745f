"""A post with comments, and an API: `python examples/fastapi/app.py --port 8000`.

Needs `pip install 'sociallogin[fastapi,testing]'`. The providers are emulators, started beside it.
"""

import argparse
import secrets
import signal
from html import escape
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

from sociallogin import AsyncSocialLogin, Identity
from sociallogin.emulators.server import EmulatorServer
from sociallogin.integrations.fastapi import SocialLoginFastAPI, current_identity, required_identity

Visitor = Annotated[Identity | None, Depends(current_identity)]
Member = Annotated[Identity, Depends(required_identity)]


def create_app(base_url: str, providers: dict[str, Any]) -> FastAPI:
    app = FastAPI()
    keys = [secrets.token_urlsafe(32)]  # yours stays the same: AsyncSocialLogin.from_file(...)
    login = AsyncSocialLogin.from_mapping({"base_url": base_url, "secret_keys": keys, **providers})
    social = SocialLoginFastAPI(app, login)

    @app.get("/", response_class=HTMLResponse)
    async def page(request: Request, visitor: Visitor) -> str:
        who = escape(visitor.label) if visitor else "nobody yet"
        return (
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
            f"<title>A post</title><h1>A post</h1><p>You are {who}.</p>{social.box(request, '/')}"
        )

    @app.get("/me")
    async def me(member: Member) -> JSONResponse:
        return JSONResponse(member.to_dict())

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

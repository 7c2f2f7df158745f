"""A post in Bottle, by the WSGI middleware: `python examples/wsgi/app.py --port 8000`.

Needs `pip install 'sociallogin[testing]' bottle`. The providers are emulators, started beside it.
"""

import argparse
import secrets
import signal
import threading
from html import escape
from typing import Any
from wsgiref.simple_server import make_server

from bottle import Bottle, request

from sociallogin import SocialLogin
from sociallogin.emulators.server import EmulatorServer
from sociallogin.integrations.wsgi import SocialLoginMiddleware


def create_app(base_url: str, providers: dict[str, Any]) -> SocialLoginMiddleware:
    app = Bottle()
    keys = [secrets.token_urlsafe(32)]  # yours stays the same: SocialLogin.from_file(...)
    login = SocialLogin.from_mapping({"base_url": base_url, "secret_keys": keys, **providers})

    def page() -> str:
        visit, identity = request.environ["sociallogin"], request.environ["sociallogin.identity"]
        who = escape(identity.label) if identity else "nobody yet"
        return (
            '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
            f"<title>A post</title><h1>A post</h1><p>You are {who}.</p>{visit.box()}"
        )

    app.route("/", callback=page)
    return SocialLoginMiddleware(app, login)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    url = f"http://127.0.0.1:{port}"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    # For the browser, localhost is another site than 127.0.0.1, as real providers are.
    with (
        EmulatorServer(app_base_url=url, host="localhost") as emulators,
        make_server("127.0.0.1", port, create_app(url, emulators.config())) as server,
    ):
        threading.Thread(target=server.serve_forever).start()
        print(f"Open {url}/", flush=True)
        try:
            threading.Event().wait()  # here, since a request of wsgiref would swallow a Ctrl-C
        except KeyboardInterrupt:
            server.shutdown()

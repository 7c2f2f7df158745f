"""A static blog whose comments are another site's: `python examples/static-blog/app.py`.

Needs `pip install 'sociallogin[flask,testing]'`. The providers are emulators, started beside it.
"""

import argparse
import secrets
import signal
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask, g, jsonify, request
from werkzeug.serving import make_server

from sociallogin import SocialLogin
from sociallogin.emulators.server import EmulatorServer
from sociallogin.integrations.flask import SocialLoginFlask
from sociallogin.integrations.wsgi import EmbedCORSMiddleware


def comments_app(base_url: str, blog_url: str, providers: dict[str, Any]) -> Flask:
    app = Flask("comments")
    login = SocialLogin.from_mapping({
        "base_url": base_url, "secret_keys": [secrets.token_urlsafe(32)],  # yours stays the same
        "embed_origins": [blog_url], "policy": "login-required", "providers": providers,
    })  # fmt: skip
    social = SocialLoginFlask(app, login)
    app.wsgi_app = EmbedCORSMiddleware(app.wsgi_app, login, ["/comments"])  # type: ignore[method-assign]
    comments: list[dict[str, str]] = []
    app.add_url_rule("/comments", "comments", lambda: jsonify(comments))

    @app.post("/comments")
    @social.login_required
    def comment() -> tuple[dict[str, str], int]:
        comments.append({"author": g.identity.label, "text": request.get_json()["text"]})
        return comments[-1], 201

    return app


def blog_app(base_url: str) -> Flask:
    folder = Path(__file__).parent / "blog"  # these files could lie on any host
    page = (folder / "index.html").read_text().replace("https://comments.example", base_url)
    app = Flask("blog", static_folder=folder, static_url_path="/")
    app.add_url_rule("/", "page", lambda: page)
    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
    url = f"http://127.0.0.1:{(port := parser.parse_args().port)}"
    blog = make_server("localhost", 0, blog_app(url), threaded=True)
    blog_url = f"http://localhost:{blog.port}"  # for the browser, another site
    Thread(target=blog.serve_forever, daemon=True).start()
    with EmulatorServer(app_base_url=url, host="localhost") as emulators:
        print(f"Open {blog_url}/", flush=True)
        comments_app(url, blog_url, emulators.config()["providers"]).run(port=port)

"""A post with comments: `python examples/flask/app.py --port 8000`.

Needs `pip install 'sociallogin[flask,testing]'`. The providers are emulators, started beside it.
"""

import argparse
import secrets
import signal
from typing import Any

from flask import Flask, abort, g, redirect, render_template_string, request
from werkzeug.wrappers import Response

from sociallogin import Identity, SocialLogin
from sociallogin.emulators.server import EmulatorServer
from sociallogin.integrations.flask import SocialLoginFlask

PAGE = """<!doctype html>
<html lang="en"><meta name="viewport" content="width=device-width"><title>A post</title>
<h1>A post</h1>
<p>You are {{ identity.label if identity else "nobody yet" }}.</p>
{% for author, text in comments %}<p><b>{{ author.label }}</b>: {{ text }}</p>{% endfor %}
{% if identity %}<form method="post" action="/comment">
<p><textarea name="text" aria-label="Comment" required></textarea> <button>Post comment</button></p>
</form>{% endif %}
{{ sociallogin_box("/") }}"""


def create_app(base_url: str, providers: dict[str, Any]) -> Flask:
    app = Flask(__name__)
    keys = [secrets.token_urlsafe(32)]  # yours stays the same: SocialLogin.from_file(...)
    login = SocialLogin.from_mapping({"base_url": base_url, "secret_keys": keys, **providers})
    social = SocialLoginFlask(app, login)
    comments: list[tuple[Identity, str]] = []

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE, comments=comments)

    @app.post("/comment")
    @social.login_required
    def comment() -> Response:
        comments.append((g.identity, request.form.get("text") or abort(400)))
        return redirect("/", 303)

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
        create_app(url, emulators.config()).run(port=port)

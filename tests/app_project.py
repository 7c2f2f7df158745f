"""Other Python processes beside an app: what a test kit does in a project that is not ours."""

import os
import subprocess
import sys
from pathlib import Path

#: The app as a module of its own, `app.py`.
APP = """
from flask import Flask, g
from sociallogin import SocialLogin
from sociallogin.integrations.flask import SocialLoginFlask

app = Flask("tested")
login = SocialLogin.from_mapping({
    "base_url": "http://127.0.0.1:8000",
    "secret_keys": ["a-secret-key-of-thirty-two-bytes-or-more"],
    "providers": {"facebook": {"client_id": "1", "client_secret": "2"}},
})
SocialLoginFlask(app, login)
app.add_url_rule("/", view_func=lambda: g.identity.label if g.identity else "nobody")
"""


def python(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Runs Python in a folder that has this app or another; nothing of pytest is inherited."""
    if not (folder / "app.py").exists():
        (folder / "app.py").write_text(APP, encoding="utf-8")
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
    paths = os.pathsep.join([str(folder), *sys.path])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**inherited, "PYTHONPATH": paths, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest there, every warning an error; it finds its plugins as after an installation."""
    return python(folder, "-W", "error", "-m", "pytest", *arguments)

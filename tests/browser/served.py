"""The demo as it is started by hand, and the same blog in this process, where it can be asked."""

import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from sociallogin import SocialLogin
from sociallogin.demo import create_app
from sociallogin.demo.folder import owner_key
from sociallogin.demo.moderation import owner_url
from sociallogin.emulators.server import EmulatorServer

KEY = "a key of the browser tests, of thirty-two bytes or more"
STOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Served:
    """A blog that is being served, and where its providers are."""

    url: str
    emulators_url: str
    owner_url: str


@contextmanager
def demo(folder: Path) -> Iterator[Served]:
    """`sociallogin demo`, as a process; it must end quietly, and have had nothing to regret."""
    log = folder / "log.txt"
    command = "from sociallogin.cli import main; main()"
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-c", command, "demo", "--port", "0", "--data", folder / "data"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    said = ""
    try:
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        found = re.findall(r"http://[\w.]+:\d+[^\s:]*", said)
        assert len(found) == 3, f"the demo did not start: {said}{log.read_text()}"
        yield Served(*found)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=STOP_SECONDS)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "Traceback" not in log.read_text(), log.read_text()


@dataclass(frozen=True, slots=True)
class Counted(Served):
    """The blog in this process; its emulators remember what they were asked."""

    emulators: EmulatorServer


@contextmanager
def blog(folder: Path, **config: Any) -> Iterator[Counted]:
    """The demo's blog in this process, speaking OAuth 1.0a with X; `config` are further keys."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host, port = listener.getsockname()
        base_url = f"http://{host}:{port}"
        with EmulatorServer(base_url) as emulators:
            gravatar = {"gravatar": True, "gravatar_url": emulators.emulators.gravatar_url}
            site = {"base_url": base_url, "secret_keys": [KEY], "avatars": gravatar, **config}
            akismet = emulators.emulators.akismet_table()
            login = SocialLogin.from_mapping(
                {"akismet": akismet, **emulators.config("oauth1"), **site}
            )
            app = create_app(login, data=folder)
            server = make_server(host, port, app, threaded=True, fd=listener.fileno())
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                link = owner_url(base_url, owner_key(folder))
                yield Counted(base_url, emulators.url, link, emulators)
            finally:
                server.shutdown()
                thread.join()
                server.server_close()

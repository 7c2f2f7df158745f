"""The blog and the emulators of its providers, served in one process."""

import errno
import os
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import make_server

from .. import SocialLogin
from ..emulators.server import EmulatorServer, url_of
from ..schema import is_loopback
from .app import create_app
from .folder import default_folder, owner_key, prepare, secret_key
from .moderation import owner_url

MOUNT = "/auth"
LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class CannotServe(Exception):
    """The demo cannot start. Its text is a sentence that says why, and a way out."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo that is being served."""

    url: str
    emulators_url: str
    owner_url: str
    folder: Path


@contextmanager
def serving(
    host: str, port: int, folder: Path | None = None, policy: str = "open"
) -> Iterator[Demo]:
    """Serves the demo as long as the context lasts.

    Args:
        host: the loopback address to listen on.
        port: 0 for a free one.
        folder: where its data is kept; by default a folder in the user's data directory.
        policy: who may comment, as in the configuration.

    Raises:
        CannotServe: the address or the folder cannot be used.
        ConfigError: there is no such policy, the key that the folder holds is too short, or a
            variable such as HTTPS_PROXY is wrong.
        OSError: the emulators find no port, or the owner's key can be neither read nor made.
    """
    folder = (folder or default_folder(os.environ)).absolute()
    with listening(host, port) as listener:
        base_url = url_of(host, listener.getsockname()[1])
        # For the browser the providers are another site, as real ones are: cookies ignore ports.
        elsewhere = "127.0.0.1" if host == "localhost" else "localhost"
        with EmulatorServer(base_url, MOUNT, host=elsewhere) as emulators:
            app = configured(base_url, emulators, folder, policy)
            server = make_server(host, port, app, threaded=True, fd=listener.fileno())
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            try:
                link = owner_url(base_url, owner_key(folder))
                yield Demo(base_url, emulators.url, link, folder)
            finally:
                server.shutdown()
                thread.join()
                server.server_close()


def configured(base_url: str, emulators: EmulatorServer, folder: Path, policy: str) -> Flask:
    """The blog, its providers being these emulators."""
    try:
        prepare(folder)
        site = {"base_url": base_url, "mount": MOUNT, "secret_keys": [secret_key(folder)],
                "policy": policy}  # fmt: skip
        avatars = {
            "folder": str(folder / "avatars"),
            "gravatar": True,
            "gravatar_url": emulators.emulators.gravatar_url,
        }
        akismet = emulators.emulators.akismet_table()
        login = SocialLogin.from_mapping(
            {**emulators.config(), **site, "avatars": avatars, "akismet": akismet}
        )
        app = create_app(login, data=folder)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CannotServe(
            f"The folder {folder} cannot be used: {reason}. "
            "Name another one: sociallogin demo --data FOLDER"
        ) from error
    lead_to(app, base_url)
    return app


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A listening socket. Opened before anything else starts, so that a taken port costs nothing.

    Raises:
        CannotServe: the host is no loopback address, or the port is taken or forbidden.
    """
    if not is_loopback(host):
        raise CannotServe(
            f"The demo has no https, so it answers on this machine only, not on {host}. "
            "Use --host 127.0.0.1"
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            problem = "is already in use" if taken else f"cannot be used: {error.strerror}"
            raise CannotServe(
                f"Port {port} on {host} {problem}. "
                f"Choose another one: sociallogin demo --port {8001 if port != 8001 else 8002}"
            ) from error
        listener.listen(128)
        yield listener


def lead_to(app: Flask, base_url: str) -> None:
    """Sends a browser that came by another name of this machine to the configured one.

    A login begun at `localhost` would come back to `127.0.0.1`, where its cookie is unknown.
    """
    here = base_url.removeprefix("http://")
    name, _, port = here.rpartition(":")
    others = {f"{other}:{port}" for other in LOOPBACK_NAMES if other != name}

    @app.before_request
    def lead() -> ResponseReturnValue | None:
        if request.method in ("GET", "HEAD") and request.host in others:
            query = request.query_string.decode("latin-1")
            return redirect(f"{base_url}{quote(request.path)}{query and f'?{query}'}")
        return None

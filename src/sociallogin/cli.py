"""The command line: `sociallogin demo`, `sociallogin emulate`, `sociallogin providers`.

Commands import what they run when they run, so that each starts quickly and names the extra that
it misses.
"""

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from ._version import __version__
from .errors import ConfigError, SocialLoginError


def checked(key: str) -> Callable[[click.Context, click.Parameter, str], str]:
    """An option's callback that checks it as the configuration's key of this name."""

    def check(_context: click.Context, _option: click.Parameter, value: str) -> str:
        from .schema import SITE_KEYS, Unfit

        known = next(known for known in SITE_KEYS if known.name == key)
        try:
            return str(known.check(value.rstrip("/")))
        except Unfit as error:
            raise click.BadParameter(f"it must be {known.allowed}. {error}".rstrip()) from error

    return check


def loopback(_context: click.Context, _option: click.Parameter, host: str) -> str:
    """An option's callback for a host that the configuration takes with plain http."""
    from .schema import is_loopback

    if not is_loopback(host):
        raise click.BadParameter(
            "it must be localhost or a loopback address: elsewhere the configuration needs https, "
            "which the emulators do not speak."
        )
    return host


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sociallogin")
def main() -> None:
    """Log in with WordPress.com, X (Twitter), Facebook and others, in any Python web app."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for its comments and its key. [default: one in your data directory]",
)
@click.option(
    "--policy", default="open", show_default=True,
    type=click.Choice(["open", "name-and-email", "login-required"]), help="Who may comment.",
)  # fmt: skip
def demo(host: str, port: int, data: Path | None, policy: str) -> None:
    """Serve a blog post with the comment box, and emulators of the providers."""
    with failing_plainly("demo"), until_stopped():
        from .demo.server import CannotServe, serving

        show_log()
        try:
            with serving(host, port, data, policy) as running:
                click.echo(f"Open {running.url} in a browser: a blog post with the comment box.")
                click.echo(f"The providers are emulators at {running.emulators_url}")
                click.echo(f"Comments that wait for approval, for you alone: {running.owner_url}")
                click.echo(f"Comments, likes and the secret key are kept in {running.folder}")
                wait()
        except CannotServe as error:
            raise click.ClickException(str(error)) from error


@main.command()
@click.option(
    "--app", "app_url", default="http://127.0.0.1:8000", show_default=True,
    callback=checked("base_url"), help="Base URL of the app under development.",
)  # fmt: skip
@click.option(
    "--mount", default="/auth", show_default=True, callback=checked("mount"),
    help="Where the app mounts the login.",
)  # fmt: skip
@click.option(
    "--host", default="localhost", show_default=True, callback=loopback, help="Loopback address."
)
@click.option("--port", default=9000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--oauth1", is_flag=True, help="Print the config for OAuth 1.0a where it is spoken.")
def emulate(app_url: str, mount: str, host: str, port: int, oauth1: bool) -> None:
    """Serve the providers alone, for an app under development, and print its config."""
    with failing_plainly("demo"), until_stopped():
        from .emulators.server import EmulatorServer

        show_log()
        try:
            server = EmulatorServer(app_base_url=app_url, mount=mount, host=host, port=port)
            server.start()
        except OSError as error:
            raise click.ClickException(
                f"Port {port} on {host} cannot be used: {error.strerror}. "
                "Choose another one with --port, or --port 0 for a free one."
            ) from error
        try:
            click.echo(server.toml("oauth1" if oauth1 else "oauth2"))
            click.echo(
                f"# The providers listen at {server.url}, for an app at {app_url}{mount}: "
                "another one is named by --app and --mount"
            )
            wait()
        finally:
            server.stop()


@main.command()
def providers() -> None:
    """List the providers that can be enabled by name."""
    from . import providers as known

    broken = False
    for name in known.names():
        try:
            records = known.records(name)
        except ConfigError as error:
            click.echo(error, err=True)
            broken = True
            continue
        for record in records:
            click.echo(f"{name:12} {record.protocol:8} {record.label}")
            if record.scopes:
                click.echo(f"{'':21} asks for {', '.join(record.scopes)}")
    if broken:
        sys.exit(1)


@contextmanager
def failing_plainly(extra: str) -> Iterator[None]:
    """Turns what the user can mend into one plain sentence and exit code 1."""
    try:
        yield
    except SocialLoginError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"The system refuses it: {error}") from error
    except ModuleNotFoundError as error:
        if not error.name or error.name.startswith("sociallogin"):
            raise
        raise click.ClickException(
            f"This command needs {error.name}. Install it: pip install 'sociallogin[{extra}]'"
        ) from error


@contextmanager
def until_stopped() -> Iterator[None]:
    """SIGINT and SIGTERM end the block; what it opened is closed on the way out.

    Both are set: a shell starts background commands with SIGINT ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("Stopped.")


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):  # impatience must not interrupt the clean-up
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def wait() -> NoReturn:
    """Until a signal comes."""
    click.echo("Press Ctrl-C to stop.")
    while True:
        time.sleep(3600)


def show_log() -> None:
    """The library's log on the console; of the servers', only what went wrong."""
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("sociallogin").setLevel(logging.INFO)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)

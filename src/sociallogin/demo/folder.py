"""Where the demo keeps its data, and the secret key that it makes for itself there."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

DATABASE = "demo.sqlite3"


def default_folder(environ: Mapping[str, str]) -> Path:
    """`sociallogin-demo` in the user's data directory (XDG Base Directory Specification)."""
    data_home = Path(environ.get("XDG_DATA_HOME", ""))
    if not data_home.is_absolute():  # the specification says that a relative one is ignored
        data_home = Path.home() / ".local" / "share"
    return data_home / "sociallogin-demo"


def prepare(folder: Path) -> None:
    """Makes the folder and the file in it, for this user only: drafts and addresses go there.

    Raises:
        OSError: they cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(_private(str(folder / DATABASE), os.O_CREAT | os.O_RDWR))  # a folder may be older


def secret_key(folder: Path) -> str:
    """The key kept in the folder, made at the first start: a restart logs nobody out.

    Raises:
        OSError: it can be neither read nor made.
    """
    return _kept(folder / "secret_key")


def owner_key(folder: Path) -> str:
    """The secret of the owner's link, made at the first start too: the link stays good.

    Raises:
        OSError: it can be neither read nor made.
    """
    return _kept(folder / "owner_key")


def _kept(path: Path) -> str:
    """The random text kept in this file, which is made if there is none.

    It is made aside and then given its name: of workers that start at once none reads it half.
    """
    if not path.exists():
        aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with open(aside, "x", opener=_private) as file:
            file.write(secrets.token_urlsafe(48))
        try:
            path.hardlink_to(aside)
        except FileExistsError:
            pass  # another worker was quicker; its key counts
        finally:
            aside.unlink()
    return path.read_text().strip()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

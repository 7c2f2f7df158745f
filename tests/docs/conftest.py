"""A place to run the documentation's code in."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder as a reader has it: in it code is run, and secrets are in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("SOCIALLOGIN_SECRET", "a-key-of-the-tests-of-32-bytes-or-more")
    for name in ("NEW_KEY", "OLD_KEY"):
        monkeypatch.setenv(name, f"{name}-of-the-tests-of-32-bytes-or-more")
    monkeypatch.setenv("AKISMET_KEY", "akismet-key")
    for name in ("FACEBOOK", "WORDPRESS", "TWITTER", "TWITTER_API"):
        monkeypatch.setenv(f"{name}_SECRET", f"{name}-secret")
    (tmp_path / "templates" / "sociallogin").mkdir(parents=True)
    yield tmp_path
    for module in tmp_path.glob("*.py"):
        sys.modules.pop(module.stem, None)

"""The SQLite file, shared by several workers."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from sociallogin import Identity
from sociallogin.demo.conversation import Conversation
from sociallogin.demo.database import connect
from sociallogin.demo.folder import default_folder, owner_key, secret_key

OPEN_THE_BLOG = """
import sys
from sociallogin.demo import create_app
page = create_app(data=sys.argv[1]).test_client().get("/post/1").text
sys.exit("5 comments" not in page)
"""
ENVIRONMENT = {
    "SOCIALLOGIN_BASE_URL": "http://127.0.0.1:8000",
    "SOCIALLOGIN_SECRET_KEYS": "a-key-of-the-tests-of-thirty-two-bytes-or-more",
    "SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_ID": "1",
    "SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_SECRET": "secret",
}


@pytest.mark.server
def test_workers_that_start_at_once_make_one_conversation(tmp_path):
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_THE_BLOG, tmp_path],
            env={"PYTHONPATH": ":".join(sys.path), **ENVIRONMENT},
        )
        for _ in range(4)
    ]
    assert [worker.wait(30) for worker in workers] == [0] * 4


def test_writers_wait_for_one_another_and_nobody_likes_twice(app, tmp_path):
    file = tmp_path / "demo.sqlite3"

    def take_part(number: int) -> None:
        person = Identity(provider="guest", issuer="https://x.example", subject=str(number % 10))
        with closing(connect(file)) as connection:
            conversation = Conversation(connection, lambda: 0)
            conversation.like(person, liked=True)
            conversation.add(person, f"Comment {number}")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(take_part, range(80)))
    with closing(connect(file)) as connection:
        conversation = Conversation(connection, lambda: 0)
        assert len(conversation.likes()) == 5 + 10
        assert len(conversation.comments()) == 5 + 80
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


@pytest.mark.parametrize("made", [secret_key, owner_key])
def test_a_key_is_made_once_and_is_private(tmp_path, made):
    """Breaks when workers that start at once have different keys, or an empty one."""
    with ThreadPoolExecutor(8) as pool:
        (key,) = set(pool.map(lambda _: made(tmp_path), range(64)))
    assert len(key) >= 32
    (file,) = tmp_path.iterdir()
    assert file.name == made.__name__
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_two_keys_differ(tmp_path):
    assert secret_key(tmp_path) != owner_key(tmp_path)


@pytest.mark.parametrize("data_home", ["", "relative/path"])
def test_the_data_folder_ignores_a_data_home_that_is_not_absolute(data_home):
    expected = Path.home() / ".local" / "share" / "sociallogin-demo"
    assert default_folder({"XDG_DATA_HOME": data_home}) == expected


def test_the_data_folder_is_in_the_data_home():
    assert default_folder({"XDG_DATA_HOME": "/data"}) == Path("/data/sociallogin-demo")

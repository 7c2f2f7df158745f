"""Several processes with one folder."""

import hashlib
import os
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from sociallogin.avatars.keeping import InFolder, Kept

WORKER = """
import sys
from pathlib import Path
from sociallogin.avatars.keeping import InFolder, Kept
folder, letter = InFolder(Path(sys.argv[1])), sys.argv[2].encode()
for turn in range(300):
    for name in ("one", "two"):
        folder.put(name, Kept({96: letter * 5000, 192: letter * 9000}, 1_800_000_000))
        kept = folder.get(name)
        assert kept is not None and kept.due_at == 1_800_000_000
        for side, size in ((96, 5000), (192, 9000)):
            body = kept.pictures[side]
            assert len(body) == size and len(set(body)) == 1, (turn, len(body))
"""


@pytest.mark.server
def test_workers_never_see_half_a_picture_of_another(tmp_path: Path) -> None:
    """Breaks when a file is written where others read it."""
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER, tmp_path, letter], stderr=subprocess.PIPE)
        for letter in "ab"
    ]
    for worker in workers:
        _, said = worker.communicate(timeout=60)
        assert worker.returncode == 0, said.decode()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one", "two"]


def test_what_one_worker_found_another_serves(tmp_path: Path) -> None:
    here, there = InFolder(tmp_path), InFolder(tmp_path)
    here.put("name", Kept({96: b"small", 192: b"large"}, 5))
    assert there.get("name") == Kept({96: b"small", 192: b"large"}, 5)
    there.put("name", Kept({}, 9))
    assert here.get("name") == Kept({}, 9)
    assert here.get("other") is None


def test_a_folder_is_bounded(tmp_path: Path) -> None:
    names = [hashlib.sha256(bytes([number])).hexdigest() for number in range(30)]
    for number, name in enumerate(names):
        InFolder(tmp_path, limit=1000).put(name, Kept({}, number))
    new, folder = "f" * 64, InFolder(tmp_path, limit=10)
    folder.put(new, Kept({}, 100))  # the first write of a process counts
    assert len(list(tmp_path.iterdir())) == 10
    assert folder.get(new) is not None
    assert folder.get(names[0]) is None
    assert folder.get(names[29]) is not None


def test_what_else_is_in_the_folder_is_nobodys_to_remove(tmp_path: Path) -> None:
    """Breaks when a folder that holds other files too loses them with the oldest pictures."""
    others = [tmp_path / name for name in ("notes.txt", "f" * 63, "dump.sqlite3")]
    for other in others:
        other.write_text("mine")
        os.utime(other, (0, 0))
    (tmp_path / "a-folder").mkdir()
    left_by_the_dead = tmp_path / "unfinished-x1"
    left_by_the_dead.touch()
    os.utime(left_by_the_dead, (0, 0))
    InFolder(tmp_path, limit=1).put("e" * 64, Kept({}, 100))
    assert all(other.read_text() == "mine" for other in others)
    assert (tmp_path / "a-folder").is_dir()
    assert not left_by_the_dead.exists()
    assert InFolder(tmp_path).get("e" * 64) is not None


def test_threads_share_a_folder(tmp_path: Path) -> None:
    folder = InFolder(tmp_path, limit=5)
    seen: Counter[bool] = Counter()

    def work(number: int) -> None:
        for turn in range(40):
            folder.put(f"{number}-{turn}", Kept({96: b"a", 192: b"b"}, turn))
            seen[folder.get(f"{number}-{turn}") is not None] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(seen.values()) == 160


@pytest.mark.parametrize("error", [PermissionError, FileNotFoundError])
def test_a_file_that_cannot_be_read_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    folder = InFolder(tmp_path)
    folder.put("name", Kept({96: b"a", 192: b"b"}, 1))

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Path, "open", fail)
    assert folder.get("name") is None

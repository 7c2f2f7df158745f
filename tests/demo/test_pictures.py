"""Pictures beside comments and likes in the demo, and what is forgotten with them."""

import re
import time
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest

from sociallogin import SocialLogin
from sociallogin.demo import create_app
from sociallogin.demo.database import connect, create_tables, writing
from sociallogin.demo.folder import DATABASE, owner_key
from sociallogin.emulators.akismet import plain
from sociallogin.emulators.server import EmulatorServer

PICTURE = re.compile(r'<img src="(/auth/avatar/[\w-]+)"')


@pytest.fixture(autouse=True)
def pillow(require: Callable[..., object]) -> None:
    require(find_spec("PIL"), "Pillow")


@pytest.fixture
def login(emulators: EmulatorServer, clock: Callable[[], float]) -> SocialLogin:
    site = {"base_url": "http://127.0.0.1:8000", "secret_keys": ["k" * 32], "avatars": {}}
    akismet = emulators.emulators.akismet_table()
    return SocialLogin.from_mapping({**emulators.config(), **site, "akismet": akismet}, clock=clock)


def comment(page: str, number: int) -> str:
    """A comment as it stands on the page."""
    return page.partition(f'id="comment-{number}"')[2].partition('class="doings"')[0]


def test_a_picture_stands_beside_what_its_owner_said(visitor) -> None:
    visitor.log_in("facebook")
    number = visitor.comment("Hello")
    page = visitor.read()
    (url,) = PICTURE.findall(comment(page, number))
    answer = visitor.client.get(url)
    assert answer.status_code == 200
    assert answer.content_type == "image/webp"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert not PICTURE.search(page.partition('id="likes"')[2].partition("</section>")[0])
    visitor.post("like", liked="yes")
    page = visitor.read()
    assert PICTURE.findall(page.partition('id="likes"')[2].partition("</section>")[0]) == [url]


def test_a_newer_picture_stands_beside_older_words_too(
    visitor, emulators: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.log_in("facebook")
    first = visitor.comment("Then")
    before = PICTURE.findall(comment(visitor.read(), first))
    # An hour later Facebook's addresses are others.
    monkeypatch.setattr(emulators.emulators.facebook, "_clock", lambda: time.time() + 3600)
    visitor.log_in("facebook")
    second = visitor.comment("Now")
    page = visitor.read()
    assert PICTURE.findall(comment(page, first)) == PICTURE.findall(comment(page, second))
    assert PICTURE.findall(comment(page, first)) != before


def test_whoever_took_everything_back_leaves_no_picture(visitor, tmp_path) -> None:
    visitor.log_in("facebook")
    number = visitor.comment("Hello")
    visitor.post("like", liked="yes")
    (url,) = set(PICTURE.findall(comment(visitor.read(), number)))
    visitor.post(f"comments/{number}/delete")
    assert url in visitor.read().partition('id="likes"')[2].partition("</section>")[0]
    visitor.post("like", liked="no")
    with closing(connect(tmp_path / DATABASE)) as connection:
        assert connection.execute("SELECT count(*) FROM pictures").fetchone()[0] == 0


def test_a_spammer_leaves_no_picture(visitor, arrive, emulators, tmp_path: Path) -> None:
    """Breaks when a picture outlives the words, dropped at once or removed by the owner later."""
    akismet, owner = emulators.emulators.akismet, arrive()
    owner.client.get(f"/moderation?key={owner_key(tmp_path)}")

    def pictures() -> int:
        with closing(connect(tmp_path / DATABASE)) as connection:
            return int(connection.execute("SELECT count(*) FROM pictures").fetchone()[0])

    visitor.log_in("facebook")
    akismet.answer_next("check", plain("true", {"x-akismet-pro-tip": "discard"}))
    assert visitor.post("comments", text="Cheap watches").location == "/post/1#respond"
    assert pictures() == 0
    number = visitor.comment("Nice post, see my site")
    assert pictures() == 1
    owner.client.post(f"/moderation/{number}/spam")
    assert "Nice post" not in visitor.read()
    assert pictures() == 0


def test_what_was_approved_has_its_picture(visitor, arrive, emulators, tmp_path: Path) -> None:
    owner = arrive()
    owner.client.get(f"/moderation?key={owner_key(tmp_path)}")
    visitor.log_in("facebook")
    with emulators.emulators.akismet.failing("server_error"):
        visitor.post("comments", text="Half the sugar.")
    waiting = re.findall(r'id="comment-(\d+)"', owner.client.get("/moderation").text)
    owner.client.post(f"/moderation/{waiting[0]}/approve")
    assert PICTURE.search(comment(visitor.read(), int(waiting[0])))


def test_a_silhouette_takes_the_picture_away(visitor, clock) -> None:
    visitor.log_in("facebook")
    number = visitor.comment("Hello")
    assert PICTURE.search(comment(visitor.read(), number))
    visitor.log_in("facebook", press="silhouette")
    visitor.comment("Again")
    assert not PICTURE.search(comment(visitor.read(), number))


def test_a_file_from_before_has_pictures_too(tmp_path: Path, login: SocialLogin) -> None:
    with closing(connect(tmp_path / DATABASE)) as connection, writing(connection):
        create_tables(connection)
        connection.execute("DROP TABLE pictures")
    assert "Leave a reply" in create_app(login, data=tmp_path).test_client().get("/post/1").text

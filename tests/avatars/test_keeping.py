"""Where pictures are kept: in a folder, or in memory."""

import re
from pathlib import Path

import pytest

from avatars.showing import DAY, asked, is_picture, path_of, script, with_pictures
from sites import Site
from sociallogin import SocialLogin
from sociallogin.avatars.keeping import InMemory, Kept
from sociallogin.emulators import Emulators


def in_folder(folder: Path, emulators: Emulators | None = None) -> Site:
    return with_pictures(avatars={"folder": str(folder)}, emulators=emulators)


def test_a_folder_is_shared_and_outlives_the_process(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "when needed"
    site = in_folder(folder)
    browser = site.browser()
    browser.log_in("twitter")
    path = path_of(browser)
    before = browser.get(path)
    assert is_picture(before)
    site.restart()
    assert browser.get(path).body == before.body
    assert asked(site) == 1
    assert folder.stat().st_mode & 0o077 == 0
    names = [file.name for file in folder.iterdir()]
    assert names
    assert all(re.fullmatch(r"[0-9a-f]{64}", name) for name in names)  # nothing half written
    # A failure is shared too, and so is the last good copy.
    site.clock.forward(DAY)
    script(site, b"", status=500)
    assert browser.get(path).body == before.body
    site.restart()
    assert browser.get(path).body == before.body
    assert asked(site) == 2


@pytest.mark.parametrize("content", [b"x", b"\xff" * 40, b"\0\0\0\x01", b"\0\0\0\x01a\0\0\0\x09b"])
def test_a_file_that_was_spoiled_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    site = in_folder(tmp_path)
    browser = site.browser()
    browser.log_in("twitter")
    path = path_of(browser)
    browser.get(path)
    for file in tmp_path.iterdir():
        file.write_bytes(content)
    site.clock.forward(DAY)
    assert is_picture(browser.get(path))


def test_a_folder_that_cannot_be_written_costs_no_picture(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    site = in_folder(tmp_path / "file" / "folder")
    browser = site.browser()
    browser.log_in("twitter")
    path = path_of(browser)
    assert is_picture(browser.get(path))
    assert is_picture(browser.get(path))
    assert "cannot be written: Not a directory" in caplog.text


def test_a_folder_is_relative_to_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "sociallogin.toml"
    file.write_text(
        f'base_url = "https://a.example"\nsecret_keys = ["{"k" * 32}"]\n'
        '[avatars]\nfolder = "kept/here"\n'
    )
    settings = SocialLogin.from_file(file).config.avatars
    assert settings is not None
    assert settings.folder == tmp_path / "kept" / "here"


def test_variables_turn_pictures_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOCIALLOGIN_BASE_URL", "https://a.example")
    monkeypatch.setenv("SOCIALLOGIN_SECRET_KEYS", "k" * 32)
    assert SocialLogin.from_env().config.avatars is None
    monkeypatch.setenv("SOCIALLOGIN_AVATARS_GRAVATAR", "true")
    settings = SocialLogin.from_env().config.avatars
    assert settings is not None
    assert (settings.folder, settings.gravatar) == (None, True)
    monkeypatch.setenv("SOCIALLOGIN_AVATARS_FOLDER", "kept")
    monkeypatch.setenv("SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_ID", "1")
    monkeypatch.setenv("SOCIALLOGIN_PROVIDERS_FACEBOOK_CLIENT_SECRET", "2")
    monkeypatch.setenv("SOCIALLOGIN_PROVIDERS_FACEBOOK_PICTURE_HOSTS", "a.example, *.b.example")
    config = SocialLogin.from_env().config
    assert config.avatars is not None
    assert config.avatars.folder == Path("kept")
    assert config.providers[0].record.picture_hosts == ("a.example", "*.b.example")
    monkeypatch.setenv("SOCIALLOGIN_AVATARS_ENABLED", "false")
    assert SocialLogin.from_env().config.avatars is None


def test_memory_is_bounded_and_forgets_what_was_used_longest_ago() -> None:
    memory = InMemory(3)
    for name in "abc":
        memory.put(name, Kept({}, 0))
    memory.get("a")
    memory.put("d", Kept({}, 0))
    assert [name for name in "abcd" if memory.get(name)] == ["a", "c", "d"]

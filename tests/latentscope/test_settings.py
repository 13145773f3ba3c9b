"""The settings: what is stored comes back in another session, and no file can break the start."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from latentscope.settings import MAX_RECENT, Settings, log_folder, settings_path


@pytest.fixture
def models(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"model-{number}.safetensors" for number in range(MAX_RECENT + 3)]
    for path in paths:
        path.touch()
    return paths


def test_the_users_own_files_are_never_touched_under_latentscope_home(own_home: Path) -> None:
    assert settings_path() == own_home / "settings.ini"
    assert log_folder() == own_home / "logs"
    settings = Settings()
    settings.theme = "light"
    settings.save()
    assert "light" in (own_home / "settings.ini").read_text()


def test_without_latentscope_home_the_users_own_folders_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LATENTSCOPE_HOME")
    assert settings_path().name == "settings.ini"
    assert "latentscope" in str(settings_path())
    assert "latentscope" in str(log_folder())


def test_everything_comes_back_in_the_next_session(own_home: Path, models: list[Path]) -> None:
    first = Settings()
    first.theme = "dark"
    first.geometry = QByteArray(b"\x00\x01geometry\xff")
    first.layout = QByteArray(b"layout")
    first.last_folder = own_home
    first.add_recent_file(models[0])
    first.set_text("map/tool", "path")
    first.save()

    second = Settings()
    assert second.theme == "dark"
    assert second.geometry == QByteArray(b"\x00\x01geometry\xff")
    assert second.layout == QByteArray(b"layout")
    assert second.last_folder == own_home
    assert second.recent_files() == [models[0]]
    assert second.text("map/tool") == "path"


def test_nothing_set_gives_the_defaults() -> None:
    settings = Settings()
    assert settings.theme == "system"
    assert settings.geometry.isEmpty()
    assert settings.layout.isEmpty()
    assert settings.last_folder == Path.home()
    assert settings.recent_files() == []
    assert settings.text("map/tool", "probe") == "probe"


def test_recent_files_are_newest_first_without_doubles_and_few(models: list[Path]) -> None:
    settings = Settings()
    for path in [*models, models[4]]:
        settings.add_recent_file(path)
    newest_first = [models[4], *(path for path in reversed(models) if path != models[4])]
    assert settings.recent_files() == newest_first[:MAX_RECENT]


def test_recent_files_that_are_gone_are_left_out(models: list[Path]) -> None:
    settings = Settings()
    settings.add_recent_file(models[0])
    settings.add_recent_file(models[1])
    models[1].unlink()
    assert settings.recent_files() == [models[0]]
    settings.clear_recent_files()
    assert settings.recent_files() == []


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff\xfe garbage \x80" * 50,
        b"[window\ntheme",
        b"[window]\ntheme=purple\ngeometry=1, 2, 3\nlayout=hello\n[files]\nrecent=@Invalid()\nfolder=/no/such/folder\n",
    ],
)
def test_a_damaged_file_counts_as_never_set(own_home: Path, content: bytes) -> None:
    (own_home / "settings.ini").write_bytes(content)
    settings = Settings()
    assert settings.theme == "system"
    assert settings.geometry.isEmpty()
    assert settings.recent_files() == []
    assert settings.last_folder == Path.home()
    settings.theme = "dark"
    assert settings.theme == "dark"


def test_a_place_that_cannot_be_written_to_costs_only_the_memory(tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.touch()
    settings = Settings(blocked / "settings.ini")
    settings.theme = "light"
    settings.save()
    assert settings.theme == "light"

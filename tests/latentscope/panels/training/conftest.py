"""A run form on a computer that has the digits and nothing else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.panels.training.run_form import RunForm
from latentscope.runs.downloads import Downloads
from latentscope.settings import Settings
from latentscope.theme import DARK
from trainer.config import Config

Make = Callable[..., RunForm]


@pytest.fixture
def downloads(qapp: object) -> Iterator[Downloads]:
    downloads = Downloads()
    yield downloads
    downloads.close()


@pytest.fixture
def make(
    qtbot: QtBot, background: Background, downloads: Downloads, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Make:
    """Opens a form, on a computer that has the digits and nothing else."""
    for module in ("panels.training.data_preview", "runs.memory"):
        at_hand = lambda name: name == "digits" or Path(name).is_file()  # noqa: E731
        monkeypatch.setattr(f"latentscope.{module}.is_at_hand", at_hand)
    settings = Settings(tmp_path / "settings.ini")

    def open_form(defaults: Config | None = None) -> RunForm:
        form = RunForm(background, downloads, settings, DARK, defaults)
        qtbot.addWidget(form)
        form.show()
        return form

    return open_form

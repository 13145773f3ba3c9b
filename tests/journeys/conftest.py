"""A real window for whole user stories."""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hand import Hand
from pytestqt.qtbot import QtBot

from latentscope.assets import shipped_model
from latentscope.files import originals
from latentscope.main_window import MainWindow
from latentscope.settings import Settings
from trainer.data import load_dataset
from trainer.data.dataset import Dataset


@cache
def mnist_from(folder: str | None) -> Dataset:
    return load_dataset("mnist")


@pytest.fixture(autouse=True)
def mnist_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of two hundred windows would unpack it anew, which takes a quarter of the time that it takes to open one."""

    def load(name: str) -> Dataset:
        return mnist_from(os.environ.get("LATENTSCOPE_DATA")) if name == "mnist" else load_dataset(name)

    monkeypatch.setattr(originals, "load_dataset", load)


@pytest.fixture
def make_window(qtbot: QtBot, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., MainWindow]]:
    """Makes windows as a start of the program does, on the settings and runs of this test's own home. They train no
    classifier for the race."""
    monkeypatch.setattr("latentscope.paths.judging.START_MS", 10**8)
    windows: list[MainWindow] = []

    def make(resize: bool = True) -> MainWindow:
        window = MainWindow(Settings(), "dark")
        windows.append(window)
        model = shipped_model()
        assert model is not None
        window.open_path(model)
        if resize:
            window.resize(1280, 800)
        with qtbot.waitExposed(window):
            window.show()
        # Keys go to the active window, and where there is no window manager (bare Xvfb) it must ask to be that.
        with qtbot.waitActive(window):
            window.activateWindow()
        qtbot.waitUntil(window.is_settled, timeout=60_000)
        return window

    yield make
    for window in windows:
        if not window.isHidden():
            window.flow.agree_to_close()
            window.workspaces.leaving.agree_to_close()
            window.close()
        window.deleteLater()


@pytest.fixture
def window(make_window: Callable[..., MainWindow]) -> MainWindow:
    """The window after its first start: the shipped model is open, and all has arrived."""
    return make_window()


@pytest.fixture
def hand(window: MainWindow) -> Hand:
    return Hand(window)

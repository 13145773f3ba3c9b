"""The docks at the right can be narrow, so that the map of a small window has room."""

import pytest
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.settings import Settings

NARROW = 310  # px: of a window of 1,024


@pytest.fixture
def window(qtbot: QtBot, own_home: object) -> MainWindow:
    window = MainWindow(Settings(), "dark")
    qtbot.addWidget(window)
    return window


def test_no_dock_asks_for_more_than_a_third_of_a_small_window(window: MainWindow) -> None:
    window.evaluation.importance.setChecked(True)
    wide = {panel.title: panel.minimumSizeHint().width() for panel in window.arrangement.panels}  # type: ignore[attr-defined]
    assert {title: width for title, width in wide.items() if width > NARROW} == {}

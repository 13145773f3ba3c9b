"""The docks' tabs: whole names, however little room there is."""

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar
from pytestqt.qtbot import QtBot

from latentscope.window.docks import ReadableTabs

NAMES = ("Classes", "Inspector", "Dimensions", "Painter", "Training", "Runs")


@pytest.mark.parametrize("width", [320, 1200])
def test_tabs_keep_their_names_and_scroll_where_there_is_no_room(qtbot: QtBot, width: int) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    ReadableTabs(window)
    docks = [QDockWidget(name, window) for name in NAMES]
    for dock in docks:
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    for before, dock in pairwise(docks):
        window.tabifyDockWidget(before, dock)
    window.resize(width, 400)
    with qtbot.waitExposed(window):
        window.show()
    bar = next(bar for bar in window.findChildren(QTabBar) if bar.count() == len(NAMES))
    qtbot.waitUntil(bar.usesScrollButtons)
    assert bar.elideMode() == Qt.TextElideMode.ElideNone
    for number, name in enumerate(NAMES):
        assert bar.tabText(number) == name
        assert bar.tabRect(number).width() >= bar.fontMetrics().horizontalAdvance(name)

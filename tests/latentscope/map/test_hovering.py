from PySide6.QtCore import QPoint
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from latentscope.map.overlays.hovering import Hovering


def test_a_card_is_asked_for_after_a_rest_and_taken_back_on_leaving(qtbot: QtBot, qapp: object) -> None:
    hovering = Hovering()
    spy = QSignalSpy(hovering.dwelt)
    hovering.point_at(7, QPoint(1, 2))
    assert spy.count() == 0
    with qtbot.waitSignal(hovering.dwelt):
        hovering.point_at(7, QPoint(3, 4))
    assert [spy.at(0)[0], spy.at(0)[1]] == [7, QPoint(3, 4)]
    hovering.point_at(-1, QPoint())
    assert spy.at(1)[0] == -1
    hovering.point_at(-1, QPoint())
    assert spy.count() == 2


def test_passing_over_points_asks_for_no_card(qtbot: QtBot, qapp: object) -> None:
    hovering = Hovering()
    spy = QSignalSpy(hovering.dwelt)
    for index in range(5):
        hovering.point_at(index, QPoint())
    hovering.point_at(-1, QPoint())
    qtbot.wait(180)
    assert spy.count() == 0

"""What waits until the screen shows what the mouse has changed."""

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentscope.after_paint import AfterPaint


def test_it_comes_once_after_the_paint_that_is_due(qtbot: QtBot) -> None:
    told: list[str] = []

    class Painted(QWidget):
        def paintEvent(self, event: QPaintEvent) -> None:
            told.append("paint")

    widget = Painted()
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    qtbot.wait(20)
    later = AfterPaint(lambda: told.append("later"))
    for _ in range(3):
        told.clear()
        later.ask()
        widget.update()
        later.ask()
        assert later.is_due
        assert told == []
        qtbot.waitUntil(lambda: len(told) == 2)
        assert told == ["paint", "later"]
        assert not later.is_due


def test_it_may_ask_again_for_what_comes_up_meanwhile(qtbot: QtBot) -> None:
    counted: list[int] = []

    def count() -> None:
        counted.append(len(counted))
        if len(counted) < 3:
            later.ask()

    later = AfterPaint(count)
    later.ask()
    qtbot.waitUntil(lambda: len(counted) == 3 and not later.is_due)


def test_one_that_is_gone_does_nothing(qtbot: QtBot) -> None:
    told: list[str] = []
    parent = QWidget()
    qtbot.addWidget(parent)
    AfterPaint(lambda: told.append("later"), parent).ask()
    parent.deleteLater()
    qtbot.wait(20)
    assert told == []

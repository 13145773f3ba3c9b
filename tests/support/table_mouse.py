"""The mouse on a table: its headings and its rows."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTableView

__all__ = ["click_heading", "click_row", "double_click_row"]

PLAIN = Qt.KeyboardModifier.NoModifier


def click_heading(view: QTableView, column: int) -> None:
    head = view.horizontalHeader()
    view.scrollTo(view.model().index(0, column))
    place = QPoint(head.sectionViewportPosition(column) + head.sectionSize(column) // 2, head.height() // 2)
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, PLAIN, place)


def click_row(view: QTableView, row: int, keys: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, keys, _place(view, row))


def double_click_row(view: QTableView, row: int) -> None:
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, PLAIN, _place(view, row))
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, PLAIN, _place(view, row))


def _place(view: QTableView, row: int) -> QPoint:
    index = view.model().index(row, 0)
    view.scrollTo(index)
    return view.visualRect(index).center()

"""A button that opens a small menu of choices."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QActionGroup, QPaintEvent
from PySide6.QtWidgets import QMenu, QPushButton

from latentscope.window.boxes import draw_chevron

__all__ = ["MenuButton"]


class Choice:
    """Entries of a menu of which one is checked."""

    def __init__(self, menu: QMenu, title: str, entries: Mapping[Any, tuple[str, str]]) -> None:
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(title).setEnabled(False)
        group = QActionGroup(menu)
        self.actions = {}
        for value, (text, tip) in entries.items():
            action = menu.addAction(text)
            action.setToolTip(tip or text)
            action.setCheckable(True)
            group.addAction(action)
            self.actions[value] = action

    def check(self, value: Any) -> None:
        """Show which one it is."""
        self.actions[value].setChecked(True)


class MenuButton(QPushButton):
    """Its menu opens under it, by mouse or by key."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setStyleSheet("padding-right: 25px;")  # for the arrow
        self.menu_shown = QMenu(self)
        self.menu_shown.setToolTipsVisible(True)
        self.clicked.connect(self.open)

    def add_choice(self, title: str, entries: Mapping[Any, tuple[str, str]], take: Callable[[Any], object]) -> Choice:
        """Entries under a title: their text and tool tip by the value that ``take`` gets when one is chosen."""
        choice = Choice(self.menu_shown, title, entries)
        for value, action in choice.actions.items():
            action.triggered.connect(lambda _=False, value=value: take(value))
        return choice

    def open(self) -> None:
        self.menu_shown.popup(self.mapToGlobal(QPoint(0, self.height())))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_chevron(self, QPointF(self.width() - 13.0, self.height() / 2))

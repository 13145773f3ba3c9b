"""The field in which the value of a latent dimension is typed."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

__all__ = ["ValueEditor"]


class ValueEditor(QLineEdit):
    """The field of a value. Esc closes it and means nothing else; leaving it takes what was typed."""

    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.place = 0
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName("Value of the dimension")
        self.setStyleSheet("padding: 0 3px;")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            event.accept()
        else:
            super().keyPressEvent(event)
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.accept()  # else whoever is behind it would take it, too

    def hideEvent(self, event: QHideEvent) -> None:
        if self.hasFocus() and (rows := self.parentWidget()) is not None:
            rows.setFocus()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

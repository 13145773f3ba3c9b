"""The mouse over a row of frames."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from latentscope.panels.film.frames import FrameRow

__all__ = ["hover_frame"]


def hover_frame(row: FrameRow, frame: int) -> None:
    """Sent straight to the row: QTest goes by way of the platform's own cursor, which may come late."""
    where = row.frame_rect(frame).center()
    move, none = QEvent.Type.MouseMove, Qt.MouseButton.NoButton
    event = QMouseEvent(move, where, row.mapToGlobal(where), none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(row, event)

"""Work that may wait until what the mouse has changed is on the screen.

A mouse move changes the probe's mark and its picture, which are to follow the hand, and figures, rows and sliders in
half a dozen panels. Qt paints a window's widgets from the first to the last, so that each of them would delay the
picture: by as much again as decoding and painting it.
"""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt

__all__ = ["AfterPaint"]

# A request to paint is posted with a low priority. What is posted with one still lower comes after it. (On macOS, where
# the system asks for paints, it comes before.)
AFTER_PAINT = Qt.EventPriority.LowEventPriority.value - 1


class AfterPaint(QObject):
    """Does ``work`` once the paint that is due is done, however often it was asked for by then."""

    def __init__(self, work: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._asked = False

    @property
    def is_due(self) -> bool:
        """Whether it was asked for and is not done yet."""
        return self._asked

    def ask(self) -> None:
        if not self._asked:
            self._asked = True
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User), AFTER_PAINT)

    def event(self, event: QEvent) -> bool:
        if event.type() != QEvent.Type.User:
            return super().event(event)
        self._asked = False
        self._work()
        return True

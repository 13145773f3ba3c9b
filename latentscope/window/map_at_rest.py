"""Waiting until the map has all that it is to show: a picture of it that is taken then is always the same."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["MapAtRest", "export_scale", "make_room"]

LOOK_MS = 30
PATIENCE_MS = 10_000  # then the map is taken as far as it has come: somebody may be moving it all the time


def export_scale(window: "MainWindow") -> float:
    """Pixels of an exported map to a logical pixel: twice those of the screen at least, for a slide or a poster."""
    return max(2.0, window.devicePixelRatioF())


def make_room(window: "MainWindow") -> None:
    """Give the map the place that a message takes from it, at once: its size does not depend on what is said."""
    window.message_bar.hide()
    for widget in (window.centralWidget(), window):
        layout = widget.layout() if widget is not None else None
        if layout is not None:
            layout.activate()


class MapAtRest(QObject):
    """Of the map of one window, or all that are compared."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._act: Callable[[], None] | None = None
        self._looks = 0
        self._refined = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        window.closed.connect(self._timer.stop)

    def then(self, act: Callable[[], None]) -> None:
        """Call ``act`` as soon as nothing is missing, and what depends on the past has been made anew: often at once.

        What was to be called before is given up.
        """
        make_room(self._window)
        self._act, self._looks, self._refined = act, 0, False
        self._timer.start()
        self._look()

    def is_settled(self) -> bool:
        return not self._timer.isActive()

    def _look(self) -> None:
        maps = [pane.map for pane in self._window.stage.panes]

        def still() -> bool:
            return all(view.is_settled() for view in maps) and self._window.colours.is_settled()

        self._looks += 1
        if still() and not self._refined:
            self._refined = True
            for view in maps:
                view.atlas.refine()
                view.fields.refine()
        act = self._act
        if act is not None and ((self._refined and still()) or self._looks > PATIENCE_MS // LOOK_MS):
            self._timer.stop()
            self._act = None
            act()

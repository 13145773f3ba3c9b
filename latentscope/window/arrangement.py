"""Where everything is in the window: the docks round the map, how large they are at first, and what is remembered."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from latentscope.window.docks import Panel, ReadableTabs, add_docks, hide_stray_tab_bars
from latentscope.window.offered_dock import offered_docks

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["STRIP", "Arrangement"]

LAYOUT_VERSION = 7
PAINTER = 430  # px: the height of the lower dock that makes the token painter a pleasure
LOWER_DOCK = 380, 540  # px: the least and the largest height of classes, training and runs at the first start
STRIP = 128  # px: the height of the film strip
RAIL = 96  # px: the width of the condition rail


class Arrangement:
    """The docks of one window, by title in ``docks``, and their ``panels``."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = w = window
        right, bottom = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        left = Qt.DockWidgetArea.LeftDockWidgetArea
        w.setCorner(Qt.Corner.BottomRightCorner, right)
        # One dock under another; those in one line are tabs of each other.
        places: dict[Qt.DockWidgetArea, tuple[tuple[Panel, ...], ...]] = {
            left: ((w.layers_panel, w.selections.panel, w.path_commands.panel), (w.condition_rail,)),
            right: (
                (w.decoded, w.evaluation, w.colours.factors.panel),
                (w.legend, w.inspection.panel, w.dimensions, w.token_painter, w.training_panel, w.runs_panel),
            ),
            bottom: ((w.film_strip, w.racing.panel),),
        }
        self._tabs = ReadableTabs(w)
        self.docks, self.panels = add_docks(w, places, beside=((w.layers_panel, w.condition_rail),))
        w.docks = self.docks
        self._default = w.saveState(LAYOUT_VERSION)  # with all docks: a hidden one would lose its tab
        self._offered = offered_docks(w)
        self.docks[w.racing.panel.title].hide()  # it comes when it is asked for
        if (layout := w.layout()) is not None:
            layout.activate()  # what was stacked before it was put into tabs must not make the window high
        self._is_due = True

    def restore(self) -> None:
        """As it was when the window was closed for the last time, as far as that is remembered."""
        w = self._window
        if not (w.settings.geometry.size() and w.restoreGeometry(w.settings.geometry)):
            screen = QGuiApplication.primaryScreen().availableGeometry().size()
            w.resize(w.sizeHint().boundedTo(screen * 0.92))
        remembered = w.settings.layout.size() and w.restoreState(w.settings.layout, LAYOUT_VERSION)
        for offered in self._offered:
            offered.follow()
        self._is_due = not remembered

    def remember(self) -> None:
        self._window.settings.geometry = self._window.saveGeometry()
        self._window.settings.layout = self._window.saveState(LAYOUT_VERSION)
        self._window.racing.remember()

    def shown(self) -> None:
        """The window is on the screen. Sizes of docks mean nothing before it has its own."""
        if self._is_due:
            self._is_due = False
            self.reset()
        self._window.racing.shown()
        hide_stray_tab_bars(self._window)

    def reset(self) -> None:
        """Put every panel back where it was at the first start."""
        w = self._window
        w.restoreState(self._default, LAYOUT_VERSION)
        for offered in self._offered:
            offered.reset()
        self.docks[w.racing.panel.title].hide()
        decoded, legend = self.docks[w.decoded.title], self.docks[w.legend.title]
        layers, rail = self.docks[w.layers_panel.title], self.docks[w.condition_rail.title]
        for dock in (decoded, legend, layers):
            dock.raise_()
        least, most = LOWER_DOCK
        least = max(least, PAINTER) if w.token_painter.is_usable() else least
        lower = min(max(least, round(0.4 * w.height())), most)
        rest = w.height() - lower - 2 * w.menuBar().height()
        w.resizeDocks([decoded, legend], [rest, lower], Qt.Orientation.Vertical)
        w.resizeDocks([decoded], [max(340, w.width() // 4)], Qt.Orientation.Horizontal)
        w.resizeDocks([self.docks[w.film_strip.title]], [STRIP], Qt.Orientation.Vertical)
        w.resizeDocks([layers, rail], [w.layers_panel.sizeHint().width(), RAIL], Qt.Orientation.Horizontal)
        hide_stray_tab_bars(w)

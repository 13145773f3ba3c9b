"""The window's part that races: the Race dock, its ways on the map, and the command that brings it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer

from latentscope.map.overlays.race import RaceOverlay
from latentscope.panels.race.panel import RacePanel, lane_colour
from latentscope.paths.judging import Judging
from latentscope.paths.race import Race, ends_of
from latentscope.theme import Theme
from latentscope.window.arrangement import STRIP
from latentscope.window.commands import Command, Separator

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Racing"]

ROOM_KEY = "race/room without it"
FRAME, TABS = 40, 28  # px: what the dock's title line and its frame take, and its tab
SHARE = 0.5  # of the window's height may be the dock's, or more if all lanes are to be seen
MAP_LEAST = 300  # px: of the window's height is the map's, with the menu, the tools, the tabs and the status line


class Racing:
    """The race of one window."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.judging = Judging(window.originals, parent=window)
        self.race = Race(
            window.workspace, window.decoding, window.map.routes, window.originals, self.judging, parent=window
        )
        playing = window.playback.playing
        self.panel = RacePanel(self.race, window.workspace, window.decoding, playing, window.theme)
        self.overlay = RaceOverlay()
        self._room_before: int | None = None  # px, of the docks below the map
        window.map.overlays.put_under(self.overlay, window.map.path_overlay)
        window.closed.connect(self.race.close)
        window.closed.connect(self.judging.close)

    def commands(self) -> list[Command | Separator]:
        tip = "The ends of the path joined by every rule, one under another, in step"
        return [Separator("Path"), Command("race", "Path", "Race the Rules", self.open, "Ctrl+Alt+R", tip)]

    def connect(self) -> None:
        """Follow what the user looks at, once the docks are there."""
        dock = self._window.docks[self.panel.title]
        # A dock that is a tab behind another is not hidden, so the panel itself would not hear of it.
        dock.visibilityChanged.connect(self._take_room)
        dock.visibilityChanged.connect(self.race.set_watched)
        self.race.changed.connect(self._show_ways)
        self.race.set_watched(self.panel.isVisible())

    def is_settled(self) -> bool:
        return self.race.is_settled()

    def set_theme(self, theme: Theme) -> None:
        self._show_ways()

    def open(self) -> None:
        self._window.show_panel(self.panel)

    def shown(self) -> None:
        """The window is on the screen, perhaps with the race as it was left; which of its tabs is in front it knows a
        moment later."""
        QTimer.singleShot(0, self.race, self._find_room)

    def _find_room(self) -> None:
        window = self._window
        room = window.settings.text(ROOM_KEY)
        before = int(room) if room.isdecimal() else STRIP
        if not self.panel.visibleRegion().isEmpty():
            self._room_before = before
            self._take_room(True)
        elif room and not window.docks[self.panel.title].isHidden():
            window.resizeDocks([window.docks[window.film_strip.title]], [before], Qt.Orientation.Vertical)

    def remember(self) -> None:
        """How high the docks below the map are without the race."""
        window, before = self._window, self._room_before
        height = window.docks[window.film_strip.title].height() if before is None else before
        window.settings.set_text(ROOM_KEY, str(height))

    def _take_room(self, seen: bool) -> None:
        """Be high enough for the lanes, and give the room back to what is beside it as a tab and needs less."""
        window, dock = self._window, self._window.docks[self.panel.title]
        if dock.isFloating() or not window.isVisible():
            return
        strip = window.docks[window.film_strip.title]
        height, tabs = self._height(), TABS if window.tabifiedDockWidgets(dock) else 0
        if seen and dock.height() < height - tabs:
            if self._room_before is None:
                self._room_before = max(dock.height(), strip.height())
            window.resizeDocks([dock], [height], Qt.Orientation.Vertical)
        elif not seen and self._room_before is not None:
            before, self._room_before = self._room_before, None
            window.resizeDocks([strip], [before], Qt.Orientation.Vertical)

    def _height(self) -> int:
        """How high the dock is to be: all lanes in sight, comfortably if there is room, and a map to be seen."""
        whole = self._window.height()
        wanted = min(self.panel.sizeHint().height(), max(self.panel.enough, round(SHARE * whole) - FRAME))
        return min(wanted + FRAME + TABS, max(whole - MAP_LEAST, whole // 3))

    def _show_ways(self) -> None:
        """The ways on the map, as long as anybody looks at the race."""
        window, path = self._window, self._window.workspace.pathing.current
        lanes = self.race.lanes if self.race.watched and path is not None else ()
        ways = tuple(
            (ends_of(path, lane.rule.name), lane.route, lane_colour(lane.rule.name, window.theme))
            for lane in lanes
            if lane.route is not None and path is not None
        )
        if ways != self.overlay.ways:  # and not only their figures
            self.overlay.ways = ways
            window.map.repaint_overlay(self.overlay)

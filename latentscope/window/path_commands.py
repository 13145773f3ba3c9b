"""The window's part for paths: the Path menu, what the map's own menu offers for them, and the Paths dock."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from latentscope.panels.paths.looks import add_looks
from latentscope.panels.paths.panel import PathsPanel
from latentscope.paths import editing
from latentscope.paths.possible import lacking
from latentscope.window.commands import Command, Separator
from trainer.paths import RULES

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["PathCommands"]

HINTS = {
    "path": "drag: draw a path    click: a waypoint    Enter: end it    Alt: do not snap    wheel: zoom",
    "freehand": "drag: draw a path in one stroke    Alt: do not snap    wheel: zoom    middle drag: pan",
}


class PathCommands:
    """The commands and the dock of one window for its paths."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.panel = PathsPanel(window.workspace, window.map.routes, window.theme)

    def all(self) -> list[Command | Separator]:
        workspace = self._window.workspace
        keep = "Give the draft a name from its ends and a colour, so that the next path is another"
        return [
            Command("path-keep", "Path", "Keep Path", partial(editing.keep, workspace), "Ctrl+Shift+D", keep),
            Command("path-duplicate", "Path", "Duplicate Path", self.duplicate, "", "Keep a copy of the active path"),
            Separator("Path"),
            Command("path-next", "Path", "Next Path", partial(editing.activate_next, workspace), "N"),
            Command("path-reverse", "Path", "Reverse Path", partial(editing.reverse, workspace)),
            Command("path-close", "Path", "Close the Path", self.toggle_closed, "", "Lead it back to its beginning"),
            Separator("Path"),
            Command("clear-path", "Path", "Remove Path", self.remove),
        ]

    def connect(self) -> None:
        """Keep the entries up to date, once they are there."""
        workspace = self._window.workspace
        for signal in (workspace.pathing.changed, workspace.model_changed):
            signal.connect(self._refresh)
        self._window.map.tool_changed.connect(self._show_hint)
        self._refresh()

    def duplicate(self) -> None:
        active = self._window.workspace.pathing.paths.active
        if active is not None:
            editing.duplicate(self._window.workspace, active)

    def toggle_closed(self) -> None:
        path = self._window.workspace.pathing.current
        if path is not None:
            editing.set_closed(self._window.workspace, not path.closed)

    def remove(self) -> None:
        active = self._window.workspace.pathing.paths.active
        if active is not None:
            editing.remove(self._window.workspace, active)

    def fill_map_menu(self, menu: QMenu, position: QPoint) -> None:
        """Add what can be done with the paths at a point of the screen, over the map."""
        window, workspace, hand = self._window, self._window.workspace, self._window.map.path_hand
        if window.map.embedding is not None:
            return
        where = window.map.mapFromGlobal(position)
        pixel = float(where.x()), float(where.y())
        path, grip = workspace.pathing.current, hand.grip(pixel)
        other = hand.other_at(pixel) if grip is None else None
        if other is not None:
            menu.addSeparator()
            title = f"Go to {editing.called(workspace.pathing.paths.items[other])}"
            menu.addAction(title.replace("&", "&&"), partial(hand.activate, other))
        if path is None:
            return
        menu.addSeparator()
        if grip is not None and grip.on_line:
            z = window.map.latent_at(pixel)
            menu.addAction("Insert Waypoint", partial(editing.insert_waypoint, workspace, grip.index, z))
        elif grip is not None:
            menu.addAction("Remove Waypoint", partial(editing.remove_waypoint, workspace, grip.index))
            if path.anchor(grip.index) is not None:
                menu.addAction("Let Go of the Test Point", partial(editing.free_waypoint, workspace, grip.index))
            elif (row := hand.code_near(pixel, np.inf)) >= 0:
                snap = partial(editing.anchor_waypoint, workspace, grip.index, row)
                menu.addAction("Snap to the Nearest Test Point", snap)
        if path.name and (active := workspace.pathing.paths.active) is not None:
            add_looks(menu, workspace, active, window.theme)
        for name in ("path-keep", "path-reverse", "path-close"):
            if window.action(name).isEnabled():
                menu.addAction(window.action(name))
        join = menu.addMenu("Join By")
        group = QActionGroup(join)
        for rule in RULES.choices.values():
            action = join.addAction(rule.title, partial(self._join, rule.name))
            action.setCheckable(True)
            action.setChecked(path.kind == rule.name)
            action.setEnabled(lacking(window.workspace.codes).isdisjoint(rule.traits))
            group.addAction(action)
        menu.addAction(window.action("clear-path"))

    def _join(self, kind: str) -> None:
        path = self._window.workspace.pathing.current
        if path is not None:
            self._window.workspace.pathing.change_current(replace(path, kind=kind), f"Join by {kind}")

    def _show_hint(self, tool: str) -> None:
        """What the status line says the mouse does; of other tools others say it."""
        if tool in HINTS:
            self._window.hint_line.setText(HINTS[tool])

    def _refresh(self) -> None:
        window, paths, path = self._window, self._window.workspace.pathing.paths, self._window.workspace.pathing.current
        closed = path is not None and path.closed
        enabled = {
            "path-keep": path is not None and not path.name,
            "path-next": len(paths.items) > 1 or (len(paths.items) == 1 and path is None),
            "path-close": path is not None and (closed or len(path.waypoints) > 2),
        }
        for name in ("path-keep", "path-duplicate", "path-next", "path-reverse", "path-close", "clear-path"):
            window.action(name).setEnabled(enabled.get(name, path is not None))
        window.action("path-close").setText("Open the Path" if closed else "Close the Path")

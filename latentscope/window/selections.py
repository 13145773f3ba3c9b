"""The window's part that selects: the Select menu, what the map's own menu offers, and the Selections dock."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from latentscope.analysis.groups import of_class, shown
from latentscope.panels.selections.panel import SelectionsPanel
from latentscope.state.selection import Selection
from latentscope.window.commands import Command, Separator
from latentscope.words import class_name

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Selections"]

CLASS_MENU = "Select/Class"
SELECTING_HINT = "drag: select    Shift: add    Alt or Ctrl: remove    click: one point    wheel: zoom"
MOST_CLASSES = 40  # in a menu


class Selections:
    """The commands and the dock of one window for what is selected on its map."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.panel = SelectionsPanel(window.workspace, window.theme)
        self.panel.direction.path_shown.connect(lambda: window.show_panel(window.film_strip))
        window.closed.connect(self.panel.directing.close)

    def all(self) -> list[Command | Separator]:
        selecting = self._window.workspace.selecting
        everything = "Every point on the map whose class is shown"
        return [
            Command("select-all", "Select", "Select All Shown", self.select_all, "Ctrl+A", everything),
            Command("select-invert", "Select", "Invert Selection", self.invert, "Ctrl+I", "Of the points shown"),
            Command("select-none", "Select", "Clear Selection", selecting.clear, "Ctrl+Shift+A"),
            Separator("Select"),
            Separator(CLASS_MENU),
            Command(
                "select-keep", "Select", "Keep Selection…", self.keep, "Ctrl+D", "Give what is selected a name to keep"
            ),
            Command(
                "direction", "Select", "Direction…", self.show_direction, "", "From one group of points to another"
            ),
        ]

    def connect(self) -> None:
        """Keep the entries up to date, once they are there."""
        workspace, menus = self._window.workspace, self._window.menus
        menus[CLASS_MENU].aboutToShow.connect(self._fill_classes)
        directing = self.panel.directing
        for change in (directing.changed, directing.moved):
            change.connect(self._show_arrow)
        # A dock that is a tab behind another is not hidden, so the panel itself would not hear of it.
        self._window.docks[self.panel.title].visibilityChanged.connect(directing.set_active)
        self._window.map.tool_changed.connect(self._show_hint)
        for signal in (workspace.selecting.changed, workspace.model_changed, workspace.snapshot_changed):
            signal.connect(self._refresh)
        self._usual_hint = self._window.hint_line.text()
        self._refresh()

    def is_settled(self) -> bool:
        return self.panel.directing.is_settled()

    def keep(self) -> None:
        """Offer a name for what is selected."""
        self._window.show_panel(self.panel)
        self.panel.kept.ask_for_a_name()

    def show_direction(self) -> None:
        self._window.show_panel(self.panel)
        self.panel.direction.a_choice.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def select_all(self) -> None:
        workspace = self._window.workspace
        workspace.selecting.choose(shown(workspace), what="all shown")

    def invert(self) -> None:
        workspace = self._window.workspace
        rest = Selection(shown(workspace)).combined(workspace.selecting.selection.index, "remove")
        workspace.selecting.choose(rest.index, what="the rest")

    def fill_map_menu(self, menu: QMenu, z: ArrayLike) -> None:
        """Add what can be selected at a point of the map."""
        window = self._window
        workspace, cloud = window.workspace, window.map.cloud
        if window.map.embedding is not None:
            row, _ = window.map.embedding.nearest_row(np.asarray(z, float))
        else:
            row = cloud.nearest(workspace.plane.to_map(z), np.inf, workspace.hidden_classes)
        label = int(cloud.label[row]) if row >= 0 else -1
        menu.addSeparator()
        if label >= 0:
            menu.addAction(f"Select Class {self._class_name(label)}", partial(self._select_class, label))
        menu.addAction(window.action("select-all"))
        if len(workspace.selecting.selection):
            for name in ("select-invert", "select-none", "select-keep"):
                menu.addAction(window.action(name))

    def _show_arrow(self) -> None:
        directing = self.panel.directing
        vector = directing.vector
        self._window.map.show_arrow(None if vector is None else directing.start, vector)

    def _show_hint(self, tool: str) -> None:
        """What the status line says the mouse does."""
        self._window.hint_line.setText(SELECTING_HINT if tool in ("lasso", "rectangle") else self._usual_hint)

    def _class_name(self, label: int) -> str:
        model = self._window.workspace.model
        return class_name(model.file.class_names if model else (), label)

    def _select_class(self, label: int) -> None:
        workspace = self._window.workspace
        workspace.selecting.choose(of_class(workspace, label), what=f"class {self._class_name(label)}")

    def _fill_classes(self) -> None:
        menu = self._window.menus[CLASS_MENU]
        menu.clear()
        for label in range(min(self._window.workspace.class_count, MOST_CLASSES)):
            menu.addAction(self._class_name(label), partial(self._select_class, label))
        more = self._window.workspace.class_count - MOST_CLASSES
        if more > 0:
            menu.addAction(f"{more:,} more are in the Classes panel: Ctrl + click").setEnabled(False)
        if menu.isEmpty():
            menu.addAction("The points of this model have no labels").setEnabled(False)

    def _refresh(self) -> None:
        window = self._window
        there, some = window.workspace.codes is not None, len(window.workspace.selecting.selection) > 0
        window.action("select-all").setEnabled(there)
        for name in ("select-invert", "select-none", "select-keep"):
            window.action(name).setEnabled(some)
        window.menus[CLASS_MENU].menuAction().setEnabled(window.workspace.class_count > 0)

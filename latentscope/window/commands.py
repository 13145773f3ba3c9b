"""Everything the user can do, as one list, from which menus, tool bar, command palette and list of keys are made."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

__all__ = ["Command", "Separator", "add_commands"]


@dataclass(frozen=True)
class Command:
    """One thing to do. ``menu`` is a path such as "View/Theme"; those of one ``group`` exclude each other."""

    name: str
    menu: str
    text: str
    run: Callable[..., object]
    keys: str | QKeySequence.StandardKey = ""
    tip: str = ""
    checkable: bool = False
    group: str = ""


@dataclass(frozen=True)
class Separator:
    menu: str


def add_commands(
    window: QMainWindow, commands: Iterable[Command | Separator]
) -> tuple[dict[str, QAction], dict[str, QMenu]]:
    """Fill the window's menu bar. Returns the actions by their command's name, and the menus by their path."""
    actions: dict[str, QAction] = {}
    menus: dict[str, QMenu] = {}
    groups: dict[str, QActionGroup] = {}

    def menu_at(path: str) -> QMenu:
        if path not in menus:
            parent, _, last = path.rpartition("/")
            menus[path] = menu_at(parent).addMenu(last) if parent else window.menuBar().addMenu(last)
            menus[path].setToolTipsVisible(True)
        return menus[path]

    for command in commands:
        menu = menu_at(command.menu)
        if isinstance(command, Separator):
            menu.addSeparator()
            continue
        action = QAction(command.text, window)
        action.setObjectName(command.name)
        action.setData(command.menu)
        action.setToolTip(command.tip or command.text.rstrip("…"))
        action.setStatusTip(command.tip)
        action.setCheckable(command.checkable or bool(command.group))
        if command.keys != "":
            action.setShortcut(QKeySequence(command.keys))
        action.triggered.connect(_on_trigger(command))
        if command.group:
            group = groups.setdefault(command.group, QActionGroup(window))
            group.addAction(action)
        menu.addAction(action)
        # An action that is in a menu only does not hear its shortcut while the menu bar is hidden.
        window.addAction(action)
        actions[command.name] = action
    return actions, menus


def _on_trigger(command: Command) -> Callable[[bool], None]:
    """A slot of one plain signature: PySide guesses from the slot's own how many arguments it may pass."""

    def run(checked: bool) -> None:
        if command.checkable or command.group:
            command.run(checked)
        else:
            command.run()

    return run

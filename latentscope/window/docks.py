"""Docks with a quiet title line of their own, which can be dragged, floated and closed."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Protocol

from PySide6.QtCore import QChildEvent, QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QTabBar, QToolButton, QVBoxLayout, QWidget

from latentscope.theme import Theme

__all__ = [
    "Panel",
    "ReadableTabs",
    "add_docks",
    "bring_to_front",
    "float_dock",
    "hide_stray_tab_bars",
    "is_in_front",
]


class Panel(Protocol):
    """What a dock holds: a widget with a title, a line of documentation, and perhaps a ``header`` for its title bar."""

    title: str

    def set_theme(self, theme: Theme) -> None: ...


def add_docks(
    window: QMainWindow,
    places: Mapping[Qt.DockWidgetArea, Sequence[Sequence[Panel]]],
    beside: Sequence[tuple[Panel, Panel]] = (),
) -> tuple[dict[str, QDockWidget], tuple[Panel, ...]]:
    """Put panels at the window's sides, those of one sequence as tabs of each other; the docks by title, the panels.

    Of each pair in ``beside`` the second stands to the right of the first, not below it.
    """
    docks: dict[str, QDockWidget] = {}
    stacks = [tabs for stack in places.values() for tabs in stack]
    for area, stack in places.items():
        for tabs in stack:
            for panel in tabs:
                assert isinstance(panel, QWidget)
                docks[panel.title] = add_dock(window, panel, panel.title, area, getattr(panel, "header", None))
    for first, second in beside:  # a dock that has tabs already would take the other as one more
        window.splitDockWidget(docks[first.title], docks[second.title], Qt.Orientation.Horizontal)
    for tabs in stacks:
        for first, second in pairwise(tabs):
            window.tabifyDockWidget(docks[first.title], docks[second.title])
    return docks, tuple(panel for tabs in stacks for panel in tabs)


def add_dock(
    window: QMainWindow, panel: QWidget, title: str, area: Qt.DockWidgetArea, header: QWidget | None = None
) -> QDockWidget:
    """Put a panel in a dock at that side, with a ``header`` of its own behind the title where it has one.

    The dock's object name, under which its place is remembered, is the title.
    """
    dock = QDockWidget(title, window)
    dock.setObjectName(title)
    ground = QWidget()
    ground.setObjectName("panel")
    layout = QVBoxLayout(ground)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(panel)
    dock.setWidget(ground)
    dock.toggleViewAction().setToolTip(" ".join((panel.__doc__ or title).split()))
    dock.toggleViewAction().triggered.connect(lambda shown: dock.raise_() if shown else None)  # it may be a tab
    dock.setTitleBarWidget(_title_bar(dock, header))
    window.addDockWidget(area, dock)
    return dock


def is_in_front(dock: QDockWidget) -> bool:
    """Whether a dock can be seen: it is neither closed nor a tab behind another."""
    return dock.isVisible() and not dock.visibleRegion().isEmpty()


def bring_to_front(dock: QDockWidget | None) -> None:
    """Show a dock, before those of which it is a tab; not one that the open model has no use for."""
    if dock is not None and dock.toggleViewAction().isEnabled():
        dock.show()
        dock.raise_()


def float_dock(dock: QDockWidget, size: QSize) -> None:
    """Let a dock float over the middle of its window, at that size as far as the screen allows; if it floats, put it
    back."""
    dock.setFloating(not dock.isFloating())
    window = dock.parentWidget()
    if dock.isFloating() and window is not None:
        room = dock.screen().availableGeometry()
        dock.resize(size.boundedTo(room.size() * 0.92))
        middle = window.frameGeometry().center() - dock.rect().center()
        left = min(max(middle.x(), room.left()), room.right() - dock.width())
        dock.move(left, min(max(middle.y(), room.top()), room.bottom() - dock.height()))


def _title_bar(dock: QDockWidget, header: QWidget | None) -> QWidget:
    bar = QWidget()
    bar.setObjectName("panelTitle")
    label = QLabel(dock.windowTitle())
    label.setProperty("role", "heading")
    dock.windowTitleChanged.connect(label.setText)
    close = QToolButton()
    close.setText("✕")
    close.setToolTip("Hide this panel; the View menu brings it back")
    close.setAccessibleName(f"Hide {dock.windowTitle()}")
    close.clicked.connect(dock.close)
    layout = QHBoxLayout(bar)
    layout.setContentsMargins(10, 2, 2, 2)
    layout.addWidget(label)
    if header is not None:
        layout.addSpacing(14)
        layout.addWidget(header)
    layout.addStretch(1)
    layout.addWidget(close)
    return bar


class ReadableTabs(QObject):
    """Has the tabs of a window's docks keep their whole names, and scroll where there is no room for all of them.

    Qt makes a tab bar whenever docks are stacked, and shortens the names ("Dimen…") as soon as they do not fit.
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QChildEvent) and event.type() == QEvent.Type.ChildPolished:
            bar = event.child()
            if isinstance(bar, QTabBar):
                bar.setElideMode(Qt.TextElideMode.ElideNone)
                bar.setUsesScrollButtons(True)
                bar.setDrawBase(False)  # a line that only the light theme shows
        return super().eventFilter(watched, event)


def hide_stray_tab_bars(window: QMainWindow) -> None:
    """Hide the tab bars that Qt leaves behind, shown and anywhere, each time that a layout is restored.

    A tab bar in use is known by its tab's text, which follows the title of the dock.
    """
    docks = {dock.windowTitle(): dock for dock in window.findChildren(QDockWidget)}
    for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
        title = bar.tabText(0)
        dock = docks.get(title)
        if dock is not None:
            dock.setWindowTitle(f"{title} ")
            in_use = bar.tabText(0) != title
            dock.setWindowTitle(title)
            if in_use:
                continue
        bar.hide()

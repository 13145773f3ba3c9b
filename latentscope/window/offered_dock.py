"""Docks that only some models have a use for: they are there for those, unless the user has closed them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from latentscope.state.workspace import Workspace

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["OfferedDock", "offered_docks"]


class OfferedDock(QObject):
    """Shows and hides a dock, and says in its menu entry why it cannot be shown."""

    def __init__(
        self,
        dock: QDockWidget,
        workspace: Workspace,
        usable: Callable[[], bool],
        reason: str,
        beside: QDockWidget | None = None,
    ) -> None:
        """``usable``: whether the open model has a use for it; ``reason``: why it cannot be shown for another one.

        The dock that it stands ``beside`` is as wide as before when it comes or goes; Qt would share their room out.
        """
        super().__init__(dock)
        self._beside = beside
        self._dock, self._usable, self._reason = dock, usable, reason
        self._wanted, self._was_usable = True, False
        self._tip = dock.toggleViewAction().toolTip()
        dock.toggleViewAction().triggered.connect(self._want)
        dock.installEventFilter(self)
        workspace.model_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Be there or not, as the open model asks; also after a layout was restored, which knows no models."""
        usable = self._usable()
        action = self._dock.toggleViewAction()
        action.setEnabled(usable)
        action.setToolTip(self._tip if usable else self._reason)
        changes = (usable and self._wanted) == self._dock.isHidden()
        width = self._beside.width() if self._beside is not None else 0
        self._dock.setVisible(usable and self._wanted)
        if changes and self._beside is not None and self._beside.isVisible():
            self._make_room(self._beside, width)
        if usable and self._wanted and not self._was_usable:
            self._dock.raise_()
        self._was_usable = usable

    def _make_room(self, beside: QDockWidget, width: int) -> None:
        window = self._dock.parentWidget()
        if isinstance(window, QMainWindow) and not self._dock.isFloating() and not beside.isFloating():
            sizes = [width, self._dock.minimumSizeHint().width()]
            window.resizeDocks([beside, self._dock], sizes, Qt.Orientation.Horizontal)

    def reset(self) -> None:
        """As at the first start."""
        self._wanted = True
        self.follow()

    def _want(self, wanted: bool) -> None:
        self._wanted = wanted

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:
            self._wanted = False
        return super().eventFilter(watched, event)


def offered_docks(window: "MainWindow") -> tuple[OfferedDock, ...]:
    """All docks of the window that are not for every model."""
    workspace = window.workspace
    return (
        OfferedDock(
            window.docks[window.condition_rail.title],
            workspace,
            lambda: workspace.classes > 0,
            "Only for conditional models: train one with the family Conditional VAE",
            beside=window.docks[window.layers_panel.title],
        ),
        OfferedDock(
            window.docks[window.token_painter.title],
            workspace,
            window.token_painter.is_usable,
            "Only for models with a codebook: train one with the family VQ-VAE",
        ),
    )

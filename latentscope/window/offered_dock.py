"""Docks that only some models have a use for: they are there for those, unless the user has closed them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QDockWidget

from latentscope.state.workspace import Workspace

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["OfferedDock", "offered_docks"]


class OfferedDock(QObject):
    """Shows and hides a dock, and says in its menu entry why it cannot be shown."""

    def __init__(self, dock: QDockWidget, workspace: Workspace, usable: Callable[[], bool], reason: str) -> None:
        """``usable``: whether the open model has a use for it; ``reason``: why it cannot be shown for another one."""
        super().__init__(dock)
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
        self._dock.setVisible(usable and self._wanted)
        if usable and self._wanted and not self._was_usable:
            self._dock.raise_()
        self._was_usable = usable

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
        ),
        OfferedDock(
            window.docks[window.token_painter.title],
            workspace,
            window.token_painter.is_usable,
            "Only for models with a codebook: train one with the family VQ-VAE",
        ),
    )

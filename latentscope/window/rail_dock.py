"""When the condition rail is there: for conditional models, unless the user has closed it."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QDockWidget

from latentscope.workspace import Workspace

__all__ = ["RailDock"]

REASON = "Only for conditional models: train one with the family Conditional VAE"


class RailDock(QObject):
    """Shows and hides the dock, and says in its menu entry why it cannot be shown."""

    def __init__(self, dock: QDockWidget, workspace: Workspace) -> None:
        super().__init__(dock)
        self._dock, self._workspace = dock, workspace
        self._wanted = True
        self._tip = dock.toggleViewAction().toolTip()
        dock.toggleViewAction().triggered.connect(self._want)
        dock.installEventFilter(self)
        workspace.model_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Be there or not, as the open model asks; also after a layout was restored, which knows no models."""
        conditional = self._workspace.classes > 0
        action = self._dock.toggleViewAction()
        action.setEnabled(conditional)
        action.setToolTip(self._tip if conditional else REASON)
        self._dock.setVisible(conditional and self._wanted)

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

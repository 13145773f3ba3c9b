"""What the File menu offers for workspace files."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from latentscope.window.commands import Command, Separator
from latentscope.window.workspaces import WORKSPACES

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["WorkspaceCommands"]


class WorkspaceCommands:
    """The commands of one window's workspace file. Ctrl+S is the model's: it took hours to make."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def all(self) -> list[Command | Separator]:
        workspaces = self._window.workspaces
        what = "Model, view, layers, selections, paths and probe, in one small file"
        back = "Show again what there was before another model was opened, or before an unexpected end"
        return [
            Separator("File"),
            Command("open-workspace", "File", "Open Workspace…", self.open, "Ctrl+Shift+O", what),
            Command("save-workspace", "File", "Save Workspace", workspaces.save, "Ctrl+Shift+S", what),
            Command("save-workspace-as", "File", "Save Workspace As…", workspaces.save_as, "Ctrl+Alt+S", what),
            Command("restore-workspace", "File", "Restore What You Had", self.restore, "", back),
        ]

    def connect(self) -> None:
        """Keep the entries up to date, once they are there."""
        window = self._window
        window.workspace.model_changed.connect(self._refresh)
        window.workspaces.autosaving.offered.connect(self._refresh)
        window.workspaces.leaving.kept_changed.connect(self._refresh)
        self._refresh()

    def open(self) -> None:
        window = self._window
        name, _ = QFileDialog.getOpenFileName(
            window, "Open a workspace", str(window.settings.last_folder), f"{WORKSPACES};;All files (*)"
        )
        if name:
            window.workspaces.leaving.unless_unsaved(lambda: window.workspaces.open(Path(name)))

    def restore(self) -> None:
        workspaces = self._window.workspaces
        back = workspaces.autosaving.restore if workspaces.autosaving.left is not None else workspaces.bring_back
        workspaces.leaving.unless_unsaved(back)

    def _refresh(self) -> None:
        window = self._window
        there = window.workspace.model is not None
        for name in ("save-workspace", "save-workspace-as"):
            window.action(name).setEnabled(there)
        left = window.workspaces.autosaving.left is not None
        window.action("restore-workspace").setVisible(left or window.workspaces.leaving.kept)

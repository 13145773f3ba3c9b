"""Workspace files in the window: opened and saved, with what is missing said and looked for.

What the files consist of is loaded only when there is one: a window that starts has no use for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from latentscope.files.opening import SUFFIX
from latentscope.window.autosaving import Autosaving
from latentscope.window.leaving import Leaving
from latentscope.window.map_at_rest import make_room
from latentscope.window.reopening import compare_again, find_model, take_up
from latentscope.words import data_title
from trainer.data import SOURCES, is_at_hand
from trainer.errors import DataError, TrainerError

if TYPE_CHECKING:
    from latentscope.files.model_reference import Found
    from latentscope.files.workspace_file import WorkspaceFile
    from latentscope.main_window import MainWindow

__all__ = ["WORKSPACES", "Workspaces"]

WORKSPACES = f"Workspaces (*{SUFFIX})"
LOST = "What you had cannot be restored: what was kept of it is damaged."
NOWHERE = "There is no model in a file to come back to; save the model first, then the workspace."


@dataclass(frozen=True)
class _Coming:
    """A workspace that is to be shown."""

    file: "WorkspaceFile"
    folder: Path | None  # that it came from
    adopted: Path | None  # the file that the window then has; None: what is kept in case of need is in none
    shown: Callable[[], None]  # called once it is

    @property
    def called(self) -> str:
        return "What you had" if self.adopted is None else f"The workspace {self.adopted.stem}"


class Workspaces(QObject):
    """The workspace file of one window, if it has one. Another model in the window has none, until it is saved."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._path: Path | None = None
        self.leaving = Leaving(window, self)
        self.autosaving = Autosaving(window)
        self.autosaving.restore_wanted.connect(self.restore_left)
        window.documents.workspace_wanted.connect(self.open)
        window.workspace.model_changed.connect(self._leave)
        window.workspace.undo_stack.cleanChanged.connect(self.show_title)

    @property
    def path(self) -> Path | None:
        """Where the workspace has been opened or saved."""
        return self._path

    @property
    def modified(self) -> bool:
        """Whether something that can be undone was done since; where the probe is does not count."""
        return self._path is not None and not self._window.workspace.undo_stack.isClean()

    def show_title(self) -> None:
        """The window's title: the workspace with its mark, and the model."""
        window = self._window
        model = window.workspace.model
        if model is None:
            return
        workspace = "" if self._path is None else f"{self._path.stem}[*] – "
        window.setWindowTitle(f"{workspace}{model.title} – Latentscope")
        window.setWindowModified(self.modified)

    def is_settled(self) -> bool:
        return self.autosaving.is_settled()

    def begin(self) -> None:
        """Keep what happens from now on, and offer what windows before this one have left."""
        self.leaving.begin()
        self.autosaving.begin()

    def close(self) -> None:
        """End what is under way; the title does not change any more."""
        self._window.workspace.undo_stack.cleanChanged.disconnect(self.show_title)
        self.autosaving.close()

    def _leave(self) -> None:
        """Another model: what is shown is not what the file has."""
        self._path = None
        self.show_title()

    def _adopt(self, path: Path | None, *, modified: bool) -> None:
        """What is shown is this file, perhaps with changes that it does not have yet."""
        stack = self._window.workspace.undo_stack
        self._path = path
        if modified:
            stack.resetClean()
        else:
            stack.setClean()
        self.show_title()

    # --- opening --------------------------------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Show what a workspace file has. Nothing changes before it and its model have been read and checked.

        Who may lose something by it has been asked before (``leaving.unless_unsaved``).
        """
        from latentscope.files.workspace_file import read_workspace

        try:
            file = read_workspace(path)
        except DataError as error:
            self._window.say(str(error), "error")
            return

        def shown() -> None:
            self._window.settings.add_recent_file(path)
            self._window.settings.last_folder = path.parent

        self._bring(_Coming(file, path.parent, path, shown))

    def restore_left(self, left: Path) -> None:
        """Show what a crash has left."""
        from latentscope.files.workspace_file import read_workspace

        try:
            file = read_workspace(left)
        except DataError:
            self._window.say(LOST, "error")
            self.autosaving.discard()
            return
        self._bring(_Coming(file, left.parent, saved_as(file), self.autosaving.restored))

    def bring_back(self) -> None:
        """Show what there was before another model was opened. What is shown now is kept, in turn."""
        try:
            file = self.leaving.take_kept()
        except DataError:
            self._window.say(LOST, "error")
            return
        if file is not None:
            self._bring(_Coming(file, None, saved_as(file), lambda: None))

    def _bring(self, coming: "_Coming") -> None:
        """Open a workspace's model where it is now, and show the rest upon that."""
        from latentscope.files.workspace_fit import layers_of

        window, model = self._window, coming.file.model
        found = find_model(window, model, coming.folder)
        if found is None:
            window.workspace.set_layers(layers_of(coming.file.layers))
            self._offer_to_locate(
                coming,
                f"{coming.called} is of the model {model.name}, which is not at '{model.path}' any more; "
                "only its layers are shown.",
            )
        else:
            self._open_model(coming, found)

    def _open_model(self, coming: "_Coming", found: "Found") -> None:
        def refuse(text: str) -> None:
            self._offer_to_locate(coming, f"{coming.called} is not opened, since its model cannot be: {text}")

        title = coming.file.model.title if found.same or found.grown else ""
        self._window.documents.open_model(found.path, lambda: self._show(coming, found), refuse, title)

    def _show(self, coming: "_Coming", found: "Found") -> None:
        """The model is open: show all that fits it, and say in one message what does not."""
        from latentscope.files.workspace_fit import fit_to
        from latentscope.files.workspace_state import restore

        window, file = self._window, coming.file
        model = window.workspace.model
        assert model is not None
        fitting = fit_to(file, model.file)
        faults: list[str] = []
        if not found.same and not found.grown:
            faults.append(f"The model {model.title} is another than the one that was saved.")
        data = file.data
        if data is not None and data not in SOURCES and not is_at_hand(data):
            faults.append(f"The data set {data_title(data)} is not there any more, so its images are not shown.")
            data = None
        if data != window.documents.data:
            window.set_data(data)
        take_up(window, file)
        look = restore(window, fitting, file.picture)
        if fitting.left_out:
            faults.append(f"Left out: {'; '.join(fitting.left_out)}.")
        faults += compare_again(window, file, coming.folder, look)
        self._adopt(coming.adopted, modified=bool(faults) or (coming.adopted is not None and bool(file.saved_as)))
        coming.shown()
        if faults:
            window.say(" ".join([f"{coming.called} is open, but not as it was.", *faults]), "warning")
        elif found.grown and not file.followed:
            window.say(f"The run {model.title} has gone on since the workspace was saved; its newest model is shown.")
        else:
            window.message_bar.hide()

    def _offer_to_locate(self, coming: "_Coming", text: str) -> None:
        def locate() -> None:
            from latentscope.files.model_reference import Found

            start = str(self._window.settings.last_folder)
            name, _ = QFileDialog.getOpenFileName(self._window, "Locate the model", start, "Models (*.safetensors)")
            if name:
                self._open_model(coming, Found(Path(name), same=True))  # because the user says so
            else:
                self._offer_to_locate(coming, text)

        self._window.message_bar.say(text, "warning", "Locate Model…", locate)

    # --- saving ---------------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Save where it was opened or saved last; ask for a place where there is none. Whether it is saved."""
        return self.save_as() if self._path is None else self._write(self._path)

    def save_as(self) -> bool:
        """Ask for a place, and save there. Whether it is saved."""
        window = self._window
        model = window.workspace.model
        if model is None or model.path is None:
            window.say(NOWHERE, "warning")
            return False
        name = self._path.name if self._path is not None else f"{model.title.replace('/', '-')}{SUFFIX}"
        folder = self._path.parent if self._path is not None else window.settings.last_folder
        chosen, _ = QFileDialog.getSaveFileName(window, "Save the workspace", str(folder / name), WORKSPACES)
        if not chosen:
            return False
        path = Path(chosen)
        return self._write(path if path.suffix else path.with_suffix(SUFFIX))

    def _write(self, path: Path) -> bool:
        from latentscope.files.workspace_file import write_workspace
        from latentscope.files.workspace_state import capture, file_of

        window = self._window
        make_room(window)
        captured = capture(window)
        if captured is None:
            window.say(NOWHERE, "warning")
            return False
        try:
            write_workspace(path, file_of(captured, path.parent))
        except TrainerError as error:
            window.say(str(error), "error")
            return False
        self._adopt(path, modified=False)
        self.autosaving.forget()
        window.settings.add_recent_file(path)
        window.settings.last_folder = path.parent
        window.say(f"Saved as {path.name}.")
        return True


def saved_as(file: "WorkspaceFile") -> Path | None:
    """The file of which this is a copy that was kept in case of need."""
    return Path(file.saved_as) if file.saved_as else None

"""What becomes of a workspace when its window shows something else, or nothing more.

Whoever has saved a workspace to a file is asked before changes of it are lost: Save, Discard or Cancel. Whoever never
did is not asked, since nothing was promised to them, and to look at one model after another is what the window is for.
What they had drawn and chosen is kept as it was, and the window says once that it can be brought back; the same holds
where nobody can be asked, as when the first snapshot of a training takes over the map. What is in no file when the
window is closed can be brought back at the next start, of which only the File menu tells.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QMessageBox

from latentscope.settings import last_session_path
from trainer.errors import OutputError

if TYPE_CHECKING:
    from latentscope.files.workspace_file import WorkspaceFile
    from latentscope.files.workspace_state import Captured
    from latentscope.main_window import MainWindow

__all__ = ["Leaving"]


class Leaving(QObject):
    """Of the workspace of one window."""

    kept_changed = Signal()  # there is something else, or nothing more, to be brought back

    def __init__(self, window: "MainWindow", parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._agreed_to_close = False
        self._given_up: tuple[object, int] | None = None  # the model, and the step to undo, with which that was said
        self._kept: Captured | None = None
        self._session_is_there = self._session_is_taken = False  # what was in no file when a window was closed
        self._say_soon = QTimer(self, singleShot=True, interval=0)  # after what opening has to say itself
        self._say_soon.timeout.connect(self._say)
        window.workspace.leaving.connect(self._keep)

    # --- asking ---------------------------------------------------------------------------------------------------

    def unless_unsaved(self, then: Callable[[], object]) -> None:
        """Do what shows something else: at once, unless changes of a workspace file would be lost and the user wants
        them saved first, or wants nothing to happen."""

        def discard() -> None:
            self._given_up = self._state()
            then()

        if self._window.workspaces.modified and self._given_up != self._state():
            self._ask(then, discard)
        else:
            then()

    def _state(self) -> tuple[object, int]:
        workspace = self._window.workspace
        return workspace.model, workspace.undo_stack.index()

    def may_close(self) -> bool:
        """Whether the window may close now. Asks where the file has not all that was done, and closes it after that."""
        if not self._window.workspaces.modified or self._agreed_to_close:
            return True

        def close() -> None:
            self.agree_to_close()
            self._window.close()

        self._ask(close, close)
        return False

    def agree_to_close(self) -> None:
        """Let the next closing of the window give up what has not been saved, without a question."""
        self._agreed_to_close = True

    def _ask(self, after_saving: Callable[[], object], after_discarding: Callable[[], object]) -> None:
        workspaces = self._window.workspaces
        assert workspaces.path is not None
        box = QMessageBox(self._window)
        box.setWindowTitle("Latentscope")
        box.setText(f"<b>Save the changes of {workspaces.path.stem}?</b>")
        box.setInformativeText("Otherwise they are lost.")
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        box.button(buttons.Save).clicked.connect(lambda: after_saving() if workspaces.save() else None)
        box.button(buttons.Discard).clicked.connect(after_discarding)
        box.open()

    # --- keeping --------------------------------------------------------------------------------------------------

    @property
    def kept(self) -> bool:
        """Whether there is something to be brought back."""
        return self._kept is not None or self._session_is_there

    def begin(self) -> None:
        """Offer what was in no file when a window was closed before."""
        self._session_is_there = last_session_path().is_file()
        self.kept_changed.emit()

    def take_kept(self) -> "WorkspaceFile | None":
        """What there was before in this window, or else in the one before; it is then kept no more.

        Raises DataError where what was kept is damaged.
        """
        from latentscope.files.workspace_file import read_workspace
        from latentscope.files.workspace_state import file_of

        kept, self._kept = self._kept, None
        session = kept is None and self._session_is_there
        if session:
            self._session_is_there, self._session_is_taken = False, True
        self.kept_changed.emit()
        if kept is not None:
            return file_of(kept)
        return read_workspace(last_session_path()) if session else None

    def remember(self) -> None:
        """The window is about to be closed: keep what is in no file for the next start."""
        from latentscope.files.autosaved import keep
        from latentscope.files.workspace_file import content_of
        from latentscope.files.workspace_state import capture, file_of

        captured = capture(self._window) if self._has_work() else None
        with suppress(OSError, OutputError):  # to say that it cannot be kept comes too late
            if captured is not None:
                keep(last_session_path(), content_of(file_of(captured)))
            elif self._session_is_taken:  # and saved, or not wanted after all
                last_session_path().unlink(missing_ok=True)

    def _keep(self) -> None:
        """Another model is about to be opened."""
        workspaces = self._window.workspaces
        if self._given_up == self._state() or not (workspaces.modified or self._has_work()):
            return
        from latentscope.files.workspace_state import capture  # which takes long to load for the first time

        captured = capture(self._window, workspaces.path)
        if captured is not None:
            self._kept = captured
            self._say_soon.start()
            self.kept_changed.emit()

    def _has_work(self) -> bool:
        """Whether the user has made something that is in no file."""
        workspace, workspaces = self._window.workspace, self._window.workspaces
        selecting, painting = workspace.selecting, workspace.painting
        made = workspace.pathing.paths.items or selecting.kept or len(selecting.selection)
        painted = painting is not None and painting.rows != painting.origin
        return workspaces.path is None and bool(made or painted)

    def _say(self) -> None:
        window, kept = self._window, self._kept
        bar = window.message_bar
        if kept is not None and (not bar.text or bar.kind == "info"):  # a fault counts for more, and File has it, too
            text = f"What you had on {kept.title} is in no file. It is kept until this window is closed."
            bar.say(text, "info", "Bring It Back", window.workspaces.bring_back, passing=True)

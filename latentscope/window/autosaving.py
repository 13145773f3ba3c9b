"""Keeps what the window shows in a file of its own, shortly after each change, and offers what a crash has left."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.background import Background
from latentscope.settings import autosave_folder
from trainer.atomic import reason
from trainer.errors import OutputError

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Autosaving"]

DELAY_MS = 1000  # after a change; what follows meanwhile is kept with it
OFFER = "Latentscope ended unexpectedly. Restore what you had?"


class Autosaving(QObject):
    """Of one window; it does nothing before ``begin``. The file is written on a thread, and removed at a clean end."""

    restore_wanted = Signal(object)  # Path: a file that a crash has left, which is this window's now
    offered = Signal()  # there is such a file to restore or discard, or there is none any more

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self._thread = Background("autosave", self, brief=True)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self.save)
        self._place: Path | None = None  # where this window's file is
        self._written = b""
        self._complained = False
        self.begun = False
        self._left: Path | None = None  # a leftover that is this window's to restore or to discard
        self._obsolete: Path | None = None  # one that is shown again, and can go as soon as that is kept

    def begin(self) -> None:
        """Keep what happens from now on, and offer what a crash has left."""
        workspace = self._window.workspace
        selecting, window = workspace.selecting, self._window
        for change in (
            workspace.undo_stack.indexChanged, workspace.model_changed, workspace.snapshot_changed,
            workspace.plane_changed, workspace.probe_changed, workspace.pathing.changed, workspace.condition_changed,
            workspace.classes_changed, workspace.layers_changed, workspace.painting_changed, selecting.changed,
            selecting.kept_changed, window.compare.changed, window.stage.wiped, window.playback.playing.changed,
            *(dock.visibilityChanged for dock in window.docks.values()),
        ):  # fmt: skip
            change.connect(self._start)
        self.begun = True
        self._look()

    def is_settled(self) -> bool:
        """Whether everything is kept."""
        return not self._timer.isActive() and not self._thread.busy()

    def close(self) -> None:
        """The window has come to a good end: there is nothing to keep."""
        self._timer.stop()
        self._thread.close()
        if self._place is not None:
            _remove(self._place)

    # --- keeping --------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def save(self) -> None:
        """Keep what is shown now."""
        # Loaded here: the files' parts are of no use to a window that is about to be shown.
        from latentscope.files.autosaved import keep, new_place
        from latentscope.files.workspace_file import content_of
        from latentscope.files.workspace_state import capture, file_of

        captured = capture(self._window, self._window.workspaces.path)
        if captured is None:
            return
        place = self._place = self._place or new_place(autosave_folder())
        written = self._written

        def write() -> bytes:
            content = content_of(file_of(captured))
            if content != written:
                keep(place, content)
            return content

        self._thread.submit("autosave", write, self._take, self._fail)

    def forget(self) -> None:
        """What is shown has been saved; only what comes after that is to be kept."""
        self._timer.stop()
        self._thread.cancel("autosave")
        place = self._place
        if place is not None:
            self._written = b""
            self._thread.submit("forget", partial(_remove, place), lambda _: None, self._fail)

    def _take(self, content: bytes) -> None:
        self._written = content
        if self._obsolete is not None:
            _remove(self._obsolete)
            self._obsolete = None

    def _fail(self, error: Exception) -> None:
        """Say it once, and go on trying: there may be room again."""
        if not isinstance(error, OSError | OutputError):
            raise error
        why = f" because {reason(error)}" if isinstance(error, OSError) else f": {error}"
        if not self._complained:
            self._complained = True
            self._window.say(
                f"What you do cannot be kept for the case of a crash in '{autosave_folder()}'{why.rstrip('.')}; "
                "save the workspace yourself.",
                "warning",
            )

    # --- what a crash has left ------------------------------------------------------------------------------------

    @property
    def left(self) -> Path | None:
        """What a crash has left, while it is this window's to restore or to discard."""
        return self._left

    def _look(self) -> None:
        from latentscope.files.autosaved import leftovers, take

        self._left = next((own for path in leftovers(autosave_folder()) if (own := take(path)) is not None), None)
        self.offered.emit()
        if self._left is not None:
            self._window.message_bar.say(OFFER, "info", "Restore", self.restore, ("Discard", self.discard))

    def restore(self) -> None:
        """Show again what there was before the crash."""
        if self._left is not None:
            self.restore_wanted.emit(self._left)

    def restored(self) -> None:
        """It is shown: from now on it is kept as this window's own."""
        left, self._left = self._left, None
        self._obsolete = left
        self.offered.emit()
        self.save()

    def discard(self) -> None:
        """Give up what there was before the crash, and offer what an earlier one has left, if there is any."""
        left, self._left = self._left, None
        if left is not None:
            _remove(left)
        self._look()


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # it will be offered again, which is a small price

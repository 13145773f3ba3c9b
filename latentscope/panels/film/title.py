"""The title of the film strip: from which class to which class the film leads."""

from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.paths.names import end_classes
from latentscope.state.workspace import Workspace
from latentscope.words import shortened

__all__ = ["FilmTitle"]

NEAREST = "(nearest images)"  # with a codebook: nothing between two encoded images can be decoded
LONGEST_NAME = 18  # letters of a class
PAUSE_MS = 100  # between two looks for the codes round the ends: there may be millions of them, and a path is dragged


class FilmTitle(QObject):
    """Says what the film is of: at once, and while the path is being dragged ten times a second."""

    changed = Signal(str)

    def __init__(self, workspace: Workspace, plain: str, parent: QObject | None = None) -> None:
        """``plain``: what it is where there is no path, and what it begins with where there is one."""
        super().__init__(parent)
        self._workspace, self._plain = workspace, plain
        self._again = False
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._look_again)

    def refresh(self) -> None:
        if self._pause.isActive() and self._workspace.pathing.current is not None:
            self._again = True
        else:
            self._again = False
            self._pause.start()
            self.changed.emit("   ".join(part for part in (self._plain, self._words()) if part))

    def _look_again(self) -> None:
        if self._again:
            self.refresh()

    def _words(self) -> str:
        workspace, path = self._workspace, self._workspace.pathing.current
        if path is None:
            return ""
        if workspace.classes:  # the codes of all classes lie in the same place
            return shortened(workspace.condition_text, 2 * LONGEST_NAME)
        ends, words = end_classes(workspace, path), ""
        if ends is not None:
            first, last = (shortened(name, LONGEST_NAME) for name in ends)
            words = f"loop from {first}" if path.closed else f"{first} → {last}"
        if workspace.codes is not None and workspace.codes.tokens is not None:
            words += f" {NEAREST}"
        return words.strip()

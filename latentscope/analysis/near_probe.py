"""The encoded points nearest to the probe: at once among few codes, behind the mouse among very many."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.analysis.neighbours import Neighbours
from latentscope.background import Background
from latentscope.state.workspace import Workspace
from trainer.files import Codes

__all__ = ["AT_ONCE", "NearProbe"]

AT_ONCE = 1 << 18  # numbers of codes that are looked through at each move of the mouse: about a millisecond

Found = tuple[NDArray[np.intp], NDArray[np.float32]]
NONE: Found = np.empty(0, np.intp), np.empty(0, np.float32)


class NearProbe(QObject):
    """``indices`` (K,) and ``distances`` (K,), nearest first. ``changed`` says that they are of where the probe is now.

    Among very many codes they are those of an earlier place for a moment, never of other codes. A search that has
    begun is not given up for the next, or none would ever end while the probe is dragged.
    """

    changed = Signal()

    def __init__(self, workspace: Workspace, count: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._count = workspace, count
        self.indices, self.distances = NONE
        self._of: Codes | None = None
        self._neighbours: Neighbours | None = None
        self._background = Background("neighbours", self, brief=True)
        self._asked: tuple[Codes, NDArray[np.float64]] | None = None

    def refresh(self) -> None:
        """The probe is elsewhere, or the codes are others."""
        codes, probe = self._workspace.codes, self._workspace.probe
        if codes is None or self._of is not codes:
            self._of, self._neighbours = codes, Neighbours(codes) if codes is not None else None
            self.indices, self.distances = NONE
        if codes is None or self._neighbours is None or codes.mean.size <= AT_ONCE or codes.tokens is not None:
            found = NONE if self._neighbours is None else self._neighbours.find(probe, self._count)
            self.indices, self.distances = found
            self.changed.emit()
        elif self._asked is None:
            self._ask(codes, probe, self._neighbours)

    def is_settled(self) -> bool:
        return self._asked is None

    def close(self) -> None:
        """End the thread: nothing more is looked for."""
        self._asked = None
        self._background.close()

    def _ask(self, codes: Codes, probe: NDArray[np.float64], neighbours: Neighbours) -> None:
        self._asked = asked = codes, probe

        def take(found: Found) -> None:
            self._asked = None
            now = self._workspace.codes, self._workspace.probe
            if now[0] is codes:
                self.indices, self.distances = found
                self.changed.emit()
            if now[0] is not asked[0] or now[1] is not asked[1]:
                self.refresh()

        def fail(error: Exception) -> None:
            self._asked = None
            raise error

        self._background.submit("nearest", lambda: neighbours.find(probe, self._count), take, fail)

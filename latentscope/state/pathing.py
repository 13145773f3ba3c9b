"""The paths of one workspace: where they lie on the map, and what is done to them."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from latentscope.state.paths import NO_PATHS, LatentPath, Paths, at_codes, style_after
from latentscope.state.undo import push_change
from trainer.files import Codes

__all__ = ["Pathing"]


class Pathing(QObject):
    """What is drawn. ``change`` and its kind are steps to undo; ``set`` and its kind leave no trace.

    Paths stay in their places on the map, whatever moment of a training it shows. They are therefore kept in aligned
    coordinates (see ``Workspace``), here and on the undo stack; what others get and give are the latent coordinates
    of the model that is decoded.
    """

    changed = Signal()

    def __init__(self, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo_stack = undo_stack
        self.style = LatentPath(())  # how the next one that is drawn is joined and walked
        self._paths = self._still = NO_PATHS
        self._codes: Codes | None = None
        self._turn: NDArray[np.float64] | None = None  # (D, D), of the moment that is shown

    @property
    def paths(self) -> Paths:
        return self._paths

    @property
    def still(self) -> Paths:
        """The paths in aligned coordinates."""
        return self._still

    @property
    def current(self) -> LatentPath | None:
        """The active path."""
        return self._paths.current

    def set(self, paths: Paths) -> None:
        """Show paths while a gesture goes on. When it ends, ``change`` makes it one step to undo."""
        paths = self._placed(paths)
        if paths != self._paths:
            before, self._paths, self._still = self._paths, paths, self._aligned(paths)
            self._choose(before)

    def change(self, paths: Paths, text: str, before: Paths | None = None, *, merge: bool = False) -> None:
        """Show paths as one step to undo. ``before`` is what there was at the gesture's start (default: now)."""
        old = self._still if before is None else self._aligned(before)
        push_change(self._undo_stack, text, old, self._aligned(paths), self._set_still, merge=merge)

    def set_current(self, path: LatentPath | None) -> None:
        """Show another active path, as ``set`` does; None removes it."""
        self.set(self._paths.with_current(path))

    def change_current(self, path: LatentPath | None, text: str, *, merge: bool = False) -> None:
        """Show another active path as one step to undo; None removes it."""
        self.change(self._paths.with_current(path), text, merge=merge)

    # --- what the map shows ---------------------------------------------------------------------------------------

    def start_afresh(self, codes: Codes | None) -> None:
        """Another model is open, with these codes: there are no paths. Nobody is told, since all start afresh."""
        self._paths = self._still = NO_PATHS
        self._codes, self._turn = codes, None

    def follow(self, codes: Codes | None, turn: NDArray[np.float64] | None) -> bool:
        """The map shows these codes now, whose latent space ``turn`` (D, D) aligns, if it is turned at all.

        Anchored waypoints go where their codes have gone. Whether any has moved: ``tell`` is left to the caller.
        """
        before, self._codes = self._paths, codes
        paths = before
        if turn is None or self._turn is None or not np.array_equal(turn, self._turn):
            self._turn = turn
            paths = self._seen(self._still)
        paths = self._placed(paths)
        if paths == before:
            return False
        self._paths = paths
        return True

    def tell(self) -> None:
        """Say that the paths are others."""
        self.changed.emit()

    def _set_still(self, still: Paths) -> None:
        if still != self._still:
            before, self._still = self._paths, still
            self._paths = self._placed(self._seen(still))
            self._choose(before)

    def _choose(self, before: Paths) -> None:
        """The user has changed the paths, and perhaps how the next one is to be."""
        self.style = style_after(self.style, before, self._paths)
        self.tell()

    def _aligned(self, paths: Paths) -> Paths:
        turn = self._turn
        return paths if turn is None else paths.moved(lambda z: z @ turn)

    def _seen(self, still: Paths) -> Paths:
        turn = self._turn
        return still if turn is None else still.moved(lambda z: z @ turn.T)

    def _placed(self, paths: Paths) -> Paths:
        """Paths with their anchored waypoints at the present codes."""
        return paths if self._codes is None else at_codes(paths, self._codes.mean)

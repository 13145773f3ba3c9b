"""What the mouse does with the frames: it takes the probe along, and gives it back unless a frame was clicked."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.paths.playing import Playing
from latentscope.state.paths import Latent
from latentscope.state.workspace import Workspace

__all__ = ["Pointing"]


class Pointing(QObject):
    """Which frame is ``current``: where the probe is; and which one is ``pinned``: where it stays."""

    changed = Signal()

    def __init__(self, workspace: Workspace, playing: Playing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._playing = workspace, playing
        self._steps: NDArray[np.float64] | None = None
        self._near = 0.0  # how near to a step the probe is on it
        self._home: Latent | None = None  # where the probe was before the mouse came, and to where it returns
        self._own = False
        self._pointed = -1
        self.pinned: int | None = None
        workspace.probe_changed.connect(self._heed_probe)

    def show(self, steps: NDArray[np.float64] | None) -> None:
        """The latent points (N, D) of the frames; None: there is no path."""
        if steps is None or self._steps is None or len(steps) != len(self._steps):
            self.pinned = None
        if steps is None:
            self._home = None
        else:
            self._near = 0.5 * float(np.linalg.norm(np.diff(steps, axis=0), axis=1).max()) + 1e-6
        self._steps = steps
        self.changed.emit()

    @property
    def current(self) -> int | None:
        """The frame where the probe is; None where that is off the path."""
        if self._steps is None:
            return None
        playing = self._playing
        if playing.begun and playing.frames == len(self._steps) and self._is_at(playing.place):
            return round(playing.frame)  # where the path crosses itself, too
        offset = self._steps - self._workspace.probe
        squared = np.einsum("nd,nd->n", offset, offset)
        frame = int(squared.argmin()) if len(squared) else -1
        return frame if frame >= 0 and squared[frame] <= self._near**2 else None

    def point_at(self, frame: int) -> None:
        """The mouse is on that frame (−1: on none any more). A film that plays does not heed it."""
        self._pointed = frame
        if self._steps is None or frame >= len(self._steps) or (frame >= 0 and self._playing.playing):
            return
        if frame >= 0:
            self._home = self._workspace.probe if self._home is None else self._home
            self._put_probe(self._steps[frame])
        elif self._home is not None:
            home, self._home = self._home, None
            self._put_probe(home)

    def choose(self, frame: int) -> None:
        """The frame was clicked, or reached by keys: the probe stays there, and so does the film. Another click takes
        the pin out again."""
        if self._steps is None or frame >= len(self._steps):
            return
        self._playing.pause()
        self.pinned = None if self.pinned == frame == self._pointed else frame
        self._home = self._steps[frame] if self._home is not None else None
        self._own = True
        self._playing.seek(frame / max(len(self._steps) - 1, 1))
        self._own = False
        self.changed.emit()

    def _put_probe(self, z: Latent) -> None:
        self._own = True
        self._workspace.set_probe(z)
        self._own = False

    def _heed_probe(self) -> None:
        """Somebody else has taken the probe: it is to stay there. A pin holds only what is there."""
        if not self._own:
            self._home = None
            if self.pinned is not None and not (self._steps is not None and self._is_at(self._steps[self.pinned])):
                self.pinned = None

    def _is_at(self, place: Latent | None) -> bool:
        return place is not None and bool(np.allclose(place, self._workspace.probe, rtol=1e-6, atol=1e-6))

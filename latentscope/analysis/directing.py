"""The direction between two groups of points: which groups, what was found, and how far along it the probe is."""

from threading import Event

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.analysis.groups import REST, SELECTED, Group, member_finder
from latentscope.background import Background
from latentscope.state.paths import LatentPath, latent_tuple
from latentscope.state.workspace import Workspace
from trainer.analysis.directions import Direction, Uncertainty, direction, uncertainty
from trainer.grids import codebook_of
from trainer.paths.timing import Walk

__all__ = ["REACH", "Directing"]

Index = NDArray[np.intp]

REACH = 2.0  # how far the probe goes either way, in lengths of the direction
STEPS = 17  # of the path along it: one for each quarter of its length


class Directing(QObject):
    """Finds the direction on a worker thread while it is ``active``, and moves the probe along it.

    The probe is at start + t · vector. Wherever somebody else puts it is the new start.
    """

    changed = Signal()  # the groups, or what was found
    moved = Signal()  # t

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._background = Background("direction", self)
        self._stop = Event()
        self._active = self._moving = False
        self.a, self.b = SELECTED, REST
        self.t = 0.0
        self.found: Direction | None = None
        self.sure: Uncertainty | None = None
        self.in_both = 0  # points that both groups have
        self._kept = workspace.selecting.kept
        workspace.model_changed.connect(self._start_afresh)
        workspace.snapshot_changed.connect(self.find)
        workspace.probe_changed.connect(self._let_go)
        workspace.selecting.changed.connect(lambda: self._find_if("selected"))
        workspace.selecting.kept_changed.connect(self._follow_kept)

    # --- which ----------------------------------------------------------------------------------------------------

    @property
    def active(self) -> bool:
        return self._active

    def set_active(self, active: bool) -> None:
        """Whether anybody looks at the direction: if not, nothing is computed and nothing shown."""
        if active != self._active:
            self._active = active
            self.t = self.t if active else 0.0  # it may have been resumed before anybody looked
            self.find()
            self.moved.emit()

    def set_groups(self, a: Group, b: Group) -> None:
        if (a, b) != (self.a, self.b):
            self.a, self.b = a, b
            self.t = 0.0
            self.find()
            self.moved.emit()

    def resume(self, a: Group, b: Group, t: float) -> None:
        """Go on between these groups where the probe is at t already."""
        self.a, self.b, self.t = a, b, t
        self.find()
        self.moved.emit()

    def refusal(self) -> str:
        """Why there is no direction for the open model, as a sentence; empty where there is one."""
        model, codes = self._workspace.model, self._workspace.codes
        if model is None:
            return "Open a model first."
        if codes is None:
            return "This model file has no codes of test points, so there is nothing to go between."
        if codebook_of(model.file) is not None or model.file.config.family == "vq-vae":
            return "A VQ-VAE decodes whole grids of codes; between two of its images there is no direction to go along."
        return ""

    # --- what is found --------------------------------------------------------------------------------------------

    def find(self) -> None:
        """Find the direction anew; ``changed`` tells when it is there, and again when it is known how sure it is."""
        self._stop.set()
        self._stop = stop = Event()
        workspace = self._workspace
        codes = workspace.codes
        if not self._active or codes is None or self.refusal():
            self._background.cancel("direction")
            self._take(None)
            return
        mean = codes.mean
        find_a, find_b = member_finder(workspace, self.a, self.b), member_finder(workspace, self.b, self.a)

        def look() -> tuple[Index, Index, int, Direction | None]:
            a, b = find_a(), find_b()
            in_a = np.zeros(len(mean), bool)
            in_a[a] = True
            return a, b, int(np.count_nonzero(in_a[b])), direction(mean[a], mean[b])

        def take(result: tuple[Index, Index, int, Direction | None]) -> None:
            a, b, self.in_both, found = result
            self._take(found)
            sure = lambda: uncertainty(mean[a], mean[b], stopped=stop.is_set)  # noqa: E731
            self._background.submit("direction", sure, self._take_uncertainty, _raise)

        self._background.submit("direction", look, take, _raise)

    def _take(self, found: Direction | None) -> None:
        self.found, self.sure = found, None
        self.changed.emit()

    def _take_uncertainty(self, sure: Uncertainty | None) -> None:
        self.sure = sure
        self.changed.emit()

    def _find_if(self, kind: str) -> None:
        if kind in (self.a.kind, self.b.kind):
            self.t = 0.0
            self.find()
            self.moved.emit()

    def _follow_kept(self) -> None:
        """A kept selection has come, gone or been renamed: for a group that is no more, the usual one."""
        before, self._kept = self._kept, self._workspace.selecting.kept
        new = [one for one in self._kept if one.name not in {other.name for other in before}]

        def now(group: Group, usual: Group) -> Group:
            if group.kind != "kept" or any(one.name == group.key for one in self._kept):
                return group
            old = next((one for one in before if one.name == group.key), None)
            renamed = (one for one in new if old is not None and np.array_equal(one.index, old.index))
            return next((Group("kept", one.name) for one in renamed), usual)

        followed = "kept" in (self.a.kind, self.b.kind)
        self.a, self.b = now(self.a, SELECTED), now(self.b, REST)
        if followed:
            self.find()

    def _start_afresh(self) -> None:
        self.a, self.b, self.t = SELECTED, REST, 0.0
        self.find()
        self.moved.emit()

    # --- along it -------------------------------------------------------------------------------------------------

    @property
    def vector(self) -> NDArray[np.float64] | None:
        """(D,); None while there is none, or none of any length."""
        if self.found is None or self.found.length == 0 or len(self.found.vector) != self._workspace.dimension:
            return None
        return self.found.vector

    @property
    def start(self) -> NDArray[np.float64]:
        """Where t is 0, (D,)."""
        vector = self.vector
        return self._workspace.probe if vector is None else self._workspace.probe - self.t * vector

    def go_to(self, t: float) -> None:
        """Move the probe to start + t · vector."""
        vector = self.vector
        if vector is None or t == self.t:
            return
        place = self.start + t * vector
        self.t = t
        self._moving = True
        self._workspace.set_probe(place)
        self._moving = False
        self.moved.emit()

    def start_at_b(self) -> None:
        """Put the probe on the mean of group B; the mean of A is then where t is 1."""
        if self.vector is not None and self.found is not None:
            self._workspace.set_probe(self.found.mean_b)

    def _let_go(self) -> None:
        """Somebody else has moved the probe."""
        if not self._moving:
            self.t = 0.0
            if self._active:
                self.moved.emit()

    def show_as_path(self) -> None:
        """Make what the slider goes along a path, as a step to undo."""
        vector = self.vector
        if vector is not None:
            ends = (latent_tuple(self.start - REACH * vector), latent_tuple(self.start + REACH * vector))
            path = LatentPath(ends, walk=Walk(STEPS))
            self._workspace.pathing.change(self._workspace.pathing.paths.drawn(path), "Path along the direction")

    # --- the thread -----------------------------------------------------------------------------------------------

    def is_settled(self) -> bool:
        return not self._background.busy()

    def close(self) -> None:
        self._stop.set()
        self._background.close()


def _raise(error: Exception) -> None:
    raise error

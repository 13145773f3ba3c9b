"""What the Inspector dock is about: the selected points, or all that are shown, and all that is found out about them.

Nothing is computed while nobody looks at it.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.analysis.groups import shown
from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.inspecting.near import Nearness
from latentscope.inspecting.reconstructions import Reconstructions
from latentscope.inspecting.sorting import Sorting
from latentscope.inspecting.source import Source
from latentscope.inspecting.summary import Summarising
from latentscope.state.workspace import Workspace

__all__ = ["Inspecting"]

# Work begins so long after a change: while a lasso is drawn or a training followed, many come in a row.
REST_MS = 60
PROBE_REST_MS = 200

Index = NDArray[np.intp]


class Inspecting(QObject):
    """``index`` (M,) are the inspected codes, ascending: the selected ones, else all that are shown if the user asked
    for them, else none. ``current`` is the image that is looked at closely, −1 for none."""

    subject_changed = Signal()  # other points are inspected
    source_changed = Signal()  # other pictures or codes of them
    current_changed = Signal()
    failed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        decoding: Decoding,
        originals: Originals,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._decoding, self._originals = workspace, decoding, originals
        self.background = background
        self.reconstructions = Reconstructions(background, self)
        self.sorting = Sorting(background, self)
        self.summarising = Summarising(background, self)
        self.nearness = Nearness(background, self)
        self.source: Source | None = None
        self.index: Index = np.empty(0, np.intp)
        self.everything = False  # whether all that are shown are inspected where nothing is selected
        self.current = -1
        self._active = False
        self._untold = True  # whether those who show it have still to hear of the source
        self._worked_on: tuple[Source | None, Index] | None = None
        self._moved_probe = False  # to the image that is looked at: nobody wants the images sorted anew for that
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._work)
        self._probe_timer = QTimer(self, singleShot=True, interval=PROBE_REST_MS)
        self._probe_timer.timeout.connect(lambda: self.sorting.move_probe(workspace.probe.copy()))
        for part in (self.reconstructions, self.sorting, self.summarising):
            part.failed.connect(self.failed)
        for signal in (
            workspace.selecting.changed,
            workspace.snapshot_changed,
            workspace.classes_changed,
            workspace.condition_changed,
            originals.changed,
            decoding.ready,
        ):
            signal.connect(self.refresh)
        workspace.model_changed.connect(self._start_afresh)
        workspace.probe_changed.connect(self._follow_probe)
        self.refresh()

    @property
    def total(self) -> int:
        """How many codes there are."""
        return 0 if self._workspace.codes is None else len(self._workspace.codes.mean)

    @property
    def is_everything(self) -> bool:
        """Whether nothing is selected, and all that are shown are inspected."""
        return self.everything and not len(self._workspace.selecting.selection)

    @property
    def class_count(self) -> int:
        """How many classes the codes may have; 0 where they have no labels."""
        return self._workspace.class_count

    def set_active(self, active: bool) -> None:
        """Whether somebody looks at it."""
        self._active = active
        if active:
            self.refresh()
            self._tell_source()
            self._work()
        else:
            self._timer.stop()
            self._probe_timer.stop()
            for key in ("summary", "order", "errors", "near-latent", "near-pixels"):
                self.background.cancel(key)
            self.reconstructions.stop()
            self._worked_on = None

    def is_settled(self) -> bool:
        return not (self.background.busy() or self._timer.isActive() or self._probe_timer.isActive())

    def inspect_all(self, everything: bool) -> None:
        """Inspect all points that are shown while nothing is selected, or stop that."""
        self.everything = everything
        self.refresh()

    def look_at(self, image: int) -> None:
        """Look at one image closely, and probe its code; −1: at none."""
        if image >= self.total:
            return
        if image >= 0:
            assert self._workspace.codes is not None
            self._moved_probe = True
            self._workspace.set_probe(self._workspace.codes.mean[image])
            self._moved_probe = False
        if image != self.current:
            self.current = image
            self.current_changed.emit()
            if self._active:
                self.nearness.follow(self.source, image)

    def choose_sort(self, sort: str, descending: bool) -> None:
        self.sorting.choose(sort, descending, self._workspace.probe.copy())

    @property
    def order(self) -> Index:
        """The inspected codes in the order that is asked for; by index while that is not known."""
        return self.sorting.order if self.sorting.is_of(self.index) else self.index

    def refresh(self) -> None:
        """Something of it may be another now."""
        index, source, before = self._find_index(), self._find_source(), self.source
        other_points = index is not self.index and not np.array_equal(index, self.index)
        other_source = source is None or not source.is_like(before)
        self.index = index if other_points else self.index
        self.source = source if other_source else before
        if other_points:
            self.subject_changed.emit()
        if other_source:
            self._untold = True
            self._tell_source()
        if not self._active:
            return
        if source is None or before is None or len(source.codes.mean) != len(before.codes.mean):
            self._work()  # nobody must ask for an image that is no more
        elif other_source:
            self._timer.start()  # anew: while a film plays, each of its moments is another source
        elif other_points and not self._timer.isActive():
            self._timer.start()

    def _tell_source(self) -> None:
        """While nobody looks, nobody has to know; in a film there is another one every moment."""
        if self._untold and self._active:
            self._untold = False
            self.source_changed.emit()

    def _work(self) -> None:
        self._timer.stop()
        before_source, before_index = self._worked_on or (None, None)
        source, index = self.source, self.index
        if self._worked_on is not None and source is before_source and index is before_index:
            return
        self._worked_on = source, index
        if source is not before_source:
            self.reconstructions.follow(source)
            self.nearness.follow(source, self.current)
        same_pictures = source is before_source
        self.sorting.follow(source, index, self._workspace.probe.copy(), same_pictures=same_pictures)
        self.summarising.follow(source, index)

    def _start_afresh(self) -> None:
        self.everything = False
        self.look_at(-1)
        self.refresh()

    def _find_index(self) -> Index:
        workspace = self._workspace
        selected, codes = workspace.selecting.selection.index, workspace.codes
        if codes is None or (self.everything and not len(selected)):
            return shown(workspace)
        if len(selected) and selected[-1] >= len(codes.mean):
            selected = selected[selected < len(codes.mean)]
        return selected[codes.finite[selected]] if codes.left_out else selected

    def _find_source(self) -> Source | None:
        workspace, model = self._workspace, self._workspace.model
        codes, timed = workspace.codes, self._decoding.timed
        if model is None or codes is None:
            return None
        if timed is not None and (
            timed.codec.latent != codes.mean.shape[1]
            or timed.codec.classes != workspace.classes
            or timed.codec.image_shape != tuple(model.file.image_shape)
        ):
            timed = None  # for a moment the decoder may be another model's
        images = self._originals.images
        if images is not None and len(images) < len(codes.mean):
            images = None
        return Source(codes, model.file.class_names, model.file.image_shape, images, timed, workspace.condition)

    def _follow_probe(self) -> None:
        if self._active and not self._moved_probe and self.sorting.sort == "probe":
            self._probe_timer.start()

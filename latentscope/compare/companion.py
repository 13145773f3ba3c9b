"""One map beside the main one: a model with a workspace, a decoder and a map of its own."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from latentscope.analysis.point_fields import PointFields
from latentscope.background import Background
from latentscope.compare.aligning import Alignment
from latentscope.compare.colours import CompanionColours
from latentscope.compare.follower import Follower
from latentscope.decoding import Decoding, TimedCodec, load_codec
from latentscope.files.opening import read_open_model
from latentscope.files.originals import Originals
from latentscope.map.view import MapView
from latentscope.state.open_model import OpenModel
from latentscope.state.pathing import Pathing
from latentscope.state.paths import Paths, at_codes
from latentscope.state.selection import HowToSelect, Selecting, Selection
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from trainer.errors import TrainerError
from trainer.run import Run

__all__ = ["Companion", "CompanionWorkspace", "Source", "moved_paths"]

Source = Path | OpenModel | Run  # a model file or run folder, a model that is read, a run to be followed


class CompanionWorkspace(Workspace):
    """A workspace whose paths and selection are the main one's: what is done to them here is a step to undo there."""

    def __init__(self, main: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.alignment: Alignment | None = None  # None until there is a model, and one to align it with
        self.selecting: CompanionSelecting = CompanionSelecting(main.selecting, self)
        self.pathing: CompanionPathing = CompanionPathing(main.pathing, self)

    @property
    def common_points(self) -> int:
        """How many of the codes, counted from the first, are of the same test points as the main model's."""
        return self.alignment.points if self.alignment is not None else 0


class CompanionPathing(Pathing):
    """Shows the main map's paths where they lie on a companion's. What is done to them here is a step to undo there."""

    def __init__(self, main: Pathing, companion: "CompanionWorkspace") -> None:
        super().__init__(companion.undo_stack, companion)
        self._main, self._companion = main, companion

    def change(self, paths: Paths, text: str, before: Paths | None = None, *, merge: bool = False) -> None:
        alignment = self._companion.alignment
        if alignment is not None:
            old = self._main.paths if before is None else moved_paths(alignment, before)
            self._main.change(moved_paths(alignment, paths), text, old, merge=merge)

    def _placed(self, paths: Paths) -> Paths:
        """A waypoint that is an encoded point of both maps lies at its code in each."""
        codes = self._companion.codes
        return paths if codes is None else at_codes(paths, codes.mean, self._companion.common_points)


class CompanionSelecting(Selecting):
    """Shows which of the main map's selected test points are on a companion's map, too.

    What is selected here is selected there, as a step to undo there; what only the main model has stays as it is.
    """

    def __init__(self, main: Selecting, companion: CompanionWorkspace) -> None:
        super().__init__(companion.undo_stack, companion)
        self._main, self._companion = main, companion

    @property
    def possible(self) -> bool:
        return self._companion.common_points > 0

    def choose(self, index: ArrayLike, how: HowToSelect = "replace", what: str = "") -> None:
        known = np.asarray(index, np.int32)
        if self.possible:
            self._main.choose(known[known < self._companion.common_points], how, what)

    def clear(self) -> None:
        self._main.clear()

    def show(self, selection: Selection) -> None:
        """Show what is selected on the main map."""
        index = selection.index
        self.set(Selection(index[index < self._companion.common_points], selection.name))


def moved_paths(alignment: Alignment, paths: Paths, *, to_main: bool = True) -> Paths:
    """A companion's paths as the main model's, or the other way round."""
    return paths.moved(alignment.to_main if to_main else alignment.to_companion)


class Companion(QObject):
    """Opens or follows a model, and shows it. Whoever makes it puts ``map`` somewhere, and calls ``close``."""

    model_shown = Signal()  # another model, or a newer snapshot of it
    status_changed = Signal()  # of the run that is followed
    failed = Signal(str)  # there is nothing (more) to show; a sentence for the user

    def __init__(self, main: Workspace, theme: Theme, home: QWidget, fields: PointFields, originals: Originals) -> None:
        """``home`` is the widget in which the map is made; ``fields`` and ``originals`` are those of the main map."""
        super().__init__(home)
        self.frame = home
        self.background = Background("companion", self)
        self.decoding = Decoding(self.background, self)
        self.workspace = CompanionWorkspace(main, self)
        self.workspace.condition_changed.connect(lambda: self.decoding.set_condition(self.workspace.condition))
        self.map = MapView(self.workspace, self.decoding, theme, home)
        self.map.path_hand.can_anchor = lambda row: row < self.workspace.common_points
        self.colours = CompanionColours(self.workspace, self.decoding, self.map, fields, originals)
        self.follower: Follower | None = None

    @property
    def run(self) -> Run | None:
        """The run that is followed."""
        return self.follower.run if self.follower else None

    @property
    def model(self) -> OpenModel | None:
        return self.workspace.model

    @property
    def alignment(self) -> Alignment | None:
        return self.workspace.alignment

    def open(self, source: Source) -> None:
        """Load a model, or follow a run, on a thread of its own; then ``model_shown`` or ``failed``."""
        if isinstance(source, Run):
            self.map.set_invitation("Waiting for the first snapshot…")
            self.map.setAccessibleName(f"Latent map of {source.folder.name}")
            self.follower = Follower(source, self.background, self)
            self.follower.found.connect(self._show)
            self.follower.status_changed.connect(self.status_changed)
            self.follower.failed.connect(self.failed)
            return

        def read() -> tuple[OpenModel, TimedCodec]:
            model = source if isinstance(source, OpenModel) else read_open_model(source)
            return model, load_codec(model.file, model.path.name if model.path else model.title)

        self.background.submit("open", read, lambda result: self._show(*result), self._fail)

    def close(self) -> None:
        """End the threads. The widgets are whoever's who made it."""
        if self.follower is not None:
            self.follower.stop()
        self.map.close_threads()
        self.colours.close()
        self.background.close()

    def is_settled(self) -> bool:
        settled = self.map.is_settled() and self.colours.is_settled() and not self.workspace.turns.is_due()
        return settled and (self.follower is not None or not self.background.busy())

    def _show(self, model: OpenModel, codec: TimedCodec) -> None:
        before = self.workspace.model
        if before is None:
            self.workspace.open_model(model)
        self.decoding.use(codec)
        if before is not None:
            self.workspace.set_snapshot(model)
        self.map.setAccessibleName(f"Latent map of {model.title}")
        self.model_shown.emit()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, TrainerError):
            raise error
        self.failed.emit(str(error))

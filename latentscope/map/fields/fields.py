"""What the map knows about its plane: density, classes, round trip, stretch; computed behind it, and kept.

Each kind is computed when a layer that shows it is on, at rest, coarse first; a part somewhat larger than the view, so
that a pan within it costs nothing. Until a newer one has come, the old one is shown where it belongs.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.map.camera import Bounds
from latentscope.map.fields.work import (
    Contours,
    DecoderAt,
    Measure,
    Regions,
    Superseded,
    Ticket,
    Tint,
    Usual,
    contours_of,
    distances_of,
    regions_of,
    tall,
    tint_of,
    usual_of,
)
from latentscope.map.scene import Scene
from latentscope.state.workspace import Workspace
from trainer.analysis.plane_fields import Votes

__all__ = ["PlaneFields"]

SETTLE_MS = 110
# The part beyond the view that is computed with it, to each side, as a share of its larger side.
MARGIN = 0.3
# Nodes along the longer side, coarse and finer; of classes, which cost little, more.
DECODER_NODES, CLASS_NODES = (24, 60, 128), (48, 180)
# A finer grid is not begun where it would take this much longer than a moment.
PATIENCE_S = 4.0
# What says what is usual among the codes, wherever the plane lies.
OF_CODES = "reach", "usual"
# A grid is still fine enough after the view has been enlarged by this.
ENLARGED = 1.7


@dataclass(frozen=True, eq=False)
class _Made:
    """A result, what it was made from, and for which view it is good enough."""

    value: Any
    made_from: tuple[object, ...]
    bounds: Bounds | None = None  # None: it is of the whole map
    scale: float = 0.0
    finest: bool = True

    def serves(self, made_from: tuple[object, ...], scene: Scene) -> bool:
        if self.made_from != made_from or not self.finest:
            return False
        view = scene.camera.visible()
        if scene.plane.dimension == 1 and self.bounds is not None:
            view = replace(view, bottom=self.bounds.bottom, top=self.bounds.top)
        too_large = self.scale / ENLARGED > scene.camera.scale
        return self.bounds is None or (
            self.bounds.holds(view) and scene.camera.scale < self.scale * ENLARGED and not too_large
        )


class PlaneFields(QObject):
    """Computes and keeps the fields of one map. ``changed`` says that one of them is another."""

    changed = Signal()
    usual_changed = Signal()

    def __init__(self, workspace: Workspace, decoding: Decoding, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._decoding = workspace, decoding
        self.selecting = workspace.selecting
        self.background = Background("plane", self)
        self._scene: Scene | None = None
        self._made: dict[str, _Made] = {}
        self._asked: dict[str, tuple[Ticket, tuple[object, ...]]] = {}
        self._usual_wanted = False
        self._refining: set[str] = set()  # what is computed as finely as can be
        self.computed = 0  # how many grids have been; for tests
        self._settle = QTimer(self, singleShot=True)
        self._settle.timeout.connect(self._fill)
        decoding.ready.connect(self._soon)
        workspace.model_changed.connect(self.forget)
        workspace.plane_changed.connect(self.leave_plane)

    # --- what there is --------------------------------------------------------------------------------------------

    @property
    def contours(self) -> Contours | None:
        return cast("Contours | None", self._value("density"))

    @property
    def regions(self) -> Regions | None:
        return cast("Regions | None", self._value("classes"))

    @property
    def usual(self) -> Usual | None:
        """What is usual among the codes, or was among those of the snapshot before; None until it is known."""
        return cast("Usual | None", self._value("usual"))

    @property
    def usual_now(self) -> Usual | None:
        """What is usual among the codes that are shown now, without round trip and stretch until these are known of
        the decoder that answers now; None while a newer snapshot's codes are still to be measured."""
        reach, made = self._made.get("reach"), self._made.get("usual")
        if reach is None or reach.made_from != (self._workspace.codes,):
            return None
        if made is not None and made.made_from == self._usual_from():
            return cast("Usual", made.value)
        return Usual(reach.value, np.empty(0), np.empty(0))

    def _usual_from(self) -> tuple[object, ...]:
        workspace = self._workspace
        along = workspace.plane.u.tobytes(), workspace.plane.v.tobytes()  # where the plane lies does not matter
        return workspace.codes, self._decoding.codec, workspace.condition, *along

    def tint(self, layer: str) -> Tint | None:
        """The tint of the layer ``sparse``, ``round-trip`` or ``stretch``; of a decoder of points only."""
        if not self.decodes_points:
            return None
        if layer == "sparse":
            return self.contours.sparse if self.contours is not None else None
        return cast("Tint | None", self._value(layer))

    @property
    def are_shown(self) -> bool:
        """Whether a layer shows any of them: lines are drawn roughly while the camera moves."""
        return self._scene is not None and bool(self._needed(self._scene))

    @property
    def scene(self) -> Scene | None:
        """What the map shows; None without a model."""
        return self._scene

    def _value(self, kind: str) -> Any:
        made = self._made.get(kind)
        return made.value if made is not None else None

    # --- when it is computed --------------------------------------------------------------------------------------

    def follow(self, scene: Scene | None) -> None:
        """Serve this scene from now on, once it has not changed for a moment."""
        self._scene = scene
        self._soon()

    def want_usual(self, wanted: bool) -> None:
        """Whether somebody wants to know what is usual among the codes, whatever the map shows."""
        if wanted != self._usual_wanted:
            self._usual_wanted = wanted
            self._soon()

    def forget(self) -> None:
        """Another model: nothing of the old one may be seen."""
        for kind in list(self._asked):
            self._give_up(kind)
        self._made.clear()
        self._settle.stop()

    def leave_plane(self) -> None:
        """Another plane: nothing that lies on the old one may be seen."""
        for kind in [kind for kind in self._asked if kind not in OF_CODES]:
            self._give_up(kind)
        self._made = {kind: made for kind, made in self._made.items() if kind in OF_CODES}

    def refine(self) -> None:
        """Compute what is seen once more, for this view and as finely as can be, however long that takes.

        Else it depends on where the view was before, and on what else the processor had to do.
        """
        self._refining = {"classes", "round-trip", "stretch"}
        for kind in self._refining:
            self._give_up(kind)
        self._fill()
        self._refining = {kind for kind in self._refining if kind in self._asked}

    def is_settled(self) -> bool:
        return not self._settle.isActive() and not self._asked

    def close(self) -> None:
        """Give everything up and end the thread."""
        self.forget()
        self._scene = None
        self.background.close()

    def _soon(self) -> None:
        if self._scene is not None and (self._usual_wanted or self._needed(self._scene)):
            self._settle.start(SETTLE_MS)

    def _needed(self, scene: Scene) -> set[str]:
        """The kinds that the layers need which are on."""
        layers = scene.layers
        needed = set()
        if layers.shows("density") or (layers.shows("sparse") and self.decodes_points):
            needed.add("density")
        if layers.shows("boundaries") or layers.shows("regions"):
            needed |= {"votes", "classes"}
        if self.decodes_points:
            needed |= {kind for kind in ("round-trip", "stretch") if layers.shows(kind)}
        return needed

    @property
    def decodes_points(self) -> bool:
        """Whether the open model has a decoder of latent points; one with a codebook has not."""
        model = self._workspace.model
        return model is not None and model.file.config.family != "vq-vae"

    def _fill(self) -> None:
        scene, codes = self._scene, self._workspace.codes
        if scene is None or codes is None or not len(scene.cloud.index):
            return
        needed = self._needed(scene)
        for kind in [kind for kind in self._asked if kind not in needed and kind not in OF_CODES]:
            self._give_up(kind)
        cloud, plane = scene.cloud, scene.plane
        if "density" in needed:
            self._ask("density", (codes, cloud), lambda t: contours_of(cloud, codes, plane, t))
        if "classes" in needed:
            self._ask_classes(scene)
        usual_wanted = self._usual_wanted or bool(needed & {"round-trip", "stretch"})
        if usual_wanted:
            self._ask("reach", (codes,), lambda t: distances_of(codes, t))
        codec, condition = self._decoding.codec, self._workspace.condition
        # For a moment the decoder may be of another model than the condition, or the map.
        if codec is None or codec.classes != len(condition or ()) or codec.latent != plane.dimension:
            return
        decoder = DecoderAt(codec, condition, plane)
        reach = self._made.get("reach")
        if usual_wanted and reach is not None and reach.made_from == (codes,):
            distance = reach.value
            of_points = decoder if self.decodes_points else None
            self._ask("usual", self._usual_from(), lambda t: usual_of(codes, distance, of_points, t))
        usual = self.usual
        for kind in ("round-trip", "stretch"):
            if kind in needed and usual is not None and not any(known in self._asked for known in OF_CODES):
                self._ask_levels(
                    kind, (codec, condition, plane, usual), DECODER_NODES, scene, self._measuring(decoder, kind, usual)
                )

    @staticmethod
    def _measuring(decoder: DecoderAt, kind: str, usual: Usual) -> Callable[[Bounds, tuple[int, int], Ticket], Tint]:
        return lambda bounds, shape, ticket: tint_of(decoder, cast("Measure", kind), usual, bounds, shape, ticket)

    def _ask_classes(self, scene: Scene) -> None:
        hidden = self._workspace.hidden_classes
        cloud, dimension = scene.cloud, scene.plane.dimension

        def sort(ticket: Ticket) -> Votes:
            voting = cloud.shown(hidden) & (cloud.label >= 0)
            ticket.check()
            return Votes(cloud.position[voting], cloud.label[voting], dimension)

        self._ask("votes", (cloud, hidden), sort)
        votes = cast("Votes | None", self._value("votes"))
        if votes is not None and not len(votes.classes):  # nobody votes: there are no labels, or all are hidden
            self._give_up("classes")
            self._made.pop("classes", None)
        elif votes is not None and "votes" not in self._asked:
            self._ask_levels("classes", (votes,), CLASS_NODES, scene, lambda *part: regions_of(votes, *part))

    # --- asking ---------------------------------------------------------------------------------------------------

    def _ask(self, kind: str, made_from: tuple[object, ...], work: Callable[[Ticket], Any]) -> None:
        """Have what does not depend on the view computed, unless it is there or on its way."""
        made, asked = self._made.get(kind), self._asked.get(kind)
        if (made is not None and made.made_from == made_from) or (asked is not None and asked[1] == made_from):
            return
        ticket = self._ticket(kind, made_from)

        def take(value: Any) -> None:
            del self._asked[kind]
            self._keep(kind, _Made(value, made_from))
            if kind in OF_CODES:
                self.usual_changed.emit()
            self._fill()  # what waits for this

        self.background.submit(kind, lambda: work(ticket), take, lambda error: self._fail(kind, error))

    def _ask_levels(
        self,
        kind: str,
        made_from: tuple[object, ...],
        nodes: tuple[int, ...],
        scene: Scene,
        work: Callable[[Bounds, tuple[int, int], Ticket], Any],
    ) -> None:
        """Have a part of the map computed, on a coarse grid and then on finer ones."""
        made = self._made.get(kind)
        fine = kind in self._refining
        if made is not None and made.serves(made_from, scene) and not fine:
            self._give_up(kind)
            return
        view = scene.camera.visible()
        bounds = view.padded(MARGIN * max(view.width, view.height))
        if not 0 < max(bounds.width, bounds.height) < math.inf:
            return
        flat = scene.plane.dimension == 1
        asked = self._asked.get(kind)
        if asked is not None and asked[1] == (*made_from, bounds):
            return
        ticket = self._ticket(kind, (*made_from, bounds))

        def go_on(level: int) -> None:
            longest = max(bounds.width, bounds.height)
            step = longest / (nodes[level] - 1)
            shape = 2 if flat else max(2, round(bounds.height / step) + 1), max(2, round(bounds.width / step) + 1)
            part = tall(bounds) if flat else bounds

            def timed() -> tuple[Any, float]:
                start = time.thread_time()  # of the processor: a busy machine makes no grid coarser
                return work(part, shape, ticket), time.thread_time() - start

            def take(result: tuple[Any, float]) -> None:
                value, seconds = result
                last = level + 1 == len(nodes)
                last = last or (not fine and seconds * (nodes[level + 1] / nodes[level]) ** 2 > PATIENCE_S)
                if last:
                    del self._asked[kind]
                    self._refining.discard(kind)
                self._keep(kind, _Made(value, made_from, part, scene.camera.scale, last))
                if not last:
                    go_on(level + 1)

            self.background.submit(kind, timed, take, lambda error: self._fail(kind, error))

        # What is on the screen is better than a coarse one, as long as it is of the same.
        go_on(
            len(nodes) - 1
            if fine
            else 1
            if made is not None and made.made_from == made_from and self._in_sight(made, scene)
            else 0
        )

    @staticmethod
    def _in_sight(made: _Made, scene: Scene) -> bool:
        view = scene.camera.visible()
        return made.bounds is not None and made.bounds.left < view.right and made.bounds.right > view.left

    def _ticket(self, kind: str, made_from: tuple[object, ...]) -> Ticket:
        self._give_up(kind)
        ticket = Ticket()
        self._asked[kind] = ticket, made_from
        return ticket

    def _give_up(self, kind: str) -> None:
        if (asked := self._asked.pop(kind, None)) is not None:
            asked[0].wanted = False
            self.background.cancel(kind)

    def _keep(self, kind: str, made: _Made) -> None:
        self._made[kind] = made
        self.computed += 1
        self.changed.emit()

    def _fail(self, kind: str, error: Exception) -> None:
        self._asked.pop(kind, None)
        if not isinstance(error, Superseded):
            raise error

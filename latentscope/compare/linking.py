"""What keeps the maps of a comparison together: one view, one probe, one path, the same classes, layers and tool.

Everything goes by way of the main model, with which each companion is aligned. A change on one map is carried to the
others at once, and what they say of it themselves is not listened to, so nothing goes in circles.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal

from latentscope.compare.aligning import Alignment, align
from latentscope.compare.companion import Companion, moved_paths
from latentscope.map.camera import Bounds
from latentscope.map.framing import PERCENTILE
from latentscope.map.looking import View
from latentscope.map.view import MapView
from latentscope.state.workspace import Workspace
from trainer.files import ModelFile

__all__ = ["Links"]

# How near the probe must be to a test point, in logical pixels, for that point to be ringed on the other maps.
NEAR = 9
# Above so many points the nearest one is not looked for at every move of the mouse.
MOST_POINTS = 200_000


class Links(QObject):
    """The links of the main map with any number of companions."""

    aligned = Signal()  # some companion is aligned otherwise than before
    paths_moved = Signal()  # on some companion's map a path runs otherwise than before

    def __init__(self, workspace: Workspace, main_map: MapView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._map = workspace, main_map
        self._companions: list[Companion] = []
        self._carrying = False
        self._reference: ModelFile | None = None  # what the companions are aligned with: the main model, or its newest
        self._probe_point = -1, -1  # the test point that the probe is on, and on whose map (−1: the main one)
        workspace.model_changed.connect(self.align_all)
        workspace.snapshot_changed.connect(self.align_all)
        workspace.plane_changed.connect(self.align_all)
        workspace.probe_changed.connect(self._carry_probe)
        workspace.pathing.changed.connect(self._carry_path)
        workspace.classes_changed.connect(self._carry_classes)
        workspace.condition_changed.connect(self._carry_condition)
        workspace.layers_changed.connect(self._carry_layers)
        workspace.selecting.changed.connect(self._carry_selection)
        main_map.camera_changed.connect(self._carry_camera)
        main_map.tool_changed.connect(self._carry_tool)
        main_map.pointed.connect(self._carry_point)

    def add(self, companion: Companion) -> None:
        self._companions.append(companion)
        if len(self._companions) == 1:
            self._map.looking.set_framing(self._common_bounds)
        workspace, view = companion.workspace, companion.map
        view.looking.set_framing(lambda: self._framing_of(companion))
        view.looking.set_recorder(partial(self._record, companion))
        companion.model_shown.connect(self.align_all)
        workspace.probe_changed.connect(lambda: self._carry_probe(companion))
        workspace.pathing.changed.connect(lambda: self._carry_path(companion))
        for signal in (workspace.pathing.changed, view.routes.changed):
            signal.connect(self.paths_moved)
        view.camera_changed.connect(lambda: self._carry_camera(companion))
        view.pointed.connect(lambda index: self._carry_point(index, companion))
        view.set_tool(self._map.tool)
        workspace.set_layers(self._workspace.layers)
        self.align_all()

    def remove(self, companion: Companion) -> None:
        self._companions.remove(companion)
        if not self._companions:
            self._map.looking.set_framing(None)
            self._map.ring(-1)

    # --- alignment ------------------------------------------------------------------------------------------------

    def align_all(self) -> None:
        """Lay every companion's map over the main one anew: some codes have changed, or the main map's plane."""
        main = self._workspace.model
        if main is not None and (self._workspace.moment is None or self._reference is None):
            self._reference = main.file
        if self._carrying or self._reference is None or not self._companions:
            return
        with self._carry():
            for companion in self._companions:
                model, own = companion.model, companion.workspace
                if model is None:
                    own.alignment = None
                    continue
                own.alignment = self._seen_now(align(self._reference, self._workspace.still_plane, model.file))
                plane = own.alignment.plane
                if not all(np.array_equal(getattr(plane, part), getattr(own.plane, part)) for part in "uv") or (
                    not np.array_equal(plane.origin, own.plane.origin)
                ):
                    own.set_plane(plane)
        self._carry_probe()
        self._carry_path()
        self._carry_classes()
        self._carry_selection()
        self._carry_condition()
        self._carry_camera()
        self._map.refit()
        self.aligned.emit()

    def _seen_now(self, still: Alignment) -> Alignment:
        """An alignment with the run's newest, at the moment of its film that is shown: a film turns the main model's
        latent space so that its map does not spin, and the companions stay as they lie."""
        moment = self._workspace.moment
        return still if moment is None else still.seen_from(moment.turn.T, self._workspace.plane)

    def _common_bounds(self) -> Bounds:
        """What a view that nobody has moved shows: all that any of the maps would, in the main map's units."""
        bounds = self._map.own_bounds()
        for companion in self._aligned():
            assert companion.alignment is not None
            own = companion.map.own_bounds()
            if companion.alignment.fit is not None:
                # The main map shows the prior already, and an autoencoder's codes may lie far from its latent zero.
                own = companion.map.cloud.bounds(PERCENTILE) or own
            bounds = bounds.united(companion.alignment.bounds_in_main(own))
        return bounds

    def _framing_of(self, companion: Companion) -> Bounds:
        if companion.alignment is None:
            return companion.map.own_bounds()
        return companion.alignment.bounds_in_companion(self._common_bounds())

    def _aligned(self, source: Companion | None = None) -> list[Companion]:
        """The companions that have a model, but for ``source``."""
        return [one for one in self._companions if one.alignment is not None and one is not source]

    # --- carrying -------------------------------------------------------------------------------------------------

    @contextmanager
    def _carry(self) -> Iterator[None]:
        self._carrying = True
        try:
            yield
        finally:
            self._carrying = False

    def _carry_probe(self, source: Companion | None = None) -> None:
        if self._carrying or not self._companions:
            return
        with self._carry():
            if source is not None and source.alignment is not None:
                self._workspace.set_probe(source.alignment.to_main(source.workspace.probe))
            for one in self._aligned(source):
                assert one.alignment is not None
                one.workspace.set_probe(one.alignment.to_companion(self._workspace.probe))
        self._point_at_probe(source)

    def _carry_path(self, source: Companion | None = None) -> None:
        if self._carrying:
            return
        with self._carry():
            if source is not None and source.alignment is not None:
                self._workspace.pathing.set(moved_paths(source.alignment, source.workspace.pathing.paths))
            for one in self._aligned(source):
                assert one.alignment is not None
                one.workspace.pathing.set(moved_paths(one.alignment, self._workspace.pathing.paths, to_main=False))

    def _carry_camera(self, source: Companion | None = None) -> None:
        if self._carrying:
            return
        with self._carry():
            main, moved = self._map, self._map.looking.moved_by_user
            if source is not None and source.alignment is not None:
                moved = source.map.looking.moved_by_user
                main.looking.follow(source.alignment.main_camera_of(source.map.camera, main.camera), moved)
            for one in self._aligned(source):
                assert one.alignment is not None
                one.map.looking.follow(one.alignment.camera_of(main.camera, one.map.camera), moved)

    def _record(self, source: Companion, after: View, text: str, gesture: object | None) -> None:
        """The user moves a companion's view, and with it that of all maps: a step to undo on the main one, which stays
        when the companion goes."""
        if source.alignment is not None:
            main = self._map.looking
            camera = source.alignment.main_camera_of(after[0], main.camera)
            main.record((main.camera, main.moved_by_user), (camera, after[1]), text, gesture)

    def _carry_classes(self) -> None:
        """A class is hidden in every model that has classes of the same names."""
        for one in self._companions:
            same = self._same_classes(one)
            one.workspace.set_hidden_classes(self._workspace.hidden_classes if same else frozenset())

    def _carry_selection(self) -> None:
        """What is selected here is selected on every map of the same test points."""
        for one in self._companions:
            one.workspace.selecting.show(self._workspace.selecting.selection)

    def _carry_condition(self) -> None:
        """What a conditional model decodes, every other of the same classes decodes, too."""
        condition = self._workspace.condition
        for one in self._companions:
            if condition is not None and self._same_classes(one):
                one.workspace.set_condition(condition)

    def _same_classes(self, one: Companion) -> bool:
        main = self._workspace.model
        return main is not None and one.model is not None and main.file.class_names == one.model.file.class_names

    def _carry_layers(self) -> None:
        for one in self._companions:
            one.workspace.set_layers(self._workspace.layers)

    def _carry_tool(self, name: str) -> None:
        for one in self._companions:
            one.map.set_tool(name)

    # --- the same test point on every map -------------------------------------------------------------------------

    def _carry_point(self, index: int, source: Companion | None = None) -> None:
        """The mouse is on a test point of one map: ring the same one on all others, or again the probe's."""
        if index >= 0:
            self._ring(index, source)
        else:
            self._ring(*self._probe_point_and_source())

    def _point_at_probe(self, source: Companion | None) -> None:
        view, plane = (source.map, source.workspace.plane) if source else (self._map, self._workspace.plane)
        cloud = view.cloud
        index = -1
        if 0 < len(cloud.index) <= MOST_POINTS and self._workspace.layers.shows("points"):
            place = plane.to_map((source.workspace if source else self._workspace).probe)
            row = cloud.nearest(place, NEAR / view.camera.scale, self._workspace.hidden_classes)
            index = int(cloud.index[row]) if row >= 0 else -1
        self._probe_point = index, self._companions.index(source) if source in self._companions else -1
        self._ring(index, source)

    def _probe_point_and_source(self) -> tuple[int, Companion | None]:
        index, number = self._probe_point
        return index, self._companions[number] if 0 <= number < len(self._companions) else None

    def _ring(self, index: int, source: Companion | None) -> None:
        """Ring test point ``index`` of ``source``'s map on all the others that have the same test points."""
        known = source is None or (source.alignment is not None and index < source.alignment.points)
        if source is not None:
            self._map.ring(index if known else -1)
        for one in self._aligned(source):
            assert one.alignment is not None
            one.map.ring(index if known and index < one.alignment.points else -1)

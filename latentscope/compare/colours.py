"""The colours and arrows of a companion's map: those that the main map has, measured on the companion's own model."""

from PySide6.QtCore import QObject

from latentscope.analysis.colouring import Colouring
from latentscope.analysis.factor_relations import FactorRelations
from latentscope.analysis.point_fields import PointFields
from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.map.view import MapView
from latentscope.state.workspace import Workspace
from trainer.analysis.factors import FACTORS

__all__ = ["CompanionColours"]


class CompanionColours(QObject):
    """Colours the points of another map on the scale of the main one, so that the same colour is the same number."""

    def __init__(
        self, workspace: Workspace, decoding: Decoding, view: MapView, main: PointFields, originals: Originals
    ) -> None:
        """``main`` and ``originals`` are the main map's."""
        super().__init__(view)
        self._workspace, self._main = workspace, main
        self._thread = Background("companion fields", self)
        self._originals = Originals(self._thread, self, like=originals)
        self._fields = PointFields(workspace, decoding, self._originals, self._thread, self)
        self._relations = FactorRelations(workspace, self._fields, self._thread, self)
        self._scaled: tuple[object, ...] = ()
        self._made: Colouring | None = None
        view.contents.colouring, view.contents.arrows = self.colouring, self._relations.arrows
        workspace.model_changed.connect(self._find_originals)
        workspace.layers_changed.connect(self._want)
        for signal in (self._fields.changed, self._relations.changed, main.changed):
            signal.connect(view.follow_look)

    def colouring(self) -> Colouring | None:
        """The numbers that this map's points are coloured by; None for classes, and while there are none."""
        name = self._workspace.layers.colour_by
        own, main = (None if fields.problem(name) else fields.get(name) for fields in (self._fields, self._main))
        if (own, main) != self._scaled:
            self._scaled = own, main
            self._made = own if own is None or main is None else own.on_scale(main.low, main.high)
        return self._made

    def is_settled(self) -> bool:
        return not self._thread.busy()

    def close(self) -> None:
        self._fields.stop()
        self._thread.close()

    def _find_originals(self) -> None:
        model = self._workspace.model
        if model is not None:
            self._originals.open(model.file.config.data, model.file.codes, model.file.image_shape)
        self._want()

    def _want(self) -> None:
        layers = self._workspace.layers
        self._fields.want(frozenset({layers.colour_by} | ({FACTORS[0].name} if layers.shows("factors") else set())))

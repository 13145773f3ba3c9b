"""How the factors of the test images go with the codes of the open model: measured off the GUI thread."""

from PySide6.QtCore import QObject, Signal

from latentscope.analysis.point_fields import PointFields
from latentscope.background import Background
from latentscope.map.factor_arrows import FactorArrow
from latentscope.state.workspace import Workspace
from latentscope.turns import Turn
from trainer.analysis.correlation import Relation, relate
from trainer.analysis.factors import FACTORS
from trainer.geometry import Plane

__all__ = ["FactorRelations"]

KEY = "factor relations"


class FactorRelations(QObject):
    """The relation of each factor with the codes, once somebody has had the factors measured by ``PointFields``."""

    changed = Signal()

    def __init__(
        self, workspace: Workspace, fields: PointFields, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace, self._fields, self._background = workspace, fields, background
        self._made_from: tuple[object, ...] = ()
        self._under_way: tuple[object, ...] = ()
        self._found: dict[str, Relation] = {}
        self._arrows: tuple[FactorArrow, ...] = ()
        self._arrows_made_from: tuple[object, ...] = ()
        fields.changed.connect(self._look)
        workspace.model_changed.connect(self._forget)
        self._turn = Turn(self._look, workspace.turns, self)
        workspace.snapshot_changed.connect(self._turn.ask)

    @property
    def found(self) -> dict[str, Relation]:
        """By the factor's name; empty while or where nothing is measured."""
        # Others may hear of another model before this does.
        fits = all(len(relation.centre) == self._workspace.dimension for relation in self._found.values())
        return self._found if fits else {}

    def arrows(self, plane: Plane) -> tuple[FactorArrow, ...]:
        """An arrow for each chosen factor that grows in some direction of the map, beyond chance."""
        layers = self._workspace.layers
        found = self.found
        made_from = (found, plane, layers.arrows) if layers.shows("factors") else ()
        if made_from == self._arrows_made_from:
            return self._arrows
        self._arrows_made_from, arrows = made_from, []
        for factor in FACTORS if made_from else ():
            relation = found.get(factor.name)
            if relation is None or factor.name not in layers.arrows:
                continue
            direction = relation.on_map(plane)
            if direction.strength.excludes_zero:
                x, y = (float(part) for part in plane.to_map(relation.centre))
                way = (float(direction.unit[0]), float(direction.unit[1]))
                arrows.append(FactorArrow(factor.short, (x, y), *way, direction.strength.value))
        self._arrows = tuple(arrows)
        return self._arrows

    def _forget(self) -> None:
        self._background.cancel(KEY)
        self._made_from = self._under_way = ()
        self._found = {}
        self.changed.emit()
        self._look()

    def _look(self) -> None:
        """Measure what is not measured yet; what is under way is finished first, for an older snapshot, too."""
        model = self._workspace.model
        codes = model.file.codes if model is not None else None
        values = {factor.name: self._fields.get(factor.name) for factor in FACTORS}
        if codes is None or any(value is None or len(value) != len(codes.mean) for value in values.values()):
            return
        source = (codes, *values.values())
        if self._under_way or source == self._made_from:
            return
        self._under_way = source
        measured = {name: value for name, value in values.items() if value is not None}
        mean = codes.mean

        def take(found: dict[str, Relation]) -> None:
            self._made_from, self._under_way, self._found = source, (), found
            self.changed.emit()
            self._look()

        def fail(error: Exception) -> None:
            self._under_way = ()
            raise error

        self._background.submit(
            KEY, lambda: {name: relate(value.values(), mean) for name, value in measured.items()}, take, fail
        )

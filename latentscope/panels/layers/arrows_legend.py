"""Under the switch of the factor arrows: which factors have one."""

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from latentscope.analysis.factor_relations import FactorRelations
from latentscope.analysis.point_fields import PointFields
from latentscope.state.workspace import Workspace
from trainer.analysis.factors import FACTORS

__all__ = ["ArrowsLegend"]


class ArrowsLegend(QWidget):
    """A box a factor, and in a line why there may be fewer arrows than boxes."""

    def __init__(self, workspace: Workspace, fields: PointFields, relations: FactorRelations) -> None:
        super().__init__()
        self._workspace, self._fields, self._relations = workspace, fields, relations
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        self.boxes: dict[str, QCheckBox] = {}
        for number, factor in enumerate(FACTORS):
            box = self.boxes[factor.name] = QCheckBox(factor.short)
            box.setToolTip(f"{factor.title}: {factor.explanation}")
            box.clicked.connect(lambda on, name=factor.name: self._switch(name, on))
            grid.addWidget(box, number // 2, number % 2)
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        grid.addWidget(self.note, grid.rowCount(), 0, 1, 2)
        for signal in (workspace.layers_changed, workspace.plane_changed, relations.changed, fields.changed):
            signal.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        chosen = self._workspace.layers.arrows
        for name, box in self.boxes.items():
            box.setChecked(name in chosen)
        first, found = FACTORS[0].name, self._relations.found
        if self._fields.lacks_images(first):
            note = "They are measured on the test images, which are not at hand."
        elif found and chosen and self._workspace.layers.shows("factors"):
            shown = len(self._relations.arrows(self._workspace.plane))
            missing = len(chosen & found.keys()) - shown
            note = (
                "" if not missing else f"{missing} {'grows' if missing == 1 else 'grow'} in no direction of this map."
            )
        else:
            note = ""
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def _switch(self, name: str, on: bool) -> None:
        layers = self._workspace.layers
        arrows = layers.arrows | {name} if on else layers.arrows - {name}
        title = next(factor.title for factor in FACTORS if factor.name == name).lower()
        self._workspace.change_layers(replace(layers, arrows=arrows), f"{'Show' if on else 'Hide'} arrow of {title}")

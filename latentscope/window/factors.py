"""The part of the window that relates the codes to what is measured on the test images: the dock, and the arrows."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latentscope.analysis.factor_relations import FactorRelations
from latentscope.analysis.point_fields import PointFields
from latentscope.background import Background
from latentscope.panels.layers.arrows_legend import ArrowsLegend
from latentscope.panels.layers.factors import FactorsPanel

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Factors"]


class Factors(QObject):
    """``wanted`` says whether somebody looks at the factors, so that they are to be measured."""

    wanted_changed = Signal()

    def __init__(self, window: "MainWindow", fields: PointFields, background: Background) -> None:
        super().__init__(window)
        self._window = window
        self._looked_at = False
        self.relations = FactorRelations(window.workspace, fields, background, self)
        self.panel = FactorsPanel(window.workspace, fields, self.relations, window.theme)
        self.legend = ArrowsLegend(window.workspace, fields, self.relations)
        window.layers_panel.rows["factors"].add_legend(self.legend)
        window.map.contents.arrows = self.relations.arrows
        self.panel.data_wanted.connect(lambda: window.fetching.begin())
        self.relations.changed.connect(window.map.follow_look)

    def connect_dock(self) -> None:
        """Hear from its dock whether the panel is looked at: one that is a tab behind another is not hidden."""
        self._window.docks[self.panel.title].visibilityChanged.connect(self._set_looked_at)

    def _set_looked_at(self, looked_at: bool) -> None:
        self._looked_at = looked_at
        self.wanted_changed.emit()

    @property
    def wanted(self) -> bool:
        return self._looked_at or self._window.workspace.layers.shows("factors")

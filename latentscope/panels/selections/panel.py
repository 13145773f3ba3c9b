"""The Selections dock: the selections that were kept, and the direction between two of them."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from latentscope.analysis.directing import Directing
from latentscope.panels.scrolled import scrolled
from latentscope.panels.selections.direction import DirectionPanel
from latentscope.panels.selections.kept_selections import KeptSelections
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme

__all__ = ["SelectionsPanel"]


class SelectionsPanel(QWidget):
    """Selections that were given a name, and the direction from one group of points to another."""

    title = "Selections"

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self.directing = Directing(workspace, self)
        self.kept = KeptSelections(workspace, theme)
        self.direction = DirectionPanel(workspace, self.directing, theme)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(10, 6, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.kept)
        column.addSpacing(6)
        column.addWidget(_heading("Direction", "The difference of two mean codes, to go along with the slider"))
        column.addWidget(self.direction)
        column.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(inner))

    def sizeHint(self) -> QSize:
        return QSize(236, 400)

    def set_theme(self, theme: Theme) -> None:
        self.kept.set_theme(theme)
        self.direction.set_theme(theme)


def _heading(text: str, tip: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    label.setToolTip(tip)
    return label

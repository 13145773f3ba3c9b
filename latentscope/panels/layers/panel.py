"""The Layers dock: what the map shows. A switch a layer, what it means in one line, and its legend while it is on."""

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from latentscope.panels.elided import ElidedLabel
from latentscope.panels.scrolled import scrolled
from latentscope.state.layers import LAYERS, Layer
from latentscope.state.open_model import has_prior
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from trainer.grids import codebook_of

__all__ = ["LayersPanel", "is_offered"]

INDENT = 24  # px: under the text of a check box


def is_offered(layer: str, workspace: Workspace) -> bool:
    """Whether a layer has something to show for the open model: it has a prior, a codebook, or neither.

    Without classes nothing lies between them; a family that encodes an image as a point has no posteriors, and one
    that decodes grids of codes no decoder of points that could be trusted.
    """
    model, codes = workspace.model, workspace.codes
    has_codebook = model is not None and codebook_of(model.file) is not None
    decodes_points = model is None or model.file.config.family != "vq-vae"
    return {
        "codebook": has_codebook,
        "prior": has_prior(model),
        "fade": workspace.dimension > 2,
        **dict.fromkeys(("sparse", "round-trip", "stretch", "trust"), decodes_points),
        **dict.fromkeys(("boundaries", "regions"), codes is None or codes.labels is not None),
        "ellipses": codes is None or codes.logvar is not None,
    }.get(layer, True)


class LayersPanel(QWidget):
    """Switches for everything that can be seen on the map, each with what it means."""

    title = "Layers"

    def __init__(self, workspace: Workspace, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._theme = workspace, theme
        self.rows = {layer.name: LayerRow(layer, self._switch) for layer in LAYERS}
        self._top = QVBoxLayout()
        inner = QWidget()
        self._inner_layout = QVBoxLayout(inner)
        self._inner_layout.setContentsMargins(10, 4, 10, 10)
        self._inner_layout.setSpacing(7)
        self._inner_layout.addLayout(self._top)
        self._headings: dict[str, QLabel] = {}
        for layer in LAYERS:
            if layer.group not in self._headings:
                self._headings[layer.group] = QLabel(layer.group)
                self._headings[layer.group].setProperty("role", "heading")
                self._headings[layer.group].setContentsMargins(0, 6, 0, 0)
                self._inner_layout.addWidget(self._headings[layer.group])
            self._inner_layout.addWidget(self.rows[layer.name])
        self._inner_layout.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled(inner))
        for signal in (workspace.layers_changed, workspace.model_changed):
            signal.connect(self.refresh)
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(236, 400)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme

    def add_above(self, widget: QWidget) -> None:
        """Put something above the switches."""
        self._top.addWidget(widget)

    def refresh(self) -> None:
        for name, row in self.rows.items():
            row.setVisible(is_offered(name, self._workspace))
            row.show_on(self._workspace.layers.shows(name))
        offered = {layer.group for layer in LAYERS if is_offered(layer.name, self._workspace)}
        for group, heading in self._headings.items():
            heading.setVisible(group in offered)

    def _switch(self, layer: Layer, shown: bool) -> None:
        layers = self._workspace.layers.with_shown(layer.name, shown)
        self._workspace.change_layers(layers, f"{'Show' if shown else 'Hide'} {layer.title.lower()}")


class LayerRow(QWidget):
    """A switch and its explanation; while the layer is on, all of it, with whatever ``add_legend`` has put there."""

    def __init__(self, layer: Layer, switch: Callable[[Layer, bool], None]) -> None:
        super().__init__()
        self.box = QCheckBox(layer.title)
        self.box.setAccessibleDescription(layer.explanation)
        self.box.clicked.connect(lambda on: switch(layer, on))
        self._line, self._words = ElidedLabel(layer.explanation), QLabel(layer.explanation)
        self._words.setWordWrap(True)
        for explanation in (self._line, self._words):
            explanation.setProperty("role", "muted")
            explanation.setContentsMargins(INDENT, 0, 0, 0)
        self._legends = QVBoxLayout()
        self._legends.setContentsMargins(INDENT, 4, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(1)
        layout.addWidget(self.box)
        layout.addWidget(self._line)
        layout.addWidget(self._words)
        layout.addLayout(self._legends)

    def add_legend(self, legend: QWidget) -> None:
        """Show this below the explanation while the layer is on."""
        self._legends.addWidget(legend)
        legend.setVisible(self.box.isChecked())

    def show_on(self, on: bool) -> None:
        self.box.setChecked(on)
        self._line.setVisible(not on)
        self._words.setVisible(on)
        for i in range(self._legends.count()):
            if (item := self._legends.itemAt(i)) is not None and (legend := item.widget()) is not None:
                legend.setVisible(on)

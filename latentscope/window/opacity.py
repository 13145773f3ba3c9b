"""The slider in the tool bar that says how strongly the atlas is drawn."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from latentscope.state.layers import Layers
from latentscope.state.workspace import Workspace

__all__ = ["AtlasOpacity"]

TEXT = "Atlas opacity"


class AtlasOpacity(QWidget):
    """A drag of the slider is one step to undo, however long it takes; so are notches of a wheel that follow fast."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self._before: Layers | None = None  # while the slider is dragged
        label = QLabel(TEXT)
        label.setProperty("role", "muted")
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(5, 100)
        self.slider.setFixedWidth(90)
        self.slider.setAccessibleName("Opacity of the atlas")
        self.slider.setToolTip("How strongly the atlas of decoded images is drawn")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 0, 0)
        layout.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        layout.addWidget(label)
        layout.addWidget(self.slider)
        self.slider.sliderPressed.connect(self._begin)
        self.slider.sliderReleased.connect(self._end)
        self.slider.valueChanged.connect(self._change)
        workspace.layers_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(round(self._workspace.layers.atlas_opacity * 100))
        self.slider.blockSignals(False)

    def _begin(self) -> None:
        self._before = self._workspace.layers

    def _change(self, percent: int) -> None:
        layers = replace(self._workspace.layers, atlas_opacity=percent / 100)
        if self._before is not None:
            self._workspace.set_layers(layers)
        else:
            self._workspace.change_layers(layers, TEXT, merge=True)

    def _end(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            now = self._workspace.layers.atlas_opacity
            # Whatever else was switched meanwhile stays as it is.
            before = replace(self._workspace.layers, atlas_opacity=before.atlas_opacity)
            self._workspace.change_layers(replace(before, atlas_opacity=now), TEXT, before)

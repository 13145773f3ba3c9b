"""The legend of the points' fading: from near to far, in numbers, and how deep one looks."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSlider, QVBoxLayout, QWidget

from latentscope.map.points.fading import Depth
from latentscope.map.scene import colour
from latentscope.state.layers import LEAST_DEPTH, Layers
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme

__all__ = ["DepthLegend"]

STOPS = 16


class DepthLegend(QWidget):
    """A bar from the plane to the farthest point, as strong as the points are, and a slider for how deep one sees."""

    def __init__(self, workspace: Workspace, depth: Callable[[], Depth | None], theme: Theme) -> None:
        """``depth`` is asked for what the map shows."""
        super().__init__()
        self._workspace, self._depth = workspace, depth
        self._before: Layers | None = None  # while the slider is dragged: what it is a change of
        self.bar = _Bar(theme)
        self.words = QLabel()
        self.words.setProperty("role", "muted")
        self.words.setWordWrap(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(100 * LEAST_DEPTH), 100)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName("Depth of the map")
        self.slider.setToolTip("The share of the points, the nearest to the plane, that keep half their strength")
        self.slider.sliderPressed.connect(self._begin)
        self.slider.valueChanged.connect(self._slide)
        self.slider.sliderReleased.connect(self._end)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 2)
        layout.setSpacing(4)
        layout.addWidget(self.bar)
        layout.addWidget(self.slider)
        layout.addWidget(self.words)
        for signal in (
            workspace.layers_changed, workspace.plane_changed, workspace.model_changed, workspace.snapshot_changed
        ):  # fmt: skip
            signal.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.bar.set_theme(theme)

    def refresh(self) -> None:
        depth = self._depth()
        share = self._workspace.layers.depth
        self.slider.blockSignals(True)
        self.slider.setValue(round(100 * share))
        self.slider.blockSignals(False)
        self.bar.show_depth(depth)
        for part in (self.bar, self.slider, self.words):
            part.setVisible(depth is not None)
        if depth is None or not len(depth.distance):
            self.words.clear()
            return
        self.words.setText(
            f"Half strength at {depth.half:.2f} off the plane: {100 * share:.0f} % of the points are nearer. "
            f"The nearest is {depth.nearest:.2f} off, the farthest {depth.farthest:.2f}."
        )

    def _begin(self) -> None:
        self._before = self._workspace.layers

    def _slide(self, percent: int) -> None:
        layers = replace(self._workspace.layers, depth=percent / 100)
        if self._before is None:
            self._workspace.change_layers(layers, "Depth of the map")
        else:
            self._workspace.set_layers(layers)

    def _end(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            after = replace(before, depth=self.slider.value() / 100)
            self._workspace.set_layers(before)
            self._workspace.change_layers(after, "Depth of the map")


class _Bar(QWidget):
    """ "near" and "far" over a strip that is as strong as the points at that distance."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._depth: Depth | None = None
        self.setAccessibleName("Near and far")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_depth(self, depth: Depth | None) -> None:
        self._depth = depth
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, self.fontMetrics().height() + 12)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        depth = self._depth
        if depth is None:
            return
        line = self.fontMetrics().height()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(colour(self._theme.muted))
            top = QRectF(0, 0, self.width(), line)
            painter.drawText(top, Qt.AlignmentFlag.AlignLeft, "near: 0")
            painter.drawText(top, Qt.AlignmentFlag.AlignRight, f"far: {depth.farthest:.1f}")
            gradient = QLinearGradient(0, 0, self.width(), 0)
            places = np.linspace(0, 1, STOPS)
            for place, left in zip(places, depth.strength(places * depth.farthest), strict=True):
                gradient.setColorAt(float(place), colour(self._theme.text, float(left)))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(gradient)
            painter.drawRoundedRect(QRectF(0, line + 2, self.width(), 8), 3, 3)

"""The layer of light grid lines, and the layer of the axes: ticks in units of the prior, along two edges of the map."""

import math

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter

from latentscope.map.scene import Scene, colour
from trainer.geometry import axis_name

__all__ = ["AXIS_HEIGHT", "AXIS_WIDTH", "AxesLayer", "GridLayer", "axis_names", "tick_step", "tick_text"]

# The room that the axes take, in logical pixels. The map goes on under them.
AXIS_WIDTH, AXIS_HEIGHT = 46, 34
# The least distance between ticks, in logical pixels.
TICK_DISTANCE = 64
# Numbers so far apart are written with a power of ten.
LONG = 1e6


def tick_step(scale: float, distance: float = TICK_DISTANCE) -> float:
    """The smallest of 1, 2, 5 · 10^k map units that is at least ``distance`` pixels at ``scale`` pixels a unit."""
    least = distance / scale
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def axis_step(scene: Scene) -> float:
    """The step of both axes: wide enough for the longest number on them."""
    visible = scene.camera.visible()
    step = tick_step(scene.camera.scale)
    metrics = QFontMetricsF(scene.font)
    ends = (visible.left, visible.right, visible.bottom, visible.top)
    width = max(metrics.horizontalAdvance(tick_text(end, step)) for end in ends)
    return tick_step(scene.camera.scale, max(TICK_DISTANCE, width + 24))


def ticks(low: float, high: float, step: float) -> list[float]:
    """The multiples of ``step`` between low and high."""
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step) + 1)]


def tick_text(value: float, step: float) -> str:
    """As many decimals as the step needs, and a true minus sign."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    text = f"{abs(value):.{decimals}f}" if step < LONG else f"{abs(value):.3g}"
    return f"−{text}" if value < 0 and float(text) != 0 else text


def axis_names(scene: Scene) -> tuple[str, str]:
    """What lies along the two axes: a latent axis ("z₃"), a principal component, another direction, or nothing.

    On a map that is turned to be aligned with another, the names are those of the other with a prime ("z₃′").
    """
    plane = scene.axes or scene.plane
    names = []
    for name, direction in zip(scene.directions, (plane.u, plane.v), strict=True):
        axis = [i for i, part in enumerate(direction) if part == 1]
        if axis and plane.origin[axis[0]] == 0:  # the numbers on it are those of the latent axis
            names.append(axis_name(axis[0]))
        else:
            names.append(name if direction.any() else "")
    prime = "" if plane is scene.plane else "′"
    return names[0] and names[0] + prime, names[1] and names[1] + prime


class GridLayer:
    """Lines of whole device pixels: they are crisp, and Qt fills rectangles ten times faster than it smooths lines."""

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if scene.embedding is not None:  # there are no axes
            return
        camera, visible = scene.camera, scene.camera.visible()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        pixel = 1 / camera.ratio
        thick = pixel * max(1, round(camera.ratio * 0.75))
        step = axis_step(scene)
        for x in ticks(visible.left, visible.right, step):
            left = round(float(camera.to_pixel((x, 0))[0]) * camera.ratio) * pixel
            painter.fillRect(QRectF(left, 0, thick, camera.height), self._colour(scene, x))
        if scene.plane.dimension == 1:
            return
        for y in ticks(visible.bottom, visible.top, step):
            top = round(float(camera.to_pixel((0, y))[1]) * camera.ratio) * pixel
            painter.fillRect(QRectF(0, top, camera.width, thick), self._colour(scene, y))

    @staticmethod
    def _colour(scene: Scene, value: float) -> QColor:
        return colour(scene.theme.border if value == 0 else scene.theme.grid)


class AxesLayer:
    """The numbers along the left and the lower edge, on a veil of the background so that points do not disturb them."""

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if scene.embedding is not None:
            return
        camera, theme = scene.camera, scene.theme
        visible = camera.visible()
        step = axis_step(scene)
        width, height = camera.width, camera.height
        self._veil(painter, scene)
        painter.setFont(scene.font)
        centred = Qt.AlignmentFlag.AlignCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(colour(theme.muted))
        names = axis_names(scene)
        metrics = QFontMetricsF(scene.font)
        named = metrics.horizontalAdvance(names[0])
        for x in ticks(visible.left, visible.right, step):
            pixel = float(camera.to_pixel((x, 0))[0])
            text = tick_text(x, step)
            half = metrics.horizontalAdvance(text) / 2  # the number stands clear of the axis's name
            if (AXIS_WIDTH if scene.plane.dimension > 1 else 16) < pixel < width - 18 - named - half:
                painter.drawText(QRectF(pixel - 40, height - 24, 80, 18), centred, text)
        painter.setPen(colour(theme.text))
        painter.drawText(QRectF(width - 52, height - 24, 42, 18), right, names[0])
        if scene.plane.dimension == 1:
            return
        painter.drawText(QRectF(0, 8, AXIS_WIDTH - 10, 18), right, names[1])
        painter.setPen(colour(theme.muted))
        numbers = [
            (float(camera.to_pixel((0, y))[1]), tick_text(y, step)) for y in ticks(visible.bottom, visible.top, step)
        ]
        # Far into the map the numbers are longer than the axis is wide: then they reach into the map.
        longest = max((metrics.horizontalAdvance(text) for _, text in numbers), default=0.0)
        edge = max(AXIS_WIDTH - 10, longest + 6)
        for pixel, text in numbers:
            if 34 < pixel < height - AXIS_HEIGHT:
                painter.drawText(QRectF(0, pixel - 9, edge, 18), right, text)

    @staticmethod
    def _veil(painter: QPainter, scene: Scene) -> None:
        width, height = scene.camera.width, scene.camera.height
        solid, clear = colour(scene.theme.map_background, 0.9), colour(scene.theme.map_background, 0.0)
        below = QLinearGradient(0, height, 0, height - AXIS_HEIGHT * 1.3)
        left = QLinearGradient(0, 0, AXIS_WIDTH * 1.3, 0)
        for gradient in (below, left):
            gradient.setColorAt(0, solid)
            gradient.setColorAt(0.55, solid)
            gradient.setColorAt(1, clear)
        painter.fillRect(QRectF(0, height - AXIS_HEIGHT * 1.3, width, AXIS_HEIGHT * 1.3), below)
        if scene.plane.dimension > 1:
            painter.fillRect(QRectF(0, 0, AXIS_WIDTH * 1.3, height), left)

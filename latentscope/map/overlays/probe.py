"""The overlay of the probe: the latent point that is being decoded now."""

import math

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen, QPolygonF, QRegion

from latentscope.map.grid import AXIS_HEIGHT, AXIS_WIDTH
from latentscope.map.scene import Scene, colour

__all__ = ["OFF_PLANE", "ProbeOverlay"]

# Farther from the plane than this the probe is not on it: what would be shown as 0.01 at least.
OFF_PLANE = 0.005
RADIUS = 6.5
# The height of the marks on the axes.
MARK = 5.0


class ProbeOverlay:
    """A white ring in a dark one around the accent colour: clear on every background and on every class colour.

    Off the plane it is hollow, and says how far off it is. A mark on each axis shows its coordinates. (Hairs from the
    probe to the axes looked no better, and to paint them took several times as long as all the rest.)
    """

    def __init__(self) -> None:
        self._drawn_for = ("", 0.0)  # filling and device-pixel ratio
        self._ring = QImage()
        self._seen: Scene | None = None
        self._region = QRegion()  # in that scene: each move of the mouse asks for it three times

    def region(self, scene: Scene) -> QRegion:
        if scene is not self._seen:
            self._seen, self._region = scene, self._region_in(scene)
        return self._region

    def _region_in(self, scene: Scene) -> QRegion:
        centre = self._centre(scene)
        if centre is None:
            return QRegion()
        x, y, reach = round(centre.x()), round(centre.y()), int(RADIUS) + 5
        region = QRegion(QRect(x - reach, y - reach, 2 * reach + 1, 2 * reach + 1))
        half = int(MARK) + 2
        if scene.embedding is None:
            region += QRect(x - half, scene.camera.height - AXIS_HEIGHT, 2 * half + 1, half + 2)
        if scene.plane.dimension > 1 and scene.embedding is None:
            region += QRect(AXIS_WIDTH - half, y - half, half + 2, 2 * half + 1)
        if words := self._words(scene):
            region += self._words_place(scene, centre, words).toAlignedRect().adjusted(-4, -2, 4, 2)
        return region & QRect(0, 0, scene.camera.width, scene.camera.height)

    def paint(self, painter: QPainter, scene: Scene) -> None:
        centre = self._centre(scene)
        if centre is None:
            return
        if scene.embedding is None:
            self._paint_marks(painter, scene, centre)
        words = self._words(scene)
        if words:
            self._paint_words(painter, scene, self._words_place(scene, centre, words), words)
        filling, ratio = "" if words else scene.theme.accent, scene.camera.ratio
        if self._drawn_for != (filling, ratio):
            self._drawn_for, self._ring = (filling, ratio), ring(filling, ratio)
        # Copied to whole device pixels: to draw it took as long as to decode an image.
        half = self._ring.width() // 2
        painter.scale(1 / ratio, 1 / ratio)
        painter.drawImage(round(centre.x() * ratio) - half, round(centre.y() * ratio) - half, self._ring)

    @staticmethod
    def _paint_marks(painter: QPainter, scene: Scene, centre: QPointF) -> None:
        """Where it is on both axes."""
        x, y = centre.x(), centre.y()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(scene.theme.accent))
        below = scene.camera.height - AXIS_HEIGHT + 1.0
        painter.drawPolygon(
            QPolygonF([QPointF(x, below), QPointF(x - MARK, below + MARK), QPointF(x + MARK, below + MARK)])
        )
        if scene.plane.dimension > 1:
            side = AXIS_WIDTH - 1.0
            painter.drawPolygon(
                QPolygonF([QPointF(side, y), QPointF(side - MARK, y - MARK), QPointF(side - MARK, y + MARK)])
            )

    @staticmethod
    def _words(scene: Scene) -> str:
        """How far the probe lies off the plane; empty where it lies on it."""
        if scene.probe is not None and scene.embedding is not None:
            _, away = scene.embedding.nearest_row(scene.probe)
            return f"{away:.2f} from this code" if away > OFF_PLANE else ""
        if scene.probe is None or scene.plane.dimension <= 2 or scene.codebook is not None:
            return ""
        distance = float(scene.plane.distance(scene.probe))
        return f"{distance:.2f} off the plane" if distance > OFF_PLANE else ""

    @staticmethod
    def _words_place(scene: Scene, centre: QPointF, words: str) -> QRectF:
        """Beside the ring, on the side where there is room."""
        metrics = QFontMetrics(scene.font)
        width, height = metrics.horizontalAdvance(words) + 2, metrics.height()
        right = centre.x() + RADIUS + 7
        left = right if right + width < scene.camera.width else centre.x() - RADIUS - 7 - width
        return QRectF(left, centre.y() - height / 2, width, height)

    @staticmethod
    def _paint_words(painter: QPainter, scene: Scene, place: QRectF, words: str) -> None:
        # On a ground of its own: to stroke the letters' outlines takes longer than all the rest.
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(scene.theme.map_background, 0.75))
        painter.drawRoundedRect(place.adjusted(-3, 0, 3, 0), 4, 4)
        painter.setFont(scene.font)
        painter.setPen(colour(scene.theme.text))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    @staticmethod
    def _centre(scene: Scene) -> QPointF | None:
        """Where the probe is, in pixels; None where there is none, or it is far off the screen."""
        if scene.probe is None:
            return None
        if scene.embedding is not None:
            place = scene.embedding.cloud.position[scene.embedding.nearest_row(scene.probe)[0]]
        else:
            place = scene.plane.to_map(scene.probe)
        x, y = scene.camera.to_pixel(place)
        if abs(x) > 1e5 or abs(y) > 1e5:
            return None
        return QPointF(float(x), float(y))


def ring(filling: str, ratio: float) -> QImage:
    """The probe's mark about the middle of an image, ``ratio`` of whose pixels make a logical one; hollow where it has
    no ``filling``."""
    half = math.ceil((RADIUS + 3) * ratio)
    image = QImage(2 * half, 2 * half, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(half, half)
        painter.scale(ratio, ratio)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 4.5))
        painter.setBrush(QColor(filling) if filling else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(0, 0), RADIUS, RADIUS)
        painter.setPen(QPen(QColor("white"), 2.25))
        painter.drawEllipse(QPointF(0, 0), RADIUS, RADIUS)
    return image

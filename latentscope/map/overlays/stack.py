"""The overlays of a map, the first one lowest, and where each of them was painted last."""

from collections.abc import Iterable

from PySide6.QtGui import QPainter, QRegion

from latentscope.map.scene import Overlay, Scene

__all__ = ["OverlayStack"]


class OverlayStack:
    """Paints them, and knows what has to be painted again when one of them moves."""

    def __init__(self, overlays: Iterable[Overlay]) -> None:
        self._overlays = list(overlays)
        self._painted: dict[int, QRegion] = {}

    def put_under(self, overlay: Overlay, other: Overlay) -> None:
        """One more, right under another."""
        self._overlays.insert(self._overlays.index(other), overlay)

    def area(self, overlay: Overlay, scene: Scene) -> QRegion:
        """Where an overlay was painted last, and where it would be now."""
        return self._painted.get(id(overlay), QRegion()) | overlay.region(scene)

    def paint(self, painter: QPainter, scene: Scene, where: QRegion) -> None:
        """Paint those that have something there."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for overlay in self._overlays:
            region = overlay.region(scene)
            self._painted[id(overlay)] = region
            if region.intersects(where):
                painter.save()
                overlay.paint(painter, scene)
                painter.restore()

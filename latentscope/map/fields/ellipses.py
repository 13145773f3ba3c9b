"""The layer of posterior ellipses, 1 σ of q(z|x) as it falls on the map, and the one of the point under the mouse."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QRegion

from latentscope.map.scene import Scene, colour
from latentscope.state.selection import Selecting, Selection
from latentscope.theme import mix
from trainer.analysis.plane_fields import projected

__all__ = ["MOST", "EllipsesLayer", "ellipses_in_view", "hovered_region", "paint_hovered"]

# So many at most are drawn, and while the camera is on its way.
MOST, MOST_MOVING = 2500, 250
LOOKED_AT = 50_000  # points that are looked through for those in view; of more, evenly chosen ones
SAMPLE = 100
LEAST_MANY, LAYERS_DEEP = 40, 6  # they may cover the view so many times, but for the least number of them
LEAST = 0.7  # px: no half-axis is drawn shorter, not even one of a space of one dimension


class EllipsesLayer:
    """Of the selected points or of all in view; of many, evenly chosen ones."""

    def __init__(self, selecting: Selecting) -> None:
        self._selecting = selecting
        self.rough = False  # fewer were drawn than could be

    def paint(self, painter: QPainter, scene: Scene) -> None:
        self.rough = False
        if not scene.layers.shows("ellipses") or scene.codes is None or scene.codes.logvar is None:
            return
        rows, seen = ellipses_in_view(scene, self._selecting.selection)
        self.rough = scene.moving and seen > len(rows)
        if not len(rows):
            return
        centre = scene.camera.to_pixel(scene.cloud.position[rows])
        axes, angle = half_axes(scene, rows)
        few = float(np.clip(1.15 - 0.25 * np.log10(len(rows)), 0.35, 0.9))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        transform = painter.worldTransform()
        look, last = scene.look, -1
        for i in np.argsort(look.colour[rows], kind="stable"):
            if look.colour[rows[i]] != last:
                last = int(look.colour[rows[i]])
                own = QColor(*look.table[last].tolist()).name()
                painter.setPen(QPen(colour(mix(scene.theme.text, own, 0.5).name(), few), 0))
            painter.translate(*centre[i])
            painter.rotate(angle[i])
            painter.drawEllipse(QPointF(), *axes[i])
            painter.setWorldTransform(transform)


def ellipses_in_view(scene: Scene, selection: Selection) -> tuple[NDArray[np.intp], int]:
    """The rows of the cloud whose ellipses are drawn, and of about how many in view: those of the points wanted."""
    cloud, camera = scene.cloud, scene.camera
    known = scene.codes is not None and scene.codes.logvar is not None
    if scene.layers.ellipses == "hovered" or not known or not len(cloud.index):
        return np.empty(0, np.intp), 0
    rows, outnumbered = candidates(scene, selection)
    x, y = camera.to_pixel(cloud.position[rows]).T
    seen = (x > -50) & (x < camera.width + 50) & (y > -50) & (y < camera.height + 50)
    rows = rows[seen & (scene.look.strength[rows] > 0)]
    # By a number of the code's own, not its place in a list, so that the same ones stay while the view moves.
    most = min(MOST_MOVING if scene.moving else MOST, room_for(scene, rows))
    halves = max(0, int(np.ceil(np.log2(max(len(rows), 1) / most))))
    return rows[lots(cloud.index[rows]) < np.uint64(1 << (32 - halves))], max(outnumbered, len(rows))


def lots(index: NDArray[np.integer]) -> NDArray[np.uint64]:
    """A number below 2³² for each index, as good as random: the finalizer of Appleby's MurmurHash3. Multiples of the
    golden ratio would not do: where there is one dimension, these are the heights at which the points lie."""
    mask = np.uint64(0xFFFFFFFF)
    lot = index.astype(np.uint64)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        lot = (lot ^ lot >> np.uint64(shift)) * np.uint64(factor) & mask
    result: NDArray[np.uint64] = lot ^ lot >> np.uint64(16)
    return result


def room_for(scene: Scene, rows: NDArray[np.intp]) -> int:
    """How many ellipses can be told from each other in this view, by the size of a sample of them."""
    if not len(rows):
        return 1
    axes = half_axes(scene, rows[:: max(1, len(rows) // SAMPLE)])[0]
    area = max(float(np.median(np.pi * axes[:, 0] * axes[:, 1])), 1e-6)
    return max(LEAST_MANY, int(LAYERS_DEEP * scene.camera.width * scene.camera.height / area))


def candidates(scene: Scene, selection: Selection) -> tuple[NDArray[np.intp], int]:
    """Rows among which all wanted ones in view are, or evenly chosen ones of very many, and then of how many."""
    cloud = scene.cloud
    if scene.layers.ellipses == "selected":
        rows = np.minimum(np.searchsorted(cloud.index, selection.index), len(cloud.index) - 1)
        return rows[cloud.index[rows] == selection.index], 0
    if len(cloud.index) <= LOOKED_AT:
        return np.arange(len(cloud.index)), 0
    view = scene.camera.visible()
    count = cloud.count(view)
    if cloud.cells is not None and count <= LOOKED_AT:
        pieces = [cloud.cells.order[piece] for some in cloud.cells.slices(view) for piece in some]
        return np.concatenate([np.empty(0, np.intp), *pieces]).astype(np.intp), 0
    return np.arange(0, len(cloud.index), len(cloud.index) // LOOKED_AT), count


def half_axes(scene: Scene, rows: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The half-axes (M, 2) in logical pixels of the 1 σ ellipses of rows (M,), and how far each is turned, degrees."""
    assert scene.codes is not None and scene.codes.logvar is not None
    logvar = np.nan_to_num(scene.codes.logvar[scene.cloud.index[rows]].astype(float))
    value, vector = np.linalg.eigh(projected(np.exp(np.clip(logvar, -30, 30)), scene.plane))
    axes = np.sqrt(np.maximum(value, 0)) * scene.camera.scale
    # Pixels count downwards, so that what turns left on the map turns right for Qt.
    angle = -np.degrees(np.arctan2(vector[:, 1, 0], vector[:, 0, 0]))
    return np.clip(axes, LEAST, 1e5), angle


def hovered_region(scene: Scene, row: int) -> QRegion:
    """The logical pixels of the ellipse of a point of the cloud."""
    if not _has_ellipse(scene, row):
        return QRegion()
    reach = int(min(half_axes(scene, np.array([row]))[0].max(), 4000)) + 4
    x, y = (round(float(c)) for c in scene.camera.to_pixel(scene.cloud.position[row]))
    return QRegion(QRect(x - reach, y - reach, 2 * reach + 1, 2 * reach + 1))


def paint_hovered(painter: QPainter, scene: Scene, row: int) -> None:
    """The 1 σ ellipse of a point of the cloud, over all that is there."""
    if not _has_ellipse(scene, row):
        return
    axes, angle = half_axes(scene, np.array([row]))
    painter.save()
    painter.translate(*scene.camera.to_pixel(scene.cloud.position[row]))
    painter.rotate(float(angle[0]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colour(scene.theme.map_background, 0.8), 4), QPen(colour(scene.theme.text), 1.6)):
        painter.setPen(pen)
        painter.drawEllipse(QPointF(), *axes[0])
    painter.restore()


def _has_ellipse(scene: Scene, row: int) -> bool:
    shown = scene.layers.shows("ellipses") and 0 <= row < len(scene.cloud.index)
    return shown and scene.codes is not None and scene.codes.logvar is not None

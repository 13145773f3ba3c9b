"""What the map shows when nobody has moved it, and the way from one camera to another."""

import numpy as np
from PySide6.QtCore import QEasingCurve, QObject, QVariantAnimation, Signal

from latentscope.map.camera import Bounds, Camera, Insets
from latentscope.map.grid import AXIS_HEIGHT, AXIS_WIDTH
from latentscope.map.marks import CodeMarks
from latentscope.map.points.cloud import Cloud
from trainer.geometry import Plane

__all__ = ["PERCENTILE", "CameraMotion", "calls_for_refit", "home_bounds", "home_camera"]

# Points beyond this percentile at each end of each axis may lie outside the first view.
PERCENTILE = 0.15
# Beyond codes that no prior holds, as a share of how far they reach.
AIR = 0.08
# And so much of their space is seen at least, in its units: at the beginning of a training they lie on one another.
LEAST_SEEN = 0.5
# A view that shows the codes this much smaller than it could is a view to leave.
TOO_FAR = 1.6
MOTION_MS = 220


def home_bounds(cloud: Cloud, plane: Plane, codebook: CodeMarks | None = None, *, prior: bool = True) -> Bounds:
    """The prior's 3 σ square, or most of the codebook where the model has that instead, and nearly all codes; of a
    model that has neither, these and some air."""
    x, y = (float(part) for part in plane.to_map(np.zeros(plane.dimension)))
    square = Bounds(x - 3, y - 3, x + 3, y + 3)
    codes = cloud.bounds(PERCENTILE)
    if codebook is not None:
        square = codebook.bounds()
    elif not prior and codes is not None and (size := max(codes.width, codes.height)) > 0:
        square = codes.padded(max(AIR * size, (LEAST_SEEN - size) / 2))
    both = square.united(codes) if codes else square
    # In one dimension only the width counts.
    return Bounds(both.left, -0.01, both.right, 0.01) if plane.dimension == 1 else both


def home_camera(camera: Camera, wanted: Bounds) -> Camera:
    """The camera that shows all of ``wanted`` (see ``home_bounds``), clear of the axes."""
    return camera.fitted(wanted, Insets(AXIS_WIDTH, 18, 18, AXIS_HEIGHT))


def calls_for_refit(camera: Camera, wanted: Bounds) -> bool:
    """Whether what is wanted has left the camera's view, or shrunk to a small part of it."""
    return not camera.visible().holds(wanted) or home_camera(camera, wanted).scale > TOO_FAR * camera.scale


class CameraMotion(QObject):
    """Moves the camera to a goal in a fraction of a second. ``moved`` has each camera on the way."""

    moved = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._start = self._goal = Camera()
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(MOTION_MS)
        self._animation.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self._step)

    def start(self, start: Camera, goal: Camera) -> None:
        self.stop()
        self._start, self._goal = start, goal
        self._animation.start()

    def stop(self) -> None:
        self._animation.stop()

    def is_running(self) -> bool:
        return self._animation.state() == QVariantAnimation.State.Running

    def _step(self, share: float) -> None:
        self.moved.emit(self._start.towards(self._goal, share))

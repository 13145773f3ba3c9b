"""Picking the three points through which the plane of the map is to go."""

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from latentscope.map.overlays.hover import PICK_RADIUS
from latentscope.map.view import MapView, pixel_of
from latentscope.state.paths import Latent
from latentscope.state.planes import PlaneChoice
from trainer.errors import ConfigError

__all__ = ["PlanePicking"]

PROBE_REACH = 12.0  # px: so near to the probe a click means the probe


class PlanePicking(QObject):
    """Takes the left clicks on the map while it is active; all else goes to the map as ever.

    A click means a code, whose whole latent point counts and not only its place on the map, or the probe.
    """

    changed = Signal()

    def __init__(self, view: MapView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._map, self._workspace = view, view.workspace
        self.active = False
        self.trouble = ""  # why the last click did not count
        for signal in (self._workspace.model_changed, self._workspace.snapshot_changed, self._workspace.plane_changed):
            signal.connect(self.cancel)

    @property
    def picked(self) -> tuple[Latent, ...]:
        return self._map.picks_overlay.points

    def start(self) -> None:
        self.active, self.trouble = True, ""
        self._show(())
        self._map.installEventFilter(self)
        self._map.setCursor(Qt.CursorShape.CrossCursor)
        self._map.setFocus()

    def cancel(self) -> None:
        if self.active:
            self.active, self.trouble = False, ""
            self._map.removeEventFilter(self)
            self._map.update_cursor()
            self._show(())

    def pick_probe(self) -> None:
        """The next point is where the probe is."""
        if self.active:
            self._take(self._workspace.probe)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.KeyPress:
                self.cancel()
            return True
        if not isinstance(event, QMouseEvent) or event.type() == QEvent.Type.MouseMove:
            return False
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if event.type() == QEvent.Type.MouseButtonPress:
            self._click(pixel_of(event.position()))
        return True

    def _click(self, pixel: tuple[float, float]) -> None:
        view, workspace = self._map, self._workspace
        place = view.camera.to_map(pixel)
        to_probe = float(np.hypot(*(view.camera.to_pixel(workspace.plane.to_map(workspace.probe)) - pixel)))
        row = view.cloud.nearest(place, PICK_RADIUS / view.camera.scale, workspace.hidden_classes)
        to_point = np.inf
        if row >= 0:
            to_point = float(np.hypot(*(view.camera.to_pixel(view.cloud.position[row]) - pixel)))
        if to_probe <= PROBE_REACH and to_probe <= to_point:
            self._take(workspace.probe)
        elif row >= 0 and workspace.codes is not None:
            self._take(workspace.codes.mean[view.cloud.index[row]].astype(float))
        else:
            self.trouble = "There is no point here. "
            self.changed.emit()

    def _take(self, z: Latent) -> None:
        self.trouble = ""
        points = (*self.picked, z)
        if len(points) < 3:
            if len(points) == 2 and np.allclose(points[0], points[1], rtol=0, atol=1e-9):
                self.trouble = "That is the first point again. "
                self.changed.emit()
            else:
                self._show(points)
            return
        still = tuple(self._workspace.still_point(point) for point in points)
        try:
            self._workspace.change_plane(PlaneChoice("points", points=still), "Plane through three points")
        except ConfigError as error:
            self.trouble = f"{error} "
            self.changed.emit()
        else:
            self.cancel()

    def _show(self, points: tuple[Latent, ...]) -> None:
        overlay = self._map.picks_overlay
        self._map.repaint_overlay(overlay)
        overlay.points = points
        self._map.repaint_overlay(overlay)
        self.changed.emit()

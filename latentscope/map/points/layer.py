"""The layer of encoded test points.

What can be drawn within a frame is drawn at once, each time. The pictures of more points are made on another thread:
one of the view and something beyond it, and smaller ones of the whole cloud. Until the exact one has come, what there
is is moved and stretched, so that a frame costs the same whatever the number of points; then the one fades into the
other. Many points are also sorted into cells on that thread, so that from near only those in view are looked at.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QRegion

from latentscope.background import Background
from latentscope.map.camera import Camera
from latentscope.map.pace import DroppedError, Pace
from latentscope.map.pictures import draw_unscaled
from latentscope.map.points.cells import Cells, sorted_into_cells
from latentscope.map.points.cloud import MANY, Cloud
from latentscope.map.points.plates import Content, Plate, draw_overview, draw_plate, point_radius_at
from latentscope.map.scene import Scene

__all__ = ["PointsLayer", "point_radius"]

# What drawing the points at once may take while the camera moves, of the 16.7 ms of a frame, and when it is at rest.
BUDGET_MS, REST_MS = 8.0, 40.0
# And while the mouse drags something else over the map, which is to follow it: a snapshot has come meanwhile, say.
HELD_MS = 2.0
# What drawing a picture is thought to take before any has been drawn: for each million of its pixels, and for each
# million of pixels of all discs.
PIXEL_MS, DISC_MS = 3.0, 28.0
# How much a picture may be stretched before another is wanted while the camera still moves.
STRETCH = 1.25
# A picture that is made on the other thread reaches beyond the view by this share of it on each side.
MARGIN = 0.125
FADE_SECONDS, FADE_FRAME_MS = 0.14, 16


@dataclass(eq=False)
class _Task:
    """What the other thread is at: ``wanted`` says for which scene."""

    wanted: Any
    pace: Pace


class PointsLayer(QObject):
    """Draws the points. ``changed`` says that the layer would look different now."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plate: Plate | None = None
        self._overview: list[Plate] = []
        self._leaving: QImage | None = None  # what is fading out, seen from the plate's camera
        self._since = 0.0
        self._machine = 1.0  # how many times as long as thought a drawing takes here
        self._background = Background("points", self, brief=True)
        self._tasks: dict[str, _Task] = {}
        self._moving = self._closed = self._waiting = False
        self._light = False  # drawn on the other thread only for the hand's sake
        self._fade = QTimer(self, interval=FADE_FRAME_MS)
        self._fade.timeout.connect(self._step_fade)
        self.budget_ms, self.held_ms, self.rest_ms = BUDGET_MS, HELD_MS, REST_MS
        self.rough = False  # what was painted last is not exactly what the camera sees
        self.drawn = 0  # how many exact pictures there have been; for tests and benchmarks

    def forget(self) -> None:
        """Another model is open: nothing of the old one may be seen."""
        for name in tuple(self._tasks):
            self._drop(name)
        self._plate, self._overview, self._leaving = None, [], None
        self._fade.stop()

    def close(self) -> None:
        """End the other thread. What cannot be drawn at once is not drawn any more."""
        self._closed = True
        self.forget()
        self._background.close()

    def make_room(self, for_frame: bool) -> None:
        """A frame of the window begins, or is done: until then the other thread rests."""
        self._waiting = for_frame
        for task in self._tasks.values():
            task.pace.waiting = for_frame

    def is_settled(self) -> bool:
        """Whether every point in view is shown exactly, and nothing is made that the next gesture would need."""
        return not self._tasks and not self._fade.isActive()

    @property
    def overview_bytes(self) -> int:
        """The memory that the pictures of the whole cloud take."""
        return sum(plate.image.sizeInBytes() for plate in self._overview)

    # --- painting -------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, scene: Scene) -> None:
        self.rough, self._moving = False, scene.moving
        for task in self._tasks.values():
            task.pace.gently = scene.moving
        if not scene.layers.shows("points") or not len(scene.cloud.index):
            return
        content, camera = (scene.cloud, scene.look, scene.camera.ratio), scene.camera
        exact = self._plate is not None and self._plate.is_of(content, camera)
        if scene.still and not exact:
            draw_plate(*content[:2], camera).paint_exactly(painter)
            return
        if not exact:
            cost, held = self._cost_of(scene.cloud, camera), scene.held and self._plate is not None
            if cost <= (self.budget_ms if scene.moving else self.held_ms if held else self.rest_ms):
                self._draw_now(content, camera)
                exact = True
            self._light = held and not scene.moving and cost <= self.rest_ms
        if exact and self._plate is not None:
            self._drop("plate")
            if self._leaving is not None:
                self._paint_fading(painter, self._plate, self._leaving)
            else:
                self._plate.paint_exactly(painter)
        else:
            self.rough = True
            self._leaving = None
            self._fade.stop()
            self._paint_roughly(painter, camera, scene.cloud)
            if not scene.moving or not self._is_good_enough(content, camera):
                self._ask_for_plate(content, camera)
        self._sort(scene.cloud)  # last: there is to be something to see first

    def _draw_now(self, content: Content, camera: Camera) -> None:
        thought = self._cost_of(content[0], camera) / self._machine
        start = time.perf_counter()
        self._plate = draw_plate(*content[:2], camera)
        # A single drawing may be slow for any reason: what it says is taken with a grain of salt.
        taken = (time.perf_counter() - start) * 1000 / max(thought, 1e-3)
        self._machine = min(max(0.7 * self._machine + 0.3 * taken, 0.3), 3.0)
        self._leaving = None
        self._fade.stop()
        self.drawn += 1

    def _cost_of(self, cloud: Cloud, camera: Camera) -> float:
        """About how long it would take to draw all that is seen, in milliseconds."""
        width, height = camera.device_size
        disc = math.pi * (point_radius_at(cloud, camera.scale) * camera.ratio + 0.7) ** 2
        count = cloud.count(camera.visible())
        return self._machine * (PIXEL_MS * width * height + DISC_MS * count * disc) / 1e6

    def _paint_roughly(self, painter: QPainter, camera: Camera, cloud: Cloud) -> None:
        """What there is: the plate in its place, and the whole cloud's picture of about that size where it is not."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        plate, whole = self._plate, self._whole(camera)
        rest = QRegion(0, 0, camera.width, camera.height)
        if plate is not None and not (whole is not None and is_better(whole, plate, camera, cloud)):
            plate.paint(painter, camera)
            rest -= QRegion(plate.place(camera).toAlignedRect().adjusted(1, 1, -1, -1))
        if whole is not None and not rest.isEmpty():
            painter.setClipRegion(rest)
            whole.paint(painter, camera)

    def _whole(self, camera: Camera) -> Plate | None:
        """The whole cloud's picture that suits a camera best: hardly smaller than it is shown, if there is one."""
        wanted = 0.75 * camera.scale * camera.ratio
        return next((one for one in reversed(self._overview) if one.scale >= wanted), next(iter(self._overview), None))

    def _is_good_enough(self, content: Content, camera: Camera) -> bool:
        """Whether the plate will do for as long as the camera moves."""
        if self._plate is None or self._plate.content != content:
            return False
        stretch = camera.scale * camera.ratio / self._plate.scale
        view = QRectF(0, 0, camera.width, camera.height)
        return 1 / STRETCH < stretch < STRETCH and self._plate.place(camera).adjusted(-1, -1, 1, 1).contains(view)

    def _paint_fading(self, painter: QPainter, plate: Plate, leaving: QImage) -> None:
        """The plate, and what was there before, mixed."""
        share = min(1.0, (time.perf_counter() - self._since) / FADE_SECONDS)
        mixed = QImage(leaving.size(), QImage.Format.Format_ARGB32_Premultiplied)
        mixed.fill(0)
        with QPainter(mixed) as mixing:
            mixing.setCompositionMode(QPainter.CompositionMode.CompositionMode_Plus)
            mixing.setOpacity(1 - share)
            mixing.drawImage(0, 0, leaving)
            mixing.setOpacity(share)
            mixing.drawImage(-plate.margin[0], -plate.margin[1], plate.image)
        draw_unscaled(painter, mixed, plate.content[2])

    def _step_fade(self) -> None:
        if time.perf_counter() - self._since >= FADE_SECONDS:
            self._leaving = None
            self._fade.stop()
        self.changed.emit()

    # --- what is made on the other thread -------------------------------------------------------------------------

    def _sort(self, cloud: Cloud) -> None:
        """Have many points sorted into cells, once."""
        if cloud.cells is not None or len(cloud.index) <= MANY or self._is_at("cells", cloud):
            return
        around = cloud.bounds(0.1)
        assert around is not None

        def take(cells: Cells) -> None:
            cloud.cells = cells

        self._submit("cells", cloud, lambda pace: sorted_into_cells(cloud.position, around, pace), take)

    def _ask_for_plate(self, content: Content, camera: Camera) -> None:
        task = self._tasks.get("plate")
        if task is not None and (self._moving or task.wanted[1] == camera):
            return  # what is under way comes first, or there would be nothing new while one wish follows the other
        # What is looked at comes first; the whole cloud's picture is asked for anew when it is there.
        self._drop("overview")
        share = 0 if self._light else MARGIN
        margin = tuple(2 * math.ceil(size * share / 2) for size in camera.device_size)
        self._submit(
            "plate",
            (content, camera),
            lambda pace: draw_plate(*content[:2], camera, (margin[0], margin[1]), pace),
            self._take_plate,
        )

    def _take_plate(self, plate: Plate) -> None:
        before, camera = self._plate, plate.camera
        self._leaving = None
        if before is not None and camera is not None and not self._moving and not self._light:
            self._leaving = QImage(*camera.device_size, QImage.Format.Format_ARGB32_Premultiplied)
            self._leaving.fill(0)
            self._leaving.setDevicePixelRatio(camera.ratio)
            with QPainter(self._leaving) as painter:
                self._paint_roughly(painter, camera, plate.content[0])
            self._leaving.setDevicePixelRatio(1)
            self._since = time.perf_counter()
            self._fade.start()
        self._plate = plate
        self.drawn += 1
        if not self._light:
            self._ask_for_overview(plate.content)

    def _ask_for_overview(self, content: Content) -> None:
        cloud, look, ratio = content
        if self._is_at("overview", content) or (self._overview and self._overview[0].content == content):
            return

        def take(overview: list[Plate]) -> None:
            self._overview = overview

        self._submit("overview", content, lambda pace: draw_overview(cloud, look, ratio, pace), take)

    def _is_at(self, name: str, wanted: Any) -> bool:
        return name in self._tasks and self._tasks[name].wanted == wanted

    def _submit(self, name: str, wanted: Any, work: Callable[[Pace], Any], take: Callable[[Any], None]) -> None:
        """Have something made instead of what is under way by that name; then take it and say so."""
        self._drop(name)
        if self._closed:
            return
        task = self._tasks[name] = _Task(wanted, Pace())
        task.pace.gently, task.pace.waiting = self._moving, self._waiting

        def deliver(result: object) -> None:
            del self._tasks[name]
            take(result)
            self.changed.emit()

        def fail(error: Exception) -> None:
            self._tasks.pop(name, None)
            if not isinstance(error, DroppedError):
                raise error

        self._background.submit(name, lambda: work(task.pace), deliver, fail)

    def _drop(self, name: str) -> None:
        if name in self._tasks:
            self._tasks.pop(name).pace.dropped = True
            self._background.cancel(name)


def is_better(whole: Plate, plate: Plate, camera: Camera, cloud: Cloud) -> bool:
    """Whether the whole cloud's picture shows more of a view than the plate of an earlier one."""
    if (whole.content[0] is cloud) != (plate.content[0] is cloud):
        return whole.content[0] is cloud
    stretch = camera.scale * camera.ratio / plate.scale
    # Made much smaller a picture glitters; made larger the one with more pixels is the sharper one.
    return stretch < 0.5 or (stretch > STRETCH and whole.scale > 1.1 * plate.scale)


def point_radius(scene: Scene) -> float:
    """The radius of a point in logical pixels: larger where there is room for it."""
    return point_radius_at(scene.cloud, scene.camera.scale)

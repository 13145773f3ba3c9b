"""The map: encoded points, the atlas and the prior under a probe that decodes live, and paths that can be dragged.

Everything that does not move with the mouse is painted once into a picture (``base.py``); a mouse move repaints only
the few pixels of the overlays over it. The mouse and the keys are in ``view.py``.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import QWidget

from latentscope.decoding import Decoding
from latentscope.map.atlas import AtlasLayer
from latentscope.map.base import BasePicture, paint_base
from latentscope.map.camera import Bounds, Camera
from latentscope.map.cloud import Cloud, cloud_of
from latentscope.map.codebook import CodebookLayer, CodeHoverOverlay
from latentscope.map.framing import CameraMotion, calls_for_refit, home_bounds, home_camera
from latentscope.map.grid import AxesLayer, GridLayer
from latentscope.map.hover import HoverOverlay
from latentscope.map.marks import CodeMarks, marks_of
from latentscope.map.path import PathOverlay
from latentscope.map.pictures import draw_unscaled
from latentscope.map.points import PointsLayer
from latentscope.map.prior import PriorLabels, PriorLayer
from latentscope.map.probe import ProbeOverlay
from latentscope.map.scene import BaseLayer, Overlay, Scene, colour, faint_classes
from latentscope.map.tools import TOOLS, Tool
from latentscope.map.tools.tool import Pixel
from latentscope.theme import Theme
from latentscope.workspace import LatentPath, Workspace

__all__ = ["MapCanvas"]

# How long after the last move of the camera everything is drawn as well as can be.
SETTLE_MS = 90


class MapCanvas(QWidget):
    """Draws the workspace. ``MapView`` adds the mouse and the keys."""

    tool_changed = Signal(str)  # the tool's name
    camera_changed = Signal()

    def __init__(self, workspace: Workspace, decoding: Decoding, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self._workspace = workspace
        self._theme = theme
        self._camera = Camera()
        self._moved_by_user = False
        self._framing: Callable[[], Bounds] | None = None
        self._invitation = self.tr("Open a model or drop one here")
        self._focus_shown = False
        self._tool: Tool = TOOLS[0]
        self._path_style = LatentPath(())
        self._marks: CodeMarks | None = None
        self._cloud = Cloud(np.empty((0, 2)), np.empty(0, np.intp), np.empty(0, np.int64))
        self.atlas = AtlasLayer(decoding, self)
        self.points = PointsLayer()
        self._layers: tuple[BaseLayer, ...] = (
            GridLayer(),
            self.atlas,
            PriorLayer(),
            CodebookLayer(),
            self.points,
            PriorLabels(),
            AxesLayer(),
        )
        self.base = BasePicture(self._layers)
        self.hover_overlay, self.probe_overlay, self.path_overlay = HoverOverlay(), ProbeOverlay(), PathOverlay()
        self.code_overlay = CodeHoverOverlay()
        self._overlays: tuple[Overlay, ...] = (
            self.code_overlay, self.hover_overlay, self.path_overlay, self.probe_overlay,
        )  # fmt: skip
        self._painted = {id(overlay): QRegion() for overlay in self._overlays}
        self._motion = CameraMotion(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._come_to_rest)

        self._scene = self._make_scene()

        self._motion.moved.connect(self._set_camera)
        self.atlas.changed.connect(self._expire)
        workspace.model_changed.connect(self._open)
        workspace.snapshot_changed.connect(self._take_snapshot)
        workspace.plane_changed.connect(self._change_plane)
        workspace.classes_changed.connect(self._refresh)
        workspace.condition_changed.connect(self._follow_condition)
        workspace.layers_changed.connect(self._refresh)
        workspace.probe_changed.connect(self._move_probe)
        workspace.path_changed.connect(self._change_path)
        self._open()

    # --- what it shows --------------------------------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace:
        return self._workspace

    @property
    def camera(self) -> Camera:
        return self._camera

    @property
    def cloud(self) -> Cloud:
        """The points as they lie on the map."""
        return self._cloud

    @property
    def marks(self) -> CodeMarks | None:
        """The codes of the codebook as they lie on the map; None without one."""
        return self._marks

    @property
    def theme(self) -> Theme:
        return self._theme

    @property
    def path_style(self) -> LatentPath:
        """A path whose kind and steps the next new path takes over."""
        return self._path_style

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._refresh()

    def latent_at(self, pixel: Pixel) -> NDArray[np.float64]:
        """The latent point (D,) under a pixel of the map."""
        latent: NDArray[np.float64] = self._workspace.plane.to_latent(self._camera.to_map(pixel))
        return latent

    # --- tools ----------------------------------------------------------------------------------------------------

    @property
    def tool(self) -> str:
        return self._tool.name

    def set_tool(self, name: str) -> None:
        """Take a tool in hand: the name of one of ``TOOLS``."""
        tool = next(tool for tool in TOOLS if tool.name == name)
        if tool is not self._tool:
            self._tool = tool
            self.update_cursor()
            self.tool_changed.emit(name)

    def update_cursor(self) -> None:
        self.setCursor(self._tool.cursor)

    def select_waypoint(self, index: int | None) -> None:
        """Make a waypoint of the path the one that Delete removes."""
        if index != self.path_overlay.selected:
            self.path_overlay.selected = index
            self.repaint_overlay(self.path_overlay)

    # --- camera ---------------------------------------------------------------------------------------------------

    def move_camera(self, camera: Camera) -> None:
        """Look from there, because the user wants it so: nothing but ``reset_view`` moves the camera after that."""
        self._motion.stop()
        self._moved_by_user = True
        self._set_camera(camera)

    def zoom_by(self, factor: float) -> None:
        """Closer by ``factor``, about the middle of the map."""
        if self._workspace.model is not None:
            self.move_camera(self._camera.zoomed(factor, (self.width() / 2, self.height() / 2)))

    def reset_view(self) -> None:
        """Show the prior and the codes."""
        self._moved_by_user = False
        self._go_home(smoothly=True)

    def in_use(self) -> bool:
        """Whether the user has the map in hand right now: it must not move under the mouse."""
        return False

    @property
    def moved_by_user(self) -> bool:
        """Whether the user has chosen this view, so that only the user may leave it."""
        return self._moved_by_user

    def follow_camera(self, camera: Camera, moved_by_user: bool) -> None:
        """Look from where another map looks from; both have the same idea of whose wish that is."""
        self._motion.stop()
        self._moved_by_user = moved_by_user
        self._set_camera(camera)

    def own_bounds(self) -> Bounds:
        """What this map would show by itself: the prior and nearly all of its codes."""
        return home_bounds(self._cloud, self._workspace.plane, self._marks)

    def set_framing(self, framing: Callable[[], Bounds] | None) -> None:
        """What a view that nobody has moved shows; by default this map's own bounds."""
        self._framing = framing

    def refit(self) -> None:
        """Look at all of it again, unless the user has chosen the view, or it is a good one still."""
        if not self._moved_by_user and not self.in_use() and calls_for_refit(self._camera, self._home_bounds()):
            self._go_home(smoothly=True)

    def _home_bounds(self) -> Bounds:
        return self._framing() if self._framing is not None else self.own_bounds()

    def _home(self) -> Camera:
        return home_camera(self._camera, self._home_bounds())

    def _go_home(self, *, smoothly: bool) -> None:
        if smoothly and self.isVisible():
            self._motion.start(self._camera, self._home())
        else:
            self._motion.stop()
            self._set_camera(self._home())

    def _set_camera(self, camera: Camera) -> None:
        if camera != self._camera:
            self._camera = camera
            self._settle.start()
            self._refresh()
            self.camera_changed.emit()

    def _come_to_rest(self) -> None:
        if self.points.rough:
            self._refresh()

    # --- what has changed -----------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Another model: start afresh."""
        self.atlas.forget()
        self._moved_by_user = False
        self.path_overlay.selected = self.path_overlay.hovered = None
        self._take_codes()
        self._go_home(smoothly=False)
        self._refresh()

    def _take_snapshot(self) -> None:
        """Newer codes of the same run: the camera stays, unless the codes have left a view that nobody chose."""
        self._take_codes()
        self._refresh()
        self.refit()

    def _change_plane(self) -> None:
        self.atlas.forget()
        self._take_codes()
        self._refresh()
        if not self._moved_by_user:
            self._go_home(smoothly=False)

    def _take_codes(self) -> None:
        self.hover_overlay.row = self.code_overlay.code = -1
        model = self._workspace.model
        self._cloud = cloud_of(self._workspace.codes, self._workspace.plane)
        self._marks = marks_of(model.file if model else None, self._workspace.plane)

    def _refresh(self) -> None:
        """Draw everything again: what the base picture shows has changed."""
        self._scene = self._make_scene()
        self.atlas.follow(self._scene if self._workspace.model else None)
        self._expire()

    def _follow_condition(self) -> None:
        if faint_classes(self._workspace.condition) != self._scene.faint:
            self._refresh()

    def _expire(self) -> None:
        self.base.expire()
        self.update()

    def _move_probe(self) -> None:
        self._scene = replace(self._scene, probe=self._workspace.probe)
        self.repaint_overlay(self.probe_overlay)

    def _change_path(self) -> None:
        path = self._workspace.path
        if path is None:
            self.path_overlay.selected = self.path_overlay.hovered = None
        else:
            self._path_style = path
            if self.path_overlay.selected is not None and self.path_overlay.selected >= len(path.waypoints):
                self.path_overlay.selected = None
        self._scene = replace(self._scene, path=path)
        self.repaint_overlay(self.path_overlay)

    def _make_scene(self) -> Scene:
        workspace = self._workspace
        model = workspace.model
        labels = workspace.codes.labels if workspace.codes else None
        count = 0
        if model and labels is not None:
            count = max(len(model.file.class_names), int(labels.max(initial=-1)) + 1)
        return Scene(
            camera=self._camera,
            theme=self._theme,
            font=self.font(),
            plane=workspace.plane,
            cloud=self._cloud,
            hidden=workspace.hidden_classes,
            class_count=count,
            layers=workspace.layers,
            probe=workspace.probe if model else None,
            path=workspace.path,
            faint=faint_classes(workspace.condition),
            codebook=self._marks,
            moving=self._settle.isActive(),
            axes=workspace.still_plane,
        )

    # --- painting -------------------------------------------------------------------------------------------------

    def repaint_overlay(self, overlay: Overlay) -> None:
        """Paint an overlay again: where it was, and where it is now."""
        self.update(self._painted[id(overlay)] | overlay.region(self._scene))

    def paintEvent(self, event: QPaintEvent) -> None:
        image = self.base.image(self._scene)
        with QPainter(self) as painter:
            draw_unscaled(painter, image, self._camera.ratio, event.region())
            self._paint_overlays(painter, event.region())

    def _paint_overlays(self, painter: QPainter, where: QRegion) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for overlay in self._overlays:
            region = overlay.region(self._scene)
            self._painted[id(overlay)] = region
            if region.intersects(where):
                painter.save()
                overlay.paint(painter, self._scene)
                painter.restore()
        if self._workspace.model is None:
            self._paint_invitation(painter)
        if self._focus_shown:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour(self._theme.accent), 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def show_focus(self, shown: bool) -> None:
        """Draw a frame round the map, for whoever reaches it by keyboard."""
        if shown != self._focus_shown:
            self._focus_shown = shown
            self.update()

    def set_invitation(self, text: str) -> None:
        """What is said where no model is open."""
        self._invitation = text
        self.update()

    def _paint_invitation(self, painter: QPainter) -> None:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        painter.setFont(font)
        painter.setPen(colour(self._theme.muted))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._invitation)

    def is_settled(self) -> bool:
        """Whether the map would look the same a moment later: no motion, no fade, no picture on its way."""
        at_rest = self.atlas.is_settled() and not self._motion.is_running() and not self._settle.isActive()
        return at_rest and (self.base.is_fresh or not self.isVisible())

    def picture(self, scale: float = 1.0) -> QImage:
        """The map as it is seen now, with probe and path, at ``scale`` pixels to a logical pixel."""
        camera = self._camera.resized(self._camera.width, self._camera.height, scale)
        scene = replace(self._scene, camera=camera, moving=False)
        image = QImage(*camera.device_size, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        paint_base(image, self._layers, scene)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for overlay in (self.path_overlay, self.probe_overlay):
                overlay.paint(painter, scene)
        return image

    # --- the widget's size ----------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._resize()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resize()
        elif event.type() == QEvent.Type.FontChange:
            self._refresh()
        return super().event(event)

    def _resize(self) -> None:
        self._motion.stop()
        self._camera = self._camera.resized(self.width(), self.height(), self.devicePixelRatioF())
        if not self._moved_by_user:
            self._camera = self._home()
        self._refresh()
        self.camera_changed.emit()

"""The map: encoded points, the atlas and the prior under a probe that decodes live, and paths that can be dragged.

Everything that does not move with the mouse is painted once into a picture (``base.py``); a mouse move repaints only
the few pixels of the overlays over it. The mouse and the keys are in ``view.py``.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from latentscope.decoding import Decoding
from latentscope.map.atlas.layer import AtlasLayer
from latentscope.map.base import BasePicture, paint_still
from latentscope.map.camera import Bounds, Camera
from latentscope.map.codebook import CodebookLayer, CodeHoverOverlay
from latentscope.map.contents import Contents
from latentscope.map.embedding import Embedding
from latentscope.map.factor_arrows import FactorArrowsLayer
from latentscope.map.fields.fields import PlaneFields
from latentscope.map.fields.layers import FieldLayers
from latentscope.map.grid import AxesLayer, GridLayer
from latentscope.map.looking import Looking
from latentscope.map.marks import CodeMarks
from latentscope.map.news import News
from latentscope.map.overlays.arrow import ArrowOverlay
from latentscope.map.overlays.hover import HoverOverlay
from latentscope.map.overlays.over_all import paint_focus, paint_invitation
from latentscope.map.overlays.path import PathOverlay
from latentscope.map.overlays.picks import PicksOverlay
from latentscope.map.overlays.playhead import PlayheadOverlay
from latentscope.map.overlays.probe import ProbeOverlay
from latentscope.map.overlays.sketch import Sketch, SketchOverlay
from latentscope.map.overlays.stack import OverlayStack
from latentscope.map.path_hand import PathHand
from latentscope.map.pictures import draw_unscaled
from latentscope.map.points.cloud import Cloud
from latentscope.map.points.fading import Depth
from latentscope.map.points.layer import PointsLayer
from latentscope.map.points.look import Look
from latentscope.map.prior import PriorLabels, PriorLayer
from latentscope.map.scene import BaseLayer, Overlay, Scene
from latentscope.map.still import StillPicture, picture_behind
from latentscope.map.tools import TOOLS, Tool
from latentscope.map.tools.tool import Pixel
from latentscope.paths.routes import Routes
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.turns import Turn

__all__ = ["MapCanvas"]


class MapCanvas(QWidget):
    """Draws the workspace. ``MapView`` adds the mouse and the keys."""

    tool_changed = Signal(str)  # the tool's name
    camera_changed = Signal()
    embedding_changed = Signal()

    def __init__(self, workspace: Workspace, decoding: Decoding, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 120)
        self._workspace, self._theme = workspace, theme
        self._invitation = self.tr("Open a model or drop one here")
        self._focus_shown = False
        self._tool: Tool = TOOLS[0]
        self.contents = Contents(workspace)
        self.atlas = AtlasLayer(decoding, self)
        self.points = PointsLayer(self)
        self.fields = PlaneFields(workspace, decoding, self)
        self.routes = Routes(workspace, decoding, self)
        self._field_layers = FieldLayers(self.fields)
        self._layers: tuple[BaseLayer, ...] = (
            GridLayer(),
            self.atlas,
            *self._field_layers.under,
            PriorLayer(),
            CodebookLayer(),
            self.points,
            *self._field_layers.over,
            FactorArrowsLayer(),
            PriorLabels(),
            AxesLayer(),
        )
        self.base = BasePicture(self._layers)
        self.hover_overlay, self.probe_overlay, self.path_overlay = HoverOverlay(), ProbeOverlay(), PathOverlay()
        self.code_overlay, self.sketch_overlay, self.picks_overlay = CodeHoverOverlay(), SketchOverlay(), PicksOverlay()
        self.arrow_overlay, self.playhead_overlay = ArrowOverlay(), PlayheadOverlay()
        self.path_hand = PathHand(self)
        self.overlays = OverlayStack((
            self.code_overlay, self.hover_overlay, self.arrow_overlay, self.path_overlay, self.playhead_overlay,
            self.probe_overlay, self.sketch_overlay, self.picks_overlay,
        ))  # fmt: skip
        self.looking = Looking(self.own_bounds, workspace.undo_stack, self)
        self.news = News((self.atlas, self.points, self.fields), self.looking.is_moving, self._expire, self)
        self._composing = Turn(self._compose, workspace.turns, self)
        self._scene = self._make_scene()
        self.looking.moved.connect(self._look_from_there)
        self.looking.rested.connect(self._come_to_rest)
        workspace.model_changed.connect(self._open)
        workspace.snapshot_changed.connect(self._take_snapshot)
        workspace.plane_changed.connect(self._change_plane)
        for signal in (workspace.classes_changed, workspace.selecting.changed, workspace.layers_changed):
            signal.connect(self._refresh)
        workspace.condition_changed.connect(self.follow_look)
        workspace.probe_changed.connect(self._move_probe)
        workspace.pathing.changed.connect(self._change_path)
        self.routes.changed.connect(self._change_path)
        self._open()

    # --- what it shows --------------------------------------------------------------------------------------------

    @property
    def workspace(self) -> Workspace:
        return self._workspace

    @property
    def camera(self) -> Camera:
        return self.looking.camera

    @property
    def cloud(self) -> Cloud:
        """The points as they lie on the map."""
        return self.contents.cloud

    @property
    def scene(self) -> Scene:
        return self._scene

    @property
    def embedding(self) -> Embedding | None:
        """How the points lie if not on the plane."""
        return self.contents.embedding

    @property
    def look(self) -> Look:
        """How the points are drawn."""
        return self._scene.look

    @property
    def marks(self) -> CodeMarks | None:
        """The codes of the codebook as they lie on the map; None without one."""
        return self.contents.marks

    @property
    def theme(self) -> Theme:
        return self._theme

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._refresh()

    def latent_at(self, pixel: Pixel) -> NDArray[np.float64]:
        """The latent point (D,) under a pixel of the map; where the points do not lie on a plane, the nearest code."""
        if self.embedding is not None:
            return self.embedding.latent_at(self.camera.to_map(pixel), self._workspace)
        latent: NDArray[np.float64] = self._workspace.plane.to_latent(self.camera.to_map(pixel))
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
            self.path_hand.end_drawing()
            self.update_cursor()
            self.tool_changed.emit(name)

    def update_cursor(self) -> None:
        self.setCursor(self._tool.cursor)

    def select_waypoint(self, index: int | None) -> None:
        """Make a waypoint of the path the one that Delete removes."""
        self.path_hand.select(index)

    def show_arrow(self, start: NDArray[np.float64] | None, vector: NDArray[np.float64] | None) -> None:
        """Draw an arrow from a latent point (D,) along a direction (D,), or none any more."""
        self.arrow_overlay.start, self.arrow_overlay.vector = start, vector
        self.repaint_overlay(self.arrow_overlay)

    def show_sketch(self, sketch: Sketch | None) -> None:
        """Draw a selection in the making over the map, or nothing any more."""
        self.sketch_overlay.sketch = sketch
        self.repaint_overlay(self.sketch_overlay)

    # --- camera ---------------------------------------------------------------------------------------------------

    def move_camera(self, camera: Camera) -> None:
        """Look from there, because the user wants it so."""
        self.looking.move(camera)

    def in_use(self) -> bool:
        """Whether the user has the map in hand right now: it must not move under the mouse."""
        return False

    def refit(self) -> None:
        """Look at all of it again, unless the user has chosen the view, or it is a good one still."""
        if not self.in_use():
            self.looking.refit()

    def own_bounds(self) -> Bounds:
        """What this map would show by itself: the prior and nearly all of its codes."""
        return self.contents.bounds()

    def _look_from_there(self) -> None:
        self.points.make_room(for_frame=True)
        self._refresh()
        self.camera_changed.emit()

    def _come_to_rest(self) -> None:
        if self.points.rough or self._field_layers.rough or self._scene.arrows:
            self._refresh()

    # --- what has changed -----------------------------------------------------------------------------------------

    def _open(self) -> None:
        """Another model: start afresh."""
        self.atlas.forget()
        self.points.forget()
        self.path_hand.start_afresh()
        self._take_codes()
        self.looking.start_afresh()
        self._refresh()
        self._compose()

    def _take_snapshot(self) -> None:
        """Newer codes of the same run: the camera stays, unless the codes have left a view that nobody chose."""
        self._take_codes()
        self._refresh()
        self.refit()

    def set_embedding(self, embedding: Embedding | None) -> None:
        """Lay the points out so, or (None) on the plane again. One of other codes than the present is not taken."""
        if embedding is not None and embedding.codes is not self._workspace.codes:
            embedding = None
        if embedding is not self.embedding:
            self.contents.embedding = embedding
            self.path_hand.start_afresh()
            self._take_codes()
            self.looking.start_afresh()
            self._refresh()
            self.embedding_changed.emit()

    def _change_plane(self) -> None:
        self.set_embedding(None)
        self._take_codes()
        self._refresh()
        if not self.looking.moved_by_user:
            self.looking.go_home(smoothly=False)

    def _take_codes(self) -> None:
        self.hover_overlay.row = self.code_overlay.code = -1
        if self.contents.lay_out():
            self.looking.start_afresh()
            self.embedding_changed.emit()

    def _refresh(self) -> None:
        """Draw everything again: what the base picture shows has changed."""
        self._scene = self._make_scene()
        self.atlas.follow(self._scene if self._workspace.model else None)
        self.fields.follow(self._scene if self._workspace.model else None)
        self._expire()

    def follow_look(self) -> None:
        """The points may have other colours or strengths now, and the map other arrows."""
        if not self.contents.looks_like(self._scene):
            self._refresh()

    def _expire(self) -> None:
        if self.in_use() and not self.looking.is_moving():
            self._composing.ask()  # what the hand drags does not wait for it
        else:
            self._compose()

    def _compose(self) -> None:
        self.news.are_shown()
        self.base.expire()
        self.update()

    def _move_probe(self) -> None:
        self._scene = replace(self._scene, probe=self._workspace.probe)
        self.repaint_overlay(self.probe_overlay)

    def _change_path(self) -> None:
        self._scene = replace(self._scene, paths=self.contents.paths())
        self.path_overlay.forget()
        self.path_hand.follow()
        self.repaint_overlay(self.path_overlay)

    def _make_scene(self) -> Scene:
        looks = self.camera, self._theme, self.font()
        moving, held = self.looking.is_moving(), self.in_use()
        return self.contents.scene(*looks, self.routes.route, moving=moving, held=held)

    @property
    def depth_shown(self) -> Depth | None:
        """How far the points lie off the plane; None where that makes no difference to them."""
        return self.contents.depth()

    # --- painting -------------------------------------------------------------------------------------------------

    def repaint_overlay(self, overlay: Overlay) -> None:
        """Paint an overlay again: where it was, and where it is now."""
        self.update(self.overlays.area(overlay, self._scene))

    def paintEvent(self, event: QPaintEvent) -> None:
        image = self.base.image(self._scene)
        with QPainter(self) as painter:
            draw_unscaled(painter, image, self.camera.ratio, event.region())
            self.overlays.paint(painter, self._scene, event.region())
            if self._workspace.model is None:
                paint_invitation(painter, self.rect(), self.font(), self._theme, self._invitation)
            if self._focus_shown:
                paint_focus(painter, self.rect(), self._theme)
        self.points.make_room(for_frame=False)

    def show_focus(self, shown: bool) -> None:
        """Draw a frame round the map, for whoever reaches it by keyboard."""
        if shown != self._focus_shown:
            self._focus_shown = shown
            self.update()

    def set_invitation(self, text: str) -> None:
        """What is said where no model is open."""
        self._invitation = text
        self.update()

    def close_threads(self) -> None:
        """End what is under way, and the threads that do it."""
        for part in (self.points, self.fields, self.routes):
            part.close()

    def is_settled(self) -> bool:
        """Whether the map would look the same a moment later: no motion, no fade, no picture on its way."""
        parts = self.atlas, self.points, self.fields, self.routes, self.looking, self.news
        at_rest = all(part.is_settled() for part in parts) and not self._composing.is_due
        return at_rest and (self.base.is_fresh or not self.isVisible())

    def picture(self, scale: float = 1.0) -> QImage:
        """The map as it is seen now, with probe and path, at ``scale`` pixels to a logical pixel."""
        return self.picture_behind(scale)[0](lambda: None)

    def picture_behind(self, scale: float) -> tuple[StillPicture, int]:
        """The same, to be drawn on another thread; and how many points that has to draw."""
        overlays = self.arrow_overlay, PathOverlay(), self.probe_overlay  # paths as they are without the mouse on them
        return picture_behind(self._scene, scale, self._layers, overlays)

    def paint_picture(self, painter: QPainter, scale: float = 2.0) -> None:
        """The same on a painter that writes shapes; points and atlas are pictures of ``scale`` in it."""
        overlays = self.arrow_overlay, PathOverlay(), self.probe_overlay
        paint_still(painter, self._scene, scale, self._layers, overlays)

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
        self.looking.resize(self.width(), self.height(), self.devicePixelRatioF())

"""The mouse and the keys of the map.

A press goes to the first that wants it: the hand (middle button, or Space held), a waypoint's handle, the path (Shift),
then the tool. What it starts is a gesture, which gets every move until the button is released or Esc is pressed.
"""

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from latentscope.decoding import Decoding
from latentscope.map.canvas import MapCanvas
from latentscope.map.overlays.hover import PICK_RADIUS
from latentscope.map.overlays.hovering import Hovering
from latentscope.map.overlays.path import Grip
from latentscope.map.tools import Gesture
from latentscope.map.tools.pan import PanDrag
from latentscope.map.tools.path import DrawPath, MoveWaypoint
from latentscope.map.tools.probe import ProbeDrag
from latentscope.map.tools.tool import Pixel
from latentscope.paths.editing import put_away, remove_waypoint
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme

__all__ = ["MapView"]

# One notch of a wheel turns by 120; it zooms by this factor.
WHEEL_ZOOM = 1.2
KEY_ZOOM = 1.25
# How far the arrow keys move the probe, in map units: alone and with Shift.
NUDGE, LARGE_NUDGE = 0.05, 0.25
HELD = {
    Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier,
    Qt.Key.Key_Control: Qt.KeyboardModifier.ControlModifier,
}
ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class MapView(MapCanvas):
    """The map as a widget to work with."""

    hovered = Signal(int, QPoint)  # a code's index and the mouse on the screen, after a short rest; −1: none any more
    code_hovered = Signal(int, QPoint)  # the same for a code of the codebook
    pointed = Signal(int)  # the code that the mouse is on, at once; −1: on none
    menu_requested = Signal(QPoint, object)  # a right click: where on the screen, and the latent point there (D,)

    def __init__(self, workspace: Workspace, decoding: Decoding, theme: Theme, parent: QWidget | None = None) -> None:
        self._gesture: Gesture | None = None
        self._hand = False  # Space is held
        self._keys = Qt.KeyboardModifier.NoModifier
        self._mouse: Pixel = (0.0, 0.0)
        super().__init__(workspace, decoding, theme, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setAccessibleName(self.tr("Latent map"))
        self.setAccessibleDescription(
            self.tr(
                "Encoded points by class. Click, drag or use the arrow keys to decode; Shift and drag draws a path."
            )
        )
        self._hovering = Hovering(self)
        self._hovering.dwelt.connect(self.hovered)
        self._code_hovering = Hovering(self)
        self._code_hovering.dwelt.connect(self.code_hovered)
        workspace.model_changed.connect(self._drop_gesture)
        for signal in (workspace.snapshot_changed, workspace.plane_changed, workspace.classes_changed):
            signal.connect(self._end_hover)
        self.update_cursor()

    # --- mouse ----------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.workspace.model is None or self._gesture is not None:
            return
        pixel = self._mouse = pixel_of(event.position())
        self._keys = event.modifiers()
        self._point_at(-1)
        if event.button() == Qt.MouseButton.MiddleButton or (
            event.button() == Qt.MouseButton.LeftButton and self._hand
        ):
            self._gesture = PanDrag(self, pixel)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._gesture = self._left_gesture(pixel, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        if self._gesture is not None:
            self.looking.hold()
        self.update_cursor()

    @property
    def keys(self) -> Qt.KeyboardModifier:
        """The modifier keys that are held, as of the last press, move or release."""
        return self._keys

    def _left_gesture(self, pixel: Pixel, shift: bool) -> Gesture:
        draws = self.tool in ("path", "freehand") or (shift and not self._tool.takes_all)
        if self.embedding is not None and draws:
            return ProbeDrag(self, pixel)  # between two points of such a view there is no way
        if self._tool.takes_all:
            return self._tool.press(self, pixel, None)
        grip = self._grip(pixel)
        if grip is not None and not grip.on_line:
            return MoveWaypoint(self, pixel, grip.index)
        self.select_waypoint(None)
        return DrawPath(self, pixel) if shift else self._tool.press(self, pixel, grip)

    def in_use(self) -> bool:
        return self._gesture is not None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        pixel = self._mouse = pixel_of(event.position())
        self._keys = event.modifiers()
        if self._gesture is not None and event.buttons() == Qt.MouseButton.NoButton:
            self._end_gesture()  # the release went elsewhere: a dialog came up, say
        if self._gesture is not None:
            self._gesture.move(pixel)
        elif self.workspace.model is not None and event.buttons() == Qt.MouseButton.NoButton:
            self._hover(pixel, event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held = event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton)
        if self._gesture is not None and not held:
            self._end_gesture()

    def _end_gesture(self) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.release()
            self.looking.let_go()
            self.update_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On the empty map it resets the view, on another path it makes that the active one; on the active path it is
        one more press, and at the end of a path that is drawn by clicks it ends that."""
        pixel, left = pixel_of(event.position()), event.button() == Qt.MouseButton.LeftButton
        other = None if self._tool.takes_all else self.path_hand.other_at(pixel)
        if left and self.path_hand.drawing:
            self.path_hand.end_drawing()
        elif left and self._grip(pixel) is None and other is not None:
            self.path_hand.activate(other)
        elif left and self._grip(pixel) is None:
            self.looking.reset()
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the right button for what is under the mouse; by the menu key for the probe."""
        if self.workspace.model is None or self._gesture is not None:
            return
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            x, y = self.camera.to_pixel(self.workspace.plane.to_map(self.workspace.probe))
            where = QPoint(round(float(np.clip(x, 0, self.width()))), round(float(np.clip(y, 0, self.height()))))
            self.menu_requested.emit(self.mapToGlobal(where), self.workspace.probe)
        else:
            self.menu_requested.emit(event.globalPos(), self.latent_at((event.pos().x(), event.pos().y())))

    def leaveEvent(self, event: QEvent) -> None:
        self._end_hover()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update_cursor()

    def _grip(self, pixel: Pixel) -> Grip | None:
        """What of the path is there for the mouse; nothing for a tool that has other things in mind."""
        return None if self._tool.takes_all else self.path_hand.grip(pixel)

    # --- hovering -------------------------------------------------------------------------------------------------

    def _hover(self, pixel: Pixel, where: QPoint) -> None:
        grip = self._grip(pixel)
        self.path_hand.hover(None if self._tool.takes_all else pixel, grip, self._keys)
        row = -1
        if grip is None and self.workspace.layers.shows("points"):
            within = PICK_RADIUS / self.camera.scale
            row = self.cloud.nearest(self.camera.to_map(pixel), within, self.workspace.hidden_classes)
        code, away = -1, np.inf
        if grip is None and self.marks is not None and self.workspace.layers.shows("codebook"):
            code, away = self.marks.at(self.camera.to_map(pixel), self.camera.scale)
        if row >= 0 and code >= 0:  # of the two the nearer one, as it is drawn
            offset = self.cloud.position[row] - self.camera.to_map(pixel)
            row, code = (-1, code) if away < np.hypot(*offset) * self.camera.scale else (row, -1)
        self._point_at(row, where)
        self._point_at_code(code, where)

    def _end_hover(self) -> None:
        self._point_at(-1)
        self._point_at_code(-1)
        self.path_hand.hover(None, None, self._keys)

    def _point_at(self, row: int, where: QPoint | None = None) -> None:
        """Ring the cloud's point in this row, at once; its card comes after a short rest."""
        if row != self.hover_overlay.row:
            self.hover_overlay.row = row
            self.repaint_overlay(self.hover_overlay)
            self.pointed.emit(int(self.cloud.index[row]) if row >= 0 else -1)
        self._hovering.point_at(int(self.cloud.index[row]) if row >= 0 else -1, where or QPoint())

    def _point_at_code(self, code: int, where: QPoint | None = None) -> None:
        """The same for a code of the codebook."""
        if code != self.code_overlay.code:
            self.repaint_overlay(self.code_overlay)
            self.code_overlay.code = code
            self.repaint_overlay(self.code_overlay)
        self._code_hovering.point_at(code, where or QPoint())

    def ring(self, index: int) -> None:
        """Ring a code (−1: none) as if the mouse were on it, but say nothing of it: it is pointed at elsewhere."""
        row = self.cloud.row_of(index)
        if row != self.hover_overlay.row:
            self.hover_overlay.row = row
            self.repaint_overlay(self.hover_overlay)

    def update_cursor(self) -> None:
        grip = self.path_overlay.hovered
        if isinstance(self._gesture, PanDrag):
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._hand:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        elif grip is not None and not grip.on_line:
            self.setCursor(Qt.CursorShape.SizeAllCursor)
        elif (grip is not None and self.tool != "pan") or (self.path_overlay.other is not None and self.tool == "path"):
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            super().update_cursor()

    # --- zoom -----------------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.pixelDelta().y()
        if turned:
            self._zoom(WHEEL_ZOOM ** (turned / 120), pixel_of(event.position()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(max(0.1, 1 + event.value()), pixel_of(event.position()))
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._zoom(max(0.1, pinch.scaleFactor()), pixel_of(self.mapFromGlobal(pinch.centerPoint())))
                return True
        return super().event(event)

    def _zoom(self, factor: float, pixel: Pixel) -> None:
        if self.workspace.model is not None and math.isfinite(factor):
            self.move_camera(self.camera.zoomed(factor, pixel))

    # --- keys -----------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in HELD and self._gesture is not None:
            self._take_keys(self._keys | HELD[key])
        if self.workspace.model is None:
            event.ignore()
        elif key in ARROWS:
            self._nudge(*ARROWS[key], large=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.looking.zoom_by(1 / KEY_ZOOM if key == Qt.Key.Key_Minus else KEY_ZOOM)
        elif key == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._hold_hand(True)
        elif key == Qt.Key.Key_Escape and self.can_escape():
            self.escape()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.path_overlay.selected is not None:
            self._remove_waypoint(self.path_overlay.selected)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.path_hand.drawing:
            self.path_hand.end_drawing()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in HELD and self._gesture is not None:
            self._take_keys(self._keys & ~HELD[key])
        if event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._hold_hand(False)
        else:
            super().keyReleaseEvent(event)

    def _take_keys(self, keys: Qt.KeyboardModifier) -> None:
        """Other keys are held in the middle of a gesture: an end may snap now, or no more."""
        self._keys = keys
        if self._gesture is not None:
            self._gesture.move(self._mouse)

    def focusInEvent(self, event: QFocusEvent) -> None:
        by_key = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
        self.show_focus(event.reason() in by_key)
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.show_focus(False)
        self._hold_hand(False)
        super().focusOutEvent(event)

    def _hold_hand(self, held: bool) -> None:
        self._hand = held
        self.update_cursor()

    def _nudge(self, right: int, up: int, *, large: bool) -> None:
        if self.embedding is not None:
            return
        plane, step = self.workspace.plane, LARGE_NUDGE if large else NUDGE
        self.workspace.set_probe(self.workspace.probe + step * (right * plane.u + up * plane.v))

    def can_escape(self) -> bool:
        """Whether there is anything that ``escape`` would end."""
        selected = len(self.workspace.selecting.selection) > 0
        in_hand = self._gesture is not None or self.path_hand.drawing
        return in_hand or selected or self.workspace.pathing.current is not None

    def escape(self) -> None:
        """Cancel the gesture that is going on, as if it had never begun; else end the path that is drawn by clicks;
        else select nothing; else remove the draft, or leave the kept path."""
        if self._gesture is not None:
            gesture, self._gesture = self._gesture, None
            gesture.cancel()
            self.looking.let_go()
            self.update_cursor()
        elif self.path_hand.drawing:
            self.path_hand.end_drawing()
        elif len(self.workspace.selecting.selection):
            self.workspace.selecting.clear()
        else:
            put_away(self.workspace)

    def _remove_waypoint(self, index: int) -> None:
        self.select_waypoint(None)
        remove_waypoint(self.workspace, index)

    def _drop_gesture(self) -> None:
        """What was being dragged belongs to a model that is not open any more."""
        self._gesture = None
        self.looking.let_go()
        self.show_sketch(None)
        self._end_hover()
        self.update_cursor()


def pixel_of(position: QPointF | QPoint) -> Pixel:
    return float(position.x()), float(position.y())

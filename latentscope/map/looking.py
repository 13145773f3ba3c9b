"""Where a map is looked at from, whose wish that is, and the way there."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from latentscope.map.camera import Bounds, Camera
from latentscope.map.framing import CameraMotion, calls_for_refit, home_camera
from latentscope.state.undo import ONE_GO, let_go

__all__ = ["Looking", "View"]

# How long after the last move of the camera everything is drawn as well as can be.
SETTLE_MS = 90

View = tuple[Camera, bool]  # and whether the user has chosen it
Recorder = Callable[[View, str, object | None], None]  # the view that is about to be, what it is called, the gesture


class Looking(QObject):
    """The camera of one map. ``moved`` says that it is another; ``rested`` that it has been still for a moment.

    What the user does to it can be undone; what the map does by itself, to keep everything in sight, cannot.
    """

    moved = Signal()
    rested = Signal()

    def __init__(self, own_bounds: Callable[[], Bounds], undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        """``own_bounds`` is what the map shows while nobody has moved it."""
        super().__init__(parent)
        self._own_bounds = own_bounds
        self._undo_stack = undo_stack
        self._framing: Callable[[], Bounds] | None = None
        self.camera = Camera()
        self.moved_by_user = False  # this view was chosen, so that only the user may leave it
        self._gesture: object | None = None  # one of its own for each press of the mouse; None while none is held
        self._recorder: Recorder | None = None
        self._motion = CameraMotion(self)
        self._motion.moved.connect(self._set)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.rested)

    # --- as the user wants it -------------------------------------------------------------------------------------

    def move(self, camera: Camera) -> None:
        """Look from there, because the user wants it so: nothing but ``reset`` moves the camera after that."""
        self._motion.stop()
        self._push(camera, True, "Move view")
        self._set(camera)

    def hold(self) -> None:
        """A button has been pressed: all moves until ``let_go`` are one step to undo, however long they take."""
        self._gesture = object()

    def let_go(self) -> None:
        self._gesture = None

    def zoom_by(self, factor: float) -> None:
        """Closer by ``factor``, about the middle of the map."""
        self.move(self.camera.zoomed(factor, (self.camera.width / 2, self.camera.height / 2)))

    def reset(self) -> None:
        """Show the prior and the codes."""
        if self.moved_by_user or self.camera != self._home():
            self._push(self._home(), False, "Reset view")
        self.go_home(smoothly=True)

    def _push(self, camera: Camera, by_user: bool, text: str) -> None:
        before = self.camera, self.moved_by_user
        self.moved_by_user = by_user
        if camera != before[0]:
            record = self._recorder or partial(self.record, before)
            record((camera, by_user), text, self._gesture)

    def record(self, before: View, after: View, text: str, gesture: object | None) -> None:
        """Make the way between two views a step to undo; one of the same ``gesture`` joins the step before."""
        self._undo_stack.push(_Move(self, before, after, text, gesture))

    def set_recorder(self, recorder: Recorder | None) -> None:
        """Who makes a step to undo of what the user does here, instead of this map itself."""
        self._recorder = recorder

    def restore(self, camera: Camera, moved_by_user: bool) -> None:
        """Go back to an earlier view; the widget may have another size by now."""
        self.moved_by_user = moved_by_user
        now = self.camera
        self._motion.start(now, camera.resized(now.width, now.height, now.ratio))

    # --- as another map wants it ----------------------------------------------------------------------------------

    def follow(self, camera: Camera, moved_by_user: bool) -> None:
        """Look from where another map looks from; both have the same idea of whose wish that is."""
        self._motion.stop()
        self.moved_by_user = moved_by_user
        self._set(camera)

    def set_framing(self, framing: Callable[[], Bounds] | None) -> None:
        """What a view that nobody has moved shows; by default the map's own bounds."""
        self._framing = framing

    # --- by itself ------------------------------------------------------------------------------------------------

    def refit(self) -> None:
        """Look at all of it again, unless the user has chosen the view, or it is a good one still."""
        if not self.moved_by_user and calls_for_refit(self.camera, self._home_bounds()):
            self.go_home(smoothly=True)

    def go_home(self, *, smoothly: bool) -> None:
        if smoothly:
            self._motion.start(self.camera, self._home())
        else:
            self._motion.stop()
            self._set(self._home())

    def start_afresh(self) -> None:
        """Another model: a view that was chosen for the one before means nothing."""
        self.moved_by_user = False
        self.go_home(smoothly=False)

    def resize(self, width: int, height: int, ratio: float) -> None:
        """The widget has another size."""
        self._motion.stop()
        self.camera = self.camera.resized(width, height, ratio)
        if not self.moved_by_user:
            self.camera = self._home()
        self.moved.emit()

    def is_moving(self) -> bool:
        """Whether the camera has been still for less than a moment."""
        return self._settle.isActive()

    def is_settled(self) -> bool:
        return not self._motion.is_running() and not self._settle.isActive()

    def _home_bounds(self) -> Bounds:
        return self._framing() if self._framing is not None else self._own_bounds()

    def _home(self) -> Camera:
        return home_camera(self.camera, self._home_bounds())

    def _set(self, camera: Camera) -> None:
        if camera != self.camera:
            self.camera = camera
            self._settle.start()
            self.moved.emit()


class _Move(QUndoCommand):
    """From one view to another. Moves that follow each other fast become one, and so do those of one gesture."""

    def __init__(self, looking: Looking, before: View, after: View, text: str, gesture: object | None) -> None:
        super().__init__(text)
        self._looking, self._before, self._after = looking, before, after
        self._gesture = gesture
        self._when = time.monotonic()
        self._done = True  # pushed when the camera was on its way already

    def id(self) -> int:
        return 1  # the only kind of step that can be merged

    def mergeWith(self, other: Any) -> bool:
        if not isinstance(other, _Move) or other.text() != self.text():
            return False
        if other._gesture is not self._gesture or (self._gesture is None and other._when - self._when > ONE_GO):
            return False
        self._after, self._when = other._after, other._when
        if self._after[0] == self._before[0]:  # a drag that was given up
            self._looking.moved_by_user = self._before[1]
            self.setObsolete(True)
        let_go(other)
        return True

    def redo(self) -> None:
        if self._done:
            self._done = False
        else:
            self._looking.restore(*self._after)

    def undo(self) -> None:
        self._looking.restore(*self._before)

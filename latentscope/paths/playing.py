"""Playing a path: where its film stands, whether it runs, and how. The probe goes along."""

import time
from collections.abc import Callable
from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from latentscope.paths.routes import Route, Routes
from latentscope.state.paths import Latent
from latentscope.state.workspace import Workspace

__all__ = ["SPEEDS", "Mode", "Playing", "advanced", "film_seconds", "standing"]

Mode = Literal["once", "loop", "ping-pong"]
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
SECONDS_PER_STEP = 0.15
LEAST_SECONDS, MOST_SECONDS = 1.2, 12.0
TICK_MS = 16
AHEAD = 1e-3  # of a path's length: how far ahead one looks to see where it leads


def film_seconds(steps: int) -> float:
    """How long a film of so many steps takes from end to end at speed 1. More steps than can be seen one by one make
    it smoother, not longer."""
    return min(max(SECONDS_PER_STEP * steps, LEAST_SECONDS), MOST_SECONDS)


def advanced(moment: float, forward: bool, amount: float, mode: Mode) -> tuple[float, bool]:
    """The share of a film's time, and whether it runs forward, when ``amount`` ≥ 0 of the film has passed since."""
    if mode == "once":
        return min(moment + amount, 1.0), True
    if mode == "loop":
        return (moment + amount) % 1.0, True
    there_and_back = ((moment if forward else 2.0 - moment) + amount) % 2.0
    return (there_and_back, True) if there_and_back < 1.0 else (2.0 - there_and_back, False)


def standing(route: Route, moment: float) -> tuple[Latent, Latent]:
    """The latent point (D,) where the film of a route stands at a share of its time, and the direction (D,) in which
    the path leads on from there, zeros where it leads nowhere."""
    share = route.share_at(moment)
    place, before, after = route.curve.at([share, max(share - AHEAD, 0.0), min(share + AHEAD, 1.0)])
    return place, np.subtract(after, before)


class Playing(QObject):
    """The film of a workspace's active path. It runs by the clock: a slow machine shows fewer frames, no slower film.

    It goes on while its path is bent, and ends with it, or when the probe is wanted elsewhere.
    """

    moved = Signal()  # it stands elsewhere, or its path lies elsewhere
    changed = Signal()  # it has begun, has stopped, or runs in another way

    def __init__(
        self,
        workspace: Workspace,
        routes: Routes,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._routes, self._clock = workspace, routes, clock
        self._modes: dict[bool, Mode] = {False: "ping-pong", True: "loop"}  # of open paths, of closed ones
        self._closed = False
        self._speed = 1.0
        self._moment = 0.0
        self._forward = True
        self._route: Route | None = None
        self._waypoints: frozenset[tuple[float, ...]] = frozenset()
        self._last = 0.0
        self._leading = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        for signal in (workspace.model_changed, workspace.pathing.changed, routes.changed):
            signal.connect(self._follow_path)
        workspace.probe_changed.connect(self._heed_probe)
        self._follow_path()

    # --- how it stands --------------------------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def moment(self) -> float:
        """The share of the film's time, from 0 to 1."""
        return self._moment

    @property
    def frames(self) -> int:
        """How many there are; 0 without a path."""
        return 0 if self._route is None else len(self._route.shares)

    @property
    def frame(self) -> float:
        """Which frame is shown, from 0 on, and how far the next one is."""
        return self._moment * max(self.frames - 1, 0)

    @property
    def seconds(self) -> float:
        """How long the film takes from end to end."""
        return film_seconds(self.frames) / self._speed

    @property
    def begun(self) -> bool:
        """Whether it stands anywhere but at its beginning."""
        return self._route is not None and (self.playing or self._moment > 0)

    @property
    def place(self) -> Latent | None:
        """The latent point (D,) where the film stands."""
        return None if self._route is None else standing(self._route, self._moment)[0]

    @property
    def ahead(self) -> Latent | None:
        """The direction (D,) in which the path leads on from there; zeros where it leads nowhere."""
        return None if self._route is None else standing(self._route, self._moment)[1]

    # --- how it is to run -----------------------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        """How the film of the active path is played: one that comes back to where it began goes round at first."""
        return self._modes[self._closed]

    def set_mode(self, mode: Mode, *, closed: bool | None = None) -> None:
        """For all paths that are closed, or that are not, as the active one is; ``closed``: as this says."""
        which = self._closed if closed is None else closed
        if mode != self._modes[which]:
            self._modes[which] = mode
            self._go_forward()
            self.changed.emit()

    def mode_of(self, *, closed: bool) -> Mode:
        return self._modes[closed]

    def _go_forward(self) -> None:
        """Only who can come back may be on the way back."""
        self._forward = self._forward or self.mode != "ping-pong"

    @property
    def speed(self) -> float:
        return self._speed

    def set_speed(self, speed: float) -> None:
        if speed != self._speed:
            self._speed = speed
            self.changed.emit()

    def toggle(self) -> None:
        if self.playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """From where it stands; a film that has come to its end begins anew."""
        if self._route is None or self.playing:
            return
        if self.mode == "once" and self._moment >= 1:
            self._moment = 0.0
        self._last = self._clock()
        self._timer.start()
        self._lead()
        self.changed.emit()

    def pause(self) -> None:
        if self.playing:
            self._timer.stop()
            self.changed.emit()

    def seek(self, moment: float) -> None:
        """Show a share of the film's time, and the probe there. What plays goes on from there."""
        if self._route is not None:
            self._moment = min(max(moment, 0.0), 1.0)
            self._last = self._clock()
            self._lead()

    def _tick(self) -> None:
        now = self._clock()
        passed, self._last = max(now - self._last, 0.0) / self.seconds, now
        self._moment, self._forward = advanced(self._moment, self._forward, passed, self.mode)
        if self.mode == "once" and self._moment >= 1:
            self._timer.stop()
            self.changed.emit()
        self._lead()

    def _lead(self) -> None:
        """Take the probe along."""
        place = self.place
        if place is not None:
            self._leading = True
            self._workspace.set_probe(place)
            self._leading = False
        self.moved.emit()

    # --- what else goes on ----------------------------------------------------------------------------------------

    def _follow_path(self) -> None:
        path = self._workspace.pathing.current
        still = self._workspace.pathing.still.current  # where they lie on the map, whatever moment it shows
        waypoints = frozenset(() if still is None else still.waypoints)
        # One that is bent keeps some of its waypoints: the film stands where it stood. Another begins.
        another = not (waypoints & self._waypoints)
        self._route = None if path is None else self._routes.route(path)
        self._waypoints = waypoints
        closed = path is not None and path.closed
        if closed != self._closed:
            self._closed = closed
            self._go_forward()
            self.changed.emit()
        if path is None:
            self.pause()
        if path is None or (another and not self.playing):
            self._moment, self._forward = 0.0, True
        self.moved.emit()

    def _heed_probe(self) -> None:
        """Whoever takes the probe away from the film while it plays has stopped it."""
        path = self._workspace.pathing.current
        if self._leading or not self.playing or path is None:
            return
        self._route = self._routes.route(path)  # both may have turned, and the probe is told of first
        place = self.place
        if place is not None:
            away = float(np.abs(self._workspace.probe - place).max())
            if away > 1e-6 * max(1.0, float(np.abs(place).max())):
                self.pause()

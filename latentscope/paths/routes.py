"""How the paths of a map run: by their rules, with the newest decoder. What takes long is found off the GUI thread."""

import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.map.fields.work import Superseded, Ticket
from latentscope.paths.finding import Found, Search, find
from latentscope.paths.shapes import Leg, curve_of, legs_of, like
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.errors import ConfigError
from trainer.paths import RULES
from trainer.paths.around import surroundings
from trainer.paths.curve import Array, Curve
from trainer.paths.rule import Surroundings, joined
from trainer.paths.timing import step_shares

if TYPE_CHECKING:
    from latentscope.state.open_model import Condition
    from trainer.codec import Codec
    from trainer.files import Codes

__all__ = ["Route", "Routes", "route_at_once"]

KEPT, KEPT_LEGS = 64, 20_000  # routes that were shown last, and legs that were found last
POLL_MS = 8
RENEW_MS = 700  # between two times that all are found again because there is another decoder


@dataclass(frozen=True, eq=False)
class Route:
    """How a path runs, and at which ``shares`` (steps,) of its length the frames of its film are.

    Not ``final`` while a better one is sought.
    """

    curve: Curve
    shares: NDArray[np.float64]
    final: bool = True

    @cached_property
    def steps(self) -> NDArray[np.float64]:
        """The latent points (steps, D) of the film."""
        return self.curve.at(self.shares)

    def share_at(self, time: float) -> float:
        """Where along the curve the film is at a share of its time: between two frames on the way from one to the
        next, and not across a bend."""
        return float(np.interp(time * (len(self.shares) - 1), np.arange(len(self.shares)), self.shares))


class Routes(QObject):
    """Finds the routes of one workspace's paths. ``changed`` says that one is another than it was when asked for.

    What a rule alone does not tell is found by a worker, one path at a time, the one that was asked for last before all
    others; its route then gets better in place. Legs are kept, so that a waypoint that is dragged costs its two.
    """

    changed = Signal()
    failed = Signal(str)  # a path cannot be joined or walked as it is to be, and is shown straight; a sentence

    def __init__(self, workspace: Workspace, decoding: Decoding, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._decoding = workspace, decoding
        self._background = Background("routes", self)
        self._known: OrderedDict[LatentPath, Route] = OrderedDict()
        self._legs: OrderedDict[Leg, Array] = OrderedDict()
        self._wanted: OrderedDict[LatentPath, None] = OrderedDict()  # the one asked for last is the last
        self._around: Surroundings | None = None
        self._made_from: tuple[object, ...] = ()
        self._at_work: tuple[LatentPath, Ticket] | None = None
        self._reports: SimpleQueue[tuple[Ticket, Found]] = SimpleQueue()
        self._said: tuple[object, ...] = ()
        self._renewed = -np.inf
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._begin)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)
        self._closed = False
        workspace.model_changed.connect(self._forget)
        workspace.pathing.changed.connect(self._wanted.clear)  # whoever shows one asks again
        for signal in (workspace.snapshot_changed, workspace.condition_changed, decoding.ready):
            signal.connect(self._renew)

    def route(self, path: LatentPath) -> Route:
        """How it runs, as far as that is known by now: at first, where it takes long to find, as the one before it that
        is most like it, or straight."""
        key = replace(path, name="", colour=0, anchors=())
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._at_first(key)
            shown = len(self._workspace.pathing.paths.items)
            while len(self._known) > max(KEPT, 2 * shown):  # all that are shown fit in
                self._wanted.pop(self._known.popitem(last=False)[0], None)
        else:
            self._known.move_to_end(key)
        if not known.final and not self._closed:
            self._wanted[key] = None
            self._wanted.move_to_end(key)
            if self._at_work is None and not self._soon.isActive():
                self._soon.start(0)
            elif self._at_work is not None and self._at_work[0] != key:
                # Not before it has shown something: while a waypoint is dragged that shows where the way goes.
                self._at_work[1].wanted = self._at_work[0] in self._wanted
        return known

    def is_settled(self) -> bool:
        at_work = self._at_work is not None or self._background.busy()
        return self._closed or not (at_work or (self._wanted and self._can_begin()))

    def close(self) -> None:
        self._closed = True
        self._drop()
        self._soon.stop()
        self._background.close()

    # --- what is known at once ------------------------------------------------------------------------------------

    def _at_first(self, path: LatentPath) -> Route:
        if not RULES[path.kind].traits:
            return route_at_once(path)
        curve = like(path, ((key, route.curve) for key, route in reversed(self._known.items())), self._legs)
        if curve is None:
            curve = curve_of(path, [self._legs.get(leg, np.array(leg[1:])) for leg in legs_of(path)])
        return Route(curve, step_shares(curve, replace(path.walk, pace="latent")), final=False)

    # --- what is found --------------------------------------------------------------------------------------------

    def _what_there_is(self) -> "tuple[Codec | None, Condition | None, Codes | None]":
        return self._decoding.codec, self._workspace.condition, self._workspace.codes

    def _can_begin(self) -> bool:
        """Whether decoder, codes and condition are there, and of one model."""
        codec, condition, codes = self._what_there_is()
        fits = codec is not None and codec.classes == len(condition or ())
        fits = fits and codec is not None and codec.latent == self._workspace.dimension
        return fits and (codes is None or codes.mean.shape[1] == self._workspace.dimension)

    def _begin(self) -> None:
        if self._at_work is not None or not self._wanted or self._closed or not self._can_begin():
            return
        made_from = codec, condition, codes = self._what_there_is()
        if self._around is None or made_from != self._made_from:
            passed = (time.monotonic() - self._renewed) * 1000
            if passed < RENEW_MS:
                self._soon.start(round(RENEW_MS - passed) + 1)
                return
            self._renewed = time.monotonic()
            self._around, self._made_from = surroundings(codec, codes, condition), made_from
            self._legs.clear()
        path = next(reversed(self._wanted))
        known = {leg: self._legs[leg] for leg in legs_of(path) if leg in self._legs}
        search, ticket, reports = Search(path, self._around, known), Ticket(), self._reports
        self._at_work = path, ticket
        self._background.submit(
            "route",
            lambda: find(search, ticket, lambda found: reports.put((ticket, found))),
            lambda found: self._take_last(path, found),
            lambda error: self._give_up(path, error),
        )
        self._poll.start()

    def _collect(self) -> None:
        """Take what the worker has reported; of several the newest."""
        newest = None
        while True:
            try:
                ticket, found = self._reports.get_nowait()
            except Empty:
                break
            newest = found if self._at_work is not None and ticket is self._at_work[1] else newest
        if newest is not None and self._at_work is not None:
            self._take(self._at_work[0], newest)

    def _take(self, path: LatentPath, found: Found) -> None:
        for leg, points in found.legs.items():
            self._legs[leg] = points
            self._legs.move_to_end(leg)
        while len(self._legs) > KEPT_LEGS:
            self._legs.popitem(last=False)
        self._known[path] = Route(found.curve, found.shares, found.final)
        for key in [key for key in self._wanted if key != path]:  # a waypoint has been dragged on meanwhile
            if (curve := like(key, [(path, found.curve)], self._legs)) is not None:
                self._known[key] = Route(curve, step_shares(curve, replace(key.walk, pace="latent")), final=False)
        self.changed.emit()

    def _take_last(self, path: LatentPath, found: Found) -> None:
        self._end(path)
        self._take(path, found)

    def _give_up(self, path: LatentPath, error: Exception) -> None:
        self._collect()  # the last that it has to show
        self._end(path)
        if isinstance(error, Superseded):
            return
        if not isinstance(error, ConfigError):
            raise error
        kind = "linear" if RULES[path.kind].traits else path.kind
        plain = replace(path, kind=kind, walk=replace(path.walk, pace="latent"))
        self._known[path] = route_at_once(plain)
        if self._said != (str(error), *self._made_from):
            self._said = (str(error), *self._made_from)
            self.failed.emit(str(error))
        self.changed.emit()

    def _end(self, path: LatentPath) -> None:
        assert self._at_work is not None
        superseded = not self._at_work[1].wanted
        self._at_work = None
        self._poll.stop()
        if not superseded:
            self._wanted.pop(path, None)
        if self._wanted and not self._soon.isActive():
            self._soon.start(0)

    # --- what is not true any more --------------------------------------------------------------------------------

    def _forget(self) -> None:
        """Another model: nothing of the old one is seen."""
        self._known.clear()
        self._legs.clear()
        self._renewed = -np.inf
        self._drop()
        self.changed.emit()

    def _renew(self) -> None:
        """Other weights, or another class: what was found is shown until it is found again."""
        if self._around is None or self._what_there_is() == self._made_from:
            if self._wanted and self._at_work is None and not self._soon.isActive():
                self._soon.start(0)
            return
        self._drop()
        stale = [key for key, route in self._known.items() if needs_more(key)]
        for key in stale:
            self._known[key] = replace(self._known[key], final=False)
        if stale:
            self.changed.emit()

    def _drop(self) -> None:
        self._wanted.clear()
        self._around = None
        if self._at_work is not None:
            self._at_work[1].wanted = False
            self._background.cancel("route")
            self._at_work = None
            self._poll.stop()


def needs_more(path: LatentPath) -> bool:
    """Whether it takes a decoder or codes to know how it runs."""
    return bool(RULES[path.kind].traits) or path.walk.pace != "latent"


def route_at_once(path: LatentPath) -> Route:
    """How a path runs by its rule alone; straight, at constant latent speed and not final, where it needs more."""
    by_itself = not RULES[path.kind].traits
    curve = joined(path.waypoints, path.kind if by_itself else "linear", closed=path.closed)
    return Route(curve, step_shares(curve, replace(path.walk, pace="latent")), final=not needs_more(path))

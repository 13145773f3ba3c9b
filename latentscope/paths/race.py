"""The race: the two ends of the active path under each rule there is, in step, and what each way is like."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.paths.judging import Judging
from latentscope.paths.possible import lacking
from latentscope.paths.routes import Route, Routes
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.analysis.plane_fields import NEIGHBOURS
from trainer.errors import TrainerError
from trainer.paths import NEEDS_CODES, NEEDS_DECODER, RULES
from trainer.paths.around import surroundings
from trainer.paths.curve import Curve
from trainer.paths.image_classes import ImageClasses
from trainer.paths.image_votes import ALIKE, ImageVotes
from trainer.paths.measures import (
    Change,
    Classifier,
    CodeDensity,
    CodeVotes,
    Figures,
    class_changes,
    classes_along,
    figures,
)
from trainer.paths.rule import Surroundings
from trainer.registry import Choice

__all__ = ["Along", "Lane", "Race", "ends_of"]

# Places at which the classes are asked for: so many from a step to the next, unless that is more than enough in all.
SAMPLES, ENOUGH = 4, 512
REASONS = {
    NEEDS_DECODER: "Not for this model: it decodes grids of codes, and no points between two of them.",
    NEEDS_CODES: "Not for this model: its file has no encoded points.",
}
CLASSIFIER = "a classifier of real images, {:.1f} % right about test images"
IMAGES = f"the {ALIKE} real images most alike"
CODES = f"the {NEIGHBOURS} nearest codes"
REFRESH_MS = 100  # between two looks at a path that is being dragged: five lanes of frames take a while to paint


@dataclass(frozen=True, eq=False)
class Along:
    """The classes along a lane: how sure the classifier is of each, (M, K), at ``to_a_step`` places to a step, and the
    changes."""

    shares: NDArray[np.float32]
    changes: tuple[Change, ...]
    to_a_step: int

    @property
    def passed(self) -> list[int]:
        """The classes in their order; none where the classifier has no say."""
        first = int(classes_along(self.shares)[0])
        return [first, *(change.new for change in self.changes)] if first >= 0 else []


@dataclass(frozen=True, eq=False)
class Lane:
    """A rule in the race. ``route`` is None where it is not possible, and ``problem`` is a sentence that says why.

    ``figures`` are None until they are measured, ``along`` also where nobody can say which class is where. While a
    waypoint is dragged they may be those of a moment ago.
    """

    rule: Choice
    route: Route | None
    problem: str = ""
    figures: Figures | None = None
    along: Along | None = None


class Race(QObject):
    """The lanes of one window. It runs only while it is ``watched``; ``changed`` says that a lane is another."""

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        decoding: Decoding,
        routes: Routes,
        originals: Originals,
        judging: Judging,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._judging = judging
        self._workspace, self._decoding, self._routes, self._originals = workspace, decoding, routes, originals
        self._background = Background("race", self, brief=True)
        self._watched, self._measuring, self._due = False, False, False
        self._field: Field | None = None
        self.lanes: tuple[Lane, ...] = ()
        self._soon = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._soon.timeout.connect(self._refresh)
        workspace.model_changed.connect(self._start_afresh)
        for signal in (workspace.snapshot_changed, workspace.pathing.changed, routes.changed, decoding.ready):
            signal.connect(self.refresh)
        for signal in (originals.changed, judging.changed):
            signal.connect(self.refresh)

    @property
    def watched(self) -> bool:
        return self._watched

    def set_watched(self, watched: bool) -> None:
        """Whether anybody sees the race."""
        if watched != self._watched:
            self._watched = watched
            self._judging.set_wanted(watched)
            if watched:
                self._refresh()
            else:
                self._soon.stop()
                self.changed.emit()

    @property
    def judge(self) -> str:
        """Who says which class is where, as the end of a sentence; empty where nobody can."""
        judge = self._field.judge if self._field is not None else ""
        return f"{judge}, until a classifier is trained" if judge == IMAGES and self._judging.training else judge

    def refresh(self) -> None:
        """Look again, soon: a drag brings more changes than anybody can see."""
        if self._watched and not self._soon.isActive():
            self._soon.start()

    def is_settled(self) -> bool:
        return not self._soon.isActive() and not self._measuring and self._judging.is_settled()

    def close(self) -> None:
        self._watched = False
        self._soon.stop()
        self._background.close()

    def _start_afresh(self) -> None:
        """What is known is of another model."""
        self.lanes = ()
        self._background.cancel("race")
        self._measuring = self._due = False
        self.refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        if not self._watched:
            return
        self._soon.stop()
        path = self._workspace.pathing.current
        known = {lane.rule.name: lane for lane in self.lanes}
        lanes = [self._lane(path, rule, known.get(rule.name)) for rule in RULES.choices.values()] if path else []
        if path is not None:
            self._routes.route(path)  # once more: of all that are being sought it comes first
        self.lanes = tuple(lanes)
        self._measure()
        self.changed.emit()

    def _lane(self, path: LatentPath, rule: Choice, known: Lane | None) -> Lane:
        problem = self._problem(rule)
        if problem:
            return Lane(rule, None, problem)
        route = self._routes.route(ends_of(path, rule.name))
        return Lane(rule, route) if known is None else replace(known, route=route, problem="")

    def _problem(self, rule: Choice) -> str:
        missing = lacking(self._workspace.codes)
        return next((REASONS[trait] for trait in rule.traits if trait in missing), "")

    # --- figures --------------------------------------------------------------------------------------------------

    def _measure(self) -> None:
        """Have the lanes measured, one set after another: what has changed meanwhile comes next, and is not waited
        for."""
        self._due = self._measuring
        field = self._present_field()
        if self._measuring or field is None or not self.lanes:
            return
        asked = {lane.rule.name: lane.route for lane in self.lanes if lane.route is not None}
        self._measuring = True

        def work() -> dict[str, tuple[Figures, Along | None]]:
            import torch

            # Each thread has a number of its own, and two would wait for each other (see decoding.load_codec).
            torch.set_num_threads(1)
            return {name: field.measure(route) for name, route in asked.items()}

        self._background.submit("race", work, partial(self._take, field), self._fail)

    def _present_field(self) -> "Field | None":
        """What the lanes lead through now; None until the decoder is loaded."""
        codec, workspace = self._decoding.codec, self._workspace
        if codec is None or codec.latent != workspace.dimension or codec.classes != len(workspace.condition or ()):
            return None
        judges = self._originals.images, self._judging.classifier
        now = (codec, workspace.codes, *judges, workspace.condition)
        if self._field is None or not self._field.is_made_from(*now):
            around = surroundings(codec, workspace.codes, workspace.condition)
            self._field = Field(around, now, *self._judge(around))
        return self._field

    def _judge(self, around: Surroundings) -> tuple[Callable[[], Classifier | None], str]:
        """Makes what says which class is where, and what that is called: where real images are at hand the classifier
        that knows them, as long as there is none the vote of those that are like the decoded one; else the nearest
        codes. Those of a conditional model do not say it: its code holds all but the class."""
        codes, count, images = self._workspace.codes, self._workspace.class_count, self._originals.images
        labels, decode = codes.labels if codes is not None else None, around.decode
        if codes is None or labels is None or not count:
            return lambda: None, ""
        known = self._judging.classifier
        if known is not None and decode is not None and known.classes == count:
            return lambda: ImageClasses(decode, known), CLASSIFIER.format(100 * known.accuracy)
        if images is not None and decode is not None:
            return lambda: ImageVotes.of(decode, images[: len(labels)], labels, count), IMAGES
        if self._workspace.classes:
            return lambda: None, ""
        return lambda: CodeVotes.of(codes.mean, labels, count), CODES

    def _take(self, field: "Field", measured: dict[str, tuple[Figures, Along | None]]) -> None:
        self._measuring = False
        if field is self._field:
            self.lanes = tuple(
                replace(lane, figures=found[0], along=found[1]) if (found := measured.get(lane.rule.name)) else lane
                for lane in self.lanes
            )
            self.changed.emit()
        if self._due and self._watched:
            self._measure()

    def _fail(self, error: Exception) -> None:
        """The decoder says itself what is wrong with it."""
        self._measuring = False
        if not isinstance(error, TrainerError):
            raise error


class Field:
    """What all lanes lead through. What is dear to find out about it is found out at the first lane, on the worker."""

    def __init__(
        self,
        around: Surroundings,
        made_from: tuple[object, ...],
        classifier: Callable[[], Classifier | None],
        judge: str,
    ) -> None:
        self.around, self._made_from, self._classifier, self.judge = around, made_from, classifier, judge
        self._known: dict[Route, tuple[Figures, Along | None]] = {}

    def is_made_from(self, *parts: object) -> bool:
        """Whether decoder, codes and images are the same ones still, and the condition an equal one."""
        *same, condition = zip(parts, self._made_from, strict=True)
        return all(one is other for one, other in same) and condition[0] == condition[1]

    def measure(self, route: Route) -> tuple[Figures, Along | None]:
        """The figures of a route and the classes along it; only those that were asked for last are remembered."""
        found = self._known.get(route)
        if found is None:
            density = self.around.once("density at codes", lambda: CodeDensity.of(self.around.codes))
            found = figures(route.curve, self.around, density), self._along(route)
            while len(self._known) >= 2 * len(RULES.choices):
                del self._known[next(iter(self._known))]
            self._known[route] = found
        return found

    def _along(self, route: Route) -> Along | None:
        classifier: Classifier | None = self.around.once("classifier", self._classifier)
        if classifier is None:
            return None
        to_a_step = min(SAMPLES, max(1, ENOUGH // len(route.shares)))
        shares = classifier.shares(sampled(route.curve, route.shares, to_a_step))
        return Along(shares, tuple(class_changes(shares)), to_a_step)


def sampled(curve: Curve, shares: NDArray[np.float64], to_a_step: int) -> NDArray[np.float64]:
    """The latent points (M, D) of the steps at these shares of a curve, and of ``to_a_step`` − 1 between any two."""
    steps = np.arange(len(shares))
    return curve.at(np.interp(np.linspace(0, steps[-1], to_a_step * steps[-1] + 1), steps, shares))


def ends_of(path: LatentPath, kind: str) -> LatentPath:
    """From the first waypoint of a path to its last by a rule, walked as the path is."""
    return LatentPath((path.waypoints[0], path.waypoints[-1]), kind, path.walk)

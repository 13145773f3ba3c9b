"""What the points of the map can be coloured by: measured off the GUI thread, and kept for the open model."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.analysis.colouring import Colouring, colouring_of
from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.state.workspace import Workspace
from trainer.analysis.factors import FACTORS, measured_in_parts
from trainer.analysis.fields import density, errors_in_parts, field_named, kl, posterior_sigma
from trainer.errors import TrainerError
from trainer.files import Codes

__all__ = ["PointFields"]

LOOK_MS = 150  # how often progress is told
FACTOR_NAMES = frozenset(factor.name for factor in FACTORS)
IMAGES = "factors"  # the work that measures all factors at once
NO_POSTERIOR = "{} encodes an image as one point: it has no posterior, and so {}."
Source = tuple[object, ...]  # what a result was made from: other objects mean another result
Parts = Callable[[], Iterator[Any]]


@dataclass(eq=False)
class _Task:
    """Work under way. The worker writes ``share``, and stops between two parts once ``stop`` is set."""

    source: Source
    share: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, eq=False)
class _Done:
    source: Source
    result: dict[str, Colouring]
    problem: str = ""


class PointFields(QObject):
    """The fields of ``trainer.analysis.fields`` for whatever is open, each measured when it is first asked for.

    What a new snapshot makes of a field takes the place of the old one when it is there; until then the old one is
    shown. A piece of work for an older snapshot is not thrown away, or a training that is faster would never be seen.
    """

    changed = Signal()  # a field has come, or what can be measured has changed
    progressed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        decoding: Decoding,
        originals: Originals,
        background: Background,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._decoding, self._originals = workspace, decoding, originals
        self._background = background
        self._done: dict[str, _Done] = {}
        self._tasks: dict[str, _Task] = {}
        self._wanted: frozenset[str] = frozenset()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.progressed)
        workspace.model_changed.connect(self._start_afresh)
        workspace.snapshot_changed.connect(self._look)
        decoding.ready.connect(self._look)
        originals.changed.connect(self._look_again)

    # --- what there is --------------------------------------------------------------------------------------------

    def get(self, name: str) -> Colouring | None:
        """The points of the map by a field; None while or where it is not measured. ``want`` has it measured."""
        codes, done = self._workspace.codes, self._done.get(_work_of(name))
        if done is not None and needs_images(name) and not any(part is self._originals.images for part in done.source):
            return None  # it was measured on other images
        found = done.result.get(name) if done is not None else None
        return found if found is not None and codes is not None and len(found) == len(codes.mean) else None

    def share(self, name: str) -> float | None:
        """How much of a field is measured, from 0 to 1; None while that is not under way."""
        task = self._tasks.get(_work_of(name))
        return None if task is None else task.share

    def problem(self, name: str) -> str:
        """Why the open model has no such field, in a sentence; empty where it has, or where only images are missing."""
        model = self._workspace.model
        file = model.file if model is not None else None
        if file is None:
            return "No model is open."
        if file.codes is None:
            return "This model has no codes of test images, so there is nothing to measure."
        if name in ("kl", "sigma") and file.codes.logvar is None:
            family = "A VQ-VAE" if file.codes.tokens is not None else "An autoencoder"
            return NO_POSTERIOR.format(family, "no KL" if name == "kl" else "no σ")
        if name == "error" and file.config.family == "conditional-vae" and file.codes.labels is None:
            return "Without labels nobody knows under which class each image is to be decoded."
        done = self._done.get(_work_of(name))
        return done.problem if done is not None else ""

    def lacks_images(self, name: str) -> bool:
        """Whether a field is measured on test images, and they are not at hand."""
        return needs_images(name) and self._originals.images is None and not self._originals.looking

    def want(self, names: frozenset[str]) -> None:
        """Measure these, now and for whatever is opened, until others are wanted."""
        self._wanted = frozenset(_work_of(name) for name in names if field_named(name) is not None)
        for work in self._tasks.keys() - self._wanted:
            self._drop(work)
        self._look()

    def busy(self) -> bool:
        return bool(self._tasks)

    def stop(self) -> None:
        """Nothing more is measured: the window is going away."""
        self._wanted = frozenset()
        for work in list(self._tasks):
            self._drop(work)

    # --- work -----------------------------------------------------------------------------------------------------

    def _start_afresh(self) -> None:
        for work in list(self._tasks):
            self._drop(work)
        # What was measured on images is theirs, whichever model is open.
        self._done = {IMAGES: self._done[IMAGES]} if IMAGES in self._done else {}
        self._look()
        self.changed.emit()

    def _look_again(self) -> None:
        self._look()
        self.changed.emit()

    def _look(self) -> None:
        """Begin what is wanted, can be done, and is not done yet."""
        for work in sorted(self._wanted):
            todo = self._todo(work)
            if todo is None or work in self._tasks:
                continue
            source, parts, count, together = todo
            done = self._done.get(work)
            if done is None or not _same(done.source, source):
                self._begin(work, source, parts, count, together)

    def _todo(self, work: str) -> "tuple[Source, Parts, int, Together] | None":
        """What a piece of work is made from and how; None where it cannot be done now."""
        model = self._workspace.model
        file = model.file if model is not None else None
        codes = file.codes if file is not None else None
        # A moment of a film between two snapshots has the places of neither: its fields are the earlier one's.
        if file is None or codes is None or (work != IMAGES and self._impossible(work)):
            return None
        images = self._originals.images
        if work == IMAGES:
            if images is None:
                return None
            some = images[: len(codes.mean)]
            return (images, len(some)), lambda: measured_in_parts(some), len(some), _all_factors
        if work == "error":
            codec = self._decoding.codec
            if images is None or codec is None or codec.image_shape != file.image_shape:
                return None
            # A snapshot's decoder may come a moment after its codes.
            return (
                (file, images, codec),
                lambda: errors_in_parts(codec, file, codes, images),
                len(codes.mean),
                _one(work),
            )
        measures: dict[str, Callable[[Codes], Iterator[Any]]] = {
            "kl": lambda codes: iter((kl(codes),)),
            "sigma": lambda codes: iter((posterior_sigma(codes),)),
            "density": lambda codes: density(codes.mean),
        }
        return (file,), lambda: measures[work](codes), len(codes.mean), _one(work)

    def _impossible(self, work: str) -> bool:
        done = self._done.get(work)
        return bool(self.problem(work)) and not (done is not None and done.problem)

    def _begin(self, work: str, source: Source, parts: Parts, count: int, together: "Together") -> None:
        task = self._tasks[work] = _Task(source)

        def measure() -> dict[str, Colouring] | None:
            found, so_far = [], 0
            for part in parts():
                if task.stop.is_set():
                    return None
                found.append(part)
                so_far += len(next(iter(part.values()))) if isinstance(part, dict) else len(part)
                task.share = so_far / max(1, count)
            return together(found)

        self._timer.start()
        self._background.submit(
            f"field {work}",
            measure,
            lambda result: self._take(work, _Done(source, result)),
            lambda error: self._fail(work, source, error),
        )

    def _take(self, work: str, done: _Done) -> None:
        del self._tasks[work]
        if not self._tasks:
            self._timer.stop()
        self._done[work] = done
        self._look()
        self.changed.emit()

    def _fail(self, work: str, source: Source, error: Exception) -> None:
        self._take(work, _Done(source, {}, str(error)))
        if not isinstance(error, TrainerError):
            raise error

    def _drop(self, work: str) -> None:
        self._tasks.pop(work).stop.set()
        self._background.cancel(f"field {work}")
        if not self._tasks:
            self._timer.stop()


Together = Callable[[list[Any]], dict[str, Colouring]]


def _work_of(name: str) -> str:
    """The piece of work that measures a field."""
    return IMAGES if name in FACTOR_NAMES else name


def needs_images(name: str) -> bool:
    return name == "error" or name in FACTOR_NAMES


def _same(one: Source, other: Source) -> bool:
    return len(one) == len(other) and all(
        a is b or (isinstance(a, int) and a == b) for a, b in zip(one, other, strict=True)
    )


def _one(name: str) -> Together:
    return lambda parts: {name: colouring_of(np.concatenate(parts) if parts else np.empty(0))}


def _all_factors(parts: list[dict[str, NDArray[np.float64]]]) -> dict[str, Colouring]:
    return {factor.name: colouring_of(np.concatenate([part[factor.name] for part in parts])) for factor in FACTORS}

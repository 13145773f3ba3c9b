"""The order in which the inspected images are shown, and the value of each that it goes by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from latentscope.inspecting.source import Source
from latentscope.steps import run_in_steps
from trainer.analysis.inspection import Steps, distances, kl, squared_errors

__all__ = ["SORTS", "Sort", "Sorting", "reason_against"]

UNASKED_MS = 2000.0  # what decoding may take to find out errors that nobody has asked for

Index = NDArray[np.intp]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class Sort:
    name: str
    title: str
    explanation: str


SORTS = (
    Sort("index", "Index", "By the place in the test set"),
    Sort("class", "Class", "By class, and in a class by index"),
    Sort("error", "Error", "By the reconstruction error: the squared difference a pixel"),
    Sort("kl", "KL", "By KL(q(z|x) ‖ N(0, 1)), in nats: how much a code says"),
    Sort("probe", "From probe", "By the distance of the code from the probe, in latent space"),
    Sort("mean", "From mean", "By the distance of the code from the mean of these codes, in latent space"),
)


def reason_against(sort: str, source: Source | None) -> str:
    """Why there is no such order, in a sentence; empty where there is."""
    if source is None:
        return "No model is open."
    if sort == "class" and source.codes.labels is None:
        return "The data has no labels."
    if sort == "kl" and source.codes.logvar is None:
        return "This model encodes an image as one point, which has no KL."
    if sort == "error" and source.images is None:
        return "The original images are not at hand."
    if sort == "error" and not source.can_decode:
        return "This model cannot be decoded here."
    return ""


class Sorting(QObject):
    """``order`` (M,) are the inspected codes in order, ``values`` (M,) what they are ordered by, None for index and
    class. ``errors`` (N,) are the squared errors a pixel found so far, NaN for the others; (0,) while none is known."""

    order_changed = Signal()
    errors_changed = Signal()
    progress_changed = Signal(str)  # what is being computed, and how far it is; empty at the end
    failed = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._source: Source | None = None
        self._index: Index = np.empty(0, np.intp)
        self._probe: Values | None = None
        self.sort, self.descending = "index", False
        self.order: Index = self._index
        self._of: Index = self._index  # what ``order`` has in order
        self._mean_of: Index | None = None  # what ``_mean`` is the mean error of, if that is known
        self._mean: float | None = None
        self.values: Values | None = None
        self.errors: NDArray[np.float32] = np.empty(0, np.float32)

    def follow(self, source: Source | None, index: Index, probe: Values, *, same_pictures: bool) -> None:
        """Sort these from now on. ``same_pictures``: the errors that have been found hold still."""
        self._source, self._index, self._probe = source, index, probe
        if not same_pictures or source is None:
            self.errors = np.empty(0, np.float32)
            self._mean_of = None
        if reason_against(self.sort, source):
            self.sort = "index"
        self._find_errors()
        self._refresh()

    def choose(self, sort: str, descending: bool, probe: Values) -> None:
        """Sort by this, forwards or backwards."""
        self.sort, self.descending, self._probe = sort, descending, probe
        self._find_errors()
        self._refresh()

    def move_probe(self, probe: Values) -> None:
        """The probe has come to rest elsewhere."""
        self._probe = probe
        if self.sort == "probe":
            self._refresh()

    def is_of(self, index: Index) -> bool:
        """Whether ``order`` has these very codes."""
        return self._of is index

    def mean_error(self) -> float | None:
        """The mean error of all that are inspected; None until it is known."""
        if self._mean_of is not self._index:
            found = self.errors[self._index] if len(self.errors) else np.empty(0)
            mean = float(found.mean(dtype=float)) if len(found) else np.nan  # NaN where one of them is not known
            self._mean_of, self._mean = self._index, None if np.isnan(mean) else mean
        return self._mean

    def _refresh(self) -> None:
        source, index, sort, probe = self._source, self._index, self.sort, self._probe
        if source is None or (sort == "index" and not self.descending):
            self._background.cancel("order")
            self._take((index, None))
            return
        errors, descending = self.errors, self.descending
        if sort == "error":
            errors = errors.copy()  # the next ones come while the worker sorts these

        def work() -> tuple[Index, Values | None]:
            return sorted_by(sort, descending, source, index, probe, errors)

        if self._of is not index:
            self._take((index, None))  # until it is sorted
        self._background.submit("order", work, self._take, _raise)

    def _take(self, result: tuple[Index, Values | None]) -> None:
        self._of = self._index
        self.order, self.values = result
        self.order_changed.emit()

    def _find_errors(self) -> None:
        """Decode what nobody has decoded yet, if somebody wants to know or it takes little time."""
        source = self._source
        self._background.cancel("errors")
        self.progress_changed.emit("")
        if source is None or reason_against("error", source):
            return
        missing = self._index[np.isnan(self.errors[self._index])] if len(self.errors) else self._index
        missing = missing[source.finite(missing)]
        if len(missing) and (self.sort == "error" or source.milliseconds(len(missing)) <= UNASKED_MS):
            if not len(self.errors):  # of a million images nobody may ever want to know
                self.errors = np.full(len(source.codes.mean), np.nan, np.float32)
            run_in_steps(self._background, "errors", error_steps(source, missing), self._take_errors, self.failed.emit)

    def _take_errors(self, step: tuple[float, Index, NDArray[np.float32]]) -> None:
        done, index, errors = step
        self.errors[index] = errors
        self._mean_of = None
        last = done >= 1
        if self.sort == "error":
            self.progress_changed.emit("" if last else f"Reconstruction errors: {100 * done:.0f} %")
        if last:
            self.errors_changed.emit()
            if self.sort == "error":
                self._refresh()


def error_steps(source: Source, index: Index) -> Steps:
    """The errors of these, some at each step: (share done, indices, errors)."""
    size = source.batch()
    for begin in range(0, len(index), size):
        part = index[begin : begin + size]
        assert source.images is not None
        errors = squared_errors(source.images[part], source.reconstruct(part))
        yield min(1.0, (begin + size) / len(index)), part, errors  # type: ignore[misc]


def sorted_by(
    sort: str, descending: bool, source: Source, index: Index, probe: Values | None, errors: NDArray[np.float32]
) -> tuple[Index, Values | None]:
    """These codes in order, and the values that it goes by. Equal ones stay in the order of their indices."""
    codes, values = source.codes, None
    key: NDArray = np.arange(len(index))
    if sort == "class" and codes.labels is not None:
        key = codes.labels[index]
    elif sort == "error" and len(errors):
        key = values = errors[index].astype(float)
    elif sort == "kl":
        found = kl(codes, index)
        key = values = found if found is not None else key.astype(float)
    elif sort == "probe" and probe is not None:
        key = values = distances(codes, index, probe)
    elif sort == "mean" and len(index):
        key = values = distances(codes, index, codes.mean[index].mean(axis=0, dtype=float))
    order = np.argsort(-key if descending else key, kind="stable")  # NaN, what is not known, comes last
    return index[order], None if values is None else values[order]


def _raise(error: Exception) -> None:
    raise error

"""What the inspected images have in common: how many of each class, their mean image, and their mean code, decoded."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from latentscope.inspecting.source import Source
from latentscope.steps import run_in_steps
from trainer.analysis.inspection import class_counts, kl, mean_image_steps

__all__ = ["Summarising", "Summary"]


@dataclass(frozen=True, eq=False)
class Summary:
    """``counts`` (K,) is how many of each class there are; ``kl`` is their mean. None is what there is not (yet)."""

    counts: NDArray[np.int64] | None = None
    kl: float | None = None
    mean_code_decoded: NDArray[np.uint8] | None = None
    mean_image: NDArray[np.uint8] | None = None


class Summarising(QObject):
    """Finds out about whatever is inspected; the newest question counts."""

    changed = Signal()
    failed = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self.summary = Summary()

    def follow(self, source: Source | None, index: NDArray[np.intp]) -> None:
        """Find out about these. What was known of others is shown until something is known of these."""
        if source is None or not len(index):
            self._background.cancel("summary")
            self._take(Summary())
            return
        run_in_steps(self._background, "summary", summary_steps(source, index), self._take, self.failed.emit)

    def _take(self, summary: Summary) -> None:
        self.summary = summary
        self.changed.emit()


def summary_steps(source: Source, index: NDArray[np.intp]) -> Iterator[Summary]:
    """More of the summary at each step."""
    codes = source.codes
    kls = kl(codes, index)
    found = Summary(
        None if codes.labels is None else class_counts(codes.labels, index), None if kls is None else float(kls.mean())
    )
    if source.can_decode:
        found = replace(found, mean_code_decoded=source.decode_mean(index))
    yield found
    if source.images is not None:
        for _, image in mean_image_steps(source.images, index):
            yield replace(found, mean_image=image)

"""Which test images are nearest to one of them, in latent space and pixel by pixel."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.analysis.neighbours import nearest
from latentscope.background import Background
from latentscope.inspecting.source import Source
from latentscope.steps import run_in_steps
from trainer.analysis.inspection import Step, nearest_in_pixels_steps

__all__ = ["COUNT", "Near", "Nearness"]

COUNT = 7

Found = tuple[NDArray[np.intp], NDArray[np.float32]]  # which images, and how far away they are


@dataclass(frozen=True, eq=False)
class Near:
    """The nearest to image ``of`` in latent space (Euclidean, of the posteriors' means) and in pixel space (squared
    difference a pixel); None is what there is not (yet)."""

    of: int = -1
    latent: Found | None = None
    pixels: Found | None = None


class Nearness(QObject):
    """Looks for the nearest of one image; another one takes its place."""

    changed = Signal()

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self.near = Near()

    def follow(self, source: Source | None, of: int) -> None:
        """Look for the nearest of this image; of none, if it is −1."""
        for key in ("near-latent", "near-pixels"):
            self._background.cancel(key)
        self.near = Near(of)
        self.changed.emit()
        if source is None or of < 0:
            return
        mean = source.codes.mean

        def in_latent_space() -> Found:
            found, away = nearest(mean, mean[of], COUNT + 1)
            others = found != of
            return found[others][:COUNT], away[others][:COUNT]

        self._background.submit("near-latent", in_latent_space, self._take_latent, _raise)
        if source.images is not None:
            steps = nearest_in_pixels_steps(source.images[: len(mean)], of, COUNT)
            run_in_steps(self._background, "near-pixels", steps, self._take_pixels, lambda _: None)

    def _take_latent(self, found: Found) -> None:
        self.near = replace(self.near, latent=found)
        self.changed.emit()

    def _take_pixels(self, step: Step) -> None:
        done, found = step
        if done >= 1:
            self.near = replace(self.near, pixels=found)
            self.changed.emit()


def _raise(error: Exception) -> None:
    raise error

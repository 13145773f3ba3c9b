"""The real images in which a path ends, where an end is anchored at an encoded point."""

import numpy as np
from numpy.typing import NDArray

from latentscope.files.originals import Originals
from latentscope.state.paths import LatentPath

__all__ = ["end_images", "end_rows"]

Image = NDArray[np.uint8]


def end_images(path: LatentPath | None, originals: Originals) -> tuple[Image | None, Image | None]:
    """The test images (H, W, C), uint8, behind a path's first and last step; a loop ends where it begins.

    None for an end that is anywhere, and while or where the data set is not at hand (``originals.changed`` says when
    it has come).
    """
    first, last = (None if row is None else originals.picture(row) for row in end_rows(path))
    return first, last


def end_rows(path: LatentPath | None) -> tuple[int | None, int | None]:
    """Which encoded points a path's first and last step are, if they are any."""
    if path is None or not path.anchors:
        return None, None
    return path.anchor(0), path.anchor(0 if path.closed else len(path.waypoints) - 1)

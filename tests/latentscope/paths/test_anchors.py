"""The real images in which paths end."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from latentscope.background import Background
from latentscope.files.originals import Originals
from latentscope.paths.anchors import end_images
from latentscope.state.paths import LatentPath

PATH = LatentPath(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), anchors=(2, None, 5))


class Pictures(Originals):
    """Pictures of one grey each, the grey being the index."""

    def picture(self, index: int) -> NDArray[np.uint8] | None:
        return np.full((4, 4, 1), index, np.uint8)


def greys(path: LatentPath | None, originals: Originals) -> list[int | None]:
    return [None if image is None else int(image.max()) for image in end_images(path, originals)]


def test_anchored_ends_are_real_images(background: Background) -> None:
    pictures = Pictures(background)
    assert greys(PATH, pictures) == [2, 5]
    assert greys(PATH.reversed(), pictures) == [5, 2]
    assert greys(replace(PATH, closed=True), pictures) == [2, 2]
    assert greys(PATH.with_waypoint(2, (0.0, 0.0)), pictures) == [2, None]
    assert greys(replace(PATH, anchors=()), pictures) == [None, None]
    assert greys(None, pictures) == [None, None]


def test_without_the_data_set_there_are_none(originals: Originals) -> None:
    assert greys(PATH, originals) == [None, None]

"""How the frames of a film are shown in a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.errors import OutputError
from trainer.pictures import MAX_PIXELS, fitting_scale

__all__ = ["Style", "check_rate", "enlarged", "frames_in_order", "scale_of", "shown"]

Pictures = NDArray[np.uint8]


@dataclass(frozen=True)
class Style:
    """``scale``: each pixel of a frame becomes a square of so many (None: what fits the format).

    ``columns``: frames in a row of a picture (0: all in one). ``rate``: frames a second of what moves; ``bounce``: it
    also runs back, so that it never jumps when it is repeated.
    """

    scale: int | None = None
    columns: int = 0
    rate: float = 12.0
    bounce: bool = False


def scale_of(style: Style, shape: tuple[int, ...], usual: int) -> int:
    """How many times a frame of ``shape`` (H, W, C) is enlarged; by itself to about ``usual`` pixels.

    Raises OutputError where that makes a frame too large.
    """
    scale = style.scale or fitting_scale((shape[0], shape[1], shape[2]), usual)
    if shape[0] * shape[1] * scale * scale > MAX_PIXELS // 8:
        raise OutputError("The frames would be too large; ask for a smaller scale.")
    return scale


def frames_in_order(pictures: Pictures, style: Style) -> Iterator[Pictures]:
    """The frames (H, W, C) as they are shown: forth, and with ``bounce`` back, where neither end is shown twice."""
    yield from pictures
    if style.bounce:
        yield from pictures[-2:0:-1]


def shown(pictures: Pictures, style: Style) -> int:
    """How many frames that makes."""
    return len(pictures) + max(0, len(pictures) - 2) * style.bounce


def enlarged(picture: Pictures, scale: int) -> Pictures:
    """A picture (H, W, C) with each pixel a square of scale²."""
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


def check_rate(style: Style, path: Path) -> None:
    """Raises OutputError for a rate that no player can keep."""
    if not 0.1 <= style.rate <= 120:
        raise OutputError(f"{path.name} can show from 0.1 to 120 frames a second, not {style.rate:g}.")

"""How the frames of a film are shown in a file."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.errors import OutputError
from trainer.pictures import MAX_PIXELS, fitting_scale

__all__ = ["Style", "check_moving", "enlarged", "frames_in_order", "scale_of", "shown"]

Pictures = NDArray[np.uint8]

SLOWEST = 0.1  # frames a second


@dataclass(frozen=True)
class Style:
    """``scale``: each pixel of a frame becomes a square of so many (None: what fits the format).

    ``columns``: frames in a row of a picture (0: all in one). ``rate``: frames a second of what moves; ``bounce``: it
    also runs back, so that it never jumps when it is repeated. ``loop``: it is repeated for ever, where the format has
    a word for that.
    """

    scale: int | None = None
    columns: int = 0
    rate: float = 12.0
    bounce: bool = False
    loop: bool = True


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


def shown(count: int, style: Style) -> int:
    """How many frames are shown of a film of so many."""
    return count + max(0, count - 2) * style.bounce


def enlarged(picture: Pictures, scale: int) -> Pictures:
    """A picture (H, W, C) with each pixel a square of scale²."""
    return picture.repeat(scale, axis=0).repeat(scale, axis=1)


def check_moving(shape: tuple[int, ...], style: Style, usual: int, kind: str, fastest: float) -> None:
    """Raises OutputError for frames that are too large, and for a rate that no player of such a film can keep."""
    scale_of(style, shape, usual)
    if not SLOWEST <= style.rate <= fastest:
        raise OutputError(f"{kind} show from {SLOWEST:g} to {fastest:g} frames a second, not {style.rate:g}.")

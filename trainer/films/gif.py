"""A film as an animated GIF."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from trainer.films.film import Film
from trainer.films.notes import note_of
from trainer.films.style import Style, check_rate, enlarged, frames_in_order, scale_of, shown
from trainer.outputs import check_suffix, write_output

__all__ = ["steps"]

FRAME = 224  # px, about, of a frame's longer side
LEAST_MS = 20  # browsers show what is shorter than that ten times as long


def steps(path: Path, film: Film, style: Style) -> Iterator[float]:
    """See ``trainer.films``; it is repeated for ever. Greys are kept exactly, colours as the best 256 of each frame.

    Raises OutputError.
    """
    check_suffix(path, ".gif", "Animated GIFs")
    check_rate(style, path)
    scale, count = scale_of(style, film.pictures.shape[1:], FRAME), shown(film.pictures, style)
    frames = []
    for number, picture in enumerate(frames_in_order(film.pictures, style)):
        frames.append(frame(enlarged(picture, scale)))
        yield 0.5 * (number + 1) / count
    # A GIF counts in hundredths of a second.
    duration = max(LEAST_MS, 10 * round(100 / style.rate))
    buffer = io.BytesIO()
    frames[0].save(
        buffer, "GIF", save_all=True, append_images=frames[1:], duration=duration, loop=0, comment=note_of(film)[:255]
    )
    yield 0.95
    write_output(path, buffer.getvalue())
    yield 1.0


def frame(pixels: np.ndarray) -> Image.Image:
    if pixels.shape[-1] == 1:
        return Image.fromarray(pixels[..., 0])
    return Image.fromarray(pixels).quantize(256, dither=Image.Dither.NONE)

"""A film as an animated GIF."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import GifImagePlugin, Image

from trainer.films.film import Film
from trainer.films.notes import note_of
from trainer.films.style import Style, check_moving, enlarged, frames_in_order, scale_of, shown
from trainer.outputs import write_output

__all__ = ["FASTEST", "check", "steps"]

FRAME = 224  # px, about, of a frame's longer side
FASTEST = 50.0  # frames a second: browsers show what is faster ten times as slowly
END = b";"


def check(count: int, shape: tuple[int, int, int], style: Style) -> None:
    """See ``trainer.films``."""
    check_moving(shape, style, FRAME, "Animated GIFs", FASTEST)


def steps(path: Path, film: Film, style: Style) -> Iterator[float]:
    """See ``trainer.films``. Greys are kept exactly, colours as the best 256 of each frame. Raises OutputError."""
    scale, count = scale_of(style, film.pictures.shape[1:], FRAME), shown(len(film.pictures), style)
    coloured = film.pictures.shape[-1] > 1
    # A GIF counts in hundredths of a second; rounded so, the whole takes as long as it should.
    times = np.diff(np.round(np.arange(count + 1) * 100 / style.rate)) * 10
    out = io.BytesIO()
    # Frame by frame: Pillow's own way of saving several holds all of them, and cannot be stopped in between.
    for number, picture in enumerate(frames_in_order(film.pictures, style)):
        image = frame(enlarged(picture, scale))
        if not number:
            told = {"loop": 0 if style.loop else None, "comment": note_of(film), "duration": 1}
            out.writelines(GifImagePlugin.getheader(image.copy(), info=told)[0])
        blocks = GifImagePlugin.getdata(image, duration=int(times[number]), include_color_table=coloured)
        out.writelines(blocks)
        yield 0.97 * (number + 1) / count
    out.write(END)
    write_output(path, out.getvalue())
    yield 1.0


def frame(pixels: np.ndarray) -> Image.Image:
    if pixels.shape[-1] == 1:
        return Image.fromarray(pixels[..., 0])
    return Image.fromarray(pixels).quantize(256, dither=Image.Dither.NONE)

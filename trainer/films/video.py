"""A film as a video, MP4 (H.264) or WebM (VP9). The encoder comes with PyAV: ``pip install '.[film]'``."""

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.errors import OutputError
from trainer.films.film import Film
from trainer.films.notes import note_of
from trainer.films.style import Style, check_moving, enlarged, frames_in_order, scale_of, shown
from trainer.outputs import write_output

__all__ = ["FASTEST", "check", "steps"]

FRAME = 448  # px, about, of a frame's longer side
FASTEST = 120.0  # frames a second
# Constant quality, finer than can be seen; yuv420p, the only way of keeping colours that every player knows.
CODECS: dict[str, tuple[str, dict[str, str]]] = {
    ".mp4": ("libx264", {"crf": "14", "preset": "medium", "tune": "animation"}),
    ".webm": ("libvpx-vp9", {"crf": "18", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}),
}


def check(count: int, shape: tuple[int, int, int], style: Style) -> None:
    """See ``trainer.films``. Raises OutputError, also where PyAV is not installed."""
    encoder_library()
    check_moving(shape, style, FRAME, "Videos", FASTEST)


def steps(path: Path, film: Film, style: Style) -> Iterator[float]:
    """See ``trainer.films``: .mp4 or .webm. Raises OutputError, also where PyAV is not installed."""
    av = encoder_library()
    suffix = path.suffix.lower()
    scale, count = scale_of(style, film.pictures.shape[1:], FRAME), shown(len(film.pictures), style)
    name, options = CODECS[suffix]
    buffer = io.BytesIO()  # so that nothing of it is on disk before it is whole
    with av.open(buffer, "w", format=suffix[1:]) as container:
        container.metadata["comment"] = note_of(film)
        stream = container.add_stream(name, rate=Fraction(style.rate).limit_denominator(1000), options=options)
        stream.width, stream.height = (2 * -(-side * scale // 2) for side in film.pictures.shape[2:0:-1])
        stream.pix_fmt = "yuv420p"
        for number, picture in enumerate(frames_in_order(film.pictures, style)):
            frame = av.VideoFrame.from_ndarray(even(enlarged(picture, scale)), format="rgb24")
            container.mux(stream.encode(frame))
            yield 0.97 * (number + 1) / count
        container.mux(stream.encode(None))
    yield 0.99
    write_output(path, buffer.getvalue())
    yield 1.0


def encoder_library() -> Any:
    """PyAV. Raises OutputError where it is not there."""
    try:
        import av
    except ImportError:
        raise OutputError(
            "Videos need PyAV, which is not installed; run pip install 'latentscope[film]', or save an animated GIF."
        ) from None
    return av


def even(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Three channels and even sides, as yuv420p asks for: the last row and column are doubled where they must be."""
    height, width, _ = pixels.shape
    filled = np.pad(pixels, ((0, height % 2), (0, width % 2), (0, 0)), "edge")
    return np.ascontiguousarray(np.broadcast_to(filled, (*filled.shape[:2], 3)))

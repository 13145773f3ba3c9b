"""All frames of a film in one PNG picture, as a strip or as a grid."""

from collections.abc import Iterator
from pathlib import Path

from trainer.films.film import Film
from trainer.films.notes import note_of
from trainer.films.style import Style, scale_of
from trainer.outputs import write_output
from trainer.pictures import png, sheet, sheet_size

__all__ = ["check", "steps"]

FRAME = 112  # px, about, of a frame's longer side


def check(count: int, shape: tuple[int, int, int], style: Style) -> None:
    """See ``trainer.films``."""
    scale = scale_of(style, shape, FRAME)
    sheet_size(count, shape, columns_of(count, style), gap=gap_of(shape, scale), scale=scale)


def steps(path: Path, film: Film, style: Style) -> Iterator[float]:
    """See ``trainer.films``. Raises OutputError."""
    count, shape = len(film.pictures), film.pictures.shape[1:]
    scale = scale_of(style, shape, FRAME)
    yield 0.1
    picture = sheet(film.pictures, columns_of(count, style), gap=gap_of(shape, scale), scale=scale)
    yield 0.4
    data = png(picture, {"Description": note_of(film)})
    yield 0.9
    write_output(path, data)
    yield 1.0


def columns_of(count: int, style: Style) -> int:
    return min(style.columns, count) or count


def gap_of(shape: tuple[int, ...], scale: int) -> int:
    """Pixels between two frames: about one of their own."""
    return max(1, max(shape[:2]) * scale // 28)

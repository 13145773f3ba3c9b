"""All frames of a film in one PNG picture, as a strip or as a grid."""

from collections.abc import Iterator
from pathlib import Path

from trainer.films.film import Film
from trainer.films.notes import note_of
from trainer.films.style import Style, scale_of
from trainer.pictures import check_png, save_png, sheet, sheet_size

__all__ = ["steps"]

FRAME = 112  # px, about, of a frame's longer side


def steps(path: Path, film: Film, style: Style) -> Iterator[float]:
    """See ``trainer.films``. Raises OutputError, before anything is drawn if the picture would be too large."""
    count, *shape = film.pictures.shape
    scale = scale_of(style, tuple(shape), FRAME)
    columns = min(style.columns, count) or count
    gap = max(1, max(shape) * scale // 28)
    check_png(path)
    sheet_size(count, (shape[0], shape[1], shape[2]), columns, gap=gap, scale=scale)
    yield 0.1
    picture = sheet(film.pictures, columns, gap=gap, scale=scale)
    yield 0.6
    save_png(path, picture, {"Description": note_of(film)})
    yield 1.0

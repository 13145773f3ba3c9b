"""What is made of a path: its pictures as a strip, a grid, an animation, a video, or as arrays. The table of formats.

A format is a module with two functions. ``check(count, shape, style)`` raises OutputError where a film of so many
frames of ``shape`` (H, W, C) cannot be kept so. ``steps(path, film, style)`` writes it in pieces and gives the share
that is done; the file appears after the last but one, so that who stops in between leaves none behind.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.errors import OutputError
from trainer.films.style import Style
from trainer.outputs import check_target
from trainer.registry import Choice, Table

if TYPE_CHECKING:
    from trainer.films.film import Film

__all__ = ["FORMATS", "MOVING", "check_film", "format_of", "write_film"]

MOVING = "moving"  # the trait of a format that shows one frame after the other

FORMATS = Table(
    "film format",
    Choice("png", "Picture", "All frames in one picture, as a strip or a grid.", "trainer.films.still"),
    Choice("gif", "Animated GIF", "Plays everywhere; greys are kept as they are.", "trainer.films.gif", (MOVING,)),
    Choice("mp4", "Video, MP4", "H.264, small and smooth.", "trainer.films.video", (MOVING,)),
    Choice("webm", "Video, WebM", "VP9, free of patents.", "trainer.films.video", (MOVING,)),
    Choice("npz", "Arrays", "The latent points and the images, for NumPy.", "trainer.films.arrays"),
)


def format_of(path: Path) -> Choice:
    """The format that a file's name asks for. Raises OutputError if it asks for none of the table."""
    name = path.suffix.lower().lstrip(".")
    if name not in FORMATS:
        names = ", ".join(f".{one}" for one in FORMATS.names())
        raise OutputError(f"A film is saved with a name that ends with one of {names}; '{path.name}' does not.")
    return FORMATS[name]


def check_film(path: Path, count: int, shape: tuple[int, int, int], style: Style) -> None:
    """Raises OutputError where a film of ``count`` frames (H, W, C) could not be written there, before it is made."""
    format_of(path).load().check(count, shape, style)
    check_target(path)


def write_film(path: Path, film: "Film", style: Style) -> Iterator[float]:
    """Write a film in the format that its name asks for, in pieces, each with the share that is done.

    Raises OutputError; an older file then stays whole.
    """
    check_film(path, len(film.pictures), film.pictures.shape[1:], style)
    yield from format_of(path).load().steps(path, film, style)

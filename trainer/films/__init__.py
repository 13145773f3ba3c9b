"""What is made of a path: its pictures as a strip, a grid, an animation, a video, or as arrays. The table of formats.

A format is a module with one function, ``steps(path, film, style)``, which writes a file in pieces and gives the share
that is done; the file appears at the last one, so that who stops in between leaves none behind.
"""

from pathlib import Path

from trainer.errors import OutputError
from trainer.registry import Choice, Table

__all__ = ["FORMATS", "MOVING", "format_of"]

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

"""Pictures of decoded images: one image, a strip, a sheet, an atlas; enlarged by whole pixels and saved as PNG."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trainer.errors import OutputError
from trainer.outputs import write_output

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["check_png", "fitting_scale", "png", "save_png", "sheet", "sheet_size"]

MAX_PIXELS = 2**27  # of one picture: half a gigabyte in the memory of whoever opens it
WHITE = 255


def sheet(
    images: NDArray[np.uint8], columns: int, *, gap: int = 0, scale: int = 1, background: int = WHITE
) -> "Image.Image":
    """Images (N, H, W, C), C = 1 or 3, in rows of ``columns``; every pixel becomes a square of ``scale``².

    Neighbours are ``gap`` pixels (of the picture) apart, and places that are left over have the background's grey.
    One image alone, a strip (``columns`` = N) and an atlas (``gap`` = 0) are sheets too. Raises OutputError if the
    picture would be larger than ``MAX_PIXELS``.
    """
    from PIL import Image  # heavy, and no picture is saved at the start

    count, height, width, channels = images.shape
    size = sheet_size(count, (height, width, channels), columns, gap=gap, scale=scale)
    rows = -(-count // columns)
    step_y, step_x = height * scale + gap, width * scale + gap
    cells = np.full((rows * columns, step_y, step_x, channels), background, np.uint8)
    cells[:count, : height * scale, : width * scale] = images.repeat(scale, axis=1).repeat(scale, axis=2)
    page = cells.reshape(rows, columns, step_y, step_x, channels).swapaxes(1, 2)
    pixels = page.reshape(rows * step_y, columns * step_x, channels)[: size[0], : size[1]]
    return Image.fromarray(np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels))


def sheet_size(
    count: int, image_shape: tuple[int, int, int], columns: int, *, gap: int = 0, scale: int = 1
) -> tuple[int, int]:
    """(height, width) in pixels of a sheet of so many images. Raises OutputError if it is too large to be drawn."""
    height = -(-count // columns) * (image_shape[0] * scale + gap) - gap
    width = columns * (image_shape[1] * scale + gap) - gap
    if height * width > MAX_PIXELS:
        raise OutputError(
            f"A picture of {width:,} × {height:,} pixels is too large; ask for fewer images or a smaller scale."
        )
    return height, width


def fitting_scale(image_shape: tuple[int, int, int], pixels: int) -> int:
    """The largest whole scale at which an image's longer side has no more than ``pixels``, and at least 1."""
    return max(1, pixels // max(image_shape[:2]))


def png(image: "Image.Image", text: dict[str, str] | None = None) -> bytes:
    """The picture as a PNG file, with ``text`` (such as what was decoded) in its header."""
    from PIL import PngImagePlugin

    notes = PngImagePlugin.PngInfo()
    for key, value in {"Software": "Latentscope", **(text or {})}.items():
        notes.add_itxt(key, value)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=notes)
    return buffer.getvalue()


def check_png(path: str | Path) -> None:
    """Raises OutputError if path does not end with .png: another name would lie about what is in the file."""
    if Path(path).suffix.lower() != ".png":
        raise OutputError(f"Pictures are saved as PNG; give a name that ends with .png instead of '{Path(path).name}'.")


def save_png(path: str | Path, image: "Image.Image", text: dict[str, str] | None = None) -> None:
    """Save a picture in one step. Raises OutputError if its name does not end with .png or the disk refuses."""
    check_png(path)
    write_output(path, png(image, text))

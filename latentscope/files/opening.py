"""What a file or folder is, and what of it can be opened. Bytes decide, not names; nothing here touches the window."""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from latentscope.state.open_model import OpenModel
from latentscope.words import data_title
from trainer.errors import DataError, ModelFileError
from trainer.files import read_model
from trainer.run import open_run, summarise

__all__ = ["SUFFIX", "Kind", "kind_of", "read_open_model", "read_picture"]

Kind = Literal["model", "data", "image", "workspace"]

IMAGE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*")
MAX_PIXELS = 50_000_000
LOOKED_AT = 4096  # bytes
KEY, SUFFIX = b'"latentscope_workspace"', ".latentscope"  # see workspace_file.py, which is loaded only when needed


def kind_of(path: Path) -> Kind:
    """What a dropped or chosen path seems to be; all else is tried as a model, whose reader explains."""
    if path.is_dir():
        return "model"
    try:
        with path.open("rb") as file:
            start = file.read(LOOKED_AT)
    except OSError:
        return "model"
    if start.startswith(IMAGE_STARTS):
        return "image"
    if start.startswith(b"\x93NUMPY") or (start.startswith(b"PK") and path.suffix.lower() == ".npz"):
        return "data"
    if start[8:9] == b"{" and b"\0" in start[:8]:  # a length, which no text begins with, and a safetensors header
        return "model"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if (text.startswith(b"{") and KEY in text) or path.suffix.lower() == SUFFIX:
        return "workspace"  # also one that is damaged, which its reader explains
    return "model"


def read_open_model(path: Path) -> OpenModel:
    """A model file, or a run folder's finished model or else its newest snapshot.

    Raises ModelFileError or RunError with a sentence for the user.
    """
    if not path.is_dir():
        file = read_model(path)
        return OpenModel(file, title_of(path, file.config.data), path)
    run = open_run(path)
    source = run.model_path if run.model_path.exists() else summarise(run).newest_snapshot
    if source is None:
        raise ModelFileError(f"The run {path.name} has no model and no snapshot yet; resume it to train one.")
    return OpenModel(read_model(source), path.name, source)


def title_of(path: Path, data: str) -> str:
    """The run's name for a model in its run folder, else the file's own."""
    if path.name == "model.safetensors":
        return path.parent.name
    return path.stem or data_title(data)


def read_picture(path: Path, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """An image file as a model takes it: uint8 (1, H, W, C), resampled to ``shape``, grey where C = 1.

    A grey picture that is dark on light is turned round, since digits and the like are trained light on dark.
    Raises DataError with a sentence for the user.
    """
    from PIL import Image, UnidentifiedImageError

    height, width, channels = shape
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_PIXELS:
                raise DataError(f"{path.name} has {image.width}×{image.height} pixels; make it smaller first.")
            flat = image.convert("L" if channels == 1 else "RGB").resize((width, height), Image.Resampling.LANCZOS)
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path.name} cannot be read as an image; it may be damaged or of an unknown kind.") from error
    pixels = np.array(flat, np.uint8).reshape(1, height, width, channels)
    border = np.concatenate([pixels[0, 0], pixels[0, -1], pixels[0, :, 0], pixels[0, :, -1]])
    return 255 - pixels if channels == 1 and border.mean() > 127 else pixels

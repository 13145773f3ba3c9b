"""Latent in, image out: at once where that is fast, else on a worker where the latest request wins.

torch is imported by the first job of the worker, behind the window that is already on screen.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from trainer.errors import ModelFileError
from trainer.files import ModelFile

if TYPE_CHECKING:
    from trainer.codec import Codec

__all__ = ["Decoding"]

Pictures = NDArray[np.uint8]
Deliver = Callable[[Pictures, float], None]

# What may be spent on the GUI thread at once: a quarter of a display frame.
AT_ONCE_MS = 4.0


class Decoding(QObject):
    """The newest decoder. ``request`` decodes for whoever asks, each under a key of its own."""

    ready = Signal()  # a new decoder has taken over: decode again what is shown
    failed = Signal(str)  # the model cannot be decoded, or one decode failed; a sentence for the user

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._codec: Codec | None = None
        self._ms_per_image = 0.0

    @property
    def codec(self) -> "Codec | None":
        """The decoder that answers now; None until the first one is loaded."""
        return self._codec

    def open(self, file: ModelFile, name: str) -> None:
        """Load a model's decoder on the worker; until it is there nothing is decoded. ``name`` is for messages."""
        self.drop()
        self._background.submit("codec", lambda: load_codec(file, name), self._take_over, self._fail)

    def drop(self) -> None:
        """Forget the decoder and what was asked of it: another model is about to be shown."""
        self._codec = None

    def use(self, codec: "Codec", ms_per_image: float) -> None:
        """Take over a decoder that is loaded already."""
        self._background.cancel("codec")
        self._take_over((codec, ms_per_image))

    def request(self, key: str, z: ArrayLike, deliver: Deliver) -> None:
        """Decode z (N, D); ``deliver`` gets the pictures (N, H, W, C) uint8 and the milliseconds, on the GUI thread.

        Before this returns where that is fast; else later, and not at all if a newer request under ``key`` or a new
        decoder has come meanwhile. Without a decoder the request is dropped: ``ready`` says when to ask again.
        """
        codec = self._codec
        if codec is None:
            return
        points = np.array(z, np.float32)
        if self._ms_per_image * len(points) <= AT_ONCE_MS:
            self._background.cancel(key)
            deliver(*decode_timed(codec, points))
        else:
            self._background.submit(
                key,
                lambda: decode_timed(codec, points),
                lambda result: deliver(*result) if codec is self._codec else None,
                self._fail,
            )

    def _take_over(self, loaded: "tuple[Codec, float]") -> None:
        self._codec, self._ms_per_image = loaded
        self.ready.emit()

    def _fail(self, error: Exception) -> None:
        self.failed.emit(str(error))


def load_codec(file: ModelFile, name: str = "This model") -> "tuple[Codec, float]":
    """A decoder and the milliseconds that it takes for one image (median of five, after a first).

    Raises ModelFileError, whose sentence begins with ``name``, where the weights do not fit the config.
    """
    from trainer.codec import Codec

    try:
        codec = Codec.from_file(file)
    except ModelFileError as error:
        raise ModelFileError(f"{name}: {error}") from None
    centre = np.zeros((1, codec.latent), np.float32)
    times = [decode_timed(codec, centre)[1] for _ in range(6)]
    return codec, float(np.median(times[1:]))


def decode_timed(codec: "Codec", z: NDArray[np.float32]) -> tuple[Pictures, float]:
    start = time.perf_counter()
    pictures = codec.decode(z)
    return pictures, (time.perf_counter() - start) * 1000

"""Latent in, image out: at once where that is fast, else on a worker where the latest request wins.

torch is imported by the first job of the worker, behind the window that is already on screen.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from trainer.conditions import Weights, pure
from trainer.errors import ModelFileError
from trainer.files import ModelFile
from trainer.geometry import within_float32

if TYPE_CHECKING:
    from trainer.codec import Codec

__all__ = ["Decoding", "Pace", "TimedCodec", "load_codec"]

Pictures = NDArray[np.uint8]
Deliver = Callable[[Pictures, float], None]

# What may be spent on the GUI thread at once: a quarter of a display frame.
AT_ONCE_MS = 4.0


@dataclass(eq=False)
class Pace:
    """How long a network takes when nothing disturbs it: ``first_ms`` for one image, ``further_ms`` for each one more
    in a batch.

    Whatever else goes on can only make a decode longer, and while a model trains it does, by many times. So what counts
    is the least that has been seen so far, and every decode says what it took.
    """

    first_ms: float
    further_ms: float

    def learn(self, count: int, milliseconds: float) -> None:
        """So many images have taken so long."""
        if count == 1:
            self.first_ms = min(self.first_ms, milliseconds)
        elif count > 1:  # what the first one took is in it, too: rather too much than too little
            self.further_ms = min(self.further_ms, milliseconds / count)


@dataclass(frozen=True, eq=False)
class TimedCodec:
    """A decoder, and how long it takes. Those of the same network, the snapshots of a run, share one pace."""

    codec: "Codec"
    pace: Pace

    @property
    def first_ms(self) -> float:
        return self.pace.first_ms

    @property
    def further_ms(self) -> float:
        return self.pace.further_ms

    def estimate(self, count: int) -> float:
        """Milliseconds for so many images in one batch."""
        return self.first_ms + self.further_ms * (count - 1)


class Decoding(QObject):
    """The newest decoder. ``request`` decodes for whoever asks, each under a key of its own."""

    ready = Signal()  # a new decoder, or another class, has taken over: decode again what is shown
    failed = Signal(str)  # the model cannot be decoded, or one decode failed; a sentence for the user

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._timed: TimedCodec | None = None
        self._condition: Weights | None = None
        self._prepared = False  # torch, on this thread

    @property
    def timed(self) -> TimedCodec | None:
        """The decoder that answers now, with how long it takes."""
        return self._timed

    @property
    def codec(self) -> "Codec | None":
        """The decoder that answers now; None until the first one is loaded."""
        return self._timed.codec if self._timed else None

    def open(self, file: ModelFile, name: str) -> None:
        """Load a model's decoder on the worker; until it is there nothing is decoded. ``name`` is for messages."""
        self.drop()
        self._background.submit("codec", lambda: load_codec(file, name), self._take_over, self._fail)

    def drop(self) -> None:
        """Forget the decoder and what was asked of it: another model is about to be shown."""
        self._timed = None

    def use(self, codec: TimedCodec) -> None:
        """Take over a decoder that is loaded already."""
        self._background.cancel("codec")
        self._take_over(codec)

    def set_condition(self, weights: ArrayLike | None) -> None:
        """The weights (K,) of the classes that are decoded from now on; None for models that are not conditional."""
        self._condition = None if weights is None else np.array(weights, np.float32)
        if self._timed is not None and self._fits(self._timed):
            self.ready.emit()

    def request(
        self, key: str, z: ArrayLike, deliver: Deliver, condition: ArrayLike | None = None, *, behind: bool = False
    ) -> bool:
        """Decode z (N, D); ``deliver`` gets the pictures (N, H, W, C) uint8 and the milliseconds, on the GUI thread.

        ``condition`` (K,) or (N, K) takes the place of the classes that are decoded now.

        Before this returns where that is fast; else, and always with ``behind``, later, and not at all if a newer
        request under ``key`` or a new decoder has come meanwhile. Without a decoder the request is dropped (and False
        is returned): ``ready`` says when to ask again.
        """
        points = within_float32(z)
        weights = self._condition if condition is None else np.array(condition, np.float32)
        return self._request(key, len(points), lambda codec: codec.decode(points, weights), deliver, behind)

    def request_tokens(self, key: str, tokens: ArrayLike, deliver: Deliver) -> None:
        """The same for grids of codes (N, h, w)."""
        grids = np.array(tokens, np.int16)
        self._request(key, len(grids), lambda codec: codec.decode_tokens(grids), deliver)

    def _request(
        self, key: str, count: int, decode: Callable[["Codec"], Pictures], deliver: Deliver, behind: bool = False
    ) -> bool:
        timed = self._timed
        if timed is None or not self._fits(timed):
            return False

        def tell(result: tuple[Pictures, float]) -> None:
            timed.pace.learn(count, result[1])
            deliver(*result)

        if timed.estimate(count) <= AT_ONCE_MS and not behind:
            self._background.cancel(key)
            tell(decode_timed(timed.codec, decode))
        else:
            self._background.submit(
                key,
                lambda: decode_timed(timed.codec, decode),
                lambda result: tell(result) if timed is self._timed else None,
                self._fail,
            )
        return True

    def _fits(self, timed: TimedCodec) -> bool:
        """Whether decoder and condition are of the same model: for a moment one of them may be of the next."""
        return timed.codec.classes == (0 if self._condition is None else len(self._condition))

    def _take_over(self, timed: TimedCodec) -> None:
        import torch

        if not self._prepared:
            # Each thread has a number of its own, and here two would wait for each other (see load_codec).
            torch.set_num_threads(1)
            # torch prepares each thread at its first use, some 15 ms on this one, which is no decode's own time.
            timed.codec.decode(np.zeros((1, timed.codec.latent), np.float32), any_condition(timed.codec))
            self._prepared = True
        self._timed = timed
        self.ready.emit()

    def _fail(self, error: Exception) -> None:
        self.failed.emit(str(error))


def load_codec(file: ModelFile, name: str = "This model", like: TimedCodec | None = None) -> TimedCodec:
    """A decoder, timed (the least of five, after a first); one of the same kind as ``like`` shares the pace of that.

    Raises ModelFileError, whose sentence begins with ``name``, where the weights do not fit the config.
    """
    import torch

    from trainer.codec import Codec

    # One thread decodes an image as fast as two, and never waits for one that a training keeps from running.
    torch.set_num_threads(1)
    try:
        codec = Codec.from_file(file)
    except ModelFileError as error:
        raise ModelFileError(f"{name}: {error}") from None

    if like is not None:
        return TimedCodec(codec, like.pace)

    def least_ms(count: int) -> float:
        points = np.zeros((count, codec.latent), np.float32)
        condition = any_condition(codec)
        return min([decode_timed(codec, lambda c: c.decode(points, condition))[1] for _ in range(6)][1:])

    one, nine = least_ms(1), least_ms(9)
    return TimedCodec(codec, Pace(one, max(0.0, (nine - one) / 8)))


def any_condition(codec: "Codec") -> Weights | None:
    """One that the decoder takes."""
    return pure(0, codec.classes) if codec.classes else None


def decode_timed(codec: "Codec", decode: Callable[["Codec"], Pictures]) -> tuple[Pictures, float]:
    start = time.perf_counter()
    pictures = decode(codec)
    return pictures, (time.perf_counter() - start) * 1000

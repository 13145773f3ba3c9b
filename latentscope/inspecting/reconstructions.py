"""The reconstructions that somebody looks at: decoded when they are wanted, and kept for a while."""

from collections import OrderedDict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from latentscope.decoding import AT_ONCE_MS
from latentscope.inspecting.source import Source
from trainer.errors import TrainerError

__all__ = ["Reconstructions"]

KEEP_BYTES = 32 << 20
KEEP_LEAST = 128  # pictures: more than are seen at once


class Reconstructions(QObject):
    """Decoded test images by their index. Whoever waits for some asks again at ``changed``, for what is seen then."""

    changed = Signal()  # some have come, or all have gone
    failed = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._source: Source | None = None
        self._pictures: OrderedDict[int, NDArray[np.uint8]] = OrderedDict()
        self._broken = self._under_way = False
        self.generation = 0  # counts the decoders: a picture of an earlier one is out of date

    def follow(self, source: Source | None) -> None:
        """Decode from this from now on."""
        self._source = source
        self._pictures.clear()
        self._broken = False
        self.generation += 1
        self.stop()
        self.changed.emit()

    def stop(self) -> None:
        """Forget what is under way."""
        self._under_way = False
        self._background.cancel("reconstructions")

    def get(self, index: int) -> NDArray[np.uint8] | None:
        """uint8 (H, W, C), or None while there is none."""
        picture = self._pictures.get(index)
        if picture is not None:
            self._pictures.move_to_end(index)
        return picture

    def want(self, wanted: Iterable[int]) -> None:
        """Somebody looks at these: decode what is missing, at once where that is fast."""
        source = self._source
        if source is None or not source.can_decode or self._broken:
            return
        missing = np.array([index for index in wanted if index not in self._pictures], np.intp)
        missing = missing[source.finite(missing)]
        if not len(missing):
            return
        if source.milliseconds(len(missing)) <= AT_ONCE_MS:
            try:
                self._keep(missing, source.reconstruct(missing))
            except TrainerError as error:
                self._fail(error)
            return
        if self._under_way:
            return  # a result is never thrown away for the next, or there might be none at all
        self._under_way = True
        part = missing[: source.batch()]
        self._background.submit(
            "reconstructions", lambda: source.reconstruct(part), lambda made: self._take(source, part, made), self._fail
        )

    def _take(self, source: Source, index: NDArray[np.intp], pictures: NDArray[np.uint8]) -> None:
        self._under_way = False
        if source is self._source:
            self._keep(index, pictures)
            self.changed.emit()

    def _keep(self, index: NDArray[np.intp], pictures: NDArray[np.uint8]) -> None:
        for one, picture in zip(index.tolist(), pictures, strict=True):
            self._pictures[one] = picture.copy()
        most = max(KEEP_LEAST, KEEP_BYTES // max(1, pictures[0].nbytes))
        while len(self._pictures) > most:
            self._pictures.popitem(last=False)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, TrainerError):
            raise error
        self._under_way = False
        self._broken = True
        self.failed.emit(str(error))

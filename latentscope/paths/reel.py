"""The pictures of one film: decoded at once where that is fast, else in batches behind, what is looked at first."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.decoding import AT_ONCE_MS, Decoding, TimedCodec

__all__ = ["Reel"]

Points = NDArray[np.float64]
Pictures = NDArray[np.uint8]

BATCH_MS = 30.0  # of work on the decoder's thread, which whatever else is decoded there has to wait for
BATCHES = 4, 64  # the fewest and the most pictures of one


class Reel(QObject):
    """Decodes the points of a film, and again those that have moved, or all where the decoder is another.

    A batch is always seen to its end before the next one is asked for, so that a film whose path is being dragged is
    decoded all the while, and not only when the hand comes to rest.
    """

    cut = Signal()  # it has another number of frames; nothing is known of their pictures yet
    arrived = Signal(object, object)  # intp (M,): these frames have new pictures, uint8 (M, H, W, C)

    def __init__(self, decoding: Decoding, key: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._decoding, self._key = decoding, key
        self._points = np.empty((0, 0))
        self._fresh = np.empty(0, bool)
        self._decoded = np.empty(0, np.intp)  # in which batch each frame was decoded last
        self._batches = 0
        self._pictures: Pictures | None = None
        self._sight = 0, 0
        self._decoder = 0  # counts them
        self._asked: TimedCodec | None = None  # whose answer is under way
        decoding.ready.connect(self._decode_anew)
        decoding.failed.connect(self._give_up)

    def __len__(self) -> int:
        return len(self._points)

    @property
    def pictures(self) -> Pictures | None:
        """All of them (N, H, W, C) uint8; None while some are missing, or of points that have moved."""
        return self._pictures if self._fresh.all() and len(self) else None

    def wind(self, points: ArrayLike) -> None:
        """The film of these latent points (N, D), which are finite; N = 0: none at all."""
        new = np.array(points, float)
        if new.shape != self._points.shape:
            self._points, self._fresh, self._pictures = new, np.zeros(len(new), bool), None
            self._decoded = np.zeros(len(new), np.intp)
            self.cut.emit()
        else:
            self._fresh &= (new == self._points).all(axis=1)
            self._points = new
        self._go_on()

    def look_at(self, first: int, end: int) -> None:
        """The frames from ``first`` to before ``end`` are in sight: what is missing of them comes first."""
        self._sight = first, end

    def _decode_anew(self) -> None:
        """There is another decoder, or another class."""
        self._decoder += 1
        self._fresh[:] = False
        if self._asked is not self._decoding.timed:
            self._asked = None  # the one before will not answer any more
        self._go_on()

    def _give_up(self, _: str) -> None:
        self._asked = None

    def _go_on(self) -> None:
        """Ask for what is missing, as much as one batch takes."""
        timed = self._decoding.timed
        frames = np.flatnonzero(~self._fresh)
        if not len(frames) or timed is None:
            return
        at_once = timed.estimate(len(frames)) <= AT_ONCE_MS / 2  # the probe and the map want their share, too
        if not at_once:
            if self._asked is not None:
                return
            most = int(np.clip((BATCH_MS - timed.first_ms) / max(timed.further_ms, 1e-3), *BATCHES))
            frames = self._most_wanted(frames)[:most]
        points, decoder, self._asked = self._points, self._decoder, timed
        asked = self._decoding.request(
            self._key,
            points[frames],
            lambda pictures, _: self._take(points, decoder, frames, pictures),
            behind=not at_once,
        )
        if not asked:
            self._asked = None

    def _most_wanted(self, frames: NDArray[np.intp]) -> NDArray[np.intp]:
        """In sight before out of it; of those what has not been decoded for longest, so that all take turns while the
        path is dragged; of those the nearest to the middle."""
        first, end = self._sight
        out_of_sight = (frames < first) | (frames >= end)
        return frames[np.lexsort((np.abs(frames - (first + end - 1) / 2), self._decoded[frames], out_of_sight))]

    def _take(self, points: Points, decoder: int, frames: NDArray[np.intp], pictures: Pictures) -> None:
        self._asked = None
        if points.shape == self._points.shape:
            if self._pictures is None or self._pictures.shape[1:] != pictures.shape[1:]:
                self._pictures = np.zeros((len(points), *pictures.shape[1:]), np.uint8)
            self._pictures[frames] = pictures
            self._batches += 1
            self._decoded[frames] = self._batches
            # What was decoded for where a point was a moment ago is shown, and decoded again.
            still = (points[frames] == self._points[frames]).all(axis=1)
            self._fresh[frames] = still & (decoder == self._decoder)
            self.arrived.emit(frames, pictures)
        self._go_on()

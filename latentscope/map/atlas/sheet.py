"""The tiles of the atlas that are on the screen, in one image that is drawn as a whole.

A tile that arrives is written into the image where it lies, over what was there: nothing, the tile that it takes the
place of, or a piece of a coarser one. So a frame costs one image, whatever is on its way, and there are no holes where
there was a picture a moment ago.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from latentscope.map.atlas.tiles import TileSpan
from latentscope.map.pictures import picture_of

__all__ = ["Sheet", "mixed"]

Pixels = NDArray[np.uint32]
Cells = NDArray[np.intp]

CELLS = 1 << 24  # more than a sheet has in a column
MIXED_VALUES = 1 << 15  # pixels that are mixed at a time


class Sheet:
    """One span of tiles, each of ``tile`` (H, W) pixels, its margin included."""

    def __init__(self, span: TileSpan, tile: tuple[int, int]) -> None:
        (rows, columns), (height, width) = span.shape, tile
        self.span = span
        self.tile = tile
        pixels = np.zeros((rows * height, columns * width), np.uint32)
        self._cells = pixels.reshape(rows, height, columns, width)
        self.image = picture_of(pixels)
        self._fades: list[_Fade] = []

    @property
    def is_fading(self) -> bool:
        return bool(self._fades)

    def lay_under(self, other: "Sheet") -> None:
        """Begin with what another sheet shows, larger or smaller: a picture of here until there is a better one."""
        span = self.span
        rows, columns = span.shape
        across, down = columns / span.bounds.width * self.tile[1], rows / span.bounds.height * self.tile[0]
        theirs = other.span.bounds
        place = QRectF(
            (theirs.left - span.bounds.left) * across,
            (span.bounds.top - theirs.top) * down,
            theirs.width * across,
            theirs.height * down,
        )
        with QPainter(self.image) as painter:
            painter.setRenderHint(
                QPainter.RenderHint.SmoothPixmapTransform, span.spacing != other.span.spacing or self.tile != other.tile
            )
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.drawImage(place, other.image)

    def put(self, cells: Cells, pixels: Pixels, since: NDArray[np.float64], now: float, seconds: float) -> None:
        """Show tiles ``pixels`` (N, H, W) at ``cells`` (N, 2), rows and columns; those that came ``since`` less than
        ``seconds`` ago fade in."""
        self._fades = [rest for fade in self._fades if len((rest := fade.without(cells)).cells)]
        young = now - since < seconds
        old = ~young
        self._cells[cells[old, 0], :, cells[old, 1]] = pixels[old]
        if young.any():
            where = cells[young]
            self._fades.append(_Fade(where, self._cells[where[:, 0], :, where[:, 1]], pixels[young], since[young]))

    def step(self, now: float, seconds: float) -> None:
        """Let what fades in be as far as it is by now."""
        for fade in self._fades:
            share = np.clip((now - fade.since) / seconds, 0, 1)
            self._cells[fade.cells[:, 0], :, fade.cells[:, 1]] = mixed(fade.under, fade.over, share)
        self._fades = [fade for fade in self._fades if (now - fade.since < seconds).any()]


class _Fade:
    """Tiles ``over`` that are fading in where ``under`` was, both (N, H, W)."""

    def __init__(self, cells: Cells, under: Pixels, over: Pixels, since: NDArray[np.float64]) -> None:
        self.cells, self.under, self.over, self.since = cells, under, over, since

    def without(self, cells: Cells) -> "_Fade":
        """The same without the tiles in these cells: they are of another picture now."""
        stays = ~np.isin(self.cells @ (1, CELLS), cells @ (1, CELLS))
        return self if stays.all() else _Fade(self.cells[stays], self.under[stays], self.over[stays], self.since[stays])


def mixed(under: Pixels, over: Pixels, share: NDArray[np.float64]) -> Pixels:
    """Pixels (N, H, W) between two others: ``share`` (N,) in 0..1, 1 being ``over``.

    A few tiles at a time, which stay in the processor's cache: all 400 of a view at once take four times as long.
    """
    part = np.rint(share * 256).astype(np.uint16)[:, None, None]
    result = np.empty_like(over)
    step = max(1, MIXED_VALUES // max(1, over[0].size)) if len(over) else 1
    for start in range(0, len(over), step):
        some = slice(start, start + step)
        # Each channel by itself: 255 · 256 is as much as 16 bits hold.
        mixture = channels_of(under[some]) * (256 - part[some])
        mixture += channels_of(over[some]) * part[some]
        mixture >>= 8
        result[some] = mixture.astype(np.uint8).view(np.uint32)
    return result


def channels_of(pixels: Pixels) -> NDArray[np.uint8]:
    """The four channels of each pixel, as one more of them to the row."""
    return np.ascontiguousarray(pixels).view(np.uint8)

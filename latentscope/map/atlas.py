"""The layer of the atlas: decoded images over the visible part of the map, faint, under the points.

While the camera moves, the tiles that are there are drawn larger or smaller; when it has settled, those that are
missing are decoded, the nearest to the middle first, and fade in. Tiles stay in a bounded cache until there is a new
decoder. Where a conditional model is to decode another class, each tile stays until its successor takes its place.
"""

import math
import time
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from shiboken6 import isValid

from latentscope.decoding import Decoding
from latentscope.map.camera import Camera
from latentscope.map.pictures import picture_of
from latentscope.map.scene import Scene
from latentscope.map.tiles import FADE_LEVELS, Tile, TileSpan, sheet_pixels, shrunk, span_in_view, tiled_region

__all__ = ["AtlasLayer"]

Pictures = NDArray[np.uint8]

SETTLE_MS = 90
FADE_SECONDS = 0.15
FADE_FRAME_MS = 30
# Tiles in the cache; a screen of four million pixels shows about 3,000.
CACHE_TILES = 8192
# Image values decoded in one go: some milliseconds of work for a small decoder, and a bounded piece of memory for any.
REQUEST_VALUES = 400_000
# The largest side of a kept tile, in pixels, a device-pixel ratio of 2 included.
TILE_SIDE = 96


class AtlasLayer(QObject):
    """Decodes, keeps and draws the tiles. ``changed`` says that the layer would look different now."""

    changed = Signal()

    def __init__(self, decoding: Decoding, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._decoding = decoding
        self._scene: Scene | None = None
        self._tiles: OrderedDict[Tile, tuple[Pictures, float]] = OrderedDict()  # with the moment each came to be
        self._outdated: set[Tile] = set()  # those that are still of another class than the one that is decoded now
        self._sheet = _Sheet()
        self._leaving = _Sheet()  # what is fading out, of another spacing or another decoder
        self._generation = 0
        self._codec = decoding.codec
        self._request = 0  # which one is under way; what an earlier one brings is not wanted any more
        self._waiting = False  # for pictures that were asked for
        self.sheets_made = 0  # for tests and benchmarks
        self._settle = QTimer(self, singleShot=True)
        self._settle.timeout.connect(self._fill)
        self._fade = QTimer(self, interval=FADE_FRAME_MS)
        self._fade.timeout.connect(self._step_fade)
        decoding.ready.connect(self._renew)
        decoding.failed.connect(self._give_up)

    def follow(self, scene: Scene | None) -> None:
        """Show this scene from now on: decode what it lacks once it has not changed for a moment."""
        before, self._scene = self._scene, scene
        if scene is None or not scene.layers.shows("atlas"):
            self._settle.stop()
            self._fade.stop()
            return
        if before is not None and (before.theme, before.layers) != (scene.theme, scene.layers):
            self._make_sheet(scene)  # the ink or the opacity is another
        self._settle.start(SETTLE_MS)

    def forget(self) -> None:
        """Another model is open: nothing of the old one may be seen."""
        self._generation += 1
        self._request += 1
        self._waiting = False
        self._tiles.clear()
        self._outdated.clear()
        self._sheet, self._leaving = _Sheet(), _Sheet()
        self._fade.stop()

    def is_settled(self) -> bool:
        """Whether all that can be decoded has been, and nothing fades."""
        return not self._settle.isActive() and not self._fade.isActive() and not self._waiting

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if not scene.layers.shows("atlas"):
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._leaving.span is not None:
            painter.setOpacity(1 - self._share())
            self._leaving.paint(painter, scene.camera)
            painter.setOpacity(1)
        self._sheet.paint(painter, scene.camera)

    # --- decoding -------------------------------------------------------------------------------------------------

    def _renew(self) -> None:
        """A new decoder, or another class: every tile is decoded again; the old ones stay on the screen meanwhile."""
        self._request += 1
        if self._decoding.codec is self._codec:
            self._outdated = set(self._tiles)
        else:
            self._codec = self._decoding.codec
            self._generation += 1
            self._tiles.clear()
            self._outdated.clear()
        self._fill()

    def _give_up(self) -> None:
        """A decode has failed; whoever shows messages says so."""
        self._waiting = False

    def _fill(self) -> None:
        """Decode the nearest of the missing tiles; what comes asks for the next."""
        self._waiting = False
        scene = self._scene
        if scene is None or not scene.layers.shows("atlas"):
            return
        span = span_in_view(scene.camera, tiled_region(scene.cloud, scene.plane), scene.plane.dimension)
        if span is None:
            return
        missing = [tile for tile, _, _ in span.tiles() if tile not in self._tiles or tile in self._outdated]
        if not missing:
            if self._sheet.span != span:
                self._show(span, scene)
            return
        codec = self._decoding.codec
        if codec is None:
            return
        centres = np.array([(i * s, j * s) for s, i, j in missing])
        order = np.argsort(np.hypot(*(centres - (scene.camera.x, scene.camera.y)).T), kind="stable")
        order = order[: max(1, REQUEST_VALUES // int(np.prod(codec.image_shape)))]
        asked = [missing[i] for i in order]
        self._request += 1
        request = self._request

        def deliver(pictures: Pictures, _: float) -> None:
            # The decoder may outlive the map.
            if isValid(self) and request == self._request:
                self._take(asked, pictures)

        self._waiting = True
        self._decoding.request("atlas", scene.plane.to_latent(centres[order]), deliver)

    def _take(self, tiles: list[Tile], pictures: Pictures) -> None:
        self._waiting = False
        now = time.perf_counter()
        for tile, picture in zip(tiles, shrunk(pictures, TILE_SIDE), strict=True):
            # A copy: a slice would keep its whole batch in memory for as long as one tile of it is kept. What takes the
            # place of another picture does not fade in again, or the atlas would go dark while classes are mixed.
            self._tiles[tile] = (picture.copy(), self._tiles[tile][1] if tile in self._outdated else now)
        self._outdated.difference_update(tiles)
        scene = self._scene
        if scene is None:
            return
        span = span_in_view(scene.camera, tiled_region(scene.cloud, scene.plane), scene.plane.dimension)
        # On a wall of screens one view may hold more tiles than the cache is meant to.
        most = max(CACHE_TILES, 2 * math.prod(span.shape)) if span else CACHE_TILES
        while len(self._tiles) > most:
            self._outdated.discard(self._tiles.popitem(last=False)[0])
        if span is not None:
            self._show(span, scene)
            self._settle.start(0)  # the next ones, after what else is waiting

    # --- showing --------------------------------------------------------------------------------------------------

    def _show(self, span: TileSpan, scene: Scene) -> None:
        before = self._sheet
        same = before.span is not None and before.span.spacing == span.spacing and before.generation == self._generation
        if not same and before.span is not None:
            self._leaving = before
        self._sheet = _Sheet(span, self._generation, time.perf_counter() if not same else before.since)
        for tile, _, _ in span.tiles():
            if tile in self._tiles:
                self._tiles.move_to_end(tile)
        self._make_sheet(scene)
        if not self._sheet.whole or self._leaving.span is not None:
            self._fade.start()

    def _step_fade(self) -> None:
        if self._share() >= 1:
            self._leaving = _Sheet()
        if self._scene is not None:
            self._make_sheet(self._scene)
        if self._leaving.span is None and self._sheet.whole:
            self._fade.stop()

    def _share(self) -> float:
        """How far the old sheet has faded out."""
        return min(1.0, (time.perf_counter() - self._sheet.since) / FADE_SECONDS)

    def _make_sheet(self, scene: Scene) -> None:
        if self._sheet.span is None:
            return
        self.sheets_made += 1
        self._sheet.make(self._tiles, scene)
        self.changed.emit()


class _Sheet:
    """The tiles of one span in one image. ``whole`` says that none of them is still fading in."""

    def __init__(self, span: TileSpan | None = None, generation: int = 0, since: float = 0.0) -> None:
        self.span = span
        self.generation = generation
        self.since = since
        self.whole = True
        self._image = QImage()

    def make(self, tiles: OrderedDict[Tile, tuple[Pictures, float]], scene: Scene) -> None:
        assert self.span is not None
        found = [(tiles[tile], row, column) for tile, row, column in self.span.tiles() if tile in tiles]
        self.whole = True
        self._image = QImage()
        if not found:
            return
        now = time.perf_counter()
        pictures = np.zeros((*self.span.shape, *found[0][0][0].shape), np.uint8)
        level = np.zeros(self.span.shape, np.intp)
        for (picture, since), row, column in found:
            age = (now - since) / FADE_SECONDS
            self.whole = self.whole and age >= 1
            pictures[row, column] = picture
            level[row, column] = min(FADE_LEVELS - 1, int(age * FADE_LEVELS))
        ink = QColor(scene.theme.ink)
        rgb = (ink.red(), ink.green(), ink.blue())
        self._image = picture_of(sheet_pixels(pictures, level, rgb, scene.layers.atlas_opacity))

    def paint(self, painter: QPainter, camera: Camera) -> None:
        if self.span is None or self._image.isNull():
            return
        bounds = self.span.bounds
        left, top = camera.to_pixel((bounds.left, bounds.top))
        width, height = bounds.width * camera.scale, bounds.height * camera.scale
        painter.drawImage(QRectF(left, top, width, height), self._image)

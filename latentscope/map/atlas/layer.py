"""The layer of the atlas: decoded images over the visible part of the map, faint, under the points.

Tiles are decoded behind the gesture: in batches off the GUI thread, the nearest to the middle first, and when a batch
has come the next is asked for where the camera is by then. Until a tile is there, the coarser one that lies there is
drawn larger. Tiles fade in, and stay in a bounded cache. Where a newer snapshot of a run decodes, a conditional model
is to decode another class, or the plane has moved, each tile stays until its successor takes its place, the oldest
first: however often that happens, every one gets its turn.
"""

import math
import time
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from shiboken6 import isValid

from latentscope.after_paint import AfterPaint
from latentscope.decoding import Decoding, TimedCodec
from latentscope.map.atlas.sheet import Sheet
from latentscope.map.atlas.tiles import Tile, TileSpan, finest_spacing, shrunk, span_in_view, tile_pixels, tiled_region
from latentscope.map.camera import Bounds, Camera
from latentscope.map.grid import AXIS_HEIGHT
from latentscope.map.points.cloud import BAND_HEIGHT, Cloud
from latentscope.map.scene import Scene, colour
from trainer.geometry import Plane

__all__ = ["AtlasLayer"]

Pictures = NDArray[np.uint8]

FADE_SECONDS = 0.15
FADE_FRAME_MS = 30
# Tiles in the cache, and what their pictures may take; a screen of four million pixels shows about 3,000.
CACHE_TILES = 16_384
CACHE_BYTES = 2**26
# Image values decoded in one go, and about how long that may take: the decoder is shared with the probe, and the next
# batch is of where the camera is by then.
REQUEST_VALUES = 400_000
REQUEST_MS = 10.0
# So many tiles around the view are decoded, too, after those in it, so that they are there when the map is panned; when
# there are fewer than the least the next are asked for.
RING, LEAST_RING = 3, 1
# The largest side of a kept tile, in pixels, a device-pixel ratio of 2 included.
TILE_SIDE = 96
STEADY = 32  # tiles at once where pictures have to be the same every time
THE_END = "The decoder's precision ends here: tiles closer together would be the same."


class AtlasLayer(QObject):
    """Decodes, keeps and draws the tiles. ``changed`` says that the layer would look different now."""

    changed = Signal()

    def __init__(self, decoding: Decoding, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._decoding = decoding
        self._scene: Scene | None = None
        self._tiles: OrderedDict[Tile, _Kept] = OrderedDict()
        self._version = 0  # of decoder, class and plane
        self._sheet: Sheet | None = None
        self._sheet_region: _Region | None = None  # where there was an atlas when the sheet was made
        self._codec = decoding.codec
        self._request = 0  # which one is under way; what an earlier one brings is not wanted any more
        self._waiting = False  # for pictures that were asked for
        self._complete = False  # the sheet has all of its tiles
        self._refining = False  # what is asked for does not depend on the past
        self._at_the_end = False  # of the decoder's precision
        self._grey = True
        self._region: _Region | None = None
        self.sheets_made = 0  # how often the sheet has changed; for tests and benchmarks
        self.decoded = 0  # tiles, likewise
        self._fade = QTimer(self, interval=FADE_FRAME_MS)
        self._fade.timeout.connect(self._step_fade)
        self._after = AfterPaint(self._catch_up, self)
        self._behind = False  # the sheet lacks tiles that are there
        decoding.ready.connect(self._renew)
        decoding.failed.connect(self._give_up)

    def follow(self, scene: Scene | None) -> None:
        """Show this scene from now on, and decode what it lacks."""
        before, self._scene = self._scene, scene
        if before is not None and scene is not None and before.plane is not scene.plane:
            self._outdate()
        if scene is None or not scene.layers.shows("atlas"):
            self._fade.stop()
            return
        if before is not None and before.theme != scene.theme:
            self._sheet = None  # the ink is another
        self._cover(scene)
        self._after.ask()  # a frame does not wait for what it can do without

    def forget(self) -> None:
        """Another model is open: nothing of the old one may be seen."""
        self._request += 1
        self._waiting = False
        self._tiles.clear()
        self._sheet = None
        self._fade.stop()

    def refine(self) -> None:
        """Decode what is in view once more, behind what is there, in an order that does not depend on the past.

        How a decoder rounds depends on how many images it makes at once, and that on how fast it has been.
        """
        scene = self._scene
        if scene is None or not scene.layers.shows("atlas") or self._decoding.timed is None:
            return
        self._request += 1
        self._waiting, self._refining = False, True
        self._sheet = None
        self._outdate()
        self._cover(scene)
        self._fill()

    def is_settled(self) -> bool:
        """Whether all that can be decoded has been, and nothing fades."""
        return not self._fade.isActive() and not self._waiting and not self._after.is_due

    def is_full(self) -> bool:
        """Whether every tile in view is there, if only faintly yet."""
        span = self._span(self._scene) if self._scene is not None else None
        return span is None or all(self._age(tile) == self._version for tile in span.tiles())

    def paint(self, painter: QPainter, scene: Scene) -> None:
        if not scene.layers.shows("atlas") or self._sheet is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        opacity = scene.layers.atlas_opacity
        painter.setOpacity(opacity if self._grey else math.sqrt(opacity))  # colours would be lost in the ground's
        draw_visible(painter, self._sheet, scene)
        painter.setOpacity(1)
        if self._at_the_end:
            paint_note(painter, scene, THE_END)

    # --- decoding -------------------------------------------------------------------------------------------------

    def _outdate(self) -> None:
        """Every tile is to be decoded again; until then it is shown as it is."""
        self._version += 1
        self._complete = False

    def _age(self, tile: Tile) -> int:
        """The version of a tile; −1 where there is none."""
        kept = self._tiles.get(tile)
        return kept.version if kept is not None else -1

    def _renew(self) -> None:
        """A new decoder, or another class: every tile is decoded again; the old ones stay on the screen meanwhile."""
        before, codec = self._codec, self._decoding.codec
        if codec is not before:
            if before is None or codec is None or before.image_shape != codec.image_shape:
                self._tiles.clear()
            self._codec = codec
            self._request += 1  # what the old one was asked for will not come
            self._waiting = False
        self._outdate()
        if self._scene is not None and self._scene.layers.shows("atlas"):
            self._cover(self._scene)
            self._catch_up()

    def _give_up(self) -> None:
        """A decode has failed; whoever shows messages says so."""
        self._waiting = False

    def _span(self, scene: Scene, ring: int = 0) -> TileSpan | None:
        region = self._region
        if region is None or region.cloud is not scene.cloud or region.plane is not scene.plane:
            region = self._region = _Region(scene.cloud, scene.plane, tiled_region(scene.cloud, scene.plane))
        finest = finest_spacing(scene.camera, scene.plane)
        return span_in_view(scene.camera, region.bounds, scene.plane.dimension, finest, ring)

    def _fill(self) -> None:
        """Ask for the oldest, and of these the nearest, of the tiles that are missing; what comes asks for the next."""
        timed, scene = self._decoding.timed, self._scene
        if self._waiting or self._complete or timed is None or scene is None or not scene.layers.shows("atlas"):
            return
        inner, outer = self._span(scene), self._span(scene, RING)
        if inner is None or outer is None:
            return
        ages = {tile: age for tile in outer.tiles() if (age := self._age(tile)) != self._version}
        missing = list(ages)
        self._complete = not missing
        if not missing:
            self._refining = False
            return
        centres = np.array([(i * s, j * s) for s, i, j in missing])
        away = np.hypot(*(centres - (scene.camera.x, scene.camera.y)).T)
        outside = [inner.cell(tile) is None for tile in missing]
        keys = (away, outside) if self._refining else (away, list(ages.values()), outside)
        order = np.lexsort(keys)[: STEADY if self._refining else batch_size(timed)]
        asked = [missing[i] for i in order]
        self._request += 1
        request, version = self._request, self._version

        def deliver(pictures: Pictures, _: float) -> None:
            # The decoder may outlive the map.
            if isValid(self) and request == self._request:
                self._take(asked, pictures, version)

        latent = scene.plane.to_latent(centres[order])
        self._waiting = self._decoding.request("atlas", latent, deliver, behind=True)

    def _take(self, tiles: list[Tile], pictures: Pictures, version: int) -> None:
        self._waiting = False
        self.decoded += len(tiles)
        now = time.perf_counter()
        small = shrunk(pictures, TILE_SIDE)
        self._grey = small.shape[-1] == 1
        for tile, picture in zip(tiles, small, strict=True):
            # A copy: a slice would keep its whole batch in memory for as long as one tile of it is kept. What takes the
            # place of another picture does not fade in again, or the atlas would go dark while classes are mixed.
            before = self._tiles.get(tile)
            self._tiles[tile] = _Kept(picture.copy(), before.since if before is not None else now, version)
        scene = self._scene
        if scene is None or not scene.layers.shows("atlas"):
            return
        if self._sheet is None:
            self._cover(scene)
        else:
            self._put(self._sheet, tiles, scene)
        self._forget_some(small[0].nbytes)
        self._fill()

    def _forget_some(self, size: int) -> None:
        """Keep the cache within its bounds; on a wall of screens one view may hold more than it is meant to."""
        on_screen = math.prod(self._sheet.span.shape) if self._sheet is not None else 0
        most = max(min(CACHE_TILES, CACHE_BYTES // size), 2 * on_screen)
        while len(self._tiles) > most:
            self._tiles.popitem(last=False)

    # --- showing --------------------------------------------------------------------------------------------------

    def _cover(self, scene: Scene) -> None:
        """Have a sheet that covers the view: a first one with all tiles that are there already, any other with what the
        one before has shown; ``_catch_up`` brings the tiles."""
        self._at_the_end = False
        inner = self._span(scene)
        if inner is None:
            return
        self._at_the_end = inner.spacing == finest_spacing(scene.camera, scene.plane)
        before, nearly, span = self._sheet, self._span(scene, LEAST_RING), self._span(scene, RING)
        assert nearly is not None
        assert span is not None
        same = self._sheet_region is self._region or (before is not None and before.span == span)
        if before is not None and before.span.holds(nearly) and same:
            self._sheet_region = self._region
            return
        self._sheet_region = self._region
        self._complete = False
        first = next((kept for tile in span.tiles() if (kept := self._tiles.get(tile)) is not None), None)
        if first is not None:
            height, width = tile_pixels(first.picture[None], (0, 0, 0)).shape[1:]
            self._sheet = Sheet(span, (height, width))
        elif before is not None:
            self._sheet = Sheet(span, before.tile)
        else:
            return
        self._behind = True
        if before is not None:
            self._sheet.lay_under(before)
            self.sheets_made += 1
        else:
            self._bring(self._sheet, scene)

    def _catch_up(self) -> None:
        """Show the tiles that are there, and ask for those that are not."""
        if self._scene is not None and self._scene.layers.shows("atlas"):
            if self._sheet is not None and self._behind:
                self._bring(self._sheet, self._scene)
            self._fill()

    def _bring(self, sheet: Sheet, scene: Scene) -> None:
        """Write all tiles that are there on a new sheet."""
        self._behind = False
        known = [tile for tile in sheet.span.tiles() if tile in self._tiles]
        for tile in known:
            self._tiles.move_to_end(tile)
        self._put(sheet, known, scene)

    def _put(self, sheet: Sheet, tiles: list[Tile], scene: Scene) -> None:
        """Write those of the tiles that belong on the sheet."""
        found = [(tile, cell) for tile in tiles if (cell := sheet.span.cell(tile)) is not None]
        if found:
            ink = QColor(scene.theme.ink)
            pixels = tile_pixels(
                np.stack([self._tiles[tile].picture for tile, _ in found]), (ink.red(), ink.green(), ink.blue())
            )
            if pixels.shape[1:] != sheet.tile:  # another model's: there is nothing to keep
                self._sheet = sheet = Sheet(sheet.span, (pixels.shape[1], pixels.shape[2]))
            since = np.array([self._tiles[tile].since for tile, _ in found])
            sheet.put(np.array([cell for _, cell in found]), pixels, since, time.perf_counter(), FADE_SECONDS)
            if sheet.is_fading:
                self._fade.start()
        self.sheets_made += 1
        self.changed.emit()

    def _step_fade(self) -> None:
        if self._sheet is not None:
            self._sheet.step(time.perf_counter(), FADE_SECONDS)
            self.sheets_made += 1
            self.changed.emit()
        if self._sheet is None or not self._sheet.is_fading:
            self._fade.stop()


@dataclass(frozen=True, eq=False)
class _Kept:
    """The picture of a tile, the moment when there first was one, and the version of what has decoded it."""

    picture: Pictures
    since: float
    version: int


@dataclass(frozen=True, eq=False)
class _Region:
    """Where there is an atlas of these codes on this plane."""

    cloud: Cloud
    plane: Plane
    bounds: Bounds


def batch_size(timed: TimedCodec) -> int:
    """How many tiles to decode in one go."""
    by_size = REQUEST_VALUES // math.prod(timed.codec.image_shape)
    by_time = (REQUEST_MS - timed.first_ms) / max(timed.further_ms, 1e-3)
    return max(1, int(min(by_size, by_time)))


def place_of(span: TileSpan, scene: Scene) -> QRectF:
    """Where a sheet lies on the screen, in logical pixels."""
    camera, bounds = scene.camera, span.bounds
    left, top = camera.to_pixel((bounds.left, bounds.top))
    if scene.plane.dimension == 1:
        top = row_top(camera, span.spacing)
    return QRectF(left, top, bounds.width * camera.scale, bounds.height * camera.scale)


def draw_visible(painter: QPainter, sheet: Sheet, scene: Scene) -> None:
    """Draw what the view shows of a sheet, which may be far larger than Qt can count pixels."""
    place, image = place_of(sheet.span, scene), sheet.image
    seen = place & QRectF(0, 0, scene.camera.width, scene.camera.height)
    if seen.isEmpty():
        return
    across, down = image.width() / place.width(), image.height() / place.height()
    part = QRectF(
        (seen.left() - place.left()) * across,
        (seen.top() - place.top()) * down,
        seen.width() * across,
        seen.height() * down,
    )
    painter.drawImage(seen, image, part)


def row_top(camera: Camera, spacing: float) -> float:
    """In one dimension: where the one row of tiles begins. Below the band of points, and always in sight: what lies
    higher or lower decodes to the same."""
    height = spacing * camera.scale
    wanted = float(camera.to_pixel((0, -BAND_HEIGHT / 2))[1]) + height / 2
    return max(0.0, min(wanted, camera.height - AXIS_HEIGHT - height))


def paint_note(painter: QPainter, scene: Scene, text: str) -> None:
    """A line in the middle of the map's upper edge, on a pill."""
    painter.setFont(scene.font)
    metrics = QFontMetricsF(scene.font)
    width, height = metrics.horizontalAdvance(text) + 24, metrics.height() + 10
    pill = QRectF((scene.camera.width - width) / 2, 10, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(scene.theme.panel, 0.9))
    painter.drawRoundedRect(pill, height / 2, height / 2)
    painter.setPen(colour(scene.theme.text))
    painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)

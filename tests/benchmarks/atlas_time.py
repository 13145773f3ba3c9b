"""How long the atlas takes: an atlas of 30 × 30 images alone, and in the window while the map is zoomed and panned.

    python tests/benchmarks/atlas_time.py [MODEL] [--size 30] [--seconds 1.5]

First the decoder alone; beside it, in the same run, the same images decoded one by one by an eager call of the module.
Budget for the shipped model: 20 ms. Then the real main window at five zooms, each reached with the wheel at 60 Hz and
panned over at 60 Hz: milliseconds from each move to the painted map, what is waited for from the last move until every
tile in view is there, how many tiles were decoded, and the longest time that the GUI thread was held. Budgets: 16.7 ms
a frame, one frame of a display; the GUI thread held for 100 ms at most.

Where a frame at the first zoom goes, in milliseconds of the processor on two cores: the points 3 to 6, the atlas 1.3,
labels, axes and lines 1.5, the picture to the screen 0.7, the rest 1; a new sheet of tiles, where the spacing changes,
2.5 more. What was tried, median and 99 of 100 beside other work: Qt's painting on one thread instead of on those of its
pool, 14 / 33 before and 9 / 17 after (``latentscope/start/painting.py``: the true cause of slow frames); to show tiles
that come and steps of a fade with the next frame of the camera instead of composing the map for each, a quarter fewer
frames, and none that begins 10 to 15 late; to ask for tiles and to bring those that are there after the frame, 9 / 14;
fades mixed a few tiles at a time, a step 0.8 instead of 3.5; tiles drawn larger without smoothing, slower (2.5 instead
of 1.3).
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the program does; before torch is imported
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import torch
from probe_drag import SHIPPED, PaintClock, main_window, wait
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from latentscope.app import make_application
from latentscope.main_window import MainWindow
from trainer.codec import Codec
from trainer.files import read_model
from trainer.geometry import atlas_grid, axis_plane
from trainer.models.build import load_model

ZOOMS = 1, 8, 64, 1e3, 1e5  # closer than the first view by so much
PERIOD = 1 / 60
Event = Callable[[float], None]


def median_ms(call: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times + 1):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken[1:])


def decoder_alone(model_path: Path, size: int) -> None:
    file = read_model(model_path)
    codec, model = Codec.from_file(file), load_model(file)
    points = axis_plane(codec.latent).to_latent(atlas_grid(size).reshape(-1, 2)).astype(np.float32)

    @torch.no_grad()
    def one_by_one() -> list[np.ndarray]:
        return [model.decode(torch.from_numpy(point[None])).numpy() for point in points]

    print(f"{model_path.name}, {torch.get_num_threads()} threads, atlas of {size} × {size}, medians")
    print(f"  {'codec':<14} {median_ms(lambda: codec.decode(points), 50):7.2f} ms")
    print(f"  {'one by one':<14} {median_ms(one_by_one, 5):7.2f} ms")


class Clock:
    """Plays events at 60 Hz and notes how long each takes to be seen, and the longest that the GUI thread was held."""

    def __init__(self, application: QApplication, window: MainWindow) -> None:
        self._application, self._window = application, window
        self._painted = PaintClock([window.map])
        self.frames: list[float] = []
        self.longest = 0.0

    def work_off(self) -> None:
        start = time.perf_counter()
        self._application.processEvents()
        self.longest = max(self.longest, (time.perf_counter() - start) * 1000)

    def play(self, event: Event, seconds: float) -> None:
        begin = due = time.perf_counter()
        while due < begin + seconds:
            while time.perf_counter() < due:
                self.work_off()
                time.sleep(0.0002)
            sent = time.perf_counter()
            event(due - begin)
            while (end := self._painted.latest(sent)) is None and time.perf_counter() < sent + 0.5:
                self.work_off()
            if end is not None:
                self.frames.append((end - due) * 1000)
            due += PERIOD * max(1, np.ceil((time.perf_counter() - due) / PERIOD))

    def until(self, ready: Callable[[], bool]) -> float:
        """Milliseconds until it is."""
        start = time.perf_counter()
        while not ready() and time.perf_counter() < start + 60:
            self.work_off()
            time.sleep(0.0002)
        return (time.perf_counter() - start) * 1000

    def take(self) -> tuple[float, float]:
        """The median and the 99th percentile of the frames since the last time."""
        p50, p99 = np.percentile(self.frames, [50, 99])
        self.frames = []
        return float(p50), float(p99)


def turn(window: MainWindow, notches: float, where: QPoint) -> None:
    at = QPointF(where)
    buttons, keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    turned = QPoint(0, round(120 * notches))
    event = QWheelEvent(
        at, QPointF(window.map.mapToGlobal(where)), QPoint(), turned, buttons, keys, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(window.map, event)


def at_zoom(clock: Clock, window: MainWindow, zoom: float, home: float, seconds: float) -> None:
    view = window.map
    middle = QPoint(view.width() // 2, view.height() // 2)
    clock.longest, before = 0.0, view.atlas.decoded
    notches = np.log(zoom * home / view.camera.scale) / np.log(1.2) / (seconds * 60)

    def closer(moment: float) -> None:
        # To the first zoom by way of a closer one, and back.
        turn(window, notches or (0.2 if moment < seconds / 2 else -0.2), middle + QPoint(40, 30))

    clock.play(closer, seconds)
    full = clock.until(view.atlas.is_full)
    zooming = clock.take()
    clock.until(view.is_settled)
    QTest.mousePress(view, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, middle)

    def pan(moment: float) -> None:
        x, y = 300 * np.sin(2.6 * moment), 180 * np.sin(3.7 * moment)
        QTest.mouseMove(view, middle + QPoint(round(x), round(y)))

    clock.play(pan, seconds)
    after = clock.until(view.atlas.is_full)
    QTest.mouseRelease(view, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, middle)
    panning = clock.take()
    clock.until(view.is_settled)
    decoded = view.atlas.decoded - before
    print(
        f"  × {zoom:<9,g} {zooming[0]:6.1f} /{zooming[1]:6.1f}   {full:7.0f}   {panning[0]:8.1f} /{panning[1]:6.1f}"
        f"   {after:7.0f}   {decoded:8,d}   {clock.longest:8.1f}"
    )


def in_the_window(model: Path, seconds: float) -> None:
    application = make_application()
    with main_window(application, model) as window:
        size, ratio = window.map.size(), window.map.devicePixelRatioF()
        codes = window.workspace.codes
        count = len(codes.mean) if codes is not None else 0
        print(f"{count:,} points, map of {size.width()} × {size.height()} at ratio {ratio:g}; ms, median / 99 of 100")
        print("  zoom         zoom frames      full      pan frames      full      tiles    longest")
        clock, home = Clock(application, window), window.map.camera.scale
        wait(application, window.is_settled)
        for zoom in ZOOMS:
            at_zoom(clock, window, zoom, home, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", nargs="?", type=Path, default=SHIPPED, metavar="MODEL")
    parser.add_argument("--size", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each zoom and each pan lasts")
    options = parser.parse_args()
    decoder_alone(options.model, options.size)
    in_the_window(options.model, options.seconds)


if __name__ == "__main__":
    main()

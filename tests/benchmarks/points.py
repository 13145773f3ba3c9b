"""Maps of 10,000 to 10,000,000 points: frames while one pans and zooms, what ever blocks the window, and the memory.

    python tests/benchmarks/points.py [--counts 10000 100000 1000000 10000000] [--ratios 1 2] [--quick]

The real map, 1000 × 700 logical pixels, at each device-pixel ratio; beside it, in the same run, the same points in a
plain pyqtgraph ScatterPlotItem. A frame lasts from the camera's move until everything is painted. Budgets: 16.7 ms up
to a million points, 33 ms for ten million; nothing above 100 ms ever blocks the window; at most 40 bytes a point beyond
the codes, for a million or more. "work" is what this thread had to do for the median frame: what is beyond it the
machine did for others. pyqtgraph is left out where it is hopeless: above a million points one frame takes it seconds,
and its records gigabytes.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the program does
if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyqtgraph  # noqa: E402
import shiboken6  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from PySide6.QtCore import QTimer  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from latentscope.app import make_application  # noqa: E402
from latentscope.background import Background  # noqa: E402
from latentscope.decoding import Decoding  # noqa: E402
from latentscope.map.overlays.hover import PICK_RADIUS  # noqa: E402
from latentscope.map.view import MapView  # noqa: E402
from latentscope.start.garbage import Garbage  # noqa: E402
from latentscope.state.open_model import OpenModel  # noqa: E402
from latentscope.state.selection import Selection  # noqa: E402
from latentscope.state.workspace import Workspace  # noqa: E402
from latentscope.theme import DARK, LIGHT, class_colours  # noqa: E402
from trainer.config import Config  # noqa: E402
from trainer.files import Codes, ModelFile  # noqa: E402

SIZE = 1000, 700
CLASSES = 10
FRAMES, FRAMES_QUICK = 150, 30
PERIOD = 1 / 60
ZOOM = 1.04  # a frame; 50 of them are a factor of 7
MOST_FOR_PYQTGRAPH = 1_000_000


def codes_of(count: int) -> Codes:
    """Ten heaps of different size that overlap."""
    random = np.random.default_rng(0)
    centre, width = random.normal(size=(CLASSES, 2)) * 1.1, 0.15 + 0.35 * random.random(CLASSES)
    label = random.integers(0, CLASSES, count)
    mean = random.standard_normal((count, 2), np.float32)
    mean *= width[label, None].astype(np.float32)
    mean += centre[label].astype(np.float32)
    return Codes(mean, None, label)


class Heart:
    """Notes the longest time for which nothing else could have happened on the GUI thread."""

    def __init__(self, application: QApplication) -> None:
        self._application = application
        self._timer = QTimer(interval=0)
        self._timer.timeout.connect(self._beat)
        self._last = self.longest = 0.0

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest, self._last = max(self.longest, now - self._last), now

    def during(self, act: Callable[[], object], until: Callable[[], bool]) -> tuple[float, float]:
        """Act and wait; milliseconds that the window was blocked at most, and seconds until all is done."""
        begin = self._last = time.perf_counter()
        self.longest = 0.0
        self._timer.start()
        act()
        self._beat()
        while not until():
            self._application.processEvents()
            time.sleep(0.0005)
        self._timer.stop()
        return 1000 * self.longest, time.perf_counter() - begin


def frames(application: QApplication, view: QWidget, step: Callable[[int], None], count: int) -> NDArray[np.float64]:
    """Milliseconds (count, 2) of each frame at 60 Hz, by the clock and of this thread's processor time."""
    taken = np.empty((count, 2))
    due = time.perf_counter()
    for number in range(count):
        while time.perf_counter() < due:
            application.processEvents()
            time.sleep(0.0005)
        begin, work = time.perf_counter(), time.thread_time()
        step(number)
        view.repaint()
        taken[number] = 1000 * (time.perf_counter() - begin), 1000 * (time.thread_time() - work)
        due += PERIOD * max(1, np.ceil((time.perf_counter() - due) / PERIOD))
    return taken


def show(name: str, taken: NDArray[np.float64]) -> None:
    p50, p99 = np.percentile(taken[:, 0], [50, 99])
    work = np.median(taken[:, 1])
    print(f"    {name:<22} median {p50:8.2f} ms   p99 {p99:8.2f} ms   work {work:8.2f} ms   {len(taken)} frames")


def measure_ours(application: QApplication, codes: Codes, count: int) -> None:
    workspace, thread = Workspace(), Background("decoder")
    view = MapView(workspace, Decoding(thread), DARK)
    view.resize(*SIZE)
    view.show()
    application.processEvents()
    heart = Heart(application)
    file = ModelFile(Config(seconds=1), (28, 28, 1), tuple(str(label) for label in range(CLASSES)), {}, codes)
    assert codes.labels is not None
    fifth = Selection(np.flatnonzero(codes.labels == 5))
    blocks: dict[str, tuple[float, float]] = {}

    def act(name: str, what: Callable[[], object]) -> None:
        blocks[name] = heart.during(what, view.is_settled)

    act("open", lambda: workspace.open_model(OpenModel(file, "points")))
    home = view.camera
    moves: dict[str, Callable[[int], None]] = {
        "pan": lambda i: view.move_camera(view.camera.panned(9 * np.cos(i / 9), 9 * np.sin(i / 7))),
        "zoom in": lambda i: view.move_camera(view.camera.zoomed(ZOOM, (520, 330))),
        "zoom out": lambda i: view.move_camera(view.camera.zoomed(1 / ZOOM, (520, 330))),
    }
    for name, move in moves.items():
        show(name, frames(application, view, move, count))
        act(f"rest after {name}", lambda: None)
    act("home", lambda: view.move_camera(home))
    act("hide a class", lambda: workspace.set_hidden_classes(frozenset({3})))
    act("select a class", lambda: workspace.selecting.set(fifth))
    act("other colours", lambda: view.set_theme(LIGHT))
    act("what it shows at home", view.own_bounds)
    cloud, look = view.cloud, view.look
    hover = []
    for pixel in np.random.default_rng(1).uniform((0, 0), SIZE, (200, 2)):
        begin = time.perf_counter()
        cloud.nearest(view.camera.to_map(pixel), PICK_RADIUS / view.camera.scale, workspace.hidden_classes)
        hover.append(1000 * (time.perf_counter() - begin))
    worst = max(blocks, key=lambda name: blocks[name][0])
    print(f"    the window was blocked for {blocks[worst][0]:.0f} ms at most ({worst}); ", end="")
    print("; ".join(f"{name} {block:.0f}" for name, (block, _) in blocks.items() if name in NAMED))
    print("    exact again after " + "; ".join(f"{name} {s:.2f} s" for name, (_, s) in blocks.items() if name in NAMED))
    print(f"    what is under the mouse: median {np.median(hover):.2f} ms, worst {max(hover):.2f} ms")
    own = sum(
        part.nbytes for part, code in ((cloud.position, codes.mean), (cloud.label, codes.labels)) if part is not code
    )
    pictures = view.points.overview_bytes
    total = own + cloud.index.nbytes + look.colour.nbytes + look.strength.nbytes + pictures
    total += cloud.cells.nbytes if cloud.cells else 0
    print(f"    {total / len(cloud.index):.1f} bytes a point, {pictures / 1e6:.1f} MB of them pictures of the whole")
    view.close()
    view.points.close()
    thread.close()
    shiboken6.delete(view)


NAMED = ("open", "rest after pan", "hide a class", "select a class", "other colours")


def measure_pyqtgraph(application: QApplication, codes: Codes, count: int) -> None:
    assert codes.labels is not None
    brushes = np.array([pyqtgraph.mkBrush(*colour, 200) for colour in class_colours(CLASSES, DARK)])
    plot = pyqtgraph.PlotWidget()
    plot.resize(*SIZE)
    plot.addItem(pyqtgraph.ScatterPlotItem(pos=codes.mean, brush=brushes[codes.labels], pen=None, size=4.4))
    plot.show()
    application.processEvents()
    box = plot.plotItem.vb
    width, height = 9.0, 6.3

    def pan(number: int) -> None:
        x, y = 0.5 * np.cos(number / 9), 0.5 * np.sin(number / 7)
        box.setRange(xRange=(x - width / 2, x + width / 2), yRange=(y - height / 2, y + height / 2), padding=0)

    def zoom(number: int) -> None:
        share = ZOOM**-number / 2
        box.setRange(xRange=(-width * share, width * share), yRange=(-height * share, height * share), padding=0)

    few = count if len(codes.mean) <= 100_000 else 5
    show("pyqtgraph, pan", frames(application, plot.viewport(), pan, few))
    show("pyqtgraph, zoom in", frames(application, plot.viewport(), zoom, few))
    plot.close()
    shiboken6.delete(plot)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 100_000, 1_000_000, 10_000_000])
    parser.add_argument("--ratios", type=float, nargs="+", default=[1, 2])
    parser.add_argument("--quick", action="store_true", help="few frames of 10,000 and 200,000 points, to try it out")
    options = parser.parse_args()
    counts = [10_000, 200_000] if options.quick else options.counts
    if len(options.ratios) > 1:  # Qt takes a ratio once, at its start
        rest = ["--quick"] if options.quick else ["--counts", *map(str, counts)]
        for ratio in options.ratios:
            subprocess.run([sys.executable, __file__, "--ratios", str(ratio), *rest], check=True)
        return
    os.environ["QT_SCALE_FACTOR"] = str(options.ratios[0])
    application = make_application()
    garbage = Garbage()
    for points in counts:
        codes = codes_of(points)
        garbage.freeze()
        print(f"{points:,} points, {SIZE[0]} × {SIZE[1]} at ratio {options.ratios[0]:g}", flush=True)
        measure_ours(application, codes, FRAMES_QUICK if options.quick else FRAMES)
        if points <= MOST_FOR_PYQTGRAPH:
            measure_pyqtgraph(application, codes, FRAMES_QUICK if options.quick else FRAMES)
        else:
            print("    pyqtgraph is left out: seconds a frame, and gigabytes")
        sys.stdout.flush()
    garbage.close()


if __name__ == "__main__":
    main()

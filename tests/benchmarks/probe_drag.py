"""How long from a mouse move to the painted map and the painted decoded image, while the probe is dragged at 60 Hz.

    python tests/benchmarks/probe_drag.py [MODEL] [--training] [--everything] [--seconds 10]

The real main window, the real decoder. Beside it, in the same run: the same points and decoder in plain pyqtgraph, a
ScatterPlotItem with a marker dragged over it and a label with the image. With --training a model is trained meanwhile,
and its map is followed live. With --everything each layer is on, a third of the points is selected and a path lies
across the map. Budgets for 10,000 points: median 4 ms; 99 of 100 within 16.7 ms, one frame of a display. On a shared
server both medians swing together: ours from 3.2 to 4.6 and pyqtgraph's from 3.9 to 6.0 within an hour.

Where a move's time goes, in milliseconds of the processor on two cores, each after a pause of 12 ms, in which caches go
cold: decoding 1.1 (back to back 0.25: it reads 3 MB), enlarging the image 0.5, painting it 0.4, the map 0.45,
the tool and the workspace 0.4. What was tried: to paint neighbours, readouts and rows after the image instead of before
it, 2 less (``AfterPaint``); to keep its corners and border as a picture, 0.3 less; to enlarge it by matrices with NumPy
instead of Pillow, more.

While a model trains, a snapshot took over in one piece of 20 ms (decoder 6, codes 12; half of it waiting for a
processor), and the paint of the map after it took 12 more, so that one move of each snapshot was 30 to 50 ms late.
What was tried, by what 99 of 100 moves came to, in milliseconds, of 600 to 1,200 each:

    as it was                                                                                     15 to 27
    what the panels say of a snapshot in turns, a pass of the event loop each (``Turns``),
        its points drawn on the other thread while the hand is on the map (``Scene.held``)        16
    the same, a turn only just after the probe was painted; the snapshot and the map's picture
        are such turns, too                                                                       8 to 12

Tried by a run or two each, which the noise of the machine outweighs: a shorter switch interval of Python's lock, before
there were turns (18.9, the median the same); the trainer as a batch job (13.2 for 11.8), at the lowest priority
(12.2 for 14.3), and both (8.8). With SCHED_IDLE there was half of the waiting; but then whatever else the computer does
would stop the training.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the program does; before torch is imported
if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import pyqtgraph  # noqa: E402
import shiboken6  # noqa: E402
from PySide6.QtCore import QEvent, QObject, QPoint, Qt  # noqa: E402
from PySide6.QtGui import QPixmap  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget  # noqa: E402

from latentscope.app import make_application  # noqa: E402
from latentscope.images import enlarged, to_qimage  # noqa: E402
from latentscope.main_window import MainWindow  # noqa: E402
from latentscope.panels.layers.panel import is_offered  # noqa: E402
from latentscope.settings import Settings  # noqa: E402
from latentscope.start.garbage import Garbage  # noqa: E402
from latentscope.state.layers import LAYERS  # noqa: E402
from latentscope.state.paths import LatentPath, latent_tuple  # noqa: E402
from latentscope.theme import DARK, class_colours  # noqa: E402
from trainer.codec import Codec  # noqa: E402
from trainer.config import Config  # noqa: E402
from trainer.data import is_at_hand  # noqa: E402
from trainer.files import read_model  # noqa: E402

SHIPPED = ROOT / "assets" / "mnist-vae-2d.safetensors"
SIZE = 1600, 1000
PERIOD = 1 / 60


class PaintClock(QObject):
    """Notes when each of some widgets has last been painted, to the end of its paintEvent."""

    def __init__(self, widgets: list[QWidget]) -> None:
        super().__init__()
        self.painted = dict.fromkeys(widgets, 0.0)
        for widget in widgets:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Paint or watched not in self.painted:
            return False
        watched.event(event)
        self.painted[watched] = time.perf_counter()  # type: ignore[index]
        return True

    def latest(self, since: float) -> float | None:
        """When the last of the widgets was painted, if all have been since then."""
        times = self.painted.values()
        return max(times) if min(times) > since else None


def drag(application: QApplication, target: QWidget, clock: PaintClock, seconds: float) -> list[float]:
    """Drag over ``target`` at 60 Hz in wide curves; milliseconds from each move until all widgets are painted."""
    middle = QPoint(target.width() // 2, target.height() // 2)
    QTest.mousePress(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    taken = []
    begin = due = time.perf_counter()
    while due < begin + seconds:
        while time.perf_counter() < due:
            application.processEvents()
            time.sleep(0.0002)
        angle = (due - begin) * 1.3
        reach = target.height() * 0.35
        sent = time.perf_counter()
        QTest.mouseMove(target, middle + QPoint(round(reach * np.sin(3 * angle)), round(reach * np.sin(2 * angle + 1))))
        while (end := clock.latest(sent)) is None and time.perf_counter() < sent + 0.5:
            application.processEvents()
        if end is not None:  # a move to the same pixel paints nothing
            # From when the mouse moved, not from when there was time to notice.
            taken.append((end - due) * 1000)
        # As with a mouse, moves that would have come meanwhile come as one.
        due += PERIOD * max(1, np.ceil((time.perf_counter() - due) / PERIOD))
    QTest.mouseRelease(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    return taken


def wait(application: QApplication, until: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.perf_counter() + seconds
    while not until() and time.perf_counter() < deadline:
        application.processEvents()
        time.sleep(0.002)
    assert until(), "the window did not get ready"


@contextmanager
def main_window(application: QApplication, model: Path) -> Iterator[MainWindow]:
    with tempfile.TemporaryDirectory(prefix="latentscope-", ignore_cleanup_errors=True) as home:
        os.environ["LATENTSCOPE_HOME"] = home
        window = MainWindow(Settings(Path(home) / "settings.ini"), "dark")
        garbage = Garbage()
        window.resize(*SIZE)
        window.open_path(model)
        window.show()
        wait(application, window.is_settled)
        garbage.freeze()
        try:
            yield window
        finally:
            window.flow.agree_to_close()
            window.close()
            wait(application, lambda: not window.training.busy())
            garbage.close()
            shiboken6.delete(window)


class Plain(QWidget):
    """What one would write with pyqtgraph."""

    def __init__(self, model: Path, size: tuple[int, int]) -> None:
        super().__init__()
        file = read_model(model)
        assert file.codes is not None
        self._codec = Codec.from_file(file)
        colours = class_colours(max(len(file.class_names), 1), DARK)
        labels = file.codes.labels if file.codes.labels is not None else np.zeros(len(file.codes.mean), int)
        brushes = [pyqtgraph.mkBrush(*colour, 200) for colour in colours]
        self.plot = pyqtgraph.PlotWidget()
        self.plot.setMouseEnabled(False, False)
        self.plot.addItem(
            pyqtgraph.ScatterPlotItem(
                pos=file.codes.mean[:, :2], brush=[brushes[i] for i in labels], pen=None, size=4.4, antialias=True
            )
        )
        self._marker = pyqtgraph.ScatterPlotItem(pos=[(0, 0)], size=13, brush="w")
        self.plot.addItem(self._marker)
        self.label = QLabel()
        self.label.setFixedSize(300, 300)
        layout = QHBoxLayout(self)
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.label)
        self.resize(*size)
        self.plot.scene().sigMouseMoved.connect(self._decode)

    def _decode(self, position: object) -> None:
        point = self.plot.plotItem.vb.mapSceneToView(position)
        self._marker.setData(pos=[(point.x(), point.y())])
        picture = self._codec.decode(np.array([[point.x(), point.y()]], np.float32))[0]
        self.label.setPixmap(QPixmap.fromImage(to_qimage(picture) if picture.shape[0] > 300 else self._large(picture)))

    @staticmethod
    def _large(picture: np.ndarray) -> object:
        return enlarged(picture, 300, 300)


def switch_everything_on(window: MainWindow) -> None:
    """Every layer that is offered, a selection, and a path across the map."""
    workspace = window.workspace
    names = frozenset(layer.name for layer in LAYERS if is_offered(layer.name, workspace))
    workspace.set_layers(replace(workspace.layers, shown=names))
    count = len(workspace.codes.mean) if workspace.codes is not None else 0
    workspace.selecting.choose(np.arange(0, count, 3), "replace", "a third")
    ends = workspace.plane.to_latent([(-2.0, -1.0), (0.5, 1.5), (2.0, 0.0)])
    workspace.pathing.set_current(LatentPath(tuple(latent_tuple(end) for end in ends)))


def pictures_made(window: MainWindow) -> tuple[int, int, int]:
    """How often the points, the atlas and the picture of all layers have been drawn so far."""
    return window.map.points.drawn, window.map.atlas.sheets_made, window.map.base.composed


def show(name: str, taken: list[float]) -> None:
    p50, p99 = np.percentile(taken, [50, 99])
    print(f"  {name:<22} median {p50:6.2f} ms   p99 {p99:6.2f} ms   worst {max(taken):6.2f} ms   {len(taken)} moves")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", nargs="?", type=Path, default=SHIPPED, metavar="MODEL")
    parser.add_argument("--training", action="store_true", help="train a model meanwhile, in the window")
    parser.add_argument("--everything", action="store_true", help="switch every layer on, select, and draw a path")
    parser.add_argument("--seconds", type=float, default=10, help="how long each drag lasts")
    options = parser.parse_args()
    application = make_application()
    with main_window(application, options.model) as window:
        codes = window.workspace.codes
        count = len(codes.mean) if codes is not None else 0
        if options.training:
            data = "mnist" if is_at_hand("mnist") else "digits"
            snapshots: list[object] = []
            window.training.snapshot.connect(lambda *snapshot: snapshots.append(snapshot))
            window.flow.start(Config(data=data, seconds=4 * options.seconds + 60))
            wait(application, lambda: len(snapshots) > 0)
            codes = window.workspace.codes
            count = len(codes.mean) if codes is not None else 0
        if options.everything:
            switch_everything_on(window)
            wait(application, window.is_settled)
        size, ratio = window.map.size(), window.map.devicePixelRatioF()
        training = f", while {data} is trained" if options.training else ""
        print(f"{count:,} points, map of {size.width()} × {size.height()} at ratio {ratio:g}{training}")
        before = pictures_made(window)
        ours = drag(application, window.map, PaintClock([window.map, window.decoded.view]), options.seconds)
        made = [after - start for after, start in zip(pictures_made(window), before, strict=True)]
        window.hide()
        plain = Plain(options.model, SIZE)
        plain.show()
        wait(application, plain.isVisible)
        viewport = plain.plot.viewport()
        QTest.qWait(500)
        theirs = drag(application, viewport, PaintClock([viewport, plain.label]), options.seconds)
        plain.close()
        shiboken6.delete(plain)
    show("Latentscope", ours)
    show("plain pyqtgraph", theirs)
    print("  Drawn again during the drag: points {} times, atlas {}, all layers together {}.".format(*made))


if __name__ == "__main__":
    main()

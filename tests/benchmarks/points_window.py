"""A model with a million points in the whole window: what ever blocks it, and how much memory it takes.

    python tests/benchmarks/points_window.py [--count 1000000] [--latent 2 8] [--plain] [--where] [--memory]

A model file and its images are written, opened and worked with by real mouse events: classes hidden and selected,
every colouring, layer and tool, the inspector and its gallery, kept selections, undo, and exports. For each step it
prints for how long the window could not have reacted at most (budget: 100 ms), how much of it was work of the window's
own thread (the rest the machine did for others), and when all was there. --plain leaves out labels, log-variances and
images. --where says in which lines the window was blocked, which makes all a little slower. --memory prints instead
what NumPy and Python hold for each point after each step and at most (budget: 40 bytes beyond codes and images, at the
end).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the program does; before torch is imported
if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import shiboken6  # noqa: E402
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer  # noqa: E402
from PySide6.QtGui import QMouseEvent, QWheelEvent  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog  # noqa: E402

from latentscope.app import make_application  # noqa: E402
from latentscope.main_window import MainWindow  # noqa: E402
from latentscope.panels.layers.panel import is_offered  # noqa: E402
from latentscope.settings import Settings  # noqa: E402
from latentscope.start.garbage import Garbage  # noqa: E402
from latentscope.state.layers import LAYERS  # noqa: E402
from trainer.config import make_config  # noqa: E402
from trainer.data import load_dataset  # noqa: E402
from trainer.files import Codes, ModelFile, read_model, write_model  # noqa: E402
from trainer.models.build import build_model  # noqa: E402

SIZE = 1600, 1000
CLASSES, SIDE = 10, 8
BEAT_MS, SAMPLE_S, TOLD_MS = 5, 0.004, 60
PATIENCE_S = 300
FEW = 20_000  # points of the model that memory is compared with
LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Watchdog:
    """Notes the longest time between two beats of the GUI thread's event loop; and where it was meanwhile, if asked."""

    def __init__(self, application: QApplication, where: bool) -> None:
        self._application = application
        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = self._longest = self._worked = self._work = 0.0
        self._seen: list[tuple[float, str]] = []
        self._gaps: list[tuple[float, float]] = []
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, args=(threading.get_ident(),), daemon=True)
        if where:
            self._thread.start()

    def close(self) -> None:
        self._done.set()

    def during(self, act: Callable[[], object], until: Callable[[], bool]) -> tuple[float, float, float, Counter[str]]:
        """Milliseconds for which the window was blocked at most, by the clock and of this thread's processor time;
        seconds until all was done, and the lines it was in."""
        begin = self._last = time.perf_counter()
        self._worked = time.thread_time()
        self._longest = self._work = 0.0
        self._seen, self._gaps = [], []
        self._timer.start()
        act()
        self._beat()
        while not until():
            if time.perf_counter() - begin > PATIENCE_S:
                print("    given up waiting", flush=True)
                break
            self._application.processEvents()
            time.sleep(0.0005)
        self._timer.stop()
        inside = Counter(line for at, line in self._seen for a, b in self._gaps if a < at < b)
        return 1000 * self._longest, 1000 * self._work, time.perf_counter() - begin, inside

    def _beat(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        if now - self._last > TOLD_MS / 1000:
            self._gaps.append((self._last, now))
        self._longest, self._work = max(self._longest, now - self._last), max(self._work, worked - self._worked)
        self._last, self._worked = now, worked

    def _look(self, thread: int) -> None:
        while not self._done.wait(SAMPLE_S):
            frame = sys._current_frames().get(thread)
            lines = []
            while frame is not None and len(lines) < 5:
                name = Path(frame.f_code.co_filename)
                if ROOT in name.parents and name != Path(__file__).resolve():
                    lines.append(f"{name.name}:{frame.f_lineno} {frame.f_code.co_name}")
                frame = frame.f_back
            self._seen.append((time.perf_counter(), " < ".join(lines) or "Qt"))


def write_files(folder: Path, count: int, latent: int, plain: bool) -> tuple[Path, Path | None]:
    """A model of so many points, ten heaps that overlap, and the images behind them: bars at ten angles."""
    random = np.random.default_rng(0)
    centre, width = random.normal(size=(CLASSES, latent)) * 1.1, 0.15 + 0.35 * random.random(CLASSES)
    label = random.integers(0, CLASSES, count)
    mean = random.standard_normal((count, latent), np.float32) * width[label, None].astype(np.float32)
    mean += centre[label].astype(np.float32)
    data = None
    if not plain:
        y, x = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
        angle = np.linspace(0, np.pi, CLASSES, endpoint=False)[:, None, None]
        bars = 255 * np.exp(-((x * np.cos(angle) + y * np.sin(angle)) ** 2))
        images = bars.astype(np.uint8)[label]
        images[:, 0, 0] = random.integers(0, 256, count)
        data = folder / f"bars-{count}-{latent}.npz"
        np.savez(data, images=images[:100], labels=label[:100], test_images=images, test_labels=label)
    config = make_config({"data": str(data or "digits"), "hidden": [16], "epochs": 1, "latent": latent})
    model = build_model(config, (SIDE, SIDE, 1))
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    logvar = None if plain else np.full_like(mean, -3) + random.standard_normal(mean.shape, np.float32) * 0.2
    names = () if plain else tuple(str(i) for i in range(CLASSES))
    path = folder / f"points-{count}-{latent}.safetensors"
    file = ModelFile(config, (SIDE, SIDE, 1), names, weights, Codes(mean, logvar, None if plain else label))
    write_model(path, file)
    return path, data


@contextmanager
def main_window(application: QApplication, home: Path) -> Iterator[MainWindow]:
    """The window with the example model."""
    os.environ["LATENTSCOPE_HOME"] = str(home)
    window = MainWindow(Settings(home / "settings.ini"), "dark")
    garbage = Garbage()
    window.resize(*SIZE)
    window.commands.open_shipped()
    window.show()
    while not window.is_settled():
        application.processEvents()
        time.sleep(0.002)
    garbage.freeze()
    try:
        yield window
    finally:
        window.flow.agree_to_close()
        window.close()
        garbage.close()
        shiboken6.delete(window)


class Tour:
    """Somebody who tries everything. Each of ``steps`` is a name and what is done."""

    def __init__(self, window: MainWindow, model: Path, folder: Path) -> None:
        self._window, self._model, self._folder = window, model, folder

    def steps(self) -> Iterator[tuple[str, Callable[[], object]]]:
        window = self._window
        yield "open", lambda: window.open_path(self._model)
        yield "probe, dragged", lambda: self._drag((0.3, 0.4), (0.7, 0.6))
        yield "hover", self._hover
        yield "pan", lambda: self._drag((0.4, 0.4), (0.8, 0.6), Qt.MouseButton.MiddleButton)
        yield "zoom in, wheel", lambda: self._wheel(6)
        yield "zoom out, wheel", lambda: self._wheel(-9)
        yield "zoom in, ten notches at once", lambda: self._wheel(10, at_once=True)
        yield "reset the view", window.action("reset-view").trigger
        for keys, what in ((PLAIN, "hide"), (PLAIN, "show"), (CTRL, "select")) if window.legend.buttons else ():
            yield f"{what} a class", lambda keys=keys: QTest.mouseClick(window.legend.buttons[5], LEFT, keys)
        yield "select none", window.action("select-none").trigger
        for name in ("lasso", "rectangle"):
            window.action(f"tool-{name}").trigger()
            yield name, lambda name=name: self._lasso() if name == "lasso" else self._drag((0.3, 0.3), (0.7, 0.7))
            yield f"{name}, more with Shift", lambda: self._drag((0.2, 0.2), (0.5, 0.5), keys=SHIFT)
        window.action("tool-probe").trigger()
        yield "keep the selection", self._keep
        yield "direction", window.action("direction").trigger
        for name in ("undo", "undo", "redo"):
            yield name, window.action(name).trigger
        yield "select all", window.action("select-all").trigger
        yield "inspector", lambda: window.show_panel(window.inspection.panel)
        for row in range(1, window.inspection.panel.sort_choice.count()):
            yield f"gallery: sort {row}", lambda row=row: choose(window.inspection.panel.sort_choice, row)
        yield "gallery: to the end", lambda: QTest.keyClick(window.inspection.panel.gallery, Qt.Key.Key_End)
        yield (
            "gallery: look at one",
            lambda: QTest.mouseClick(window.inspection.panel.gallery.viewport(), LEFT, PLAIN, QPoint(30, 30)),
        )
        yield "invert the selection", window.action("select-invert").trigger
        yield "select all, again", window.action("undo").trigger
        for name, suffix in (("table", "csv"), ("arrays", "npz"), ("sheet", "png")):
            yield f"export the {name}", lambda name=name, suffix=suffix: self._export(f"export-{name}", suffix)
        yield "select none", window.action("select-none").trigger
        yield "legend", lambda: window.show_panel(window.legend)
        choice = window.colours.panel.choice
        for row in range(1, choice.count()):
            if choice.itemData(row):
                yield f"colour by {choice.itemText(row)}", lambda row=row: choose(choice, row)
        yield "colour by class", lambda: choose(choice, 0)
        yield "factors", lambda: window.show_panel(window.colours.factors.panel)
        yield "dimensions", lambda: window.show_panel(window.dimensions)
        yield "layers", lambda: window.show_panel(window.layers_panel)
        for layer in LAYERS:
            if is_offered(layer.name, window.workspace):
                yield f"layer {layer.title}", window.action(f"layer-{layer.name}").trigger
        for layer in LAYERS:
            if layer.name not in ("points", "atlas", "prior") and window.workspace.layers.shows(layer.name):
                window.action(f"layer-{layer.name}").trigger()
        window.action("layer-points").setChecked(True)
        yield "only the usual layers", lambda: window.workspace.set_layers(type(window.workspace.layers)())
        if window.workspace.dimension > 2:
            yield "another plane", window.action("plane-axes").trigger
        yield "light theme", window.action("theme-light").trigger
        yield "resize", lambda: window.resize(SIZE[0] - 200, SIZE[1] - 100)
        yield "export the map", lambda: self._export("export-map", "png")
        yield "save as", lambda: self._export("save-as", "safetensors")
        yield "map menu", self._menu
        yield "open the example", window.commands.open_shipped

    # --- the mouse ------------------------------------------------------------------------------------------------

    def _pixel(self, place: tuple[float, float]) -> QPoint:
        view = self._window.map
        return QPoint(round(place[0] * view.width()), round(place[1] * view.height()))

    def _drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        button: Qt.MouseButton = LEFT,
        keys: Qt.KeyboardModifier = PLAIN,
    ) -> None:
        a, b = self._pixel(start), self._pixel(end)
        self._along([a + (b - a) * i / 20 for i in range(21)], button, keys)

    def _lasso(self) -> None:
        angles = np.linspace(0, 1.9 * np.pi, 40)
        self._along([self._pixel((0.5 + 0.2 * np.cos(a), 0.5 + 0.3 * np.sin(a))) for a in angles], LEFT, PLAIN)

    def _along(self, places: list[QPoint], button: Qt.MouseButton, keys: Qt.KeyboardModifier) -> None:
        view = self._window.map
        QTest.mousePress(view, button, keys, places[0])
        for place in places[1:]:
            QTest.mouseMove(view, place)
            pause()
        QTest.mouseRelease(view, button, keys, places[-1])

    def _hover(self) -> None:
        view = self._window.map
        for i in range(20):
            where = QPointF(self._pixel((0.3 + 0.02 * i, 0.5)))
            none = Qt.MouseButton.NoButton
            move = QMouseEvent(QEvent.Type.MouseMove, where, view.mapToGlobal(where), none, none, PLAIN)
            QApplication.sendEvent(view, move)
            pause()

    def _wheel(self, notches: int, at_once: bool = False) -> None:
        view, where = self._window.map, QPointF(self._pixel((0.55, 0.45)))
        steps = [notches] if at_once else [np.sign(notches)] * abs(notches)
        for step in steps:
            QApplication.sendEvent(
                view,
                QWheelEvent(
                    where, view.mapToGlobal(where), QPoint(), QPoint(0, int(120 * step)), Qt.MouseButton.NoButton,
                    PLAIN, Qt.ScrollPhase.NoScrollPhase, False,
                ),
            )  # fmt: skip
            pause()

    def _menu(self) -> None:
        self._window.commands.open_map_menu(QPoint(200, 200), self._window.workspace.probe)
        pause()
        if (menu := QApplication.activePopupWidget()) is not None:
            menu.close()

    def _keep(self) -> None:
        window = self._window
        window.action("select-keep").trigger()
        pause()
        QTest.mouseClick(window.selections.panel.kept.button, LEFT)

    def _export(self, command: str, suffix: str) -> None:
        path = self._folder / f"{command}.{suffix}"
        with patch.object(QFileDialog, "getSaveFileName", lambda *_: (str(path), "")):
            self._window.action(command).trigger()


def choose(box: QComboBox, row: int) -> None:
    """As the mouse does: the choice, and the signal that it was the user's."""
    box.setCurrentIndex(row)
    box.activated.emit(row)


def pause() -> None:
    """Until the next display frame: what was asked to be painted is painted."""
    until = time.perf_counter() + 1 / 60
    while time.perf_counter() < until:
        QApplication.processEvents()
        time.sleep(0.0005)


def measure(count: int, latent: int, plain: bool, where: bool) -> None:
    application = make_application()
    with tempfile.TemporaryDirectory(prefix="latentscope-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        path, _ = write_files(folder, count, latent, plain)
        print(f"{count:,} points of {latent} dimensions{', without labels or images' if plain else ''}", flush=True)
        watchdog = Watchdog(application, where)
        blocked: list[tuple[float, str]] = []
        with main_window(application, folder) as window:
            for step, act in Tour(window, path, folder).steps():
                block, work, seconds, inside = watchdog.during(act, window.is_settled)
                blocked.append((block, step))
                print(f"    {step:<34} {block:6.0f} ms   work {work:6.0f} ms   {seconds:7.2f} s", flush=True)
                for line, times in inside.most_common(4) if block > TOLD_MS else ():
                    print(f"        {1000 * SAMPLE_S * times:5.0f} ms in {line}")
        watchdog.close()
        worst, step = max(blocked)
        print(f"  blocked for {worst:.0f} ms at most ({step}); over 100 ms: {sum(b > 100 for b, _ in blocked)} steps")


def measure_memory(count: int, latent: int, plain: bool, where: bool) -> None:
    """Beside a model of few points, so that what is kept whatever is open, such as the atlas, does not count."""
    application = make_application()
    with tempfile.TemporaryDirectory(prefix="latentscope-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        few, many = (write_files(folder, size, latent, plain) for size in (FEW, count))
        tracemalloc.start()

        def tour(window: MainWindow, model: Path, where: bool) -> list[tuple[str, int, int]]:
            """Each step, the bytes that are held after it, and the most that were."""
            held = []
            for step, act in Tour(window, model, folder).steps():
                tracemalloc.reset_peak()
                act()
                while not window.is_settled():
                    application.processEvents()
                    time.sleep(0.002)
                held.append((step, *tracemalloc.get_traced_memory()))
                for line in tracemalloc.take_snapshot().statistics("lineno")[:12] if where else ():
                    print("        ", line)
            return held

        def size_of(files: tuple[Path, Path | None]) -> int:
            before = tracemalloc.get_traced_memory()[0]
            read = read_model(files[0]), load_dataset(str(files[1])) if files[1] else None
            size = tracemalloc.get_traced_memory()[0] - before
            del read
            return size

        with main_window(application, folder) as window:
            tour(window, few[0], False)  # which imports all that there is to be imported
            beside = tour(window, few[0], False)
            own = size_of(many) - size_of(few)  # codes and images, as far as they are not mapped from their files
            print(f"{count:,} points of {latent} dimensions: bytes a point beyond codes and images", flush=True)
            for (step, *here), (_, *there) in zip(tour(window, many[0], where), beside, strict=True):
                now, peak = ((one - other - own) / (count - FEW) for one, other in zip(here, there, strict=True))
                print(f"    {step:<34} {now:7.1f}, at most {peak:7.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--latent", type=int, nargs="+", default=[2, 8])
    for name in ("plain", "where", "memory"):
        parser.add_argument(f"--{name}", action="store_true")
    options = parser.parse_args()
    if len(options.latent) > 1:  # each in a process of its own
        rest = [f"--{name}" for name in ("plain", "where", "memory") if getattr(options, name)]
        for latent in options.latent:
            command = [sys.executable, __file__, "--count", str(options.count), "--latent", str(latent), *rest]
            subprocess.run(command, check=True)
        return
    if options.memory:
        measure_memory(options.count, options.latent[0], options.plain, options.where)
    else:
        measure(options.count, options.latent[0], options.plain, options.where)


if __name__ == "__main__":
    main()

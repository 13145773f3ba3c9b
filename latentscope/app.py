"""From the arguments to a window, and from its closing to a clean end.

Nothing here or below it imports torch before the window is on screen.
"""

import json
import logging
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QBuffer, QElapsedTimer, QEvent, QIODevice, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QWidget

from latentscope.assets import icon_paths, shipped_model
from latentscope.files.opening import kind_of
from latentscope.main_window import MainWindow
from latentscope.settings import Settings, log_folder
from latentscope.start import preflight
from latentscope.start.crash import Faults, log_files, qt_messages
from latentscope.start.crash_dialog import FaultReporter
from latentscope.start.garbage import Garbage
from latentscope.start.painting import paint_on_one_thread, processors
from trainer.atomic import reason, write_atomically
from trainer.data import SOURCES, is_at_hand
from trainer.errors import TrainerError

if TYPE_CHECKING:
    from latentscope.__main__ import Options
    from latentscope.files.workspace_file import PicturePart

__all__ = ["StartError", "make_application", "run"]

SETTLE_LIMIT_MS = 120_000
SETTLE_POLL_MS = 30
FIRST_PAINT_LIMIT_MS = 1000
HEAVY = "torch", "sklearn", "pyqtgraph", "pooch", "rich", "psutil", "PIL"  # what the first paint does without
MAP_SIZE = 1200, 900  # logical pixels: of an exported map, where nobody says

log = logging.getLogger(__name__)


class StartError(Exception):
    """Why the program ends at once; one sentence for the user."""


def make_application() -> QApplication:
    """The QApplication with its names and icon; the one that there is already, where there is one."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    paint_on_one_thread(os.environ, processors())
    # A fractional scale such as 150 % stays that, rather than being rounded to 200 %.
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(["Latentscope"])  # macOS shows this name in its menu bar, not "python"
    application.setApplicationName("latentscope")
    application.setApplicationDisplayName("Latentscope")
    application.setDesktopFileName("latentscope")
    application.setStyle("Fusion")  # the one style that follows a palette on every system
    icon = QIcon()
    for path in icon_paths():
        icon.addFile(str(path))
    application.setWindowIcon(icon)
    return application


def run(options: "Options") -> int:
    """Show the window until it is closed (or photographed); returns the exit code.

    Raises StartError where there is nothing to show: the sentence is for the terminal.
    """
    with ExitStack() as stack:
        faults = stack.enter_context(Faults())
        folder = stack.enter_context(log_files(log_folder()))
        stack.enter_context(qt_messages())
        application = make_application()
        if (problem := preflight.font_problem()) is not None:
            log.warning(problem)
        exported = _exported(options) if options.export_map is not None else None
        settings = stack.enter_context(_settings(keep=options.screenshot is None and exported is None))
        garbage = Garbage()
        stack.callback(garbage.close)
        window = MainWindow(settings, exported.theme if exported is not None else options.theme)
        stack.callback(_destroy, window)
        stack.enter_context(_closed_by_signals(window))
        first_paint = _FirstPaint(window)
        if exported is not None and options.export_map is not None:
            # The workspace is opened where all maps have their size already, so that it can be looked at as it was.
            window.stage.hold(exported.width, exported.height)
            window.show()
            application.processEvents()
            _open(window, options)
            _settle_well(application, window, faults)
            _export(window, options.export_map, exported.scale)
            _settle_well(application, window, faults)
            return 0
        _open(window, options)
        if options.size is not None:
            window.resize(QSize(*options.size))
        trace = _Trace(window, first_paint) if options.trace else None
        window.show()
        if options.screenshot is not None:
            _check_size(window, options)
            _settle_well(application, window, faults)
            _check_size(window, options)
            _save_picture(window, options.screenshot)
            return 0
        first_paint.seen.connect(window.workspaces.begin)
        reporter = FaultReporter(faults, folder, window)
        stack.callback(reporter.close)
        _when_settled(window, garbage.freeze)
        if trace is not None:
            _when_settled(window, trace.end)
        return application.exec()


@contextmanager
def _settings(keep: bool) -> Iterator[Settings]:
    """The user's settings; or fresh ones that nobody keeps, so that a picture neither shows nor changes a layout."""
    if keep:
        settings = Settings()
        yield settings
        settings.save()
    else:
        with tempfile.TemporaryDirectory(prefix="latentscope-") as folder:
            yield Settings(Path(folder) / "settings.ini")


def _open(window: MainWindow, options: "Options") -> None:
    """Open what was asked for. A fault of the file is shown in the window, above the shipped model."""
    shipped = shipped_model()
    if shipped is None and options.model is None:
        raise StartError("This installation is without its model; name a MODEL file, or install Latentscope again.")
    if options.model is not None:
        window.open_path(options.model)
    if shipped is not None and window.workspace.model is None:
        window.open_path(shipped)
    if options.data is not None:
        if options.data not in SOURCES and not is_at_hand(options.data):
            names = ", ".join(SOURCES.names())
            raise StartError(f"There is no data set '{options.data}'; choose one of {names}, or give a file's path.")
        window.set_data(options.data)
    if options.at is not None:
        _check_dimension(window, "--at", options.at)
        window.show_probe(options.at)
    if options.label is not None:
        try:
            window.show_condition(options.label)
        except TrainerError as error:
            raise StartError(f"--label: {error}") from None
    if options.path is not None:
        _check_dimension(window, "--path", options.path[0])
        window.show_path([list(point) for point in options.path])


def _check_dimension(window: MainWindow, option: str, point: tuple[float, ...]) -> None:
    dimension = window.workspace.dimension
    if len(point) != dimension:
        raise StartError(
            f"A point of {option} has {len(point)} numbers, but a latent code of this model has {dimension}."
        )


def _when_settled(window: MainWindow, act: Callable[[], None]) -> None:
    """Call ``act`` once all that was opened is on screen, or after a while in any case."""
    timer = QTimer(window)
    clock = QElapsedTimer()

    def look() -> None:
        if window.is_settled() or clock.hasExpired(SETTLE_LIMIT_MS):
            timer.stop()
            timer.deleteLater()
            act()

    timer.timeout.connect(look)
    clock.start()
    timer.start(SETTLE_POLL_MS)


def _settle(application: QApplication, window: MainWindow, faults: Faults) -> None:
    """Run the window until it looks as it should. Raises StartError where it never does."""
    _when_settled(window, lambda: application.exit())  # not quit, which closes the window
    application.exec()
    if faults.counts:
        raise StartError(f"No picture is saved because of a fault: {faults.queue.get().summary}")
    if not window.is_settled():
        raise StartError(f"No picture is saved: after {SETTLE_LIMIT_MS // 1000} seconds the window was not complete.")


def _settle_well(application: QApplication, window: MainWindow, faults: Faults) -> None:
    """Run the window until it looks as it should. Raises StartError where it has anything to complain about."""
    _complain(window)
    _settle(application, window, faults)
    _complain(window)


def _complain(window: MainWindow) -> None:
    if window.message_bar.kind != "info" and window.message_bar.text:
        raise StartError(window.message_bar.text)


def _exported(options: "Options") -> "PicturePart":
    """How the map is to be exported: as the workspace says, unless something else is asked for. Raises StartError."""
    from latentscope.files.workspace_file import PicturePart, read_workspace

    part = PicturePart(width=MAP_SIZE[0], height=MAP_SIZE[1])
    if options.model is not None and kind_of(options.model) == "workspace":
        try:
            part = read_workspace(options.model).picture or part
        except TrainerError as error:
            raise StartError(str(error)) from None
    width, height = options.size or (part.width, part.height)
    theme = part.theme if options.theme in (None, "system") else options.theme
    return part.model_copy(
        update={"width": width, "height": height, "scale": options.scale or part.scale, "theme": theme}
    )


def _export(window: MainWindow, path: Path, scale: float) -> None:
    """As the window's own command does."""
    model = window.workspace.model
    title = model.title if model is not None else ""
    window.map_at_rest.then(lambda: window.map_export.start(path, scale, title))


def _check_size(window: MainWindow, options: "Options") -> None:
    """Raises StartError if what would be photographed is not of the size that was asked for."""
    size = window.size().toTuple()
    if options.size not in (None, size):
        raise StartError(f"The window cannot be as small as that; its --size must be {size[0]}x{size[1]} or more.")


def _save_picture(window: QWidget, path: Path) -> None:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    try:
        write_atomically(path, bytes(buffer.data().data()))
    except OSError as error:
        raise StartError(f"The picture cannot be saved as '{path}' because {reason(error)}.") from error


@contextmanager
def _closed_by_signals(window: QWidget) -> Iterator[None]:
    """Ctrl+C in the terminal, or a polite kill, closes the window as its cross does."""

    # Python runs a handler between any two lines of Python, which may be in the midst of anything: so only the event
    # loop is told. And it runs none while Qt waits, but the collector's and the reporter's timers are lines of Python.
    def close_soon(*_: object) -> None:
        QTimer.singleShot(0, window, window.close)

    previous = {number: signal.signal(number, close_soon) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _destroy(window: QWidget) -> None:
    """Close the views and delete them now, while the application is there, not when the interpreter winds down."""
    window.close()
    shiboken6.delete(window)


class _FirstPaint(QObject):
    """Lets the workers begin only once the map is on screen: importing torch beside it would delay it by half."""

    seen = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._waiting = True
        for worker in (window.decoder_thread, window.files_thread):
            worker.hold()
        window.map.installEventFilter(self)
        QTimer.singleShot(FIRST_PAINT_LIMIT_MS, self, self._release)  # a window may also start minimised

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self._window.map.removeEventFilter(self)
            QTimer.singleShot(0, self, self._release)  # once what is painted now is on screen
        return False

    def _release(self) -> None:
        if self._waiting:
            self._waiting = False
            self.seen.emit()
            for worker in (self._window.decoder_thread, self._window.files_thread):
                worker.release()


class _Trace(QObject):
    """Prints, as lines of JSON, when the map was first painted, when the first decoded image was, and when all was."""

    def __init__(self, window: MainWindow, first_paint: _FirstPaint) -> None:
        super().__init__(window)
        self._window = window
        first_paint.seen.connect(lambda: self._print("map"))
        window.decoding.ready.connect(lambda: QTimer.singleShot(0, self, lambda: self._print("decode")))

    def end(self) -> None:
        try:
            self._print("settled")
        finally:
            self._window.close()

    def _print(self, what: str) -> None:
        loaded = [name for name in HEAVY if name in sys.modules]
        print(json.dumps({"event": what, "time": time.time(), "loaded": loaded}), flush=True)

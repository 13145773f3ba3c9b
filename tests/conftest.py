"""What every test runs under: no display, no trace in the user's folders, and nothing left behind.

A test fails on a log record of WARNING and above that it did not announce with ``allow_log``, on a Qt warning at any
time (in its call pytest-qt watches, in set-up and tear-down this file does), and on threads, child processes, running
timers and top-level widgets that are still there at its end.
"""

import logging
import os
import re
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psutil
import pytest

from latentscope.start import preflight

# Before Qt and torch are loaded. CI sets another platform to run the journeys under an X server.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# One thread, for the workers that tests start, too: their models are so small that two threads wait for each other,
# and where another program wants the processor they wait long (a test of a second took 76).
os.environ.setdefault("OMP_NUM_THREADS", "1")

QT_PROBLEM = preflight.library_problem()
NEEDS_QT = ("latentscope", "journeys")  # folders of tests that are skipped, with the reason, where Qt cannot start
PATIENCE_S = 10.0  # for a thread or a process that is on its way out

# No test has a time limit: how fast an example runs says more about what else the machine does.
hypothesis.settings.register_profile("latentscope", deadline=None)
hypothesis.settings.load_profile("latentscope")


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    if QT_PROBLEM is not None:
        # pytest-qt imports Qt when it is configured, and would end the whole run. This is the last moment before.
        pluginmanager.unregister(name="pytest-qt")


def pytest_configure(config: pytest.Config) -> None:
    home = tempfile.TemporaryDirectory(prefix="latentscope-tests-")
    config.add_cleanup(home.cleanup)
    os.environ["LATENTSCOPE_HOME"] = home.name
    if QT_PROBLEM is None:
        _watch_qt()


def pytest_report_header() -> str | None:
    return f"the window's tests are skipped: {QT_PROBLEM}" if QT_PROBLEM else None


class _WithoutQt(pytest.Module):
    """A test file that cannot be imported here."""

    def collect(self) -> Any:
        pytest.skip(str(QT_PROBLEM), allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: Any) -> pytest.Module | None:
    folders = module_path.relative_to(Path(__file__).parent).parts[:-1]
    if QT_PROBLEM is not None and folders and folders[0] in NEEDS_QT:
        return _WithoutQt.from_parent(parent, path=module_path)
    return None


# --- what a test may use ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder with real MNIST that LATENTSCOPE_DATA names."""
    name = os.environ.get("LATENTSCOPE_DATA")
    if not name or not (Path(name) / "mnist").is_dir():
        pytest.skip("set LATENTSCOPE_DATA to a folder that holds mnist/ with its four IDX files")
    return Path(name).resolve()


@pytest.fixture
def allow_log(log_watch: "_LogWatch") -> Callable[[str], None]:
    """Call it with a regular expression for a log record (``name: message``) that the test provokes."""
    return log_watch.allowed.append


# --- what every test runs under -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def nothing_left_behind(log_watch: "_LogWatch") -> Iterator[None]:
    """Set up before and torn down after every other fixture of a test, but for the watch on the log."""
    threads, processes = set(threading.enumerate()), _children()
    timers, widgets = _active_timers(), _top_levels()
    yield
    _delete_later_now()
    left = _wait_until_gone(lambda: [thread for thread in threading.enumerate() if thread not in threads])
    left += _wait_until_gone(lambda: list(_children() - processes))
    left += _active_timers() - timers
    left += _top_levels() - widgets
    if left:
        pytest.fail(f"left behind: {', '.join(map(_describe, left))}")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A LATENTSCOPE_HOME of the test's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LATENTSCOPE_HOME", str(home))
    return home


class _LogWatch(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.allowed: list[str] = []
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(f"{record.name}: {record.getMessage()}")

    def unexpected(self) -> list[str]:
        return [record for record in self.records if not any(re.search(regex, record) for regex in self.allowed)]


@pytest.fixture(autouse=True)
def log_watch() -> Iterator[_LogWatch]:
    watch = _LogWatch()
    logging.getLogger().addHandler(watch)
    yield watch
    logging.getLogger().removeHandler(watch)
    if watch.unexpected():
        pytest.fail("unexpected in the log:\n" + "\n".join(watch.unexpected()))


# --- how it is found out ------------------------------------------------------------------------------------------

_timers: "weakref.WeakSet[Any]" = weakref.WeakSet()


def _watch_qt() -> None:
    """Remember every timer that is started, and log what Qt says while pytest-qt is not listening."""
    from PySide6.QtCore import QTimer, QtMsgType, qInstallMessageHandler

    start = QTimer.start

    def remember_and_start(self: QTimer, *args: Any) -> None:
        _timers.add(self)
        start(self, *args)

    def on_message(kind: QtMsgType, context: Any, text: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and "propagateSizeHints" not in text:
            logging.getLogger("qt").warning("%s", text)

    QTimer.start = remember_and_start
    qInstallMessageHandler(on_message)


def _application() -> Any:
    if QT_PROBLEM is not None:
        return None
    from PySide6.QtWidgets import QApplication

    return QApplication.instance()


def _delete_later_now() -> None:
    """Qt deletes what was asked to go "later" only in an event loop, and between two tests there is none."""
    if (application := _application()) is not None:
        from PySide6.QtCore import QEvent

        application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        application.processEvents()


def _active_timers() -> set[Any]:
    if QT_PROBLEM is not None:
        return set()
    from shiboken6 import isValid

    return {timer for timer in _timers if isValid(timer) and timer.isActive()}


def _top_levels() -> set[Any]:
    application = _application()
    if application is None:
        return set()
    # A tooltip belongs to Qt, which hides and deletes it in its own time.
    return {widget for widget in application.topLevelWidgets() if widget.metaObject().className() != "QTipLabel"}


def _children() -> set[psutil.Process]:
    return set(psutil.Process().children())


def _wait_until_gone(look: Callable[[], list[Any]]) -> list[Any]:
    deadline = time.monotonic() + PATIENCE_S
    while (left := look()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


def _describe(thing: Any) -> str:
    if isinstance(thing, threading.Thread):
        return f"thread {thing.name}"
    if isinstance(thing, psutil.Process):
        with thing.oneshot():
            return f"process {thing.pid}"
    return f"{type(thing).__name__} '{thing.objectName()}' of {type(thing.parent()).__name__}"

"""Nothing that goes wrong is lost, nothing is shown twice, and the window goes on."""

import gc
import logging
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer, qWarning
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentscope.start.crash import LOG_NAME, Faults, log_files, qt_messages
from latentscope.start.crash_dialog import FaultReporter


@pytest.fixture
def faults(allow_log: Callable[[str], None]) -> Iterator[Faults]:
    allow_log("latentscope.start.crash: ")
    with Faults() as caught:
        yield caught


@pytest.fixture
def reporter(qtbot: QtBot, faults: Faults, tmp_path: Path) -> Iterator[FaultReporter]:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    reporter = FaultReporter(faults, tmp_path, window)
    yield reporter
    reporter.close()


def fail(text: str) -> None:
    raise ValueError(text)


def fail_otherwise() -> None:
    raise KeyError("another")


def report(act: Callable[[], None]) -> None:
    """What Python does with an exception that nobody caught."""
    try:
        act()
    except Exception:
        sys.excepthook(*sys.exc_info())


def run_on_a_thread(act: Callable[[], None], name: str = "worker") -> None:
    thread = threading.Thread(target=act, name=name)
    thread.start()
    thread.join()


def test_an_exception_of_a_slot_is_shown_and_the_window_goes_on(qtbot: QtBot, reporter: FaultReporter) -> None:
    # pytest-qt puts its own hook in place for the length of a test; the fixture's came after it and has its turn.
    ticks: list[int] = []
    timer = QTimer(interval=5)
    timer.timeout.connect(lambda: (ticks.append(1), fail("from a slot")))
    timer.start()
    qtbot.waitUntil(lambda: reporter.dialog is not None and len(ticks) > 5)
    timer.stop()
    assert reporter.dialog is not None
    assert reporter.dialog.isVisible()
    assert not reporter.dialog.isModal()
    assert "from a slot" in reporter.dialog.summary.text()


def test_an_exception_on_a_worker_is_shown_by_the_gui_thread(qtbot: QtBot, reporter: FaultReporter) -> None:
    run_on_a_thread(lambda: fail("far away"), "decoder")
    assert reporter.dialog is None  # nothing happens before the GUI thread has its turn
    qtbot.waitUntil(lambda: reporter.dialog is not None)
    assert reporter.dialog is not None
    assert reporter.dialog.summary.text() == "On decoder. ValueError: far away"


def test_a_flood_of_one_fault_is_one_dialog_and_a_count(reporter: FaultReporter) -> None:
    for _ in range(1000):
        report(lambda: fail("again"))
    reporter.tick()
    first = reporter.dialog
    assert first is not None
    assert "1,000 faults" in first.count.text()
    first.close()
    for _ in range(10):
        report(lambda: fail("again"))
        reporter.tick()
    assert reporter.dialog is first
    assert not first.isVisible()  # once closed, the same fault does not bring it back


def test_another_kind_of_fault_joins_the_same_dialog(reporter: FaultReporter) -> None:
    report(lambda: fail("one"))
    reporter.tick()
    first = reporter.dialog
    assert first is not None
    first.close()
    report(fail_otherwise)
    reporter.tick()
    assert reporter.dialog is first
    assert first.isVisible()
    assert "another" in first.summary.text()
    assert "one" in first.report()


def test_details_are_folded_and_can_be_copied(qtbot: QtBot, reporter: FaultReporter) -> None:
    report(lambda: fail("look closer"))
    reporter.tick()
    dialog = reporter.dialog
    assert dialog is not None
    assert dialog.details.isHidden()
    qtbot.mouseClick(dialog.details_button, Qt.MouseButton.LeftButton)
    assert dialog.details.isVisible()
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    for part in ("Latentscope ", "Python ", "Qt ", "ValueError: look closer", "in fail", __file__):
        assert part in copied


def test_the_log_folder_opens(
    qtbot: QtBot, reporter: FaultReporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    report(lambda: fail("where"))
    reporter.tick()
    assert reporter.dialog is not None
    qtbot.mouseClick(reporter.dialog.folder_button, Qt.MouseButton.LeftButton)
    assert [Path(name) for name in opened] == [tmp_path]


def test_the_log_holds_the_traceback_once_and_counts(faults: Faults, tmp_path: Path) -> None:
    with log_files(tmp_path / "logs"):
        for _ in range(123):
            report(lambda: fail("into the log"))
    text = (tmp_path / "logs" / LOG_NAME).read_text(encoding="utf-8")
    assert text.count("Traceback") == 1
    assert "in fail" in text
    assert "(10 times by now)" in text
    assert "(100 times by now)" in text
    assert faults.queue.qsize() == 1
    assert list(faults.counts.values()) == [123]


def test_a_fault_keeps_nothing_alive(faults: Faults) -> None:
    class Heavy:
        pass

    def fail_holding(heavy: Heavy) -> None:
        raise ValueError(repr(heavy))

    held = []

    def act() -> None:
        heavy = Heavy()
        held.append(weakref.ref(heavy))
        fail_holding(heavy)

    report(act)
    gc.collect()
    assert held[0]() is None


def test_very_many_kinds_of_fault_are_bounded(faults: Faults) -> None:
    for number in range(500):
        kind = type(f"Fault{number}", (Exception,), {})
        faults.note(kind, kind("x"), None, "")
    assert len(faults.counts) == faults.queue.qsize() == 50


def test_leaving_a_thread_by_sys_exit_is_no_fault(faults: Faults) -> None:
    run_on_a_thread(sys.exit)
    assert not faults.counts


def test_a_fault_in_a_destructor_is_logged_without_a_dialog(faults: Faults, caplog: pytest.LogCaptureFixture) -> None:
    class Bad:
        def __del__(self) -> None:
            fail("in a destructor")

    bad = Bad()
    del bad
    gc.collect()
    assert "in a destructor" in caplog.text
    assert not faults.counts


def test_hooks_and_log_are_put_back(tmp_path: Path) -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook, logging.getLogger().handlers[:]
    level = logging.getLogger().level
    with Faults(), log_files(tmp_path), qt_messages():
        assert sys.excepthook is not before[0]
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook, logging.getLogger().handlers) == before
    assert logging.getLogger().level == level


def test_a_folder_that_cannot_be_written_to_is_said_once_and_the_program_goes_on(
    tmp_path: Path, allow_log: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    allow_log("There will be no log file")
    blocked = tmp_path / "a-file"
    blocked.touch()
    with log_files(blocked / "logs") as folder:
        assert folder is None
    assert f"{blocked / 'logs'} cannot be written because" in caplog.text


def test_what_qt_says_goes_to_the_log(tmp_path: Path, allow_log: Callable[[str], None]) -> None:
    allow_log("qt: ")
    with log_files(tmp_path), qt_messages():
        qWarning("a message of Qt's")
        qWarning("This plugin does not support raise()")
    text = (tmp_path / LOG_NAME).read_text(encoding="utf-8")
    assert "WARNING qt" in text
    assert "a message of Qt's" in text
    assert "does not support" not in text

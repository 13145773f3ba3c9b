"""What nobody caught: it goes to the log, and once to the user. The window goes on.

Python calls the hooks here on whichever thread failed. They format the exception at once, keep nothing of it alive,
write it to the log, and put it in a queue that ``FaultReporter`` (crash_dialog.py) empties on the GUI thread: no
worker touches a Qt object, and no dialog opens from within a paint event. The same fault over and over is written and
shown once; only its count goes on.
"""

import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from trainer.atomic import reason

__all__ = ["LOG_NAME", "Fault", "Faults", "log_files", "qt_messages"]

LOG_NAME = "latentscope.log"
HARD_CRASH_NAME = "hard-crash.log"
LOG_BYTES = 1_000_000
MAX_KINDS = 50

log = logging.getLogger(__name__)

FaultKey = tuple[str, str, int]
"""What makes two faults the same: type, file and line of the place that raised."""


@dataclass(frozen=True)
class Fault:
    """An exception that nobody caught: ``summary`` in one line, ``details`` with its traceback."""

    key: FaultKey
    summary: str
    details: str


class Faults:
    """Catches what nobody else did, on every thread. A context manager: the hooks are put back at its end.

    ``queue`` gets each kind of fault once; ``counts`` says how often it came (read it from anywhere).
    """

    def __init__(self) -> None:
        self.queue: SimpleQueue[Fault] = SimpleQueue()
        self.counts: dict[FaultKey, int] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> "Faults":
        self._hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread
        sys.unraisablehook = self._on_unraisable
        return self

    def __exit__(self, *_: object) -> None:
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            self.note(kind, error, trace, "")

    def _on_thread(self, args: Any) -> None:
        if args.exc_type is not SystemExit:
            name = args.thread.name if args.thread is not None else "a thread that has ended"
            self.note(args.exc_type, args.exc_value, args.exc_traceback, f"On {name}. ")

    def _on_unraisable(self, args: Any) -> None:
        # Something in a destructor or callback, which Python itself only prints: worth the log, not a dialog.
        text = "".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback))
        log.error("%s: %r\n%s", args.err_msg or "Exception ignored in", args.object, text)

    def note(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None, where: str
    ) -> None:
        """Log and queue one fault. Callable from any thread, and from a handler that must not fail itself."""
        innermost = traceback.extract_tb(trace, limit=-1) if trace else None
        place = (innermost[0].filename, innermost[0].lineno or 0) if innermost else ("", 0)
        key = (kind.__name__, *place)
        with self._lock:
            if key not in self.counts and len(self.counts) >= MAX_KINDS:
                return
            count = self.counts[key] = self.counts.get(key, 0) + 1
        summary = where + traceback.format_exception_only(kind, error)[-1].strip()
        if count > 1:
            if _is_power_of_ten(count):
                log.error("%s (%d times by now)", summary, count)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        log.error("%s\n%s", summary, details)
        self.queue.put(Fault(key, summary, details))


def _is_power_of_ten(number: int) -> bool:
    return str(number).rstrip("0") == "1"


@contextmanager
def log_files(folder: Path) -> Iterator[Path | None]:
    """Log to a rotating file in the folder, and warnings to the terminal as well, while the context lasts.

    Yields the folder, or None where it cannot be written to; the program then goes on with the terminal alone. Crashes
    of the process itself (a segmentation fault) leave the Python stack of each thread in a file beside the log.
    """
    root = logging.getLogger()
    level = root.level
    with ExitStack() as stack:
        if sys.stderr is not None:
            terminal = logging.StreamHandler()
            terminal.setLevel(logging.WARNING)
            terminal.setFormatter(logging.Formatter("latentscope: %(message)s"))
            _attach(stack, terminal)
        written: Path | None = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            hard = stack.enter_context((folder / HARD_CRASH_NAME).open("a", encoding="utf-8"))
            file = RotatingFileHandler(folder / LOG_NAME, maxBytes=LOG_BYTES, backupCount=2, encoding="utf-8")
        except OSError as error:
            log.warning("There will be no log file: %s cannot be written because %s.", folder, reason(error))
            written = None
        else:
            file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s [%(threadName)s] %(message)s"))
            _attach(stack, file)
            _watch_hard_crashes(stack, hard)
        root.setLevel(logging.INFO)
        stack.callback(root.setLevel, level)
        yield written


def _attach(stack: ExitStack, handler: logging.Handler) -> None:
    root = logging.getLogger()
    root.addHandler(handler)
    stack.callback(handler.close)
    stack.callback(root.removeHandler, handler)


def _watch_hard_crashes(stack: ExitStack, file: Any) -> None:
    if not faulthandler.is_enabled():  # somebody (a test runner, python -X faulthandler) may watch already
        faulthandler.enable(file)
        stack.callback(faulthandler.disable)


_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
# Said by the offscreen platform about every window, and of no use to anybody.
_CHATTER = ("This plugin does not support propagateSizeHints()", "This plugin does not support raise()")


@contextmanager
def qt_messages() -> Iterator[None]:
    """Send what Qt has to say to the log, under the name "qt", while the context lasts."""
    logger = logging.getLogger("qt")

    def on_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if text not in _CHATTER:
            category = context.category if context.category not in (None, "default") else "Qt"
            logger.log(_LEVELS.get(kind, logging.WARNING), "%s: %s", category, text)

    previous = qInstallMessageHandler(on_message)
    try:
        yield
    finally:
        qInstallMessageHandler(previous)

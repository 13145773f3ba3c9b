"""Download a data set on a thread of its own, with progress and a way to cancel.

The thread holds no QObject: it writes what it has done into a plain object, which the GUI thread looks at on a timer
that runs only while something is being downloaded.
"""

import logging
import threading

from PySide6.QtCore import QObject, QTimer, Signal

import trainer.data
from trainer.errors import Cancelled, TrainerError

__all__ = ["Downloads"]

POLL_MS = 50
log = logging.getLogger(__name__)


class _Transfer:
    """One download under way: shared by the thread that does it and the thread that watches it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.done = 0
        self.total = 0
        self.cancel = threading.Event()
        self.error: Exception | None = None
        self.thread = threading.Thread(target=self._work, name=f"download {name}", daemon=True)

    def _work(self) -> None:
        try:
            trainer.data.download(self.name, self._progress, self.cancel.is_set)
        except Exception as error:  # told to the user by the GUI thread
            self.error = error

    def _progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total


class Downloads(QObject):
    """One download at a time. Every ``start`` ends in exactly one of ``finished``, ``failed`` and ``cancelled``."""

    progressed = Signal(str, int, int)  # name, bytes done, bytes in all (0: not known)
    finished = Signal(str)
    failed = Signal(str, str)  # name, a sentence for the user
    cancelled = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._transfer: _Transfer | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def name(self) -> str | None:
        """What is being downloaded now."""
        return self._transfer.name if self._transfer else None

    def start(self, name: str) -> bool:
        """Begin to download a data set of the table; False, and nothing happens, while another is under way."""
        if self._transfer is not None:
            return False
        self._transfer = _Transfer(name)
        self._transfer.thread.start()
        self._timer.start()
        return True

    def cancel(self) -> None:
        """Ask the download to end. ``cancelled`` follows when it has."""
        if self._transfer is not None:
            self._transfer.cancel.set()

    def close(self, wait: float = 2.0) -> None:
        """End what is under way, silently. A transfer that hangs in the network is left to the end of the program."""
        self._timer.stop()
        if self._transfer is not None:
            self._transfer.cancel.set()
            self._transfer.thread.join(wait)
            self._transfer = None

    def _look(self) -> None:
        transfer = self._transfer
        if transfer is None:
            return
        if transfer.thread.is_alive():
            self.progressed.emit(transfer.name, transfer.done, transfer.total)
            return
        transfer.thread.join()
        self._timer.stop()
        self._transfer = None
        if transfer.error is None:
            self.finished.emit(transfer.name)
        elif isinstance(transfer.error, Cancelled):
            self.cancelled.emit(transfer.name)
        else:
            self.failed.emit(transfer.name, _sentence(transfer.error))


def _sentence(error: Exception) -> str:
    if isinstance(error, TrainerError):
        return str(error)
    log.error("A download failed in an unexpected way", exc_info=error)
    return f"The download failed: {error}."

"""Work off the GUI thread whose result comes back on it, where only the latest request of a kind counts.

The worker thread never touches a QObject: it takes jobs from a queue and puts results in another, which the GUI
thread empties on a display-rate timer that runs only while something is under way.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer

__all__ = ["Background"]

POLL_MS = 8
TURN_SECONDS = 0.01  # results are delivered one after the other for so long at a time


@dataclass(frozen=True)
class _Job:
    key: str
    number: int
    work: Callable[[], Any]
    deliver: Callable[[Any], None]
    fail: Callable[[Exception], None]


class Background(QObject):
    """One worker thread and its jobs. A job submitted under a key replaces an unfinished one under the same key."""

    def __init__(self, name: str, parent: QObject | None = None, *, brief: bool = False) -> None:
        """With ``brief`` the thread ends whenever it has nothing to do: for one that is seldom needed."""
        super().__init__(parent)
        self._name = name
        self._brief = brief
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._results: SimpleQueue[tuple[_Job, Any, Exception | None]] = SimpleQueue()
        self._latest: dict[str, int] = {}
        self._number = 0
        self._under_way = 0
        self._thread: threading.Thread | None = None
        self._held = False
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._collect)

    def submit(
        self, key: str, work: Callable[[], Any], deliver: Callable[[Any], None], fail: Callable[[Exception], None]
    ) -> None:
        """Run ``work`` on the worker; then, on this thread, ``deliver`` its result or let ``fail`` have its exception.

        Neither is called when a newer job was submitted under ``key`` meanwhile, the key was cancelled, or this is
        closed: a window that is going away may still ask, and nobody will look at the answer.
        """
        if self._closed:
            return
        self._number += 1
        self._latest[key] = self._number
        self._under_way += 1
        self._jobs.put(_Job(key, self._number, work, deliver, fail))
        self._timer.start()
        self._start()

    def hold(self) -> None:
        """Begin nothing before ``release``, so that nothing competes with a window that is about to be shown."""
        self._held = True

    def release(self) -> None:
        """Begin what was submitted meanwhile."""
        self._held = False
        if self._under_way:
            self._start()

    def cancel(self, key: str) -> None:
        """Forget what is under way under ``key``: it is skipped if it has not begun, else its result is dropped."""
        self._latest.pop(key, None)

    def busy(self) -> bool:
        return self._under_way > 0

    def close(self) -> None:
        """Drop everything and end the worker. A job that has begun is waited for: it may be using the model."""
        self._closed = True
        self._latest.clear()
        self._timer.stop()
        self._end_thread()

    def _end_thread(self) -> None:
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _start(self) -> None:
        if self._thread is None and not self._held:
            self._thread = threading.Thread(
                target=_serve, args=(self._jobs, self._results, self._latest), name=self._name, daemon=True
            )
            self._thread.start()

    def _collect(self) -> None:
        begin = time.perf_counter()
        while True:
            try:
                job, result, error = self._results.get_nowait()
            except Empty:
                break
            self._under_way -= 1
            if self._latest.get(job.key) != job.number:
                continue
            del self._latest[job.key]
            if error is None:
                job.deliver(result)
            else:
                job.fail(error)
            if time.perf_counter() - begin > TURN_SECONDS:
                break  # the rest comes at the next tick, after the mouse
        if self._under_way == 0:
            self._timer.stop()
            if self._brief:
                self._end_thread()


def _serve(
    jobs: "SimpleQueue[_Job | None]",
    results: "SimpleQueue[tuple[_Job, Any, Exception | None]]",
    latest: dict[str, int],
) -> None:
    while (job := jobs.get()) is not None:
        if latest.get(job.key) != job.number:
            results.put((job, None, None))
            continue
        try:
            results.put((job, job.work(), None))
        except Exception as error:  # delivered to whoever asked, on the GUI thread
            results.put((job, None, error))
        # Release the finished job here and now: its closures must not live on this thread until the next one comes.
        del job

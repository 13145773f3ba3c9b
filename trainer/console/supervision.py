"""What a command does that another program started: work at low priority, and end when that program is gone."""

import _thread
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import psutil

__all__ = ["lower_priority", "parent_is_there", "watching"]


def lower_priority() -> None:
    process = psutil.Process()
    with suppress(psutil.AccessDenied):  # a priority that is lower already may not be raised again
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10)


@contextmanager
def watching(parent: int | None, gone: Callable[[], None]) -> Iterator[None]:
    """Calls ``gone``, on a thread, when the parent process is gone. A thread looks, because the work may say nothing
    for a long time."""
    if parent is None:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        try:
            process = psutil.Process(parent)
        except psutil.Error:
            process = None
        while process is not None and process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if done.wait(1):
                return
        gone()

    thread = threading.Thread(target=watch, name="parent", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def parent_is_there(parent: int | None) -> AbstractContextManager[None]:
    """Ends the command as Ctrl+C does when the parent process is gone."""
    return watching(parent, _thread.interrupt_main)

"""How many threads Qt paints with."""

import os
import sys
from collections.abc import MutableMapping

__all__ = ["paint_on_one_thread", "processors"]

# Up to so many processors, Qt paints on the thread that asks for it.
FEW_PROCESSORS = 2


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def paint_on_one_thread(environment: MutableMapping[str, str], count: int) -> None:
    """Where there are few processors, have Qt paint on one thread; to be called before there is an application.

    Qt has large images and gradients painted by the threads of a pool, and waits for them, five times a frame of the
    map. While another thread or program has one of two processors, each time it is the system that says when they get a
    turn: a frame of zooming takes 14 ms then, and the slowest of a hundred 33, instead of 9 and 14
    (``tests/benchmarks/atlas_time.py``). With both processors idle the pool would save half a millisecond, and about
    four at two device pixels a pixel.
    """
    if count <= FEW_PROCESSORS:
        environment.setdefault("QT_NO_GUI_THREADPOOL", "1")

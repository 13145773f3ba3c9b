"""Worker processes that do not train: they write into a run folder what a worker in some state would write."""

import sys
from collections.abc import Callable

from trainer.run import Run

__all__ = ["DEAF", "OBEDIENT", "SLOW_TO_BEGIN", "worker"]

HEAD = """
import os, sys, time
from pathlib import Path
from trainer.events import *
from trainer.run import *
run = Run(Path(sys.argv[1]))
log = EventLog(run)
pid, created, host = this_process()
def begin(step=0):
    log.append(Started(time.time(), pid, created, host, "cpu", "float32", 100, 10, step, step > 0))
def train(step):
    log.append(Step(step, step / 10, step / 100, 200.0 - step, 5.0, 205.0 - step, 1e-3, 1000.0, 0.5, 1.0))
"""


def worker(script: str) -> Callable[[Run], list[str]]:
    """A worker that runs this script: for what no healthy worker does."""
    return lambda run: [sys.executable, "-c", HEAD + script, str(run.folder)]


OBEDIENT = worker(
    """
begin()
step = 0
while True:
    word = read_control(run)
    if word == "stop":
        log.append(Stopped(step, step / 100))
        sys.exit(0)
    if word == "pause":
        log.append(Paused(step, step / 100))
        while read_control(run) == "pause":
            time.sleep(0.01)
        log.append(Resumed(step, step / 100))
    step += 1
    train(step)
    time.sleep(0.01)
"""
)
DEAF = worker(
    """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
begin()
while True:
    train(1)
    time.sleep(0.05)
"""
)
SLOW_TO_BEGIN = worker("time.sleep(60)")

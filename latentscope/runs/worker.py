"""The worker process: the command that trains a run or measures a model, and how it is started."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import trainer
from trainer.run import Run

__all__ = ["start_worker", "trainer_command", "worker_command"]


def worker_command(run: Run) -> list[str]:
    return trainer_command("resume", str(run.folder))


def trainer_command(*arguments: str) -> list[str]:
    """A command of the trainer at low priority, which ends when this process does."""
    # -P: a file in the folder in which the window was started must not pass for a module of ours.
    return [sys.executable, "-P", "-m", "trainer", *arguments, "--nice", "--parent", str(os.getpid())]


def _environment() -> dict[str, str]:
    """Ours, and with the packages from a source tree where they are not installed."""
    home = str(Path(trainer.__file__).resolve().parents[1])
    environment = dict(os.environ)
    if home not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [home, environment.get("PYTHONPATH")]))
    return environment


def start_worker(command: Sequence[str], output: BinaryIO) -> "subprocess.Popen[bytes]":
    """Its own process group, so that Ctrl+C in the terminal ends the window and the window ends the worker."""
    environment = _environment()
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, creationflags=flags
        )
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, process_group=0
    )

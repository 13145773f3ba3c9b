"""Measure a model, or lay out its codes, in a low-priority process of its own, with progress and a way to cancel.

A thread writes the model into a temporary folder, starts ``python -m trainer evaluate`` on it and reads what that
prints. It holds no QObject: it writes what has come into a plain object, which the GUI thread looks at on a timer that
runs only while something is being measured.
"""

import logging
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.runs.worker import start_worker, trainer_command
from trainer.atomic import reason
from trainer.container import parse_json
from trainer.errors import TrainerError
from trainer.files import ModelFile, write_model

__all__ = ["Evaluating", "Wish"]

POLL_MS = 50
LOOK_S = 0.05
MOST_OUTPUT = 16 << 20  # bytes: more than any evaluation prints
log = logging.getLogger(__name__)
Command = Callable[[Path, "Wish"], Sequence[str]]


@dataclass(frozen=True)
class Wish:
    """What is to be measured beside all that is always measured."""

    data: str | None = None  # None: what the model was trained on
    exact: bool = True  # the exact likelihood, of all test images
    importance: bool = False  # the importance-weighted bound, with so many samples
    samples: int = 5000

    def arguments(self) -> list[str]:
        bounds = [name for name, wanted in (("exact", self.exact), ("iw", self.importance)) if wanted] or ["none"]
        arguments = [part for name in bounds for part in ("--bound", name)]
        if self.importance:
            arguments += ["--samples", str(self.samples)]
        return arguments + (["--data", self.data] if self.data is not None else [])


def evaluation_command(model: Path, wish: Wish) -> Sequence[str]:
    return trainer_command("evaluate", str(model), "--events", *wish.arguments())


class _Work:
    """One measurement: shared by the thread that sees to it and the thread that watches it."""

    def __init__(self, file: ModelFile, wish: Wish, command: Command) -> None:
        self.part, self.share = "", 0.0
        self.result: dict[str, Any] | None = None
        self.error = ""
        self.cancel = threading.Event()
        self._file, self._wish, self._command = file, wish, command
        self.thread = threading.Thread(target=self._work, name="evaluation", daemon=True)

    def _work(self) -> None:
        try:
            with tempfile.TemporaryDirectory(prefix="latentscope-", ignore_cleanup_errors=True) as folder:
                self._measure(Path(folder))
        except TrainerError as error:
            self.error = str(error)
        except OSError as error:
            self.error = f"The model could not be measured, because {reason(error)}."
        except Exception as error:  # told to the user by the GUI thread
            log.exception("A measurement failed in an unexpected way")
            self.error = f"The model could not be measured because of an unexpected fault: {error}"

    def _measure(self, folder: Path) -> None:
        model, output = folder / "model.safetensors", folder / "output"
        write_model(model, self._file)
        with output.open("wb") as target:
            process = start_worker(self._command(model, self._wish), target)
        last = ""
        try:
            with output.open("rb") as source:
                rest = b""
                while True:
                    alive = process.poll() is None  # asked before reading, so that all that it wrote is read
                    *lines, rest = (rest + source.read(MOST_OUTPUT)).split(b"\n")
                    for line in lines:
                        last = self._hear(line) or last
                    if not alive:
                        break
                    if self.cancel.wait(LOOK_S):
                        return
        finally:
            _end(process)
        if self.result is None and not self.cancel.is_set():
            self.error = last or f"The measurement ended unexpectedly (exit code {process.returncode})."

    def _hear(self, line: bytes) -> str:
        """Take an event; what is none is returned as text, for it may be why the process ends."""
        try:
            content = parse_json(line)
        except ValueError:
            return line.decode("utf-8", "replace").strip()
        match content:
            case {"event": "progress", "part": str(part), "share": int() | float() as share}:
                self.part, self.share = part, float(share)
            case {"event": "evaluation" | "embedding"}:
                self.result = {name: value for name, value in content.items() if name not in ("event", "model")}
        return ""


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


class Evaluating(QObject):
    """One measurement at a time. Every ``start`` ends in exactly one of ``finished``, ``failed`` and ``cancelled``."""

    progressed = Signal(str, float)  # what is being measured, and how much of everything is done, from 0 to 1
    finished = Signal(object, dict)  # the ModelFile, and what the command prints as JSON
    failed = Signal(str)  # a sentence for the user
    cancelled = Signal()

    def __init__(self, command: Command = evaluation_command, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = ""
        self._command = command
        self._work: _Work | None = None
        self._file: ModelFile | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def file(self) -> ModelFile | None:
        """What is being measured now."""
        return self._file

    def start(self, file: ModelFile, title: str, wish: Wish) -> bool:
        """Begin to measure; False, and nothing happens, while another model is being measured."""
        if self._work is not None:
            return False
        self._file, self.title = file, title
        self._work = _Work(file, wish, self._command)
        self._work.thread.start()
        self._timer.start()
        return True

    def cancel(self) -> None:
        """Ask the measurement to end. ``cancelled`` follows when it has."""
        if self._work is not None:
            self._work.cancel.set()

    def close(self) -> None:
        """End what is under way, silently."""
        self._timer.stop()
        if self._work is not None:
            self._work.cancel.set()
            self._work.thread.join()
            self._work = self._file = None

    def _look(self) -> None:
        work, file = self._work, self._file
        if work is None:
            return
        if work.thread.is_alive():
            self.progressed.emit(work.part, work.share)
            return
        work.thread.join()
        self._timer.stop()
        self._work = self._file = None
        if work.cancel.is_set():
            self.cancelled.emit()
        elif work.result is not None:
            self.finished.emit(file, work.result)
        else:
            self.failed.emit(work.error)

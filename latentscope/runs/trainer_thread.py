"""The trainer thread: starts a low-priority worker process, follows its run folder, and notices how it ends.

A process, because training in the window's own process makes the mouse stutter, and because a crash or an
out-of-memory kill then ends a run and not the window. The thread holds no QObject and calls none: what it has to say
lies in ``outbox``. It puts nothing there before the last was taken, so a window that is busy costs no memory: the
run's own file of events is the queue.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

from latentscope.decoding import TimedCodec, load_codec
from latentscope.runs.worker import start_worker
from latentscope.state.open_model import OpenModel
from trainer.atomic import reason
from trainer.errors import TrainerError
from trainer.events import Event, Failed, Finished, Paused, Resumed, Snapshot, Started, Stopped
from trainer.files import read_model
from trainer.run import EventReader, Run, clear_control, read_control, send, status

__all__ = ["Ended", "Loaded", "Past", "TrainerThread", "Word"]

Word = Literal["pause", "resume", "stop"]

LOOK_S = 1 / 30
REPEAT_S = 0.5  # a word that has had no effect is written again
OBEY_S = 10.0  # how long a worker may take to stop, before it is made to
TERMINATE_S = 2.0  # how long it may then take to end, before it is killed
ATTACHED_LOOK_S = 1.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Past:
    """What earlier workers told of this run: history, which says nothing about how it stands now."""

    events: list[Event]


@dataclass(frozen=True, eq=False)
class Loaded:
    """The newest weights, with a decoder that is ready to use where torch was loaded already."""

    model: OpenModel
    codec: TimedCodec | None = None


@dataclass(frozen=True)
class Ended:
    """``state`` is what ``trainer.run.status`` would say, or "discarded" if it was stopped before it had begun."""

    state: str
    message: str = ""


class TrainerThread:
    """Follows one run until it ends. With ``command`` it trains the run in a worker process of its own; without, it
    looks on while another process trains it, or (``load_models`` false) reads what there is to read of an old run."""

    def __init__(self, run: Run, title: str, command: Sequence[str] | None, load_models: bool = True) -> None:
        self.run = run
        self.outbox: SimpleQueue[Past | list[Event] | Loaded | Ended] = SimpleQueue()
        self.ended: Ended | None = None
        self._title = title
        self._command = command
        self._load_models = load_models
        self._reader = EventReader(run)
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._begun = command is None
        self._paused = False
        self._end: Finished | Stopped | Failed | None = None
        self._unsaid: list[Event] = []
        self._snapshot: Snapshot | None = None
        self._codec: TimedCodec | None = None  # of the snapshot before
        self._word: Word | None = None
        self._word_sent = -REPEAT_S
        self._stop_due = float("inf")
        self._seen = True
        self._seen_next = 0.0
        self._killed = False
        self._leave = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._work, name="trainer", daemon=True)

    # --- called by the window's thread -----------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def ask(self, word: Word) -> None:
        """Have the worker pause, resume or stop; it may be asked before it has begun. Nothing undoes a stop."""
        if self._word == "stop":
            return
        self._word, self._word_sent = word, -REPEAT_S
        if word == "stop" and self.trains:
            self._stop_due = time.monotonic() + OBEY_S
        self._wake.set()

    @property
    def trains(self) -> bool:
        """Whether the worker is ours to end."""
        return self._command is not None

    def leave(self, wait: float, meanwhile: Callable[[], None]) -> None:
        """Say no more. Our own worker is asked to stop, and killed after ``wait`` s; another's is left alone."""
        self._leave.set()
        if self.trains:
            self.ask("stop")
            self._stop_due = min(self._stop_due, time.monotonic() + wait)
        self._wake.set()
        while self._thread.is_alive():
            self._thread.join(LOOK_S)
            meanwhile()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            ended = self._follow()
        except TrainerError as error:
            ended = Ended("failed", str(error))
        except OSError as error:
            where = error.filename or self.run.folder
            ended = Ended("failed", f"The training cannot go on, because {reason(error)}: {where}")
        except Exception as error:
            log.exception("The trainer thread failed")
            ended = Ended("failed", f"The training cannot be followed any more because of an unexpected fault: {error}")
        finally:
            self._kill(now=True)
        self.ended = ended
        self.outbox.put(ended)

    def _follow(self) -> Ended:
        if self._command is not None:
            self.outbox.put(Past(self._reader.poll()))
            clear_control(self.run)
            self._log_start = self.run.log_path.stat().st_size if self.run.log_path.exists() else 0
            with self.run.log_path.open("ab") as output:
                self._process = start_worker(self._command, output)
        while True:
            self._wake.wait(LOOK_S)
            self._wake.clear()
            alive = self._alive()  # asked before reading, so that all that a dead worker wrote is read
            if self.outbox.empty() or self._leave.is_set() or not alive:
                self._read()
            self._speak()
            if not alive:
                break
            if self._leave.is_set() and not self.trains:
                return Ended("left")
            if not self.run.folder.is_dir():
                self._kill(now=True)
                return Ended("failed", "The run's folder was removed while it was trained, so the training ended.")
            self._command_worker()
        self._say_the_rest()
        return self._ended()

    def _alive(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None
        if self._end is not None:
            return False
        now = time.monotonic()
        if now >= self._seen_next:
            self._seen = status(self.run) in ("running", "paused")
            self._seen_next = now + ATTACHED_LOOK_S
        return self._seen

    def _read(self) -> None:
        for event in self._reader.poll():
            self._unsaid.append(event)
            if isinstance(event, Started):
                self._begun, self._paused, self._end = True, False, None
            elif isinstance(event, Paused | Resumed):
                self._paused = isinstance(event, Paused)
            elif isinstance(event, Snapshot):
                self._snapshot = event
            elif isinstance(event, Finished | Stopped | Failed):
                self._end = event

    def _speak(self) -> None:
        """Put what is new into the outbox, once the last has been taken out."""
        if self._leave.is_set() or not self.outbox.empty():
            return
        if self._unsaid:
            self.outbox.put(self._unsaid)
            self._unsaid = []
        if self._snapshot is not None:
            self._load(self._path(self._snapshot), live=True)
            self._snapshot = None

    def _say_the_rest(self) -> None:
        """The last of the events, and the finished model or else the last snapshot."""
        if self._leave.is_set():
            return
        if self._unsaid:
            self.outbox.put(self._unsaid)
        if isinstance(self._end, Finished):
            self._load(self.run.model_path, live=False)
        elif self._snapshot is not None:
            self._load(self._path(self._snapshot), live=True)

    def _path(self, snapshot: Snapshot) -> Path:
        """Only a name inside the snapshots folder is taken from the log."""
        return self.run.snapshots_folder / Path(snapshot.file).name

    def _load(self, path: Path, live: bool) -> None:
        """A file that cannot be read is passed over: a newer one has taken its place, or will."""
        if not self._load_models:
            return
        try:
            file = read_model(path)
            model = OpenModel(file, self._title, path, live)
            # torch is not imported for this: a window that has not needed it yet shows the codes first.
            ready = hasattr(sys.modules.get("trainer.codec"), "Codec")
            if ready:
                self._codec = load_codec(file, like=self._codec)
            loaded = Loaded(model, self._codec if ready else None)
        except TrainerError:
            return
        self.outbox.put(loaded)

    # --- the worker ------------------------------------------------------------------------------------------------

    def _command_worker(self) -> None:
        word, now = self._word, time.monotonic()
        if now >= self._stop_due:
            self._kill(now=now >= self._stop_due + TERMINATE_S)
            return
        if word is None:
            return
        if self._obeyed(word):
            self._word = None
        elif word == "stop" and not self._begun:
            self._kill()  # nothing has been trained that a checkpoint should keep
        elif self._begun and now - self._word_sent >= REPEAT_S and read_control(self.run) != word:
            send(self.run, word)
            self._word_sent = now

    def _obeyed(self, word: Word) -> bool:
        if word == "stop":
            return self._end is not None
        return self._paused == (word == "pause")

    def _kill(self, now: bool = False) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            return
        self._killed = True
        if now:
            process.kill()
            process.wait()
        else:
            process.terminate()

    def _ended(self) -> Ended:
        if isinstance(self._end, Finished):
            return Ended("finished")
        if isinstance(self._end, Stopped):
            return Ended("stopped")
        if isinstance(self._end, Failed):
            return Ended("failed", self._end.message)
        if self._killed:
            return Ended("interrupted" if self._begun else "discarded")
        if not self._load_models:
            return Ended(status(self.run))
        return Ended("interrupted" if self._begun else "failed", self._why_it_died())

    def _why_it_died(self) -> str:
        """One sentence about a worker that ended without a word."""
        code = self._process.returncode if self._process else 0
        kept = "What was trained up to the last checkpoint is kept: resume it from Runs."
        if self._process is None:
            return f"The process that trained this run is gone. {kept}"
        if code < 0:
            names = {number.value: number.name for number in signal.Signals}
            name = names.get(-code, f"signal {-code}")
            cause = ", perhaps because the memory was full" if name == "SIGKILL" else ""
            return f"The training process was killed ({name}){cause}. {kept}"
        last = self._last_line()
        if not self._begun and last and code == 1:
            return last
        return f"The training process ended unexpectedly (exit code {code}{f': {last}' if last else ''}). {kept}"

    def _last_line(self) -> str:
        """The last line that this worker wrote into the log: the sentence of an error, or the end of a traceback."""
        try:
            with self.run.log_path.open("rb") as output:
                output.seek(max(self._log_start, output.seek(0, os.SEEK_END) - 4096))
                lines = output.read().decode("utf-8", "replace").splitlines()
        except OSError:
            return ""
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

"""A run's events on disk: the writing end, the reading end, and a look at either end of a long log."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from trainer.atomic import reason
from trainer.errors import RunError
from trainer.events import Event, Failed, Finished, Started, Stopped, from_json, to_json
from trainer.run_folder import Run

__all__ = ["EventLog", "EventReader", "events_backwards", "first_started", "is_running", "living_worker"]

BLOCK = 2**16  # bytes of the log that are read at once from its ends
MAX_LINE = 2**20  # bytes; what is longer is no event but damage, such as the zeros that a power cut can leave
SAME_PROCESS = 2.0  # s; clocks are set, and a process's creation time is reckoned from the clock
REMOTE_SILENCE = 60.0  # s after which a worker on another computer counts as gone


class EventLog:
    """The writing end of a run's events; one worker has it."""

    def __init__(self, run: Run) -> None:
        """Raises RunError if another living process is working on the run."""
        worker = living_worker(run)
        if worker is not None and (worker.host, worker.pid) != (socket.gethostname(), os.getpid()):
            raise RunError(f"The run {run.folder.name} is in use by another process (number {worker.pid}).")
        self._run = run
        self._whole = False  # whether the file is known to end with a whole line

    def append(self, event: Event) -> None:
        """Add one line. Raises RunError if the disk refuses, ValueError for an event with a number that is not finite.

        The file is opened and closed each time, so that no reader and no deletion is ever blocked, and the line goes
        out in a single write.
        """
        line = to_json(event).encode() + b"\n"
        try:
            with self._run.events_path.open("a+b", buffering=0) as file:
                if not self._whole:  # a killed worker or a full disk can leave half a line; it must not spoil this one
                    end = file.seek(0, os.SEEK_END)
                    file.seek(max(end - 1, 0))
                    if file.read(1) not in (b"", b"\n"):
                        line = b"\n" + line
                self._whole = False
                self._whole = file.write(line) == len(line)
        except OSError as error:
            raise RunError(
                f"The events of the run {self._run.folder.name} cannot be written, because {reason(error)}."
            ) from None


class EventReader:
    """The reading end of a run's events: each ``poll`` gives what is new."""

    def __init__(self, run: Run) -> None:
        self._path = run.events_path
        self._position = 0
        self._rest = b""

    def poll(self) -> list[Event]:
        """The events that were added since the last poll. Half a line is kept for later, a damaged line left out.

        Empty while there is no log, or it cannot be read for the moment.
        """
        try:
            with self._path.open("rb") as file:
                if file.seek(0, os.SEEK_END) < self._position:  # another log took its place
                    self._position, self._rest = 0, b""
                file.seek(self._position)
                data = file.read()
        except OSError:
            return []
        self._position += len(data)
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest if len(rest) <= MAX_LINE else b""
        return [event for line in lines if line.strip() and (event := from_json(line)) is not None]


def _lines_backwards(path: Path) -> Iterator[bytes]:
    """The whole lines of a log, the last first, reading only as far as the caller asks."""
    try:
        with path.open("rb") as file:
            position = file.seek(0, os.SEEK_END)
            rest = b""  # the beginning of what was read last: the end of a line that begins further forward
            unfinished = True
            block = BLOCK
            while position > 0:
                size = min(block, position)
                position -= size
                file.seek(position)
                rest, *lines = (file.read(size) + rest).split(b"\n")
                if unfinished and lines:
                    lines.pop()  # behind the last line's end: nothing, or half a line that is being written
                    unfinished = False
                yield from reversed(lines)
                if len(rest) > MAX_LINE:
                    rest = b""
                block = min(2 * block, 2**22)
            if not unfinished:
                yield rest
    except OSError:
        return


def events_backwards(run: Run, *only: str) -> Iterator[Event]:
    """A log's events, the last first, reading only as far as the caller asks; ``only`` those kinds ("started")."""
    words = [f'"{name}"'.encode() for name in only]
    for line in _lines_backwards(run.events_path):
        # A log has many thousands of steps and few of anything else; looking for the word costs far less than parsing.
        if words and not any(word in line for word in words):
            continue
        if (event := from_json(line)) is not None and (not only or type(event).__name__.lower() in only):
            yield event


def first_started(run: Run) -> Started | None:
    """The event with which the run began."""
    try:
        with run.events_path.open("rb") as file:
            lines = file.read(BLOCK).split(b"\n")
    except OSError:
        return None
    return next((event for line in lines if isinstance(event := from_json(line), Started)), None)


def living_worker(run: Run) -> Started | None:
    """Who is working on the run now, if anybody.

    A worker on another computer (a shared disk) cannot be looked at; it counts as living while its log grows.
    """
    if isinstance(next(events_backwards(run), None), Finished | Stopped | Failed):
        return None
    worker = next(events_backwards(run, "started"), None)
    return worker if isinstance(worker, Started) and _lives(worker, run) else None


def _lives(worker: Started, run: Run) -> bool:
    if worker.host != socket.gethostname():
        try:
            return time.time() - run.events_path.stat().st_mtime < REMOTE_SILENCE
        except OSError:
            return False
    return is_running(worker.pid, worker.process_created)


def is_running(pid: int, created: float) -> bool:
    """Whether the process of that number, made so many seconds after 1970, still runs on this computer."""
    import psutil  # heavy, and few runs have a worker that could still live

    try:
        process = psutil.Process(pid)
        # The number alone is not enough: a process that came later may have been given it.
        return abs(process.create_time() - created) < SAME_PROCESS and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, ValueError, OverflowError):
        return False

"""A run folder: one training on disk. Whoever can read the folder can follow the run, and whoever can write, steer it.

config.json                      what was asked, in full
group.json                       which other runs it is to be compared with, if any
events.jsonl                     what happened, one JSON object a line (trainer.events); only ever appended to
snapshots/                       model files, one each few seconds
checkpoint.safetensors           all that an exact resume needs (and previous-checkpoint.safetensors before it)
control                          what the run shall do: pause, resume or stop
model.safetensors                the finished model
log.txt                          what the worker printed
"""

import math
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from trainer.atomic import TEMPORARY, reason
from trainer.config import Config
from trainer.errors import RunError
from trainer.events import Event, Failed, Finished, Paused, Snapshot, Started, Step, Stopped, Told
from trainer.run_folder import (
    Command,
    Group,
    Run,
    clear_control,
    create_run,
    new_run_folder,
    open_run,
    read_config,
    read_control,
    read_group,
    runs_folder,
    send,
)
from trainer.run_log import EventLog, EventReader, events_backwards, first_started, living_worker

__all__ = [
    "Catalogue",
    "Command",
    "EventLog",
    "EventReader",
    "Group",
    "Run",
    "RunSummary",
    "Status",
    "clear_control",
    "create_run",
    "delete_run",
    "events_backwards",
    "list_runs",
    "new_run_folder",
    "open_run",
    "read_config",
    "read_control",
    "read_group",
    "runs_folder",
    "send",
    "status",
    "summarise",
    "told_snapshots",
]

Status = Literal["new", "running", "paused", "stopped", "finished", "failed", "interrupted"]


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs. Figures are the newest on the test split, nats per image; None where unknown."""

    run: Run
    config: Config
    status: Status
    started: float | None  # s since 1970
    seconds: float  # of training
    step: int
    negative_elbo: float | None
    reconstruction: float | None
    message: str  # why it failed; empty if it did not
    can_resume: bool
    newest_snapshot: Path | None
    kl: float | None = None
    images_per_second: float | None = None  # over the whole of the training
    group: Group | None = None


def status(run: Run) -> Status:
    """How a run stands, from the end of its events and from whether its worker lives."""
    match newest := next(events_backwards(run), None):
        case None:
            return "new"
        case Finished():
            return "finished"
        case Failed():
            return "failed"
        case Stopped():
            return "stopped"
    if living_worker(run) is None:
        return "interrupted"
    return "paused" if isinstance(newest, Paused) else "running"


def summarise(run: Run) -> RunSummary:
    """How a run stands and how good it is, from the two ends of its log. Raises RunError for a damaged config."""
    config = read_config(run)
    newest = next(events_backwards(run), None)
    last = next(_that_count(events_backwards(run)), None)
    snapshot = next(
        (e for e in _that_count(events_backwards(run, "started", "snapshot")) if isinstance(e, Snapshot)), None
    )
    step = next((e for e in _that_count(events_backwards(run, "started", "step")) if isinstance(e, Step)), None)
    figures = newest.figures if isinstance(newest, Finished) else {}
    started = first_started(run)
    now = status(run)
    checkpoint = run.checkpoint_path.is_file() or run.previous_checkpoint_path.is_file()
    return RunSummary(
        run=run,
        config=config,
        status=now,
        started=started.time if started else None,
        seconds=last.seconds if last else 0.0,
        step=last.step if last else 0,
        negative_elbo=figures.get("negative_elbo", snapshot.negative_elbo if snapshot else None),
        reconstruction=figures.get("reconstruction", snapshot.reconstruction if snapshot else None),
        message=newest.message if isinstance(newest, Failed) else "",
        # Who was killed before the first checkpoint has nothing to lose and starts again from the beginning.
        can_resume=now in ("new", "interrupted") or (now in ("stopped", "failed") and checkpoint),
        newest_snapshot=_newest_snapshot(run, snapshot),
        kl=figures.get("kl", snapshot.kl if snapshot else None),
        images_per_second=step.epoch * started.train_images / step.seconds
        if step and started and step.seconds
        else None,
        group=read_group(run),
    )


def _that_count(backwards: Iterator[Event]) -> Iterator[Told]:
    """Of a log from its end to its beginning, what no later start has superseded, without the starts themselves."""
    limit = math.inf
    for event in backwards:
        if isinstance(event, Started):
            limit = min(limit, event.step)
            if limit == 0:
                return
        elif event.step <= limit:
            yield event


def _images_per_second(started: Started | None, newest: Step | None) -> float | None:
    """Over the whole of the training so far."""
    if started is None or newest is None or newest.seconds <= 0:
        return None
    return newest.epoch * started.train_images / newest.seconds


def _newest_snapshot(run: Run, told: Snapshot | None) -> Path | None:
    """The snapshot that the log tells of; only a name inside the snapshots folder is taken from it."""
    if told is None:
        return None
    path = run.snapshots_folder / Path(told.file).name
    return path if path.is_file() else None


class Catalogue:
    """The runs directly under a folder, read again and again: what has not changed on disk is not read twice.

    Used by one thread at a time.
    """

    def __init__(self, root: str | Path) -> None:
        self._root = Path(root)
        self._known: dict[Path, tuple[_Stamp, RunSummary]] = {}

    def read(self) -> list[RunSummary]:
        """The newest first; folders that are no runs, or damaged ones, are left out. The summary of a run in which
        nothing has changed is the very object that it was the last time."""
        try:
            folders = [folder for folder in self._root.iterdir() if folder.is_dir()]
        except OSError:
            folders = []
        found = {folder: known for folder in folders if (known := self._look(folder)) is not None}
        self._known = found
        return self._listed()

    def read_one(self, run: Run) -> list[RunSummary]:
        """The same list as the last time, but for this run, which is looked at again."""
        folder = self._root / run.folder.name
        known = self._look(folder)
        if known is not None:
            self._known[folder] = known
        return self._listed()

    def _look(self, folder: Path) -> "tuple[_Stamp, RunSummary] | None":
        with suppress(RunError, OSError):
            run = open_run(folder)
            stamp, known = _stamp(run), self._known.get(folder)
            # A worker that dies leaves no trace in any file. One that begins does.
            if known is not None and known[0] == stamp and known[1].status not in ("running", "paused"):
                return known
            summary = summarise(run)
            return stamp, known[1] if known is not None and known[1] == summary else summary
        return None

    def _listed(self) -> list[RunSummary]:
        newest_first = sorted(self._known.values(), key=lambda one: one[1].started or one[0].made / 1e9, reverse=True)
        return [summary for _, summary in newest_first]


class _Stamp(NamedTuple):
    """What changes whenever anything does that a summary tells of, but for the worker."""

    made: int  # ns since 1970
    log: tuple[int, int] | None  # ns since 1970, bytes
    files: tuple[bool, ...]


def _stamp(run: Run) -> _Stamp:
    made = run.config_path.stat().st_mtime_ns
    files = (run.group_path, run.checkpoint_path, run.previous_checkpoint_path)
    try:
        log = run.events_path.stat()
    except FileNotFoundError:
        return _Stamp(made, None, tuple(path.exists() for path in files))
    return _Stamp(made, (log.st_mtime_ns, log.st_size), tuple(path.exists() for path in files))


def told_snapshots(run: Run) -> list[Snapshot]:
    """The snapshots that the log tells of, in the order of training, the last of each step; their files may be gone.

    What a later start has superseded is left out.
    """
    told = _that_count(events_backwards(run, "started", "snapshot"))
    by_step: dict[int, Snapshot] = {}
    for event in told:
        if isinstance(event, Snapshot):
            by_step.setdefault(event.step, event)
    return [by_step[step] for step in sorted(by_step)]


def list_runs(root: str | Path) -> list[RunSummary]:
    """The runs directly under root, the newest first; folders that are no runs, or damaged ones, are left out."""
    return Catalogue(root).read()


def delete_run(run: Run) -> None:
    """Delete what belongs to a run, and its folder if nothing else is in it: files that others put there stay.

    Links are removed, never followed. Raises RunError for a folder that is no run and for one that is being trained.
    """
    open_run(run.folder)
    if status(run) in ("running", "paused"):
        raise RunError(f"The run {run.folder.name} is still going on; stop it before deleting it.")
    try:
        if run.snapshots_folder.is_symlink():
            run.snapshots_folder.unlink()
        elif run.snapshots_folder.is_dir():
            shutil.rmtree(run.snapshots_folder)
        for path in (
            run.control_path,
            run.group_path,
            run.model_path,
            run.log_path,
            run.events_path,
            *run.folder.glob("*checkpoint.safetensors"),  # the newest, the one before, one that was being written
            *run.folder.glob(TEMPORARY),
            run.config_path,  # last, so that what is left of a deletion that failed is still a run
        ):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # not empty: somebody else's files
            run.folder.rmdir()
    except OSError as error:
        raise RunError(f"The run {run.folder.name} was not deleted, because {reason(error)}.") from None

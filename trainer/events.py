"""What a run says while it goes on: one JSON object a line, so that any program can follow a run folder.

``reconstruction`` and ``kl`` are in nats per image; where a family has no KL (autoencoder) ``kl`` and
``negative_elbo`` are None. Every number is finite. ``seconds`` is training time: pauses and the time in which nobody
worked on the run do not count. ``step`` is the number of optimiser steps done.
"""

import dataclasses
import json
import math
import os
import socket
import types
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin, get_type_hints

__all__ = [
    "Epoch",
    "Event",
    "Failed",
    "Finished",
    "Paused",
    "Resumed",
    "Snapshot",
    "Started",
    "Step",
    "Stopped",
    "Told",
    "from_json",
    "history",
    "this_process",
    "to_json",
]


@dataclass(frozen=True)
class Started:
    """A worker took up the run, from the beginning (step 0) or, ``continued``, from the checkpoint of ``step``.

    ``pid``, ``process_created`` (s since 1970) and ``host`` name the worker: see ``this_process``.
    """

    time: float  # s since 1970
    pid: int
    process_created: float
    host: str
    device: str
    precision: str
    train_images: int
    test_images: int
    step: int = 0
    continued: bool = False


@dataclass(frozen=True)
class Step:
    """Averages over the training images since the last Step event; ``progress`` goes from 0 to 1."""

    step: int
    epoch: float
    seconds: float
    reconstruction: float
    kl: float | None
    loss: float
    learning_rate: float
    images_per_second: float
    progress: float
    seconds_left: float | None


@dataclass(frozen=True)
class Epoch:
    """A pass over the training images is complete; ``epoch`` counts the passes done."""

    step: int
    epoch: int
    seconds: float


@dataclass(frozen=True)
class Snapshot:
    """Weights and codes were saved; ``file`` is relative to the run folder. The figures are of the test split."""

    step: int
    seconds: float
    file: str
    reconstruction: float
    kl: float | None
    negative_elbo: float | None


@dataclass(frozen=True)
class Paused:
    step: int
    seconds: float


@dataclass(frozen=True)
class Resumed:
    """The end of a pause. (A run that another worker takes up says Started with ``continued``.)"""

    step: int
    seconds: float


@dataclass(frozen=True)
class Stopped:
    """Ended before its budget, on request, with a checkpoint from which it can be resumed."""

    step: int
    seconds: float


@dataclass(frozen=True)
class Finished:
    """The budget is used up; ``model`` is relative to the run folder."""

    step: int
    seconds: float
    model: str
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """The run cannot go on; ``message`` is one sentence for the user."""

    step: int
    seconds: float
    message: str


Told = Step | Epoch | Snapshot | Paused | Resumed | Stopped | Finished | Failed  # by a worker that has started
Event = Started | Told

_CLASSES: dict[str, type[Event]] = {cls.__name__.lower(): cls for cls in get_args(Event)}
_HINTS = {cls: get_type_hints(cls) for cls in _CLASSES.values()}
_REQUIRED = {
    cls: {f.name for f in dataclasses.fields(cls) if f.default is f.default_factory is dataclasses.MISSING}
    for cls in _CLASSES.values()
}


def to_json(event: Event) -> str:
    """One line, without the line's end. Raises ValueError for a number that is not finite."""
    # vars, not asdict: an event is flat, and asdict's deep copy is most of the cost.
    return json.dumps({"event": type(event).__name__.lower(), **vars(event)}, allow_nan=False, ensure_ascii=False)


def from_json(line: str | bytes) -> Event | None:
    """The event of one line; None for a damaged line and for an event that this version does not know.

    Fields that this version does not know are ignored, so that an older window can follow a newer worker.
    """
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    name = content.get("event")
    cls = _CLASSES.get(name) if isinstance(name, str) else None
    if cls is None:
        return None
    values = {key: content[key] for key in _HINTS[cls] if key in content}
    if not _REQUIRED[cls] <= values.keys() or not all(_fits(value, _HINTS[cls][key]) for key, value in values.items()):
        return None
    return cls(**values)


def _fits(value: Any, hint: Any) -> bool:
    if isinstance(hint, types.UnionType):
        return any(_fits(value, part) for part in get_args(hint))
    if get_origin(hint) is dict:
        of_key, of_value = get_args(hint)
        return isinstance(value, dict) and all(_fits(k, of_key) and _fits(v, of_value) for k, v in value.items())
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and _finite(value)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, hint)


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the largest float
        return False


def history(events: Iterable[Event]) -> list[Event]:
    """The events that still count, in order.

    A worker that continues from the checkpoint of step k does the steps after k once more, so what an earlier worker
    told about them (Step, Epoch, Snapshot) is superseded and left out.
    """
    kept: list[Event] = []
    for event in events:
        if isinstance(event, Started):
            kept = [old for old in kept if not (isinstance(old, Step | Epoch | Snapshot) and old.step > event.step)]
        kept.append(event)
    return kept


def this_process() -> tuple[int, float, str]:
    """(pid, process_created, host) of the calling process, for its Started event."""
    import psutil  # heavy, and only who works on a run needs it

    return os.getpid(), psutil.Process().create_time(), socket.gethostname()

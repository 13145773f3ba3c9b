"""The snapshots of a run as the shots of a film: when each was taken, where the points were, how they align. No Qt.

Everything here may be slow and is done on a worker; a film's codes and decoders are kept as far as memory allows.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from latentscope.decoding import TimedCodec, load_codec
from latentscope.state.open_model import OpenModel
from trainer.alignment import align, chain
from trainer.errors import ModelFileError, TrainerError
from trainer.events import Step
from trainer.files import Codes, ModelFile, read_codes, read_model
from trainer.run import Run, told_snapshots
from trainer.run_log import events_backwards

__all__ = ["LoadedShot", "Reel", "Shelf", "Shot", "load_shot", "read_shot_codes", "run_of", "size_of_codes", "wind"]

Array = NDArray[np.float64]
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Shot:
    """One snapshot. ``seconds`` is training time, figures are of the test split in nats per image."""

    step: int
    epoch: float
    seconds: float
    path: Path
    reconstruction: float
    kl: float | None
    negative_elbo: float | None


@dataclass(frozen=True, eq=False)
class Reel:
    """The shots of a run in the order of training, and how the codes of each must be turned to lie like the next's."""

    run: Run
    shots: tuple[Shot, ...] = ()
    turns: tuple[Array, ...] = ()  # (D, D), one fewer than shots
    dimension: int = 2
    lost: frozenset[Shot] = frozenset()  # those whose files cannot be read

    def rotations(self, anchor: int) -> list[Array]:
        """How the codes of each shot must be turned, (D, D), to lie like those of the shot at ``anchor``."""
        return chain(self.turns, anchor, self.dimension)

    def index_of(self, path: Path | None) -> int | None:
        """Which shot this file is; the finished model is the last shot's own."""
        if path == self.run.model_path and self.shots:
            return len(self.shots) - 1
        return next((i for i, shot in enumerate(self.shots) if shot.path == path), None)

    def without(self, shot: Shot) -> "Reel":
        """The film goes on without this shot; its neighbours are joined."""
        if shot not in self.shots:
            return self
        i = self.shots.index(shot)
        turns = list(self.turns)
        if 0 < i < len(turns):
            turns[i - 1 : i + 1] = [turns[i - 1] @ turns[i]]
        elif turns:
            del turns[min(i, len(turns) - 1)]
        return replace(
            self, shots=self.shots[:i] + self.shots[i + 1 :], turns=tuple(turns), lost=self.lost | frozenset([shot])
        )


@dataclass(frozen=True, eq=False)
class LoadedShot:
    """A snapshot that can be shown."""

    file: ModelFile
    codec: TimedCodec

    @property
    def size(self) -> int:
        """About how many bytes it takes: the file's weights and the decoder's copy of them, and the codes."""
        weights = sum(array.nbytes for array in self.file.weights.values())
        return 2 * weights + (size_of_codes(self.file.codes) if self.file.codes is not None else 0)


class Shelf(Generic[Key, Value]):
    """Keeps what was used last, up to so many bytes, and at least ``least`` things."""

    def __init__(self, most: int, least: int = 3) -> None:
        self._most, self._least = most, least
        self._things: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._things)

    def get(self, key: Key) -> Value | None:
        if key not in self._things:
            return None
        self._things.move_to_end(key)
        return self._things[key][0]

    def holds(self, key: Key) -> bool:
        """Whether it is there; asking does not count as using it."""
        return key in self._things

    def put(self, key: Key, thing: Value, size: int) -> None:
        if key in self._things:
            self._bytes -= self._things.pop(key)[1]
        self._things[key] = (thing, size)
        self._bytes += size
        while self._bytes > self._most and len(self._things) > self._least:
            self._bytes -= self._things.popitem(last=False)[1][1]

    def clear(self) -> None:
        self._things.clear()
        self._bytes = 0


def size_of_codes(codes: Codes) -> int:
    return sum(part.nbytes for part in vars(codes).values() if isinstance(part, np.ndarray))


def run_of(model: OpenModel | None) -> Run | None:
    """The run that a model is the result or a snapshot of; None for a file on its own."""
    path = model.path if model is not None else None
    if path is None:
        return None
    for run in (Run(path.parent), Run(path.parent.parent)):
        inside = path == run.model_path or path.parent == run.snapshots_folder
        if inside and run.config_path.is_file() and run.events_path.is_file():
            return run
    return None


def list_shots(run: Run) -> list[Shot]:
    """The snapshots that the run's log tells of; only names inside the snapshots folder are taken from it."""
    step = next((e for e in events_backwards(run, "step") if isinstance(e, Step) and e.step > 0), None)
    epochs = step.epoch / step.step if step is not None else 0.0  # of one step; all have the same number of images
    return [
        Shot(
            step=told.step,
            epoch=told.step * epochs,
            seconds=told.seconds,
            path=run.snapshots_folder / Path(told.file).name,
            reconstruction=told.reconstruction,
            kl=told.kl,
            negative_elbo=told.negative_elbo,
        )
        for told in told_snapshots(run)
    ]


def wind(run: Run, before: Reel | None = None, most: int = 2**28) -> tuple[Reel, dict[Shot, Codes]]:
    """The film of a run as far as it has come, and the codes of its newest shots, as many as ``most`` bytes hold.

    What ``before`` knows of an earlier part is taken over. Shots that cannot be read, that have no codes or codes of
    another dimension, are left out and are among ``lost``.
    """
    before = before or Reel(run)
    lost = set(before.lost)
    told = [shot for shot in list_shots(run) if shot not in lost]
    same = 0
    while same < min(len(before.shots), len(told)) and before.shots[same] == told[same]:
        same += 1
    shots, turns = list(before.shots[:same]), list(before.turns[: max(0, same - 1)])
    dimension = before.dimension if shots else None
    last: Codes | None = None
    found: OrderedDict[Shot, Codes] = OrderedDict()
    size = 0
    for shot in told[same:]:
        codes = _codes_of(shot, dimension)
        if codes is None:
            lost.add(shot)
            continue
        dimension = codes.mean.shape[1]
        if shots:
            last = last or _codes_of(shots[-1], dimension)
            turns.append(align(last.mean, codes.mean) if last is not None else np.eye(dimension))
        shots.append(shot)
        last = found[shot] = codes
        size += size_of_codes(codes)
        while size > most and len(found) > 1:
            size -= size_of_codes(found.popitem(last=False)[1])
    return Reel(run, tuple(shots), tuple(turns), dimension or 2, frozenset(lost)), found


def _codes_of(shot: Shot, dimension: int | None) -> Codes | None:
    try:
        return read_shot_codes(shot, dimension)
    except TrainerError:
        return None


def read_shot_codes(shot: Shot, dimension: int | None = None) -> Codes:
    """The codes of a snapshot. Raises ModelFileError if it is gone, damaged, has none, or not of this dimension."""
    codes = read_codes(shot.path)
    if codes is None or dimension not in (None, codes.mean.shape[1]):
        raise ModelFileError(f"{shot.path.name} is no snapshot of this run: its codes are of another kind.")
    return codes


def load_shot(shot: Shot, dimension: int, like: TimedCodec | None) -> LoadedShot:
    """A snapshot's model and its decoder, which takes as long as ``like`` where that is given.

    Raises ModelFileError if the file is gone, damaged, or of another latent dimension.
    """
    file = read_model(shot.path)
    if file.config.latent != dimension:
        raise ModelFileError(f"{shot.path.name} is no snapshot of this run: its latent dimension is another.")
    return LoadedShot(file, load_codec(file, shot.path.name, like))

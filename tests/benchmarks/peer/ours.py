"""This engine: ``python -m trainer fit`` as anybody starts it, followed by the events that it prints."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from peer.course import Mark
from peer.elbo import negative_elbo
from trainer.events import Epoch, Event, Finished, Snapshot, Started, from_json
from trainer.run import open_run, read_config
from trainer.schedule import batch_size

__all__ = ["bound_of_file", "command", "marks"]


def command(data: str, seconds: float | None, seed: int, folder: Path) -> list[str]:
    """Without ``seconds`` it is the preset ``quick``."""
    budget: dict[str, object] = {"--preset": "quick"} if seconds is None else {"--seconds": seconds}
    settings = {"--data": data, **budget, "--seed": seed, "--device": "cpu", "--out": folder}
    return [
        *(sys.executable, "-m", "trainer", "fit", "--json"),
        *(str(word) for setting in settings.items() for word in setting),
    ]


def bound_of_file(path: Path, images: NDArray[np.uint8]) -> float:
    """−ELBO of a model file, in float32 like everybody's: the training's own figures are in its own precision."""
    from peer.our_network import Ours  # imports torch
    from peer.torch_loop import Functions
    from trainer.files import read_model
    from trainer.models.build import load_model

    functions = Functions(Ours(load_model(read_model(path))))
    return negative_elbo(functions.encode, functions.decode, images)


def marks(
    lines: Iterator[tuple[float, str]], folder: Path, images: NDArray[np.uint8], target: float
) -> tuple[list[Mark], float | None]:
    """A mark a snapshot up to the one that reaches the target, and one of the finished model; images a second.

    A snapshot's time is that at which its event came: after it was measured, saved and told. Its −ELBO is measured
    here, when the run is over. Images a second are those from the end of the first epoch to the end of the training,
    in the run's own time, the snapshots and checkpoints in it.
    """
    told: list[tuple[float, Event]] = [(s, event) for s, line in lines if (event := from_json(line)) is not None]
    total = next(event.train_images for _, event in told if isinstance(event, Started))
    batch = batch_size(read_config(open_run(folder)), total)

    def mark(seconds: float, step: int, path: Path) -> Mark:
        return Mark(seconds, step * batch, step * batch / total, bound_of_file(path, images))

    found: list[Mark] = []
    for seconds, event in told:
        if isinstance(event, Snapshot) and not (found and found[-1].negative_elbo <= target):
            found.append(mark(seconds, event.step, folder / event.file))
    first = next((event for _, event in told if isinstance(event, Epoch)), None)
    seconds, end = next((s, event) for s, event in told if isinstance(event, Finished))
    found.append(mark(seconds, end.step, folder / end.model))
    if first is None or end.seconds <= first.seconds:
        return found, None
    return found, (end.step - first.step) * batch / (end.seconds - first.seconds)

"""Checkpoints: all that an exact continuation needs, in one safetensors file, and the one before it."""

import json
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from trainer.atomic import reason, write_atomically
from trainer.data.dataset import Dataset
from trainer.errors import FitError, RunError
from trainer.learner import Learner
from trainer.run import Run

__all__ = ["Checkpoint", "describe", "load_checkpoint", "save_checkpoint"]

KEY = "latentscope-checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says beside its tensors. ``data`` tells whether it is still the same data set."""

    step: int
    seconds: float
    data: str


def describe(dataset: Dataset) -> str:
    """The shape and the checksum of the training images: a training cannot go on exactly on others."""
    images = dataset.train_images
    return f"{'×'.join(map(str, images.shape))} {zlib.crc32(np.ascontiguousarray(images).data):08x}"


def save_checkpoint(run: Run, learner: Learner, checkpoint: Checkpoint) -> None:
    """Write a checkpoint and keep the one before. Raises FitError if the disk refuses; both then stay as they were."""
    data = save(
        {name: tensor.contiguous().cpu() for name, tensor in learner.state().items()},
        {KEY: json.dumps(asdict(checkpoint))},
    )
    new = run.checkpoint_path.with_name("new-checkpoint.safetensors")
    try:
        # Whole on the disk first: only then may the newest become the one before.
        write_atomically(new, data)
        if run.checkpoint_path.exists():
            run.checkpoint_path.replace(run.previous_checkpoint_path)
        new.replace(run.checkpoint_path)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise FitError(f"The checkpoint of the run {run.folder.name} was not saved, because {reason(error)}.") from None


def load_checkpoint(run: Run, learner: Learner, data: str) -> Checkpoint | None:
    """Put the learner where the newest whole checkpoint was; None, and nothing changed, if there is none at all.

    ``data`` describes the data set now. Raises RunError if it was another one, or if all checkpoints are damaged.
    """
    damaged = False
    for path in (run.checkpoint_path, run.previous_checkpoint_path):
        if not path.exists():
            continue
        try:
            checkpoint, tensors = read(path)
            check_same_data(run, checkpoint.data, data)
            learner.load(tensors, checkpoint.step)
        except (OSError, ValueError, TypeError, KeyError, SafetensorError):
            damaged = True
        else:
            return checkpoint
    if damaged:
        raise RunError(f"The checkpoints of the run {run.folder.name} are damaged; start a new run.")
    return None


def check_same_data(run: Run, then: str, now: str) -> None:
    if then == now:
        return
    shape_then, shape_now = then.split()[0], now.split()[0]
    what = f"were {shape_then} and are {shape_now}" if shape_then != shape_now else "are not the same"
    raise RunError(
        f"The run {run.folder.name} cannot go on, because its data set has changed: "
        f"the training images {what}. Start a new run."
    )


def read(path: Path) -> tuple[Checkpoint, dict[str, Tensor]]:
    data = path.read_bytes()
    tensors = load(data)
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    return Checkpoint(**json.loads(header["__metadata__"][KEY])), tensors

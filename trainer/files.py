"""Model files: one safetensors file with weights, the codes that its map shows, and a JSON header.

Tensors ``weights.<name>`` (F32 or F16), ``codes.mean``, ``codes.logvar`` (F32 or F16), ``codes.labels`` and
``codes.tokens`` (integers); the header's ``__metadata__`` has one entry, ``latentscope``: the JSON of format, config,
image_shape, class_names, record and figures. A format number is raised when an older program would misunderstand the
file.
"""

import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from trainer.atomic import reason, write_atomically
from trainer.config import Config, make_config
from trainer.container import Container, open_container, parse_json
from trainer.errors import ConfigError, ModelFileError

__all__ = ["FORMAT", "Codes", "ModelFile", "Tokens", "read_codes", "read_model", "write_atomically", "write_model"]

FORMAT = 2
FEW = 4  # latent dimensions: the default widths of an MLP have stayed the same up to these
HEADER_KEY = "latentscope"
MAX_IMAGE_SIDE = 2048
MAX_CLASSES = 10_000
FLOATS = ("F32", "F16")
INTEGERS = ("I64", "I32", "I16")

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Tokens = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Codes:
    """The encoded test points: mean (N, D), logvar (N, D) where the family has one, labels (N,) where the data has.

    A family with a codebook also has ``tokens`` (N, h, w): which of its codes stands in each cell of each image's grid.
    A mean that is not finite is of a point that could not be encoded; whoever shows the points leaves it out.
    """

    mean: Floats
    logvar: Floats | None = None
    labels: Integers | None = None
    tokens: Tokens | None = None

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """Which of the points have a mean that is finite, (N,). Not to be written to: where all are, it is one bit."""
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(self.mean.sum()):  # which looking at each would take several times as long to find
                return np.broadcast_to(np.True_, len(self.mean))
        result = np.ones(len(self.mean), bool)
        for column in self.mean.T:  # several times as fast as all(axis=1) of few numbers
            result &= np.isfinite(column)
        return result if not result.all() else np.broadcast_to(np.True_, len(self.mean))

    @cached_property
    def left_out(self) -> int:
        """How many of the points have a mean that is not finite."""
        return 0 if self.finite.strides == (0,) else len(self.mean) - int(np.count_nonzero(self.finite))

    @cached_property
    def class_counts(self) -> Integers:
        """How many of the points are of each class (K,); labels below 0 are of none. Empty without labels."""
        if self.labels is None:
            return np.empty(0, np.int64)
        known = self.labels if self.labels.min(initial=0) >= 0 else self.labels[self.labels >= 0]
        return np.bincount(known).astype(np.int64, copy=False)


@dataclass(frozen=True, eq=False)
class ModelFile:
    """All that a model file holds.

    ``image_shape`` is (height, width, channels). ``weights`` has the names of the model's state dict. ``record`` says
    how it was trained: data set, images, steps, epochs, seconds, images_per_second, device, precision, created,
    versions. ``figures`` says how good it is: negative_elbo, reconstruction, kl (nats per image), mse, active_units;
    absent where meaningless.
    """

    config: Config
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    weights: dict[str, Floats]
    codes: Codes | None = None
    record: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)


def read_model(path: str | Path) -> ModelFile:
    """Read and check a model file. Weights kept as 16-bit floats come as 32-bit ones.

    Raises ModelFileError, in one sentence that names the file, for whatever is wrong with it.
    """
    with open_container(path) as container:
        name = container.name
        try:
            header = _header(container)
            _check_tensors(container)
            model = ModelFile(
                config=read_settings(header),
                image_shape=tuple(header["image_shape"]),
                class_names=tuple(header["class_names"]),
                weights={
                    tensor.removeprefix("weights."): container.read(tensor).astype(np.float32, copy=False)
                    for tensor in container.tensors
                    if tensor.startswith("weights.")
                },
                codes=_codes(container),
                record=header["record"],
                figures=header["figures"],
            )
            _check(model)
        except ConfigError as error:
            raise ModelFileError(f"{name} has settings that make no sense: {error}") from None
        except _FaultError as fault:
            raise ModelFileError(f"{name} {fault}.") from None
        return model


def read_codes(path: str | Path) -> Codes | None:
    """The codes of a model file alone, which takes a fraction of the time; None where it has none.

    Raises ModelFileError as ``read_model`` does, but does not look at the weights.
    """
    with open_container(path) as container:
        name = container.name
        try:
            header = _header(container)
            _check_tensors(container)
            codes = _codes(container)
            if codes is not None:
                config = read_settings(header)
                _check_codes(codes, config.latent, len(header["class_names"]), config.codes)
        except ConfigError as error:
            raise ModelFileError(f"{name} has settings that make no sense: {error}") from None
        except _FaultError as fault:
            raise ModelFileError(f"{name} {fault}.") from None
        return codes


def write_model(path: str | Path, model: ModelFile) -> None:
    """Write a model file in one step.

    Raises ModelFileError, in one sentence, where the model would not be read again (numbers that are not finite,
    shapes that do not go together) and where the disk refuses; an old file of that name then stays as it was.
    """
    path = Path(path)
    try:
        _check(model)
        tensors: dict[str, NDArray[Any]] = {f"weights.{name}": array for name, array in model.weights.items()}
        if model.codes is not None:
            tensors["codes.mean"] = model.codes.mean
            if model.codes.logvar is not None:
                tensors["codes.logvar"] = model.codes.logvar
            if model.codes.labels is not None:
                tensors["codes.labels"] = model.codes.labels
            if model.codes.tokens is not None:
                tensors["codes.tokens"] = model.codes.tokens
        header = {
            "format": FORMAT,
            "config": model.config.model_dump(mode="json"),
            "image_shape": model.image_shape,
            "class_names": model.class_names,
            "record": model.record,
            "figures": model.figures,
        }
        text = json.dumps(header, allow_nan=False)
    except _FaultError as fault:
        raise ModelFileError(f"{path.name} was not written, because this model {fault}.") from None
    except (TypeError, ValueError) as error:
        raise ModelFileError(f"{path.name} was not written, because its record is not plain JSON: {error}.") from None
    # safetensors copies an array's memory as it lies, so it must lie in order. (ascontiguousarray would make 0-D 1-D.)
    data = save({key: np.asarray(value, order="C") for key, value in tensors.items()}, {HEADER_KEY: text})
    try:
        write_atomically(path, data)
    except OSError as error:
        raise ModelFileError(f"{path.name} was not saved in {path.parent}, because {reason(error)}.") from None


class _FaultError(Exception):
    """What is wrong with a model, as the rest of a sentence that begins with its name."""


def _require(condition: bool, fault: str) -> None:
    if not condition:
        raise _FaultError(fault)


def _header(container: Container) -> dict[str, Any]:
    text = container.metadata.get(HEADER_KEY)
    if text is None:
        raise _FaultError(
            "is a safetensors file of another program: it has weights but does not say what model they belong to, "
            "so open one that Latentscope has saved"
        )
    try:
        header = parse_json(text)
    except ValueError as error:
        raise _FaultError(f"is damaged: its description is not readable ({error})") from None
    _require(isinstance(header, dict), "is damaged: its description is not readable")
    number = header.get("format")
    _require(type(number) is int and number >= 1, "is damaged: it does not say which format it has")
    if number > FORMAT:
        raise _FaultError(f"was made by a newer version of Latentscope (format {number}); update to open it")
    kinds = {"config": dict, "image_shape": list, "class_names": list, "record": dict, "figures": dict}
    for key, kind in kinds.items():
        _require(isinstance(header.get(key), kind), f"is damaged: its description has no proper '{key}'")
    return header


def read_settings(header: dict[str, Any]) -> Config:
    """The config of a file. Raises ConfigError.

    In format 1 an MLP that names no widths has those that few latent dimensions still have, with however many.
    """
    config = make_config(header["config"])
    if header["format"] == 1 and config.network == "mlp" and config.hidden is None and config.latent > FEW:
        return config.model_copy(update={"hidden": (512, 256, 128), "decoder_hidden": (512, 512)})
    return config


def _check_tensors(container: Container) -> None:
    for tensor in container.tensors:
        if tensor.startswith("weights.") or tensor in ("codes.mean", "codes.logvar"):
            allowed: tuple[str, ...] = FLOATS
        elif tensor in ("codes.labels", "codes.tokens"):
            allowed = INTEGERS
        else:
            raise _FaultError(f"holds something that does not belong into a model file: '{tensor[:80]}'")
        _require(container.dtype(tensor) in allowed, f"has a '{tensor[:80]}' that is not {' or '.join(allowed)}")
    if "codes.mean" not in container.tensors:
        parts = {"codes.logvar", "codes.labels", "codes.tokens"} & container.tensors.keys()
        _require(not parts, "has codes without their means ('codes.mean')")


def _codes(container: Container) -> Codes | None:
    if "codes.mean" not in container.tensors:
        return None

    def read(tensor: str, dtype: type) -> Any:
        return container.read(tensor).astype(dtype, copy=False) if tensor in container.tensors else None

    mean, logvar = read("codes.mean", np.float32), read("codes.logvar", np.float32)
    if logvar is not None and logvar.shape == mean.shape:
        half = ~np.isfinite(logvar).all(axis=1)
        if half.any():  # a point is there as a whole, or not at all
            mean = np.where(half[:, None], np.float32(np.nan), mean)
    return Codes(mean, logvar, read("codes.labels", np.int64), read("codes.tokens", np.int16))


def _check(model: ModelFile) -> None:
    """What must hold of any model, on reading as on writing. Raises _FaultError."""
    shape = model.image_shape
    _require(
        len(shape) == 3
        and all(type(side) is int for side in shape)
        and all(1 <= side <= MAX_IMAGE_SIDE for side in shape[:2])
        and shape[2] in (1, 3),
        f"claims images of an impossible shape, {'×'.join(str(side)[:20] for side in shape[:8])}",
    )
    names = model.class_names
    _require(len(names) <= MAX_CLASSES, f"has more than {MAX_CLASSES:,} classes")
    _require(all(isinstance(name, str) for name in names), "has class names that are no names")
    _require(
        all(type(value) in (int, float) and math.isfinite(value) for value in model.figures.values()),
        "has figures that are not numbers",
    )
    _require(bool(model.weights), "holds no weights")
    for name, weight in model.weights.items():
        _require(weight.dtype == np.float32, f"has weights '{name[:80]}' that are not 32-bit floats")
        finite = bool(np.isfinite(weight).all())
        _require(finite, f"has weights that are not numbers (NaN or infinite) in '{name[:80]}'")
    if model.codes is not None:
        _check_codes(model.codes, model.config.latent, len(names), model.config.codes)


def _check_codes(codes: Codes, latent: int, classes: int, codebook: int) -> None:
    mean, logvar, labels, tokens = codes.mean, codes.logvar, codes.labels, codes.tokens
    _require(
        mean.ndim == 2 and mean.shape[1] == latent and len(mean) > 0,
        f"has codes of shape {mean.shape} where (points, {latent}) belongs",
    )
    _require(logvar is None or logvar.shape == mean.shape, "has log-variances that do not go with its codes' means")
    # Codes that are not numbers (NaN, infinities) are no fault of the file: whoever shows them leaves them out.
    for part in (mean, logvar):
        _require(part is None or part.dtype == np.float32, "has codes that are not 32-bit floats")
    if labels is not None:
        _require(labels.dtype == np.int64 and labels.shape == mean.shape[:1], "does not have one label for each code")
        _require(
            int(labels.min()) >= 0 and int(labels.max()) < classes,
            f"has labels that name none of its {classes} classes",
        )
    if tokens is not None:
        _require(
            tokens.dtype == np.int16 and tokens.ndim == 3 and len(tokens) == len(mean) and tokens.size > 0,
            "does not have one grid of codes for each image",
        )
        _require(
            int(tokens.min()) >= 0 and int(tokens.max()) < codebook, f"has codes that are none of its {codebook:,}"
        )

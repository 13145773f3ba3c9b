"""The commands that use a model: encode, decode, atlas and sample."""

import io
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from trainer.conditions import Weights, check_labels, classes_of
from trainer.console.conditions import Label, asked, asked_in_turn
from trainer.console.speech import explained, say
from trainer.data import load_dataset
from trainer.errors import ConfigError, ModelFileError, OutputError
from trainer.files import ModelFile, read_model
from trainer.geometry import atlas_grid, map_plane
from trainer.outputs import write_output
from trainer.run import open_run, summarise

if TYPE_CHECKING:
    from trainer.codec import Codec

__all__ = [
    "Data", "Device", "Model", "Scale",
    "atlas", "decode", "encode", "find_model", "make_codec", "parse_point", "sample",
]  # fmt: skip

Model = Annotated[
    Path,
    typer.Argument(metavar="MODEL", help="A model file, or a run's folder (its newest model).", show_default=False),
]
Data = Annotated[
    str | None,
    typer.Option("--data", help="A data set by name, or a .npz or .npy file. Default: what the model was trained on."),
]
Device = Annotated[str, typer.Option("--device", metavar="auto|cpu|cuda|cuda:1|mps", help="Where to compute.")]
Out = Annotated[Path, typer.Option("--out", metavar="FILE.png", help="The picture to write.", show_default=False)]
Scale = Annotated[
    int | None, typer.Option("--scale", min=1, max=64, help="Enlarge each pixel so many times. Default: what fits.")
]

DEFAULT_PIXELS = {"decode": 280, "sample": 56, "atlas": 28}  # of one image's longer side


@explained
def encode(
    model: Model,
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE.npz", help="Mean, logvar, tokens, labels.", show_default=False),
    ],
    data: Data = None,
    split: Annotated[str, typer.Option("--split", metavar="test|train", help="Which images.")] = "test",
    label: Label = None,
    device: Device = "auto",
) -> None:
    """Encode a data set's images and save their codes as NumPy arrays.

    A conditional model is told each image's label, or --label for all of them; of a data set without labels, the class
    that explains the image best. The array [bold]condition[/bold] says which.
    """
    if out.suffix.lower() != ".npz":
        raise OutputError(f"Codes are saved as NumPy arrays; give a name that ends with .npz instead of '{out.name}'.")
    if split not in ("test", "train"):
        raise ConfigError(f"There is no split '{split}'; choose test or train.")
    file, name = find_model(model)
    dataset = load_dataset(data or file.config.data)
    train = split == "train"
    images, labels = (
        (dataset.train_images, dataset.train_labels) if train else (dataset.test_images, dataset.test_labels)
    )
    classes = classes_of(file.config, file.class_names)
    condition = asked(file, label) if label is not None else None
    if classes and label is None and labels is not None:
        condition = np.eye(classes, dtype=np.float32)[check_labels(labels, classes)]
    codec = make_codec(file, name, device)
    if classes and condition is None:
        condition = np.eye(classes, dtype=np.float32)[codec.classify(images)]
    mean, logvar = codec.encode(images, condition)
    arrays: dict[str, Any] = {"mean": mean}
    if condition is not None:
        arrays["condition"] = np.broadcast_to(condition, (len(images), classes))
    if logvar is not None:
        arrays["logvar"] = logvar
    if codec.grid is not None:
        arrays["tokens"] = codec.tokens(images)
    if labels is not None:
        arrays |= {"labels": labels, "class_names": np.array(dataset.class_names)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_output(out, buffer.getvalue())
    say(f"{len(mean):,} codes of {mean.shape[1]} dimensions are in {out}.")


@explained
def decode(
    model: Model,
    at: Annotated[str, typer.Option("--at", metavar="Z1,Z2,...", help="The latent point.", show_default=False)],
    out: Out,
    label: Label = None,
    scale: Scale = None,
    device: Device = "auto",
) -> None:
    """Decode one latent point. Where it begins with a minus sign, write [bold]--at=-1,0[/bold]."""
    file, name = find_model(model)
    z = parse_point(at, "--at", file.config.latent)
    draw("decode", file, name, z[None], asked(file, label), 1, out, scale, device, at=at, label=label)


@explained
def atlas(
    model: Model,
    out: Out,
    size: Annotated[int, typer.Option("--size", min=1, max=200, help="Images in a row and in a column.")] = 30,
    extent: Annotated[
        float, typer.Option("--extent", min=0, max=1e6, help="From minus this to this, in standard deviations.")
    ] = 3.0,
    label: Label = None,
    scale: Scale = None,
    device: Device = "auto",
) -> None:
    """Decode a square grid of the map: the two latent dimensions, or the plane of the codes' largest variances.

    Of a model of one latent dimension it is a single row.
    """
    file, name = find_model(model)
    latent = file.config.latent
    rows = size if latent > 1 else 1
    plane = map_plane(latent, file.codes.mean if file.codes is not None else None)
    points = plane.to_latent(atlas_grid(size, extent)[:rows]).reshape(-1, latent)
    draw("atlas", file, name, points, asked(file, label), size, out, scale, device, extent=extent, label=label)


@explained
def sample(
    model: Model,
    out: Out,
    count: Annotated[int, typer.Option("--count", min=1, max=10_000, help="How many images.")] = 64,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same latent points.")] = 0,
    label: Label = None,
    scale: Scale = None,
    device: Device = "auto",
) -> None:
    """Decode random latent points from the prior, the standard normal distribution.

    A conditional model draws its classes in turn, or the one of --label.
    """
    file, name = find_model(model)
    if file.codes is not None and file.codes.tokens is not None:
        raise ConfigError(
            f"{name} encodes images as grids of codes, and has no prior over such grids from which to draw one."
        )
    z = np.random.default_rng(seed).standard_normal((count, file.config.latent))
    condition = asked_in_turn(file, label, count)
    columns = math.ceil(math.sqrt(count))
    if condition is not None and condition.ndim == 2 and len(file.class_names) <= 2 * columns:
        columns = len(file.class_names)  # a column a class
    draw("sample", file, name, z, condition, columns, out, scale, device, seed=seed, label=label)


def find_model(path: Path) -> tuple[ModelFile, str]:
    """The model at a path and its name for messages; of a run folder the finished model, else the newest snapshot."""
    if path.is_dir():
        run = open_run(path)
        newest = run.model_path if run.model_path.is_file() else summarise(run).newest_snapshot
        if newest is None:
            raise ModelFileError(f"The run {run.folder.name} has no model yet; train it first.")
        path = newest
    return read_model(path), path.name


def make_codec(file: ModelFile, name: str, device: str) -> "Codec":
    from trainer.codec import Codec  # imports torch
    from trainer.device import choose_device

    try:
        return Codec.from_file(file, choose_device(device))
    except ModelFileError as error:
        raise ModelFileError(f"{name}: {error}") from None


def parse_point(text: str, option: str, latent: int) -> NDArray[np.float64]:
    """A latent point (D,) from text such as "0.3,-1.2". Raises ConfigError."""
    try:
        point = np.array([float(part) for part in text.split(",")])
    except ValueError:
        point = np.array([np.nan])
    if point.shape != (latent,) or not np.isfinite(point).all():
        example = ",".join(["0.3", "-1.2", "0.8"][:latent] + ["..."] * (latent > 3))
        numbers = "1 number" if latent == 1 else f"{latent} numbers"
        raise ConfigError(f"{option} takes {numbers} for this model, such as {option}={example}, and is '{text[:80]}'.")
    return point


def draw(
    command: str,
    file: ModelFile,
    name: str,
    points: NDArray[np.float64],
    condition: Weights | None,
    columns: int,
    out: Path,
    scale: int | None,
    device: str,
    **about: Any,
) -> None:
    """Decode latent points (N, D), of conditional models under class weights (K,) or (N, K), and save one picture."""
    from trainer.pictures import check_png, fitting_scale, save_png, sheet, sheet_size

    scale = scale or fitting_scale(file.image_shape, DEFAULT_PIXELS[command])
    gap = 0 if command == "atlas" else max(1, max(file.image_shape) * scale // 28)
    check_png(out)  # this and the next: before anything is computed
    sheet_size(len(points), file.image_shape, columns, gap=gap, scale=scale)
    images = make_codec(file, name, device).decode(points, condition)
    told = {key: value for key, value in about.items() if value is not None}
    note = json.dumps({"command": command, "model": name} | told)
    save_png(out, sheet(images, columns, gap=gap, scale=scale), {"Description": note})
    say(f"The picture is {out}.")

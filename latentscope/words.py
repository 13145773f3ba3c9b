"""How numbers, names and models are put into words, everywhere the same."""

import numpy as np
from numpy.typing import ArrayLike

from trainer.config import Config
from trainer.files import Codes, ModelFile
from trainer.geometry import axis_name
from trainer.models import FAMILIES, is_density

__all__ = [
    "class_name",
    "data_title",
    "family_text",
    "figure",
    "latent_text",
    "left_out_text",
    "model_text",
    "nats",
    "numbers_text",
    "quality_text",
    "shortened",
    "signed",
]

MINUS = "\N{MINUS SIGN}"


def signed(value: float) -> str:
    """ "+0.57", "−0.10"; nothing is "+0.00", from whichever side it is reached."""
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", MINUS)


def latent_text(z: ArrayLike, limit: int = 4, axes: tuple[int, ...] | None = None) -> str:
    """ "z = (+0.57, −0.10)"; beyond ``limit`` numbers the rest is left out and counted.

    Where something is left out, ``axes`` are the dimensions to be shown instead of the first: "z₃ +0.57, … 7 more".
    """
    values = np.asarray(z, float)
    if axes is not None and len(values) > limit:
        named = ", ".join(f"{axis_name(axis)} {signed(values[axis])}" for axis in axes[:limit])
        return f"{named}, … {len(values) - len(axes[:limit])} more"
    shown = ", ".join(signed(value) for value in values[:limit])
    rest = f", … {len(values) - limit} more" if len(values) > limit else ""
    return f"z = ({shown}{rest})"


def numbers_text(z: ArrayLike) -> str:
    """ "0.571,-0.1": latent coordinates as ``--at`` takes them, to the last digit that a decoder has."""
    return ",".join(f"{value:.9g}" for value in np.asarray(z, float))


def class_name(names: tuple[str, ...], label: int) -> str:
    """A class's name, or its number where it has none."""
    return names[label] if 0 <= label < len(names) else str(label)


def shortened(name: str, limit: int) -> str:
    """A name of at most so many letters; "a very long na…"."""
    return name if len(name) <= limit else f"{name[: limit - 1].rstrip()}…"


def data_title(name: str) -> str:
    """A data set's name as a person writes it: the table's title, or a file's own name."""
    from pathlib import Path

    from trainer.data import SOURCES

    return SOURCES[name].title if name in SOURCES else Path(name).name


def figure(value: float) -> str:
    return f"{value:,.1f}".replace("-", MINUS)


def nats(config: Config) -> str:
    """The short unit of −ELBO and reconstruction; ``trainer.models.unit`` is the long one."""
    return "nats (density)" if is_density(config) else "nats"


def family_text(config: Config) -> str:
    """A model's family with what sets it apart: "2-D VAE", "2-D β-VAE, β = 4", "VQ-VAE of 512 codes"."""
    if config.family == "vq-vae":
        return f"VQ-VAE of {config.codes:,} codes"
    weighted = "VAE" if config.beta == 1 else f"β-VAE, β = {config.beta:g}"
    family = {"vae": weighted, "conditional-vae": f"conditional {weighted}"}.get(config.family)
    return f"{config.latent}-D {family or FAMILIES[config.family].title.lower()}"


def quality_text(file: ModelFile) -> str:
    """How good a model is on the test split: "−ELBO 134.8 nats"; empty where that was not measured."""
    if "negative_elbo" in file.figures:
        return f"{MINUS}ELBO {figure(file.figures['negative_elbo'])} {nats(file.config)}"
    if "mse" in file.figures:
        return f"reconstruction error {file.figures['mse']:.4f}"
    return ""


def left_out_text(codes: Codes | None) -> str:
    """ "12 of 10,000 codes are not numbers and are left out"; empty where all of them are."""
    if codes is None or not codes.left_out:
        return ""
    count, total = codes.left_out, len(codes.mean)
    if count == total:
        return f"none of the {total:,} codes is a number, so that there are no points"
    return (
        f"{count:,} of {total:,} codes {'is not a number and is' if count == 1 else 'are not numbers and are'} left out"
    )


def model_text(file: ModelFile) -> str:
    """One line on a model: "10,000 test points of MNIST · 2-D VAE · −ELBO 134.8 nats"."""
    points, count = "", 0 if file.codes is None else len(file.codes.mean)
    if file.codes is not None:
        points = f"{count:,} test point{'' if count == 1 else 's'} of {data_title(file.config.data)}"
    parts = (points, left_out_text(file.codes), family_text(file.config), quality_text(file))
    return " · ".join(part for part in parts if part)

"""The class that is asked of a conditional model on the command line."""

from typing import Annotated

import numpy as np
import typer

from trainer.conditions import Weights, classes_of, parse_condition
from trainer.errors import ConfigError
from trainer.files import ModelFile

__all__ = ["Label", "asked", "asked_between", "asked_in_turn"]

Label = Annotated[
    str | None,
    typer.Option(
        "--label",
        metavar="CLASS",
        help="Of a conditional model, the class: its name or number, or a mixture such as 3:0.5,8:0.5.",
        show_default=False,
    ),
]


def asked(file: ModelFile, label: str | None, option: str = "--label") -> Weights | None:
    """The weights (K,) of the class that is asked for; None of a model that is not conditional.

    Raises ConfigError where a class is missing, or asked of a model that has none, or is none of the model's.
    """
    classes = classes_of(file.config, file.class_names)
    if label is None:
        if classes:
            raise ConfigError(f"This model is conditional; say which class with {option}={file.class_names[-1]}.")
        return None
    if not classes:
        raise ConfigError(f"This model is a {file.config.family}, of which no class can be asked; leave {option} out.")
    return parse_condition(label, file.class_names)


def asked_in_turn(file: ModelFile, label: str | None, count: int) -> Weights | None:
    """The weights (N, K) of the class that is asked for, or, where none is, of all classes in turn."""
    classes = classes_of(file.config, file.class_names)
    if classes and label is None:
        return np.eye(classes, dtype=np.float32)[np.arange(count) % classes]
    return asked(file, label)


def asked_between(file: ModelFile, label: str | None, to_label: str | None, steps: int) -> Weights | None:
    """The weights (N, K) of steps from one class to another, evenly; of one class where there is no other."""
    if to_label is None:
        return asked(file, label)
    start, end = asked(file, label), asked(file, to_label, "--to-label")
    assert start is not None
    assert end is not None
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return (1 - share) * start + share * end

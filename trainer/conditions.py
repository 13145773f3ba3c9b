"""Classes as conditional models take them: a weight for each class (K,), which sum to 1. Pure numpy.

A single 1 is a class; anything else is a mixture of classes, which no image had in training.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.config import CONDITIONAL, Config
from trainer.data.dataset import Labels
from trainer.errors import ConfigError

__all__ = [
    "Weights",
    "check_labels",
    "class_weights",
    "classes_of",
    "condition_text",
    "lean",
    "mixed",
    "parse_condition",
    "pure",
]

Weights = NDArray[np.float32]
MOST_NAMED = 8  # classes that a message lists


def classes_of(config: Config, class_names: tuple[str, ...]) -> int:
    """How many classes a model is conditional on, K; 0 where its family is not conditional."""
    return len(class_names) if config.family in CONDITIONAL else 0


def check_labels(labels: Labels | None, classes: int) -> Labels:
    """The labels (N,) of images for a model that is conditional on so many classes.

    Raises ConfigError if there are none, or if one of them is none of the classes.
    """
    if labels is None:
        raise ConfigError("This model is conditional, and the data set has no labels; choose one that has them.")
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise ConfigError(
            f"This model is conditional on {classes} classes, and the data set has the label {int(labels.max())}; "
            "choose the data set that it was trained on."
        )
    return labels


def pure(label: int, classes: int) -> Weights:
    """The weights (K,) of one class."""
    weights = np.zeros(classes, np.float32)
    weights[label] = 1
    return weights


def mixed(one: int, other: int, share: float, classes: int) -> Weights:
    """The weights (K,) of two classes, of which the other has this share, 0 to 1."""
    return (1 - share) * pure(one, classes) + share * pure(other, classes)


def lean(weights: ArrayLike) -> int:
    """The class that weighs most."""
    return int(np.argmax(np.asarray(weights)))


def class_weights(weights: ArrayLike, classes: int) -> Weights:
    """Weights (..., K) made to sum to 1. Raises ConfigError where they are not finite, negative, too many or all 0."""
    with np.errstate(over="ignore"):  # what is too large for float32 is refused below
        values = np.asarray(weights, np.float32)
    if values.ndim == 0 or values.shape[-1] != classes:
        raise ConfigError(
            f"This model is conditional on {classes} classes, each of which wants a weight; "
            f"these weights have the shape {list(values.shape)}."
        )
    total = values.sum(-1, keepdims=True)
    if not (np.isfinite(total).all() and (values >= 0).all() and (total > 0).all()):
        raise ConfigError("The weights of a mixture of classes must be finite, not below 0, and not all 0.")
    shares: Weights = values / total
    return shares


def parse_condition(text: str, class_names: tuple[str, ...]) -> Weights:
    """The weights (K,) that a text asks for: a class's name or number ("7", "Trouser"), or a mixture ("3:0.5,8:0.5").

    A name comes before a number, and need not have its capitals. Raises ConfigError, which says what there is.
    """
    found = find_class(text, class_names)
    if found is not None:
        return pure(found, len(class_names))
    weights = np.zeros(len(class_names), np.float64)
    parts = text.split(",")
    for part in parts:
        name, colon, weight = part.rpartition(":")
        label = find_class(name if colon else part, class_names)
        if label is None or (not colon and len(parts) > 1):
            raise unknown_class(text, class_names)
        try:
            weights[label] += float(weight)
        except ValueError:
            raise ConfigError(f"'{weight[:80]}' is no weight of a class; write a mixture like 3:0.5,8:0.5.") from None
    return class_weights(weights, len(class_names))


def find_class(text: str, class_names: tuple[str, ...]) -> int | None:
    """The class of that name, else the class of that number, else None."""
    wanted = text.strip()
    if wanted in class_names:
        return class_names.index(wanted)
    folded = [name.casefold() for name in class_names]
    if folded.count(wanted.casefold()) == 1:
        return folded.index(wanted.casefold())
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 8 else -1
    return number if 0 <= number < len(class_names) else None


def unknown_class(text: str, class_names: tuple[str, ...]) -> ConfigError:
    names = ", ".join(class_names[:MOST_NAMED])
    more = f" and {len(class_names) - MOST_NAMED:,} more" if len(class_names) > MOST_NAMED else ""
    return ConfigError(f"This model has no class '{text[:80]}'; its classes are {names}{more}.")


def condition_text(weights: ArrayLike, class_names: tuple[str, ...]) -> str:
    """ "7" for a class, "3 70 % + 8 30 %" for a mixture, the heaviest first."""
    values = np.asarray(weights)
    order = [int(label) for label in np.argsort(-values, kind="stable") if values[label] > 0]
    if len(order) == 1:
        return class_names[order[0]]
    return " + ".join(f"{class_names[label]} {100 * values[label]:.0f} %" for label in order)

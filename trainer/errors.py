"""Errors whose text is fit for a user: one sentence that says what is wrong, where, and what to do."""

__all__ = [
    "Cancelled",
    "ConfigError",
    "DataError",
    "FitError",
    "ModelFileError",
    "OutputError",
    "RunError",
    "TrainerError",
]


class TrainerError(Exception):
    """The base of everything that the engine raises on purpose. ``str(error)`` is shown to the user as it is."""


class ConfigError(TrainerError):
    """A setting is missing, out of its limits, or does not go with another."""


class DataError(TrainerError):
    """A data set is missing, damaged, or not what a model needs."""


class ModelFileError(TrainerError):
    """A model file cannot be read or written."""


class OutputError(TrainerError):
    """A result, such as a picture, cannot be made or saved."""


class RunError(TrainerError):
    """A run folder is missing, damaged, or in use."""


class FitError(TrainerError):
    """A training cannot go on, for example because its loss is no longer a number."""


class Cancelled(TrainerError):
    """The user cancelled what was going on; nothing is wrong."""

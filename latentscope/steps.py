"""Long work as a chain of short jobs, so that others of the same worker get their turn in between."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from latentscope.background import Background
from trainer.errors import TrainerError

__all__ = ["run_in_steps"]


def run_in_steps(
    background: Background,
    key: str,
    steps: Iterator[Any],
    deliver: Callable[[Any], None],
    fail: Callable[[str], None],
) -> None:
    """Take one step after the other on the worker, and ``deliver`` what each gives on this thread.

    Another chain under ``key``, or ``background.cancel(key)``, ends this one. ``fail`` gets the sentence of a
    TrainerError, which ends it, too.
    """

    def take(given: list[Any]) -> None:
        if given:
            again()  # before it is delivered, so that whoever gets it can end the chain
            deliver(given[0])

    def end(error: Exception) -> None:
        if not isinstance(error, TrainerError):
            raise error
        fail(str(error))

    def again() -> None:
        background.submit(key, lambda: list(islice(steps, 1)), take, end)

    again()

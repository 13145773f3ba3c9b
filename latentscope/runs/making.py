"""Making the folders of runs that belong together: all of them, or none."""

from contextlib import suppress
from pathlib import Path

from trainer.config import Config
from trainer.errors import RunError
from trainer.run import Group, Run, create_run, delete_run, new_run_folder

__all__ = ["make_runs", "unmake_runs"]


def make_runs(root: Path, configs: list[Config], title: str = "") -> list[Run]:
    """A new run under ``root`` for each config; with a ``title`` they are a group.

    Raises RunError if a folder cannot be made; then none is left behind.
    """
    made: list[Run] = []
    group: Group | None = None
    try:
        for config in configs:
            folder = new_run_folder(root, config)
            if title:
                group = group or Group(folder.name, title)
            made.append(create_run(folder, config, group))
    except RunError:
        unmake_runs(made)
        raise
    return made


def unmake_runs(runs: list[Run]) -> None:
    """Delete runs in which nothing was trained, as far as that can be."""
    for run in runs:
        with suppress(RunError):
            delete_run(run)

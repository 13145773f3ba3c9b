"""What a workspace had besides its model: the training that was followed, the film's moment, the models beside it."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from latentscope.compare.companion import Source
from latentscope.runs.snapshots import run_of
from trainer.errors import TrainerError
from trainer.run import Run, runs_folder, status

if TYPE_CHECKING:
    from latentscope.files.model_reference import Found, ModelReference
    from latentscope.files.workspace_file import WorkspaceFile
    from latentscope.main_window import MainWindow

__all__ = ["compare_again", "find_model", "take_up"]


def find_model(window: "MainWindow", reference: "ModelReference", folder: Path | None) -> "Found | None":
    """Where a model is now, of a file that came from ``folder``; None: it is nowhere that this window knows."""
    from latentscope.files.model_reference import find

    others = [*window.settings.recent_files(), *sorted(runs_folder().glob("*"))]
    return find(reference, folder, others)


def take_up(window: "MainWindow", file: "WorkspaceFile") -> None:
    """The model is open. If it is of a run that was followed and is being trained still, follow it again; else its
    newest is what is shown. And show the moment of its film that was looked at."""
    run, training = run_of(window.workspace.model), window.training
    if file.followed and run is not None:
        with suppress(TrainerError):  # what there is of the run is shown in any case
            if not training.busy() and status(run) in ("running", "paused"):
                training.attach(run)
            if file.seconds is not None:
                window.flow.unfollow()
            elif training.busy() and training.run == run:
                window.flow.follow()
            elif training.busy() and status(run) in ("running", "paused"):  # another training has the curves
                window.compare.main_follower.follow(run)
    if file.seconds is not None:
        window.film.show_at(file.seconds)


def compare_again(
    window: "MainWindow", file: "WorkspaceFile", folder: Path | None, then: Callable[[], None]
) -> list[str]:
    """Put the models that were compared beside the main one, and call ``then`` once they are there. A sentence for each
    that is not to be found, or is another."""
    sources: list[Source] = []
    faults: list[str] = []
    for one in file.comparison.models:
        found = find_model(window, one.model, folder)
        if found is None:
            faults.append(f"The model {one.model.name} beside it is not at '{one.model.path}' any more.")
            continue
        sources.append(Run(found.path) if one.followed and found.path.is_dir() else found.path)
        if not found.same and not found.grown:
            faults.append(f"The model {one.model.name} beside it is another than the one that was saved.")
    window.compare.restore(sources, file.comparison.wipe, file.comparison.share, then)
    return faults

"""Names for paths, from the classes of their ends: "7 → 3"."""

import numpy as np
from numpy.typing import NDArray

from latentscope.analysis.neighbours import nearest
from latentscope.state.paths import LatentPath
from latentscope.state.selection import unused
from latentscope.state.workspace import Workspace
from latentscope.words import class_name

__all__ = ["LONGEST", "end_classes", "suggested_name"]

LONGEST = 60  # letters
MOST_ASKED = 100_000  # encoded points that are looked at for them, about
VOTERS = 15  # encoded points that say by majority which class an end is in


def suggested_name(workspace: Workspace, path: LatentPath) -> str:
    """A name for a path that no kept path has yet."""
    taken = workspace.pathing.paths.names
    ends = end_classes(workspace, path)
    if ends is None:
        return next(f"Path {n}" for n in range(1, len(taken) + 2) if f"Path {n}" not in taken)
    first, last = ends
    return unused((f"Loop from {first}" if path.closed else f"{first} → {last}")[:LONGEST], taken)


def end_classes(workspace: Workspace, path: LatentPath) -> tuple[str, str] | None:
    """The classes in which a path begins and ends; None where the codes do not say them."""
    if workspace.classes or workspace.codes is None or workspace.codes.labels is None:
        # Where a model is conditional the codes of all classes lie in the same place.
        return None
    first, last = (_class_at(workspace, path, end) for end in (0, len(path.waypoints) - 1))
    return first, last


def _some(count: int) -> NDArray[np.intp]:
    """Which of so many codes are asked: while an end is dragged, some of a million know as well as all.

    The same ones each time, one by chance out of every so many that follow each other: their classes may alternate.
    """
    step = -(-count // MOST_ASKED)
    first = np.arange(0, count, max(1, step))
    return first if step <= 1 else np.minimum(first + np.random.default_rng(0).integers(0, step, len(first)), count - 1)


def _class_at(workspace: Workspace, path: LatentPath, index: int) -> str:
    """The class of a waypoint that is an encoded point; else the one that most codes round it are of."""
    codes, model = workspace.codes, workspace.model
    assert codes is not None
    assert codes.labels is not None
    anchor = path.anchor(index)
    if anchor is not None and anchor < len(codes.labels):
        found = np.array([anchor])
    else:
        asked = _some(len(codes.mean))
        found = asked[nearest(codes.mean[asked], path.waypoints[index], VOTERS)[0]]
    labels = codes.labels[found]
    votes = np.bincount(labels[labels >= 0])
    if not len(votes):
        return "?"
    return class_name(model.file.class_names if model is not None else (), int(votes.argmax()))

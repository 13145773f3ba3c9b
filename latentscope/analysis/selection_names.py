"""A name for a selection, from which classes it holds and where on the map it lies: "7s, upper left"."""

import numpy as np
from numpy.typing import NDArray

from latentscope.map.points.cloud import spread_of
from latentscope.state.selection import unused
from latentscope.state.workspace import Workspace
from latentscope.words import class_name
from trainer.files import Codes

__all__ = ["LONGEST", "suggested_name"]

LONGEST = 60  # letters
MAINLY, BOTH, NEARLY_ALL = 0.6, 0.8, 0.9
ENOUGH = 4000  # points that say where a selection lies, and
MANY = 100_000  # of which classes its points are


def suggested_name(workspace: Workspace) -> str:
    """A name for what is selected that no kept selection has yet; empty where nothing is selected."""
    selecting, codes = workspace.selecting, workspace.codes
    if codes is None or not len(selecting.selection):
        return ""
    index = selecting.selection.index
    index = index[index < len(codes.mean)]
    if len(index) == len(codes.mean):
        return unused("All points", [one.name for one in selecting.kept])
    names = workspace.model.file.class_names if workspace.model is not None else ()
    what, whole = "Selection 1", False
    if codes.labels is not None and len(index):
        what, whole = _classes(codes, index, names)
    where = "" if whole else _where(workspace, index)
    name = f"{what}, {where}" if where and codes.labels is not None else what
    if codes.labels is None:
        taken = {one.name for one in selecting.kept}
        return next(f"Selection {n}" for n in range(1, len(taken) + 2) if f"Selection {n}" not in taken)
    return unused(name[:LONGEST], [one.name for one in selecting.kept])


def _classes(codes: Codes, index: NDArray[np.intp], names: tuple[str, ...]) -> tuple[str, bool]:
    """Which classes points are of, in words, and whether they are nearly all points of them; by a sample of many."""
    assert codes.labels is not None
    all_of, every = codes.class_counts, max(1, len(index) // MANY)
    here = codes.labels[index[::every]]
    counts = every * np.bincount(here[here >= 0], minlength=len(all_of))
    if not counts.sum():
        return "Unlabelled", False
    order = np.argsort(-counts, kind="stable")
    share = counts[order] / len(index)
    many = [_several(class_name(names, int(label))) for label in order[:2]]
    if share[0] >= MAINLY:
        return many[0], bool(counts[order[0]] >= NEARLY_ALL * all_of[order[0]])
    if len(order) > 1 and share[:2].sum() >= BOTH:
        return f"{many[0]} and {many[1]}", False
    return "Mixed", False


def _several(name: str) -> str:
    """ "7s"; a longer name stays as it is, since its plural is not ours to guess."""
    return f"{name}s" if len(name) == 1 else name


def _where(workspace: Workspace, index: NDArray[np.intp]) -> str:
    """Where on the map points lie, seen from the middle of all."""
    codes, plane = workspace.codes, workspace.plane
    assert codes is not None
    every = slice(None, None, max(1, len(codes.mean) // ENOUGH))
    everything = plane.to_map(codes.mean[every][codes.finite[every]])
    some = index[:: max(1, len(index) // ENOUGH)]
    ours = plane.to_map(codes.mean[some[codes.finite[some]]])
    if not len(everything) or not len(ours):
        return ""
    right, up = (np.median(ours, axis=0) - np.median(everything, axis=0)) / spread_of(everything.astype(np.float32))
    across = "right" if right > 0.4 else "left" if right < -0.4 else ""
    if plane.dimension == 1:
        return across or "middle"
    along = "upper" if up > 0.4 else "lower" if up < -0.4 else ""
    return f"{along} {across}".strip() or "middle"

"""Groups of encoded points that have a name of their own: a class, all that is shown, what is selected, the rest.

Codes that are not finite are in no group: they are not on the map.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from latentscope.state.selection import NOTHING
from latentscope.state.workspace import Workspace
from latentscope.words import class_name

__all__ = ["REST", "SELECTED", "Group", "groups_of", "members", "of_class", "shown"]

Index = NDArray[np.intp]


@dataclass(frozen=True)
class Group:
    """``key`` is the name of a kept selection, or a class's number as text."""

    kind: Literal["selected", "kept", "class", "rest"]
    key: str = ""


SELECTED, REST = Group("selected"), Group("rest")


def shown(workspace: Workspace) -> Index:
    """The codes on the map whose class is not hidden, ascending."""
    codes = workspace.codes
    if codes is None:
        return np.empty(0, np.intp)
    there = np.isfinite(codes.mean).all(axis=1)
    if codes.labels is not None and workspace.hidden_classes:
        there &= ~np.isin(codes.labels, list(workspace.hidden_classes))
    return np.flatnonzero(there)


def of_class(workspace: Workspace, label: int) -> Index:
    """The codes of a class, hidden or not, ascending."""
    codes = workspace.codes
    if codes is None or codes.labels is None:
        return np.empty(0, np.intp)
    rows = np.flatnonzero(codes.labels == label)
    return rows[np.isfinite(codes.mean[rows]).all(axis=1)]


def groups_of(workspace: Workspace) -> list[tuple[Group, str]]:
    """Every group of the open model but the rest, each with what it is called."""
    model = workspace.model
    if model is None:
        return []
    kept = [(Group("kept", one.name), one.name) for one in workspace.selecting.kept]
    names = model.file.class_names
    classes = [
        (Group("class", str(label)), f"Class {class_name(names, label)}") for label in range(workspace.class_count)
    ]
    return [(SELECTED, "The selection"), *kept, *classes]


def members(workspace: Workspace, group: Group, beside: Group = SELECTED) -> Index:
    """The codes of a group, ascending; of ``REST``, all that are not in the group ``beside``."""
    codes = workspace.codes
    if codes is None:
        return np.empty(0, np.intp)
    if group.kind == "class":
        return of_class(workspace, int(group.key))
    there = np.asarray(np.isfinite(codes.mean).all(axis=1))
    if group.kind == "rest":
        there[members(workspace, beside)] = False
        return np.flatnonzero(there)
    selecting = workspace.selecting
    kept = next((one for one in selecting.kept if one.name == group.key), NOTHING)
    index = (selecting.selection if group.kind == "selected" else kept).index
    index = index[index < len(there)]
    return index[there[index]]

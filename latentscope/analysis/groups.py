"""Groups of encoded points that have a name of their own: a class, all that is shown, what is selected, the rest.

Codes that are not finite are in no group: they are not on the map.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from latentscope.state.selection import NOTHING
from latentscope.state.workspace import Workspace
from latentscope.words import class_name
from trainer.files import Codes

__all__ = ["REST", "SELECTED", "Group", "groups_of", "member_finder", "members", "of_class", "shown"]

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
    there = codes.finite
    if codes.labels is not None and workspace.hidden_classes:
        there = there & ~np.isin(codes.labels, list(workspace.hidden_classes))
    if codes.left_out or there is not codes.finite:
        return np.flatnonzero(there).astype(np.int32)
    return np.arange(len(codes.mean), dtype=np.int32)


def of_class(workspace: Workspace, label: int) -> Index:
    """The codes of a class, hidden or not, ascending."""
    codes = workspace.codes
    return np.empty(0, np.intp) if codes is None else _of_class(codes, label)


def _of_class(codes: Codes, label: int) -> Index:
    rows = np.flatnonzero(codes.labels == label) if codes.labels is not None else np.empty(0, np.intp)
    return rows[codes.finite[rows]] if codes.left_out else rows


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
    return member_finder(workspace, group, beside)()


def member_finder(workspace: Workspace, group: Group, beside: Group = SELECTED) -> Callable[[], Index]:
    """A function that finds the codes of a group, as they are now, and may be called on any thread."""
    codes, selecting = workspace.codes, workspace.selecting
    if codes is None:
        return lambda: np.empty(0, np.intp)
    if group.kind == "class":
        return lambda: _of_class(codes, int(group.key))
    if group.kind == "rest":
        others = member_finder(workspace, beside)

        def rest() -> Index:
            there = codes.finite.copy()
            there[others()] = False
            return np.flatnonzero(there)

        return rest
    kept = next((one for one in selecting.kept if one.name == group.key), NOTHING)
    chosen = (selecting.selection if group.kind == "selected" else kept).index

    def find() -> Index:
        index = chosen[chosen < len(codes.mean)]
        return index[codes.finite[index]] if codes.left_out else index

    return find

"""What can be done with the paths of a workspace, each as one step to undo."""

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from latentscope.paths.names import LONGEST, suggested_name
from latentscope.state.paths import KEPT_LOOKS, LatentPath, Paths
from latentscope.state.selection import unused
from latentscope.state.workspace import Workspace

__all__ = [
    "activate",
    "activate_next",
    "anchor_waypoint",
    "called",
    "duplicate",
    "free_waypoint",
    "insert_waypoint",
    "keep",
    "move",
    "put_away",
    "recolour",
    "remove",
    "remove_waypoint",
    "rename",
    "reverse",
    "set_closed",
]


def called(path: LatentPath) -> str:
    """What a path is called in texts."""
    return path.name or "the draft"


def keep(workspace: Workspace, name: str = "") -> None:
    """Give the active draft a name, by default one from its ends, and a colour of its own."""
    paths, path = workspace.pathing.paths, workspace.pathing.current
    if path is None or path.name:
        return
    name = unused(" ".join(name.split())[:LONGEST] or suggested_name(workspace, path), paths.names)
    kept = replace(path, name=name, colour=paths.free_colour())
    workspace.pathing.change(paths.with_current(kept), f"Keep path {name}")


def rename(workspace: Workspace, index: int, name: str) -> None:
    """Give a kept path another name; one that another has already gets a number, an empty one changes nothing."""
    paths = workspace.pathing.paths
    path, name = paths.items[index], " ".join(name.split())[:LONGEST]
    if path.name and name and name != path.name:
        new = replace(path, name=unused(name, paths.without(index).names))
        workspace.pathing.change(paths.with_item(index, new), f"Rename path {path.name}")


def duplicate(workspace: Workspace, index: int) -> None:
    """Keep a copy of a path, and make it the active one."""
    paths = workspace.pathing.paths
    path = paths.items[index]
    name = unused(path.name or suggested_name(workspace, path), paths.names)
    copy = replace(path, name=name, colour=paths.free_colour())
    items = (*paths.items[: index + 1], copy, *paths.items[index + 1 :])
    workspace.pathing.change(Paths(items, index + 1), f"Duplicate {called(path)}")


def remove(workspace: Workspace, index: int) -> None:
    path = workspace.pathing.paths.items[index]
    workspace.pathing.change(workspace.pathing.paths.without(index), f"Remove path {path.name}".rstrip())


def recolour(workspace: Workspace, index: int, colour: int) -> None:
    """Give a kept path another of the looks there are for them, counted from 1."""
    path = workspace.pathing.paths.items[index]
    if path.name and 1 <= colour <= KEPT_LOOKS:
        new = replace(path, colour=colour)
        workspace.pathing.change(workspace.pathing.paths.with_item(index, new), f"Colour path {path.name}")


def move(workspace: Workspace, index: int, to: int) -> None:
    """Put a path in another place of the list, and so below or above others on the map; beyond its ends there is
    none."""
    paths = workspace.pathing.paths
    to = min(max(to, 0), len(paths.items) - 1)
    workspace.pathing.change(paths.reordered(index, to), f"Move {called(paths.items[index])}", merge=True)


def activate(workspace: Workspace, index: int | None) -> None:
    """Make a path the one whose film is shown and that is changed; None: none is."""
    paths = workspace.pathing.paths
    text = "No path" if index is None else f"Go to {called(paths.items[index])}"
    workspace.pathing.change(paths.activated(index), text)


def activate_next(workspace: Workspace) -> None:
    paths = workspace.pathing.paths
    if paths.items:
        activate(workspace, 0 if paths.active is None else (paths.active + 1) % len(paths.items))


def put_away(workspace: Workspace) -> None:
    """Remove a draft; a kept path is no longer the active one, but stays."""
    paths = workspace.pathing.paths
    if paths.active is None:
        return
    if paths.items[paths.active].name:
        activate(workspace, None)
    else:
        remove(workspace, paths.active)


def reverse(workspace: Workspace) -> None:
    if workspace.pathing.current is not None:
        workspace.pathing.change_current(workspace.pathing.current.reversed(), "Reverse path")


def set_closed(workspace: Workspace, closed: bool) -> None:
    """Lead the active path back to its beginning, or no longer; fewer than three waypoints make no loop."""
    path = workspace.pathing.current
    if path is not None and (len(path.waypoints) > 2 or not closed):
        workspace.pathing.change_current(replace(path, closed=closed), "Close path" if closed else "Open path")


# --- waypoints of the active path ---------------------------------------------------------------------------------


def remove_waypoint(workspace: Workspace, index: int) -> None:
    """The last but one takes the path with it."""
    path = workspace.pathing.current
    if path is not None:
        if len(path.waypoints) <= 2:
            workspace.pathing.change_current(None, "Remove path")
        else:
            workspace.pathing.change_current(path.without(index), "Remove waypoint")


def insert_waypoint(workspace: Workspace, leg: int, z: ArrayLike) -> None:
    """One more waypoint at z (D,) on the way from waypoint ``leg`` to the next."""
    path = workspace.pathing.current
    if path is not None and np.isfinite(z).all():
        workspace.pathing.change_current(path.with_inserted(leg + 1, z), "Insert waypoint")


def anchor_waypoint(workspace: Workspace, index: int, row: int) -> None:
    """Put a waypoint on the encoded point in this row of the codes; it stays on it."""
    path, codes = workspace.pathing.current, workspace.codes
    if path is not None and codes is not None and 0 <= row < len(codes.mean):
        workspace.pathing.change_current(path.with_waypoint(index, codes.mean[row], row), "Snap waypoint")


def free_waypoint(workspace: Workspace, index: int) -> None:
    """Let a waypoint be where it is, whatever becomes of the encoded point there."""
    path = workspace.pathing.current
    if path is not None:
        workspace.pathing.change_current(path.with_waypoint(index, path.waypoints[index]), "Free waypoint")

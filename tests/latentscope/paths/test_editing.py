"""What can be done with paths, each as one step to undo."""

from collections.abc import Callable

import pytest

from latentscope.paths import editing
from latentscope.paths.names import suggested_name
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath, Paths
from latentscope.state.workspace import Workspace
from trainer.files import ModelFile

A, B, C = (-2.0, 0.0), (0.0, 0.0), (2.0, 0.0)  # at home in the classes a, b and c


@pytest.fixture
def drafted(open_workspace: Workspace) -> Workspace:
    """A kept path and an active draft of three waypoints."""
    kept = LatentPath((B, C), name="b → c", colour=1)
    open_workspace.pathing.set(Paths((kept, LatentPath((A, B, C))), 1))
    return open_workspace


def names(workspace: Workspace) -> list[str]:
    return [path.name for path in workspace.pathing.paths.items]


def test_a_kept_draft_is_called_by_the_classes_of_its_ends(drafted: Workspace) -> None:
    editing.keep(drafted)
    assert names(drafted) == ["b → c", "a → c"]
    assert [path.colour for path in drafted.pathing.paths.items] == [1, 2]
    editing.keep(drafted)  # it is kept already
    assert drafted.undo_stack.count() == 1


def test_a_name_is_never_given_twice_and_is_never_empty(drafted: Workspace) -> None:
    editing.keep(drafted, "  b →  c ")
    assert names(drafted) == ["b → c", "b → c 2"]
    editing.rename(drafted, 0, "b → c 2")
    assert names(drafted) == ["b → c 2 2", "b → c 2"]
    editing.rename(drafted, 0, "   ")
    assert names(drafted)[0] == "b → c 2 2"
    editing.rename(drafted, 0, "x" * 500)
    assert len(names(drafted)[0]) == 60


def test_an_anchored_end_is_of_its_own_class(drafted: Workspace) -> None:
    # Code 2 is of the class c, wherever most of the codes around are of another.
    path = LatentPath((A, B), anchors=(None, 2))
    assert suggested_name(drafted, path) == "a → c"
    assert suggested_name(drafted, LatentPath((A, B, C), closed=True)) == "Loop from a"


def test_without_classes_paths_are_counted(workspace: Workspace, make_conditional: Callable[..., ModelFile]) -> None:
    workspace.open_model(OpenModel(make_conditional(), "conditional"))
    for _ in range(2):
        workspace.pathing.set(workspace.pathing.paths.drawn(LatentPath((A, B))))
        editing.keep(workspace)
    assert names(workspace) == ["Path 1", "Path 2"]


@pytest.mark.parametrize(
    "change",
    [
        editing.keep,
        editing.reverse,
        editing.put_away,
        editing.activate_next,
        lambda workspace: editing.activate(workspace, None),
        lambda workspace: editing.rename(workspace, 0, "other"),
        lambda workspace: editing.duplicate(workspace, 0),
        lambda workspace: editing.duplicate(workspace, 1),
        lambda workspace: editing.remove(workspace, 0),
        lambda workspace: editing.set_closed(workspace, True),
        lambda workspace: editing.remove_waypoint(workspace, 1),
        lambda workspace: editing.insert_waypoint(workspace, 0, (0.5, 0.5)),
        lambda workspace: editing.anchor_waypoint(workspace, 1, 4),
    ],
)
def test_everything_is_one_step_to_undo(drafted: Workspace, change: Callable[[Workspace], None]) -> None:
    before = drafted.pathing.paths
    change(drafted)
    after = drafted.pathing.paths
    assert after != before
    assert drafted.undo_stack.count() == 1
    drafted.undo_stack.undo()
    assert drafted.pathing.paths == before
    drafted.undo_stack.redo()
    assert drafted.pathing.paths == after


def test_a_copy_is_kept_beside_what_it_was_made_from(drafted: Workspace) -> None:
    editing.duplicate(drafted, 1)
    assert names(drafted) == ["b → c", "", "a → c"]
    assert drafted.pathing.paths.active == 2
    editing.duplicate(drafted, 0)
    assert names(drafted) == ["b → c", "b → c 2", "", "a → c"]
    assert len({path.colour for path in drafted.pathing.paths.items}) == 4


def test_a_draft_is_removed_where_a_kept_path_is_only_left(drafted: Workspace) -> None:
    editing.put_away(drafted)
    assert names(drafted) == ["b → c"]
    editing.activate_next(drafted)
    assert drafted.pathing.paths.active == 0
    editing.put_away(drafted)
    assert (names(drafted), drafted.pathing.current) == (["b → c"], None)


def test_an_anchored_waypoint_is_let_go_where_it_is(drafted: Workspace) -> None:
    editing.anchor_waypoint(drafted, 1, 4)
    assert drafted.pathing.current is not None
    where = drafted.pathing.current.waypoints[1]
    editing.free_waypoint(drafted, 1)
    assert (drafted.pathing.current.anchors, drafted.pathing.current.waypoints[1]) == ((), where)


def test_what_means_nothing_changes_nothing(drafted: Workspace) -> None:
    editing.insert_waypoint(drafted, 0, (float("nan"), 0.0))
    editing.anchor_waypoint(drafted, 0, 10_000)
    drafted.pathing.set_current(LatentPath((A, B)))
    editing.set_closed(drafted, True)
    assert drafted.undo_stack.count() == 0

"""Several paths, one of them active, and waypoints that are encoded points."""

from dataclasses import replace

import numpy as np
import pytest

from latentscope.state.open_model import Moment, OpenModel
from latentscope.state.paths import KEPT_LOOKS, NO_PATHS, LatentPath, Paths, at_codes, style_after
from latentscope.state.workspace import Workspace
from trainer.files import Codes, ModelFile
from trainer.paths.timing import Walk

A, B, C, D = (0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)
KEPT = LatentPath((A, B), name="kept", colour=1)
DRAFT = LatentPath((C, D))


def test_reversing_takes_the_anchors_along_and_a_loop_begins_where_it_did() -> None:
    path = LatentPath((A, B, C), anchors=(None, 4, 5))
    back = path.reversed()
    assert back.waypoints == (C, B, A)
    assert back.anchors == (5, 4, None)
    assert back.reversed() == path
    loop = replace(path, closed=True, anchors=(3, 4, 5)).reversed()
    assert loop.waypoints == (A, C, B)
    assert loop.anchors == (3, 5, 4)


def test_a_loop_of_two_is_none() -> None:
    loop = LatentPath((A, B, C, D), closed=True)
    assert loop.without(1).closed
    assert not loop.without(1).without(1).closed


def test_a_loop_has_no_ends() -> None:
    path = LatentPath((A, B, C))
    assert [path.is_end(i) for i in range(3)] == [True, False, True]
    assert not any(replace(path, closed=True).is_end(i) for i in range(3))


def test_changes_keep_anchors_with_their_waypoints() -> None:
    path = LatentPath((A, B, C), anchors=(7, None, 9))
    assert path.with_inserted(1, D).anchors == (7, None, None, 9)
    assert path.with_inserted(3, D, 2).anchors == (7, None, 9, 2)
    assert path.without(0).anchors == (None, 9)
    assert path.with_waypoint(0, D).with_waypoint(2, D).anchors == ()
    assert LatentPath((A, B)).with_waypoint(1, C).anchors == ()


def test_removing_a_path_keeps_the_active_one_active() -> None:
    paths = Paths((KEPT, replace(KEPT, name="other"), DRAFT), 2)
    assert paths.without(0).current == DRAFT
    assert paths.without(2).current is None
    assert paths.without(2).names == ["kept", "other"]


def test_colours_are_used_in_turn() -> None:
    paths = NO_PATHS
    for n in range(2 * KEPT_LOOKS):
        paths = Paths((*paths.items, LatentPath((A, B), name=str(n), colour=paths.free_colour())))
    assert [path.colour for path in paths.items] == 2 * list(range(1, KEPT_LOOKS + 1))
    assert paths.without(3).free_colour() == 4


def test_anchored_waypoints_lie_at_their_codes_and_nothing_that_is_no_number_enters() -> None:
    codes = np.array([[5, 5], [np.nan, 1], [6, 6]], np.float32)
    paths = Paths((LatentPath((A, B, C, D), anchors=(2, 1, 9, None)), KEPT), 0)
    placed = at_codes(paths, codes)
    assert placed.items[0].waypoints == ((6, 6), B, C, D)
    assert placed.items[1] is KEPT
    assert at_codes(placed, codes) is placed
    assert at_codes(paths, codes, known=2) is paths


@pytest.fixture
def anchored(open_workspace: Workspace) -> Workspace:
    """A path from code 3 to anywhere."""
    open_workspace.pathing.change_current(LatentPath((A, B), anchors=(3, None)), "Draw path")
    return open_workspace


def moved_by(file: ModelFile, shift: float) -> ModelFile:
    assert file.codes is not None
    return replace(file, codes=Codes(file.codes.mean + np.float32(shift), file.codes.logvar, file.codes.labels))


def end(workspace: Workspace, index: int = 0) -> tuple[float, ...]:
    assert workspace.pathing.current is not None
    return workspace.pathing.current.waypoints[index]


def test_an_anchored_waypoint_follows_its_code_through_a_training(anchored: Workspace, model_file: ModelFile) -> None:
    assert model_file.codes is not None
    told: list[object] = []
    anchored.pathing.changed.connect(lambda: told.append(anchored.pathing.current))
    assert end(anchored) == pytest.approx(model_file.codes.mean[3])
    anchored.set_snapshot(OpenModel(moved_by(model_file, 1), "newer"))
    assert len(told) == 1
    assert end(anchored) == pytest.approx(model_file.codes.mean[3] + 1)
    assert end(anchored, 1) == B
    anchored.undo_stack.undo()
    anchored.set_snapshot(OpenModel(moved_by(model_file, 2), "newest"))
    anchored.undo_stack.redo()
    assert end(anchored) == pytest.approx(model_file.codes.mean[3] + 2)


def test_at_a_moment_of_the_film_it_is_where_its_code_was(anchored: Workspace, model_file: ModelFile) -> None:
    assert model_file.codes is not None
    then = moved_by(model_file, 0.5)
    assert then.codes is not None
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    anchored.set_moment(Moment(OpenModel(then, "then"), then.codes, turn))
    assert end(anchored) == pytest.approx(then.codes.mean[3])
    assert anchored.plane.to_map(end(anchored, 1)) == pytest.approx(B)
    anchored.undo_stack.undo()
    anchored.undo_stack.redo()
    assert end(anchored) == pytest.approx(then.codes.mean[3])
    anchored.set_snapshot(OpenModel(model_file, "now"))
    assert end(anchored) == pytest.approx(model_file.codes.mean[3])
    assert end(anchored, 1) == B


def test_a_path_that_gets_another_place_stays_the_active_one() -> None:
    a, b, c = (LatentPath((A, B), name=name) for name in "abc")
    paths = Paths((a, b, c), 0)
    assert paths.reordered(0, 2) == Paths((b, c, a), 2)
    assert paths.reordered(2, 0) == Paths((c, a, b), 1)
    assert paths.reordered(1, 1) == paths


def test_the_next_path_is_like_what_was_chosen_and_not_like_what_was_drawn() -> None:
    straight, turned = LatentPath((A, B)), LatentPath((A, B), "slerp", Walk(9))
    other = LatentPath((B, A), "spline", Walk(30), name="other")
    chosen = style_after(straight, Paths((straight,), 0), Paths((turned,), 0))
    assert (chosen.kind, chosen.steps) == ("slerp", 9)
    drawn = style_after(chosen, Paths((turned,), 0), Paths((other,), 0))
    assert (drawn.kind, drawn.steps) == ("slerp", 9)
    walked = style_after(chosen, Paths((other,), 0), Paths((replace(other, walk=Walk(4)),), 0))
    assert (walked.kind, walked.steps) == ("slerp", 4)
    gone_to = style_after(chosen, Paths((turned, other), 0), Paths((turned, other), 1))
    assert (gone_to.kind, gone_to.steps) == ("spline", 30)
    assert style_after(chosen, Paths((turned,), 0), NO_PATHS) == chosen

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from latentscope.state.selection import FEW, HowToSelect, Selecting, Selection
from latentscope.state.workspace import Workspace

rows = st.lists(st.integers(0, 40), max_size=20)


@given(rows, rows, st.sampled_from(["replace", "add", "remove"]))
def test_selections_combine_as_sets_do(one: list[int], other: list[int], how: HowToSelect) -> None:
    expected = {"replace": set(other), "add": set(one) | set(other), "remove": set(one) - set(other)}[how]
    found = Selection.of(one).combined(other, how)
    assert found.index.tolist() == sorted(expected)
    assert set(np.flatnonzero(found.mask(41))) == expected


def test_a_mask_knows_nothing_of_codes_that_are_not_there() -> None:
    assert Selection.of([1, 7]).mask(3).tolist() == [False, True, False]


def test_selecting_and_keeping_can_be_undone(qtbot: QtBot, open_workspace: Workspace) -> None:
    selecting, undo = open_workspace.selecting, open_workspace.undo_stack
    selecting.change(Selection.of([3, 1]), "Select")
    selecting.change(Selection.of([1, 3]), "Select")  # the same: no step
    selecting.keep("odd")
    selecting.clear()
    selecting.keep("odd")
    assert [(one.name, len(one)) for one in selecting.kept] == [("odd", 0)]
    undo.undo()
    assert [(one.name, one.index.tolist()) for one in selecting.kept] == [("odd", [1, 3])]
    undo.undo()
    assert selecting.selection.index.tolist() == [1, 3]
    selecting.forget("odd")
    assert selecting.kept == ()
    for _ in range(3):
        undo.undo()
    assert not len(selecting.selection) and not undo.canUndo()


def test_another_model_has_another_selection(open_workspace: Workspace) -> None:
    selecting = open_workspace.selecting
    selecting.set(Selection.of([0]))
    selecting.keep("first")
    told: list[Selecting] = []
    selecting.changed.connect(lambda: told.append(selecting))
    assert open_workspace.model is not None
    open_workspace.open_model(open_workspace.model)
    assert not len(selecting.selection) and not selecting.kept and told


def test_a_kept_selection_is_renamed_and_never_takes_the_name_of_another(open_workspace: Workspace) -> None:
    selecting = open_workspace.selecting
    for name in ("one", "two"):
        selecting.choose([1], "replace")
        selecting.keep(name)
    selecting.rename("one", "two")
    assert [one.name for one in selecting.kept] == ["two 2", "two"]
    selecting.rename("two", "two")
    assert [one.name for one in selecting.kept] == ["two 2", "two"]
    open_workspace.undo_stack.undo()
    assert [one.name for one in selecting.kept] == ["one", "two"]


def test_a_selection_of_very_many_comes_back_as_it_was(open_workspace: Workspace) -> None:
    selecting, undo = open_workspace.selecting, open_workspace.undo_stack
    random = np.random.default_rng(0)
    many = [np.flatnonzero(random.random(100_003) < share) for share in (0.5, 0.9)]
    for index in many:
        selecting.choose(index)
        assert (selecting.selection.index == index).all()
    steps = undo.count()
    selecting.choose(many[1])  # the same once more is no step
    assert undo.count() == steps
    undo.undo()
    assert (selecting.selection.index == many[0]).all()
    undo.undo()
    assert len(selecting.selection) == 0
    undo.redo()
    assert selecting.selection == Selection.of(many[0])


def test_a_selected_code_takes_four_bytes_and_a_step_to_undo_fewer(open_workspace: Workspace) -> None:
    selecting = open_workspace.selecting
    every = np.arange(3 * FEW)
    for chosen in (every, every[::-1], every[every != 5]):
        assert Selection.of(chosen).index.dtype == np.int32 and Selection(chosen).index.dtype == np.int32
        selecting.choose(chosen)
        assert selecting.selection.index.nbytes == 4 * len(chosen)
    open_workspace.undo_stack.undo()
    assert np.array_equal(selecting.selection.index, every) and selecting.selection.index.dtype == np.int32

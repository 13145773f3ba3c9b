from dataclasses import replace

import numpy as np
import pytest

from latentscope.analysis.groups import REST, SELECTED, Group, groups_of, members, of_class, shown
from latentscope.analysis.selection_names import LONGEST, suggested_name
from latentscope.state.open_model import OpenModel
from latentscope.state.selection import Selection
from latentscope.state.workspace import Workspace
from trainer.files import Codes, ModelFile


def test_every_group_of_a_model_has_its_members(open_workspace: Workspace) -> None:
    selecting = open_workspace.selecting
    selecting.choose([0, 3, 4])
    selecting.keep("three")
    selecting.choose([5])
    assert [name for _, name in groups_of(open_workspace)] == [
        "The selection", "three", "Class a", "Class b", "Class c",
    ]  # fmt: skip
    assert members(open_workspace, SELECTED).tolist() == [5]
    assert members(open_workspace, Group("kept", "three")).tolist() == [0, 3, 4]
    assert members(open_workspace, Group("kept", "nobody")).tolist() == []
    assert np.array_equal(members(open_workspace, Group("class", "1")), np.arange(1, 90, 3))
    assert members(open_workspace, REST, Group("class", "1")).tolist() == [i for i in range(90) if i % 3 != 1]


def test_codes_that_are_nowhere_are_in_no_group(open_workspace: Workspace, model_file: ModelFile) -> None:
    assert model_file.codes is not None
    mean = model_file.codes.mean.copy()
    mean[[1, 2]] = np.inf, np.nan
    holes = replace(model_file, codes=replace(model_file.codes, mean=mean))
    open_workspace.open_model(OpenModel(holes, "holes"))
    open_workspace.selecting.set(Selection.of([0, 1, 2, 500]))
    assert members(open_workspace, SELECTED).tolist() == [0]
    assert len(members(open_workspace, REST, SELECTED)) == 87
    assert 1 not in of_class(open_workspace, 1)
    open_workspace.set_hidden_classes(frozenset({0}))
    assert len(shown(open_workspace)) == 58


def test_without_codes_or_labels_there_are_fewer(open_workspace: Workspace, model_file: ModelFile) -> None:
    assert model_file.codes is not None
    open_workspace.open_model(OpenModel(replace(model_file, codes=Codes(model_file.codes.mean)), "plain"))
    assert [name for _, name in groups_of(open_workspace)] == ["The selection"]
    assert len(of_class(open_workspace, 0)) == 0
    open_workspace.open_model(OpenModel(replace(model_file, codes=None), "bare"))
    for group in (SELECTED, REST, Group("class", "0")):
        assert not len(members(open_workspace, group))
    assert not len(shown(open_workspace))


def test_a_name_says_which_classes_and_where(open_workspace: Workspace) -> None:
    selecting = open_workspace.selecting
    assert suggested_name(open_workspace) == ""
    for rows, name in (
        (range(0, 90, 3), "as"),  # the whole class: no need to say where
        (range(0, 45, 3), "as, left"),
        (range(2, 40, 3), "cs, right"),
        ([1, 4, 7, 10], "bs, middle"),
        ([0, 3, 1, 4], "as and bs, left"),
        (range(90), "All points"),
        ([0, 3, 1, 4, 2, 5], "Mixed, middle"),
    ):
        selecting.choose(list(rows))
        assert suggested_name(open_workspace) == name
    selecting.keep("Mixed, middle")
    assert suggested_name(open_workspace) == "Mixed, middle 2"


@pytest.mark.parametrize("dimension", [1, 2, 20])
def test_names_without_labels_are_counted(open_workspace: Workspace, model_file: ModelFile, dimension: int) -> None:
    mean = np.random.default_rng(0).normal(size=(50, dimension)).astype(np.float32)
    config = model_file.config.model_copy(update={"latent": dimension})
    file = replace(model_file, config=config, codes=Codes(mean))
    open_workspace.open_model(OpenModel(file, "plain"))
    open_workspace.selecting.choose([1, 2])
    assert suggested_name(open_workspace) == "Selection 1"
    open_workspace.selecting.keep("Selection 1")
    assert suggested_name(open_workspace) == "Selection 2"
    labelled = replace(file, codes=Codes(mean, None, np.zeros(50, np.int64)), class_names=("x" * 200,))
    open_workspace.open_model(OpenModel(labelled, "long"))
    open_workspace.selecting.choose([1, 2])
    assert len(suggested_name(open_workspace)) <= LONGEST

"""A model is found again: where it was, where it has moved to, or by its content; and another one is noticed."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from latentscope.assets import shipped_model
from latentscope.files.model_reference import Found, find, reference_to
from trainer.config import make_config
from trainer.files import ModelFile, write_model
from trainer.run import create_run


@pytest.fixture
def tree(tmp_path: Path, model_file: ModelFile) -> Path:
    """A folder with a model and a folder for the file that refers to it."""
    (tmp_path / "tree" / "notes").mkdir(parents=True)
    write_model(tmp_path / "tree" / "mine.safetensors", model_file)
    return tmp_path / "tree"


def test_it_is_where_it_was(tree: Path) -> None:
    model = tree / "mine.safetensors"
    reference = reference_to(model, "mine", tree / "notes")
    assert reference.relative == "../mine.safetensors"
    assert find(reference, tree / "notes") == find(reference) == Found(model, same=True)


def test_a_tree_that_was_moved_as_a_whole_keeps_together(tree: Path, tmp_path: Path) -> None:
    reference = reference_to(tree / "mine.safetensors", "mine", tree / "notes")
    tree.rename(tmp_path / "elsewhere")
    found = find(reference, tmp_path / "elsewhere" / "notes")
    assert found == Found(tmp_path / "elsewhere" / "mine.safetensors", same=True)


def test_a_file_of_another_name_is_known_by_its_content(tree: Path, tmp_path: Path, model_file: ModelFile) -> None:
    reference = reference_to(tree / "mine.safetensors", "mine", tree)
    moved = (tree / "mine.safetensors").rename(tree / "renamed.safetensors")
    write_model(tree / "a-decoy.safetensors", replace(model_file, class_names=("x", "y", "z")))
    assert find(reference, tree) == Found(moved, same=True)
    far = moved.rename(tmp_path / "far.safetensors")
    assert find(reference, tree, [tree, far]) == Found(far, same=True)
    far.unlink()
    assert find(reference, tree) is None


def test_another_model_in_its_place_is_noticed(tree: Path, model_file: ModelFile) -> None:
    reference = reference_to(tree / "mine.safetensors", "mine", tree)
    write_model(tree / "mine.safetensors", replace(model_file, class_names=("x", "y", "z")))
    found = find(reference, tree)
    assert found is not None
    assert not found.same
    assert found.path.name == "mine.safetensors"


def test_the_shipped_model_is_found_in_any_installation() -> None:
    shipped = shipped_model()
    assert shipped is not None
    reference = reference_to(shipped)
    assert reference.shipped
    assert find(replace(reference, path="/another/computer/m.safetensors")) == Found(shipped, same=True)


def test_a_run_is_its_folder_and_may_have_gone_on(tmp_path: Path, model_file: ModelFile) -> None:
    run = create_run(tmp_path / "run", make_config({"data": "digits", "epochs": 1}))
    write_model(run.model_path, model_file)
    reference = reference_to(run.folder, "run", tmp_path)
    assert find(reference, tmp_path) == Found(run.folder, same=True)
    write_model(run.model_path, replace(model_file, class_names=("x", "y", "z")))
    assert find(reference, tmp_path) == Found(run.folder, same=False, grown=True)
    shutil.rmtree(run.folder)
    assert find(reference, tmp_path) is None


@pytest.mark.parametrize("path", ["", "/", "no\0where", "x" * 5000, "/dev/null/x"])
def test_odd_paths_are_nowhere_or_another_model(path: str, tmp_path: Path) -> None:
    reference = replace(reference_to(tmp_path / "none.safetensors"), path=path, relative=path, size=5)
    found = find(reference, tmp_path)
    assert found is None or not found.same

"""Opening and saving: what was open stays open until the new is known to be good."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.files.documents import Documents
from latentscope.files.originals import Originals
from latentscope.settings import Settings
from latentscope.state.workspace import Workspace
from trainer.files import ModelFile, read_model, write_model


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def documents(
    open_workspace: Workspace, decoding: Decoding, originals: Originals, background: Background, settings: Settings
) -> Documents:
    return Documents(open_workspace, decoding, originals, background, settings)


@pytest.fixture
def said(documents: Documents) -> list[tuple[str, str]]:
    messages: list[tuple[str, str]] = []
    documents.message.connect(lambda text, kind: messages.append((text, kind)))
    return messages


def test_a_model_is_opened_decoded_and_remembered(
    qtbot: QtBot, documents: Documents, open_workspace: Workspace, decoding: Decoding, settings: Settings,
    tmp_path: Path, model_file: ModelFile,
) -> None:  # fmt: skip
    path = tmp_path / "mine.safetensors"
    write_model(path, model_file)
    with qtbot.waitSignal(documents.opened):
        documents.open_path(path)
    assert open_workspace.model is not None
    assert open_workspace.model.title == "mine"
    assert decoding.codec is not None
    assert settings.recent_files() == [path]


def test_the_pictures_of_another_model_are_gone_at_once_and_its_own_come_a_turn_later(
    qtbot: QtBot, documents: Documents, open_workspace: Workspace, originals: Originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert open_workspace.model is not None
    opened: list[str] = []
    monkeypatch.setattr(originals, "_images", np.zeros((3, 2, 2, 1), np.uint8))
    monkeypatch.setattr(originals, "open", lambda name, *_: opened.append(name))
    pictures: list[object] = []
    open_workspace.model_changed.connect(lambda: pictures.append(originals.images))
    documents.show_model(open_workspace.model)
    assert pictures == [None] and originals.looking and not opened
    qtbot.waitUntil(lambda: not open_workspace.turns.is_due())
    assert opened == [open_workspace.model.file.config.data]
    documents.show_model(open_workspace.model)
    documents.find_originals()
    qtbot.waitUntil(lambda: not open_workspace.turns.is_due())
    assert len(opened) == 2, "what is looked for at once is not looked for again"


def pickled(path: Path, _: ModelFile) -> None:
    import pickle

    path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))


def truncated(path: Path, file: ModelFile) -> None:
    write_model(path, file)
    path.write_bytes(path.read_bytes()[:-100])


def misshapen(path: Path, file: ModelFile) -> None:
    from dataclasses import replace

    name = next(name for name, value in file.weights.items() if value.ndim == 2)
    write_model(path, replace(file, weights={**file.weights, name: file.weights[name].T.copy()}))


def missing_tensor(path: Path, file: ModelFile) -> None:
    from dataclasses import replace

    write_model(path, replace(file, weights=dict(list(file.weights.items())[1:])))


def not_there(path: Path, _: ModelFile) -> None:
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("damage", [pickled, truncated, misshapen, missing_tensor, not_there])
def test_a_bad_file_is_one_sentence_and_what_was_open_stays(
    qtbot: QtBot, documents: Documents, said: list[tuple[str, str]], open_workspace: Workspace, decoding: Decoding,
    settings: Settings, tmp_path: Path, model_file: ModelFile, damage: Callable[[Path, ModelFile], None],
) -> None:  # fmt: skip
    path = tmp_path / "bad.safetensors"
    damage(path, model_file)
    open_workspace.set_probe([1, 1])
    before, codec = open_workspace.model, decoding.codec
    documents.open_path(path)
    qtbot.waitUntil(lambda: bool(said))
    ((text, kind),) = said
    assert kind == "error"
    assert "bad.safetensors" in text
    assert "\n" not in text
    assert open_workspace.model is before
    assert decoding.codec is codec
    assert np.array_equal(open_workspace.probe, [1, 1])
    assert settings.recent_files() == []


def test_ten_models_opened_at_once_end_with_the_last(
    qtbot: QtBot, documents: Documents, open_workspace: Workspace, background: Background, tmp_path: Path,
    model_file: ModelFile,
) -> None:  # fmt: skip
    for i in range(10):
        write_model(tmp_path / f"{i}.safetensors", model_file)
        documents.open_path(tmp_path / f"{i}.safetensors")
    qtbot.waitUntil(lambda: not background.busy())
    assert open_workspace.model is not None
    assert open_workspace.model.title == "9"


def test_an_image_moves_the_probe_to_where_it_is_encoded(
    qtbot: QtBot, documents: Documents, open_workspace: Workspace, decoding: Decoding, tmp_path: Path
) -> None:
    picture = np.random.default_rng(0).integers(0, 120, (8, 8), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / "x.png")
    with qtbot.waitSignal(open_workspace.probe_changed):
        documents.open_path(tmp_path / "x.png")
    assert decoding.codec is not None
    mean, _ = decoding.codec.encode(picture.reshape(1, 8, 8, 1))
    assert np.allclose(open_workspace.probe, mean[0], atol=1e-5)


def test_a_data_set_is_offered_for_training(qtbot: QtBot, documents: Documents, tmp_path: Path) -> None:
    np.save(tmp_path / "faces.npy", np.zeros((3, 8, 8), np.uint8))
    with qtbot.waitSignal(documents.data_offered) as offered:
        documents.open_path(tmp_path / "faces.npy")
    assert offered.args == [tmp_path / "faces.npy"]


def test_saving_writes_the_whole_model(
    qtbot: QtBot, documents: Documents, said: list[tuple[str, str]], tmp_path: Path, model_file: ModelFile
) -> None:
    documents.save(tmp_path / "saved.safetensors")
    qtbot.waitUntil(lambda: bool(said))
    assert said == [("Saved as saved.safetensors.", "info")]
    saved = read_model(tmp_path / "saved.safetensors")
    assert saved.config == model_file.config
    assert saved.codes is not None
    assert model_file.codes is not None
    assert np.array_equal(saved.codes.mean, model_file.codes.mean)


def test_a_full_disk_is_said_and_the_old_file_stays_whole(
    qtbot: QtBot, documents: Documents, said: list[tuple[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "saved.safetensors"
    path.write_bytes(b"precious")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    documents.save(path)
    qtbot.waitUntil(lambda: bool(said))
    assert said[0][1] == "error"
    assert "the disk is full" in said[0][0]
    assert path.read_bytes() == b"precious"

"""What a follower sees of a run that others train."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QSignalSpy
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.compare import follower as module
from latentscope.compare.follower import Follower, look
from trainer.config import make_config
from trainer.errors import ModelFileError, RunError
from trainer.events import Snapshot
from trainer.files import ModelFile, write_model
from trainer.run import EventLog, Run, create_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return create_run(tmp_path / "run", make_config({"data": "digits", "epochs": 1}))


def snapshot(run: Run, step: int, file: ModelFile) -> Path:
    path = run.snapshots_folder / f"{step:09d}.safetensors"
    write_model(path, file)
    EventLog(run).append(Snapshot(step, 1.0, f"snapshots/{path.name}", 1.0, 1.0, 2.0))
    return path


def test_a_run_that_has_not_begun_has_nothing_to_show(run: Run) -> None:
    sight = look(run, None)
    assert (sight.status, sight.source, sight.model) == ("new", None, None)


def test_the_newest_snapshot_is_read_once_and_then_the_model(run: Run, model_file: ModelFile) -> None:
    snapshot(run, 1, model_file)
    newest = snapshot(run, 2, model_file)
    sight = look(run, None)
    assert sight.source == newest
    assert sight.model is not None
    assert np.array_equal(sight.model.file.codes.mean, model_file.codes.mean)
    assert look(run, newest).model is None
    write_model(run.model_path, model_file)
    assert look(run, newest).source == run.model_path


def test_a_damaged_snapshot_is_passed_over_and_a_damaged_model_is_a_fault(run: Run, model_file: ModelFile) -> None:
    snapshot(run, 1, model_file).write_bytes(b"half of it")
    assert look(run, None).model is None
    run.model_path.write_bytes(b"half of it")
    with pytest.raises(ModelFileError):
        look(run, None)


def test_a_run_whose_folder_goes_is_said_once(
    run: Run, model_file: ModelFile, background: Background, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_MS", 10)
    monkeypatch.setattr(module, "ENDED_LOOK_MS", 10)
    follower = Follower(run, background)
    found, failed = QSignalSpy(follower.found), QSignalSpy(follower.failed)
    qtbot.waitUntil(lambda: not background.busy())
    snapshot(run, 1, model_file)
    qtbot.waitUntil(lambda: found.count() == 1)
    shutil.rmtree(run.folder)
    qtbot.waitUntil(lambda: failed.count() == 1)
    assert "There is no run folder" in failed.at(0)[0]
    qtbot.wait(50)
    assert failed.count() == 1
    follower.stop()
    with pytest.raises(RunError):
        look(run, None)

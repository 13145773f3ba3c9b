"""What a workspace has besides one model: maps beside it, a training that goes on, a moment of its film."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from comparing import compare, digits, models
from hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from workspaces import captured, opened, same_state, save

from latentscope.main_window import MainWindow
from latentscope.state.paths import LatentPath
from latentscope.window.map_at_rest import make_room
from trainer.config import make_config

__all__ = ["digits", "models"]  # fixtures

SHIFT = Qt.KeyboardModifier.ShiftModifier
PATIENCE = 120_000
MakeWindow = Callable[..., MainWindow]
PATH = LatentPath(((-1.0, 0.0), (1.0, 0.5)))


def test_compared_maps_come_back_and_one_that_is_gone_is_said(
    digits: MainWindow, models: dict[str, Path], hand: Hand, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    other = tmp_path / "other.safetensors"
    shutil.copy(models["two"], other)
    compare(digits, qtbot, other)
    digits.compare.set_wipe(True)
    digits.stage.set_share(0.3)
    hand.drag((-1.0, 0.0), (1.0, 0.5), SHIFT)
    digits.action("race").trigger()
    digits.playback.playing.set_mode("once")
    digits.playback.playing.seek(0.5)
    qtbot.waitUntil(digits.is_settled, timeout=PATIENCE)
    path, pictures = tmp_path / "mine.latentscope", [tmp_path / "before.png", tmp_path / "after.png"]
    save(digits, path, monkeypatch)
    qtbot.waitUntil(digits.is_settled, timeout=PATIENCE)
    make_room(digits)  # the map is as large as it was when it was saved
    before = captured(digits)
    assert "Race" in before.panels
    assert "Film strip" not in before.panels

    def export(window: MainWindow, picture: Path) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(picture), ""))
        window.action("export-map").trigger()
        qtbot.waitUntil(picture.exists, timeout=PATIENCE)

    export(digits, pictures[0])
    digits.close()
    again = make_window()
    opened(again, qtbot, path)
    qtbot.waitUntil(lambda: len(again.compare.companions) == 1 and again.is_settled(), timeout=PATIENCE)
    assert captured(again).size == before.size
    same_state(before, captured(again))
    assert again.racing.race.watched
    export(again, pictures[1])
    assert pictures[0].read_bytes() == pictures[1].read_bytes()

    other.unlink()
    opened(again, qtbot, path)
    assert f"The model other.safetensors beside it is not at '{other}' any more." in again.message_bar.text
    assert again.compare.companions == []
    assert captured(again).paths == before.paths


def test_a_training_is_followed_again_and_a_moment_of_its_film_shown_again(
    window: MainWindow, make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.flow.start(make_config({"data": "digits", "hidden": [64], "seconds": 600}))
    qtbot.waitUntil(lambda: len(window.film.shots) >= 2, timeout=PATIENCE)
    window.workspace.pathing.change_current(PATH, "Draw path")
    live, past = tmp_path / "live.latentscope", tmp_path / "past.latentscope"
    save(window, live, monkeypatch)
    assert json.loads(live.read_bytes())["followed"]

    other = make_window()
    opened(other, qtbot, live)
    model = other.workspace.model
    qtbot.waitUntil(lambda: other.workspace.model is not model and other.workspace.model.live, timeout=PATIENCE)
    assert other.training.run == window.training.run
    assert other.workspace.pathing.current == PATH, "what lies on the map stays there while the snapshots come"
    other.close()
    assert window.training.busy(), "it was only looked at"

    window.training.stop()
    qtbot.waitUntil(lambda: not window.training.busy() and not window.film_thread.busy(), timeout=PATIENCE)
    window.film.seek(0.5)
    qtbot.waitUntil(lambda: window.workspace.moment is not None and window.is_settled(), timeout=PATIENCE)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    save(window, past, monkeypatch)
    before, codes = captured(window), window.workspace.codes
    third = make_window()
    opened(third, qtbot, past)
    qtbot.waitUntil(lambda: third.workspace.moment is not None and third.is_settled(), timeout=PATIENCE)
    assert third.film.position == pytest.approx(0.5)
    assert codes is not None
    assert third.workspace.codes is not None
    assert np.allclose(
        third.workspace.plane.to_map(third.workspace.codes.mean), window.workspace.plane.to_map(codes.mean)
    )
    assert captured(third).paths == before.paths

    opened(third, qtbot, live)  # the training has ended meanwhile: its newest is shown
    assert third.workspace.moment is None
    assert not third.training.busy()
    assert third.film.at_newest
    assert third.workspace.pathing.current == PATH

"""The film strip: frames of the path, playing, stepping."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.decoding import Decoding
from latentscope.panels.film_strip import FilmStripPanel
from latentscope.paths.routes import Routes, route_at_once
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK
from trainer.paths.timing import Walk

PATH = LatentPath(((-2.0, 0.0), (2.0, 0.0)), walk=Walk(9))


@pytest.fixture
def strip(qtbot: QtBot, open_workspace: Workspace, decoding: Decoding) -> FilmStripPanel:
    panel = FilmStripPanel(open_workspace, decoding, Routes(open_workspace, decoding, parent=decoding), DARK)
    qtbot.addWidget(panel)
    panel.resize(900, 170)
    panel.show()
    return panel


def test_every_step_is_decoded(strip: FilmStripPanel, open_workspace: Workspace, decoding: Decoding) -> None:
    assert strip.frames.pictures is None
    assert decoding.codec is not None
    open_workspace.set_path(PATH)
    assert np.array_equal(strip.frames.pictures, decoding.codec.decode(route_at_once(PATH).steps))
    open_workspace.set_path(PATH.with_waypoint(1, [0.0, 1.0]))
    assert np.array_equal(strip.frames.pictures[-1], decoding.codec.decode([[0.0, 1.0]])[0])
    open_workspace.set_path(None)
    assert strip.frames.pictures is None


def test_its_title_names_the_ends(qtbot: QtBot, strip: FilmStripPanel, open_workspace: Workspace) -> None:
    with qtbot.waitSignal(strip.title_changed) as title:
        open_workspace.set_path(PATH)
    assert title.args == ["Film strip   a → c"]


def test_a_click_on_a_frame_goes_there(strip: FilmStripPanel, open_workspace: Workspace) -> None:
    open_workspace.set_path(PATH)
    QTest.mouseClick(strip.frames, Qt.MouseButton.LeftButton, pos=strip.frames.frame_rect(3).center().toPoint())
    assert np.allclose(open_workspace.probe, route_at_once(PATH).steps[3])
    assert strip.frames.current == 3
    QTest.keyClick(strip.frames, Qt.Key.Key_Right)
    assert strip.frames.current == 4
    open_workspace.set_probe([0, 3])
    assert strip.frames.current is None


def test_playing_moves_the_probe_along_the_path_and_ends_with_it(
    qtbot: QtBot, strip: FilmStripPanel, open_workspace: Workspace
) -> None:
    open_workspace.set_path(PATH)
    seen: list[float] = []
    open_workspace.probe_changed.connect(lambda: seen.append(float(open_workspace.probe[0])))
    QTest.mouseClick(strip.play_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(seen) > 12)
    assert strip.playing
    assert all(-2 <= x <= 2 for x in seen)
    assert len(set(seen)) > 8
    open_workspace.set_path(None)
    assert not strip.playing


def test_joining_and_steps_can_be_undone(strip: FilmStripPanel, open_workspace: Workspace) -> None:
    open_workspace.set_path(PATH)
    strip.kind_choice.setFocus()
    QTest.keyClick(strip.kind_choice, Qt.Key.Key_Down)
    assert open_workspace.path is not None
    assert open_workspace.path.kind == "slerp"
    strip.steps_choice.setValue(5)
    assert len(strip.frames.pictures) == 5
    open_workspace.undo_stack.undo()
    assert open_workspace.path.steps == 9
    assert strip.steps_choice.value() == 9
    open_workspace.undo_stack.undo()
    assert open_workspace.path.kind == "linear"
    assert strip.kind_choice.currentData() == "linear"


def test_a_path_of_no_length_and_of_many_steps(qtbot: QtBot, strip: FilmStripPanel, open_workspace: Workspace) -> None:
    open_workspace.set_path(LatentPath(((1.0, 1.0), (1.0, 1.0)), walk=Walk(2)))
    strip.grab()
    open_workspace.set_path(LatentPath(((0.0, 0.0), (1.0, 1.0)), walk=Walk(128)))
    # So many may come from the worker.
    qtbot.waitUntil(lambda: strip.frames.pictures is not None and len(strip.frames.pictures) == 128)
    strip.grab()

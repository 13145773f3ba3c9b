"""The direction between two groups: of codes in heaps about (−2, 0), (0, 0) and (2, 0)."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.analysis.directing import REACH, Directing
from latentscope.analysis.groups import REST, SELECTED, Group
from latentscope.panels.selections.direction import DirectionPanel, sureness_text
from latentscope.panels.selections.direction_scale import BAR
from latentscope.state.open_model import OpenModel
from latentscope.state.selection import Selection
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK
from latentscope.words import MINUS
from trainer.analysis.directions import Direction, Uncertainty
from trainer.files import Codes, ModelFile

A, B, C = (Group("class", str(label)) for label in range(3))


@pytest.fixture
def directing(open_workspace: Workspace) -> Iterator[Directing]:
    result = Directing(open_workspace)
    yield result
    result.close()


@pytest.fixture
def panel(qtbot: QtBot, open_workspace: Workspace, directing: Directing) -> DirectionPanel:
    widget = DirectionPanel(open_workspace, directing, DARK)
    qtbot.addWidget(widget)
    widget.resize(216, 320)
    with qtbot.waitExposed(widget):
        widget.show()
    directing.set_active(True)
    return widget


def settle(qtbot: QtBot, panel: DirectionPanel) -> None:
    qtbot.waitUntil(panel.directing.is_settled, timeout=20_000)
    panel.refresh()


def choose(panel: DirectionPanel, a: str, b: str) -> None:
    for choice, text in ((panel.a_choice, a), (panel.b_choice, b)):
        choice.setCurrentText(text)
        choice.activated.emit(choice.currentIndex())


def test_two_classes_make_a_direction_with_a_bar(
    qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace
) -> None:
    choose(panel, "Class c", "Class a")
    settle(qtbot, panel)
    mean, labels = open_workspace.codes.mean, open_workspace.codes.labels
    vector = mean[labels == 2].mean(axis=0) - mean[labels == 0].mean(axis=0)
    assert np.allclose(panel.directing.vector, vector, atol=1e-6)
    assert panel.length.text().startswith(f"Length {np.linalg.norm(vector):.2f} (95 %: ")
    assert "30 and 30 points" in panel.sureness.text() and "cosine > 0.999" in panel.sureness.text()
    assert not panel.warning.isVisible()


def test_the_slider_moves_the_probe_and_reset_brings_it_back(
    qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace
) -> None:
    open_workspace.set_probe((0.25, -0.5))
    choose(panel, "Class c", "Class b")
    settle(qtbot, panel)
    panel.slider.setValue(100)
    assert np.allclose(open_workspace.probe, np.array((0.25, -0.5)) + panel.directing.vector)
    panel.slider.setFocus()
    QTest.keyClick(panel.slider, Qt.Key.Key_End)
    assert np.allclose(open_workspace.probe, np.array((0.25, -0.5)) + 2 * panel.directing.vector)
    assert panel.t_words.text() == "t = +2.00"
    QTest.mouseClick(panel.reset, Qt.MouseButton.LeftButton)
    assert np.allclose(open_workspace.probe, (0.25, -0.5))
    panel.slider.setValue(-50)
    open_workspace.set_probe((1.0, 1.0))  # somebody else takes the probe: that is the new start
    assert panel.slider.value() == 0
    assert np.allclose(panel.directing.start, (1.0, 1.0))


def test_from_the_mean_of_b_the_whole_way_leads_to_that_of_a(
    qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace
) -> None:
    choose(panel, "Class c", "Class a")
    settle(qtbot, panel)
    panel.slider.setValue(30)
    QTest.mouseClick(panel.from_b, Qt.MouseButton.LeftButton)
    assert panel.slider.value() == 0
    panel.slider.setValue(100)
    mean, labels = open_workspace.codes.mean, open_workspace.codes.labels
    assert np.allclose(open_workspace.probe, mean[labels == 2].mean(axis=0), atol=1e-5)


def test_swapping_turns_it_round_and_a_path_can_be_made_of_it(
    qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace
) -> None:
    choose(panel, "Class c", "Class b")
    settle(qtbot, panel)
    before = panel.directing.vector
    panel.directing.set_groups(panel.directing.b, panel.directing.a)
    settle(qtbot, panel)
    assert np.allclose(panel.directing.vector, -before)
    assert (panel.a_choice.currentText(), panel.b_choice.currentText()) == ("Class b", "Class c")
    with qtbot.waitSignal(panel.path_shown):
        QTest.mouseClick(panel.path_button, Qt.MouseButton.LeftButton)
    path = open_workspace.pathing.current
    assert path is not None
    assert np.allclose(path.waypoints, (2 * before, -2 * before))
    open_workspace.undo_stack.undo()
    assert open_workspace.pathing.current is None


def test_the_selection_and_the_rest_follow(qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace) -> None:
    assert (panel.directing.a, panel.directing.b) == (SELECTED, REST)
    settle(qtbot, panel)
    assert panel.hint.isVisible()
    assert not panel.along.isVisible()
    open_workspace.selecting.choose(np.arange(2, 90, 3))
    settle(qtbot, panel)
    assert panel.directing.found is not None
    assert panel.directing.found.counts == (30, 60)
    assert panel.along.isVisible()
    open_workspace.selecting.keep("mine")
    choose(panel, "mine", "Everything else")
    open_workspace.selecting.rename("mine", "ours")
    assert panel.a_choice.currentText() == "ours"
    open_workspace.selecting.forget("ours")
    assert panel.directing.a == SELECTED
    assert panel.a_choice.currentText() == "The selection"


def test_what_is_not_to_be_trusted_is_said(qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace) -> None:
    random = np.random.default_rng(1)
    halves = random.permutation(np.arange(0, 90, 3))
    open_workspace.selecting.set_kept((Selection.of(halves[:15], "half"), Selection.of([1, 4, 7], "few")))
    open_workspace.selecting.set(Selection.of(halves[15:]))
    choose(panel, "The selection", "half")
    settle(qtbot, panel)
    assert panel.warning.text().startswith("Not distinguishable from zero")
    choose(panel, "few", "Class c")
    settle(qtbot, panel)
    assert "Too few points" in panel.warning.text() and "one has 3" in panel.warning.text()
    assert panel.along.isVisible()
    choose(panel, "Class c", "Class c")
    settle(qtbot, panel)
    assert "same mean" in panel.warning.text()
    assert not panel.along.isVisible()
    choose(panel, "half", "Class a")
    settle(qtbot, panel)
    assert (
        panel.warning.text().endswith("(p = 0.99).")
        or "15 points are in both" in panel.warning.text()
        or ("Not distinguishable" in panel.warning.text())
    )


def test_nothing_is_computed_while_nobody_looks(qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace) -> None:
    choose(panel, "Class c", "Class a")
    settle(qtbot, panel)
    panel.directing.set_active(False)
    assert panel.directing.vector is None
    open_workspace.selecting.choose([1, 2])
    assert panel.directing.is_settled()
    panel.directing.set_active(True)
    settle(qtbot, panel)
    assert panel.directing.vector is not None


@pytest.mark.parametrize("dimension", [1, 20])
def test_any_number_of_dimensions(
    qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace, model_file: ModelFile, dimension: int
) -> None:
    labels = np.arange(60) % 2
    mean = np.random.default_rng(0).normal(size=(60, dimension)).astype(np.float32) + labels[:, None]
    config = model_file.config.model_copy(update={"latent": dimension})
    file = replace(model_file, config=config, codes=Codes(mean, None, labels))
    open_workspace.open_model(OpenModel(file, "other"))
    choose(panel, "Class b", "Class a")
    settle(qtbot, panel)
    assert ("cosine" in panel.sureness.text()) == (dimension > 1)
    start = open_workspace.probe
    panel.slider.setValue(150)
    assert np.allclose(open_workspace.probe, start + 1.5 * panel.directing.vector)


def test_where_there_is_no_direction_it_is_said_why(
    qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace, model_file: ModelFile
) -> None:
    open_workspace.open_model(OpenModel(replace(model_file, codes=None), "bare"))
    assert "no codes" in panel.refusal.text()
    assert not panel.body.isVisible()
    vq = model_file.config.model_copy(update={"family": "vq-vae"})
    open_workspace.open_model(OpenModel(replace(model_file, config=vq), "grids"))
    assert "VQ-VAE" in panel.refusal.text()
    assert not panel.body.isVisible()
    open_workspace.open_model(OpenModel(model_file, "usual"))
    assert panel.body.isVisible()


def test_newer_codes_of_a_run_change_the_direction(
    qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace, model_file: ModelFile
) -> None:
    choose(panel, "Class c", "Class a")
    settle(qtbot, panel)
    before = panel.directing.vector
    panel.slider.setValue(50)
    probe = open_workspace.probe
    wider = replace(model_file, codes=replace(model_file.codes, mean=2 * model_file.codes.mean))
    open_workspace.set_snapshot(OpenModel(wider, "later"))
    settle(qtbot, panel)
    assert np.allclose(panel.directing.vector, 2 * before)
    assert np.array_equal(open_workspace.probe, probe)
    assert panel.slider.value() == 50


def test_a_cosine_is_never_said_to_be_more_than_it_is() -> None:
    found = Direction(np.array([1.0, 0.0]), np.zeros(2), np.zeros(2), (30, 30))
    for angle, said in ((4.2, "≥ 0.997"), (17.8, "≥ 0.952"), (1.0, "> 0.999"), (120.0, f"≥ {MINUS}0.500")):
        assert f"cosine {said}" in sureness_text(found, Uncertainty(0.9, 1.1, angle, 0.001), False)


def test_the_error_bar_stands_about_1_on_the_scale_of_the_slider(
    qtbot: QtBot, panel: DirectionPanel, open_workspace: Workspace
) -> None:
    choose(panel, "Class c", "Class a")
    settle(qtbot, panel)
    found, sure, scale = panel.directing.found, panel.directing.sure, panel.scale
    assert found is not None and sure is not None and scale.bar is not None
    assert np.allclose(scale.bar, (sure.low / found.length, sure.high / found.length))
    assert scale.bar[0] < 1 < scale.bar[1] and scale.words in scale.toolTip()
    assert scale.x_of(-REACH) < scale.x_of(scale.bar[0]) < scale.x_of(1) < scale.x_of(scale.bar[1]) < scale.x_of(REACH)
    qtbot.waitUntil(lambda: scale.width() == panel.slider.width())
    accent, row = QColor(DARK.accent), round(BAR)
    image = scale.grab().toImage()
    assert image.pixelColor(round(scale.x_of(1)), row) == accent
    assert image.pixelColor(round(scale.x_of(0)), row) != accent
    open_workspace.selecting.set(Selection.of([0, 1, 2]))
    choose(panel, "The selection", "Class a")
    settle(qtbot, panel)
    assert scale.bar is None and not scale.toolTip(), "too few points for a bar"

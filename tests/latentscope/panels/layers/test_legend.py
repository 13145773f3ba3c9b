"""The legend, clicked as a person does."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from latentscope.panels.layers.legend import MOST_BUTTONS, LegendPanel
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT
from trainer.files import Codes, ModelFile


@pytest.fixture
def legend(qtbot: QtBot, open_workspace: Workspace) -> LegendPanel:
    panel = LegendPanel(open_workspace, DARK)
    qtbot.addWidget(panel)
    panel.resize(300, 200)
    panel.show()
    return panel


def click(legend: LegendPanel, label: int) -> None:
    QTest.mouseClick(legend.buttons[label], Qt.MouseButton.LeftButton)


def double_click(legend: LegendPanel, label: int) -> None:
    """What a window system sends for a double click: a whole click, then the second press and release."""
    click(legend, label)
    QTest.mouseDClick(legend.buttons[label], Qt.MouseButton.LeftButton)


def test_names_and_counts(legend: LegendPanel) -> None:
    assert [button.accessibleName() for button in legend.buttons] == [f"Class {name}, 30 points" for name in "abc"]


def test_a_click_hides_and_shows(legend: LegendPanel, open_workspace: Workspace) -> None:
    click(legend, 1)
    assert open_workspace.hidden_classes == {1}
    assert not legend.buttons[1].isChecked()
    click(legend, 1)
    assert open_workspace.hidden_classes == frozenset()
    assert legend.buttons[1].isChecked()


def test_a_double_click_shows_one_alone_and_again_all(legend: LegendPanel, open_workspace: Workspace) -> None:
    double_click(legend, 2)
    assert open_workspace.hidden_classes == {0, 1}
    double_click(legend, 2)
    assert open_workspace.hidden_classes == frozenset()


def test_a_double_click_is_one_step_to_undo(legend: LegendPanel, open_workspace: Workspace) -> None:
    double_click(legend, 2)
    open_workspace.undo_stack.undo()
    assert open_workspace.hidden_classes == frozenset()
    assert all(button.isChecked() for button in legend.buttons)
    assert not open_workspace.undo_stack.canUndo()


def test_show_all_is_there_only_when_needed(legend: LegendPanel, open_workspace: Workspace) -> None:
    assert legend.show_all.isHidden()
    click(legend, 0)
    assert legend.show_all.isVisible()
    QTest.mouseClick(legend.show_all, Qt.MouseButton.LeftButton)
    assert open_workspace.hidden_classes == frozenset()


def test_ten_fast_clicks(legend: LegendPanel, open_workspace: Workspace) -> None:
    for _ in range(10):
        click(legend, 0)
    assert open_workspace.hidden_classes == frozenset()


def test_a_snapshot_keeps_the_buttons(legend: LegendPanel, open_workspace: Workspace, model_file: ModelFile) -> None:
    before = list(legend.buttons)
    open_workspace.set_snapshot(OpenModel(model_file, "later"))
    assert legend.buttons == before


def test_two_hundred_classes_none_and_missing_labels(
    qtbot: QtBot, legend: LegendPanel, open_workspace: Workspace, model_file: ModelFile
) -> None:
    labels = np.arange(90) % 7
    names = tuple(f"a class with quite a long name {i}" for i in range(200))
    codes = replace(model_file.codes, labels=labels)
    open_workspace.open_model(OpenModel(replace(model_file, class_names=names, codes=codes), "many"))
    assert len(legend.buttons) == 200
    legend.set_theme(LIGHT)
    unlabelled = replace(model_file, class_names=(), codes=Codes(model_file.codes.mean))
    open_workspace.open_model(OpenModel(unlabelled, "none"))
    assert legend.buttons == []
    legend.grab()


def test_with_a_key_a_click_selects_and_hides_nothing(legend: LegendPanel, open_workspace: Workspace) -> None:
    selection = lambda: open_workspace.selecting.selection.index  # noqa: E731
    keys = Qt.KeyboardModifier
    for key, label, count in (
        (keys.ControlModifier, 1, 30),
        (keys.ShiftModifier, 2, 60),
        (keys.AltModifier, 1, 30),
        (keys.ControlModifier, 0, 30),
    ):
        QTest.mouseClick(legend.buttons[label], Qt.MouseButton.LeftButton, key)
        assert len(selection()) == count
    labels = open_workspace.codes.labels
    assert set(labels[selection()]) == {0}
    assert open_workspace.hidden_classes == frozenset()
    assert open_workspace.undo_stack.undoText() == "Select class a"
    QTest.mouseDClick(legend.buttons[1], Qt.MouseButton.LeftButton, keys.ControlModifier)
    assert open_workspace.hidden_classes == frozenset()


def test_the_menu_of_a_class(qtbot: QtBot, legend: LegendPanel, open_workspace: Workspace) -> None:
    button = legend.buttons[1]
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(5, 5), button.mapToGlobal(QPoint(5, 5)))
    QApplication.sendEvent(button, event)
    menu = next(menu for menu in legend.findChildren(QMenu) if menu.isVisible())
    actions = {action.text(): action for action in menu.actions()}
    actions["Select Class b"].trigger()
    assert len(open_workspace.selecting.selection) == 30
    actions["Remove from the Selection"].trigger()
    assert not len(open_workspace.selecting.selection)
    actions["Show Alone"].trigger()
    assert open_workspace.hidden_classes == {0, 2}
    menu.close()


def open_with(workspace: Workspace, file: ModelFile, names: tuple[str, ...], codes: Codes) -> None:
    workspace.open_model(OpenModel(replace(file, class_names=names, codes=codes), "test"))


def test_many_classes_are_found_by_their_names(
    legend: LegendPanel, open_workspace: Workspace, model_file: ModelFile
) -> None:
    assert legend.search.isHidden()
    names = tuple(f"kind {i}" for i in range(200))
    codes = Codes(np.zeros((400, 2), np.float32), None, np.arange(400) % 200)
    open_with(open_workspace, model_file, names, codes)
    assert len(legend.buttons) == 200
    QTest.keyClicks(legend.search, "19")
    assert [button.name for button in legend.buttons] == [
        "kind 19",
        "kind 119",
        *(f"kind {i}" for i in range(190, 200)),
    ]
    QTest.mouseClick(legend.buttons[1], Qt.MouseButton.LeftButton)
    assert open_workspace.hidden_classes == {119}
    legend.search.setText("nothing of the kind")
    assert legend.buttons == []
    legend.search.clear()
    assert not legend.buttons[119].isChecked()
    open_with(open_workspace, model_file, ("a", "b"), Codes(np.zeros((4, 2), np.float32), None, np.arange(4) % 2))
    assert legend.search.isHidden()


def test_of_thousands_of_classes_only_the_first_have_buttons(
    legend: LegendPanel, open_workspace: Workspace, model_file: ModelFile
) -> None:
    names = tuple(f"kind {i}" for i in range(5000))
    open_with(open_workspace, model_file, names, Codes(np.zeros((10, 2), np.float32), None, np.arange(10) * 499))
    assert len(legend.buttons) == MOST_BUTTONS
    legend.search.setText("kind 4999")
    assert [button.label for button in legend.buttons] == [4999]
    QTest.mouseDClick(legend.buttons[0], Qt.MouseButton.LeftButton)
    assert open_workspace.hidden_classes == frozenset(range(4999))


def test_what_is_left_out_is_said_and_not_counted(
    legend: LegendPanel, open_workspace: Workspace, model_file: ModelFile
) -> None:
    mean = np.zeros((6, 2), np.float32)
    mean[0, 1], mean[4] = np.nan, np.inf
    open_with(open_workspace, model_file, ("a", "b", "none"), Codes(mean, None, np.array([0, 0, 0, 1, 1, 1])))
    assert [button.accessibleName() for button in legend.buttons] == [
        "Class a, 2 points",
        "Class b, 2 points",
        "Class none, 0 points",
    ]
    assert legend.left_out.text() == "2 of 6 codes are not numbers and are left out."
    assert not legend.left_out.isHidden()
    later = Codes(np.zeros((6, 2), np.float32), None, np.array([0, 0, 0, 1, 1, 1]))
    open_workspace.set_snapshot(OpenModel(replace(model_file, codes=later), "test", live=True))
    assert legend.left_out.isHidden()


def test_labels_beyond_the_names_have_their_numbers(
    legend: LegendPanel, open_workspace: Workspace, model_file: ModelFile
) -> None:
    codes = Codes(np.zeros((3, 2), np.float32), None, np.array([0, 3, -1]))
    open_with(open_workspace, model_file, ("a",), codes)
    assert [(button.name, button.accessibleName()[-8:]) for button in legend.buttons] == [
        ("a", "1 points"),
        ("1", "0 points"),
        ("2", "0 points"),
        ("3", "1 points"),
    ]


def test_a_long_name_leaves_its_count_in_sight(
    qtbot: QtBot, legend: LegendPanel, workspace: Workspace, model_file: ModelFile
) -> None:
    names = tuple(f"a class whose name goes on and on for very long, number {label}" for label in range(3))
    workspace.open_model(OpenModel(replace(model_file, class_names=names), "long"))
    legend.resize(240, 200)
    qtbot.waitUntil(lambda: legend.buttons[2].y() > 0)  # it is laid out
    for button in legend.buttons:
        assert button.mapTo(legend, button.rect().topRight()).x() < legend.width()

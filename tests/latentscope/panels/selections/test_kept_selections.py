"""The kept selections, with mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from latentscope.analysis.selection_names import LONGEST
from latentscope.panels.selections.kept_selections import KeptSelections
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT
from trainer.files import ModelFile

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def panel(qtbot: QtBot, open_workspace: Workspace) -> KeptSelections:
    widget = KeptSelections(open_workspace, DARK)
    qtbot.addWidget(widget)
    widget.resize(220, 300)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def names(panel: KeptSelections) -> list[str]:
    return [panel.list.topLevelItem(i).text(0) for i in range(panel.list.topLevelItemCount())]


def middle_of(panel: KeptSelections, row: int) -> QPoint:
    return panel.list.visualItemRect(panel.list.topLevelItem(row)).center()


def click(panel: KeptSelections, row: int, keys: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mouseClick(panel.list.viewport(), LEFT, keys, middle_of(panel, row))


def keep(panel: KeptSelections, rows: list[int], name: str = "") -> None:
    panel._workspace.selecting.choose(rows)
    panel.name.clear()
    QTest.keyClicks(panel.name, name)
    QTest.keyClick(panel.name, Qt.Key.Key_Return)


def test_nothing_is_kept_of_nothing(panel: KeptSelections, open_workspace: Workspace) -> None:
    assert not panel.button.isEnabled()
    assert not panel.name.isEnabled()
    panel.keep()
    assert open_workspace.selecting.kept == ()
    assert not panel.list.isVisible()


def test_a_name_is_offered_and_a_click_selects_again(panel: KeptSelections, open_workspace: Workspace) -> None:
    selecting = open_workspace.selecting
    keep(panel, [0, 3, 6])
    keep(panel, [2, 5], "  two   of c ")
    assert names(panel) == ["as, left", "two of c"]
    assert panel.list.topLevelItem(0).text(1) == "3"
    selecting.clear()
    click(panel, 0)
    assert selecting.selection.index.tolist() == [0, 3, 6]
    assert panel.list.currentIndex().row() == 0
    click(panel, 1, Qt.KeyboardModifier.ShiftModifier)
    assert selecting.selection.index.tolist() == [0, 2, 3, 5, 6]
    click(panel, 0, Qt.KeyboardModifier.AltModifier)
    assert selecting.selection.index.tolist() == [2, 5]
    assert panel.list.currentIndex().row() == 1
    for expected in ([0, 2, 3, 5, 6], [0, 3, 6], []):
        open_workspace.undo_stack.undo()
        assert selecting.selection.index.tolist() == expected


def test_a_name_that_is_taken_replaces(panel: KeptSelections, open_workspace: Workspace) -> None:
    keep(panel, [0], "one")
    open_workspace.selecting.choose([7, 8])
    QTest.keyClicks(panel.name, "one")
    assert panel.button.text() == "Replace"
    QTest.mouseClick(panel.button, LEFT)
    assert names(panel) == ["one"]
    assert panel.list.topLevelItem(0).text(1) == "2"
    assert panel.button.text() == "Keep"
    open_workspace.undo_stack.undo()
    assert panel.list.topLevelItem(0).text(1) == "1"


def test_names_may_be_very_long_and_never_empty(panel: KeptSelections) -> None:
    keep(panel, [0], "x" * 500)
    assert names(panel) == ["x" * LONGEST]
    assert panel.list.topLevelItem(0).toolTip(0).startswith("x" * LONGEST)
    keep(panel, [0, 3], "    ")
    assert names(panel)[1] == "as, left"
    panel.grab()


def test_esc_gives_the_name_up_and_not_the_selection(panel: KeptSelections, open_workspace: Workspace) -> None:
    open_workspace.selecting.choose([0, 3])
    panel.ask_for_a_name()
    assert panel.name.text() == "as, left"
    QTest.keyClick(panel.name, Qt.Key.Key_Escape)
    assert panel.name.text() == ""
    assert len(open_workspace.selecting.selection) == 2


def type_over(qtbot: QtBot, panel: KeptSelections, row: int, text: str) -> None:
    qtbot.waitUntil(lambda: panel.list.findChild(QLineEdit) is None)
    panel.list.setCurrentItem(panel.list.topLevelItem(row))
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_F2)
    field = panel.list.findChild(QLineEdit)
    assert field is not None
    field.setText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_kept_selection_is_renamed_in_its_place(
    panel: KeptSelections, open_workspace: Workspace, qtbot: QtBot
) -> None:
    keep(panel, [0], "one")
    keep(panel, [1], "two")
    type_over(qtbot, panel, 0, "first")
    qtbot.waitUntil(lambda: names(panel) == ["first", "two"])
    type_over(qtbot, panel, 0, "   ")
    qtbot.waitUntil(lambda: names(panel) == ["first", "two"])
    type_over(qtbot, panel, 0, "two")
    qtbot.waitUntil(lambda: names(panel) == ["two 2", "two"])
    open_workspace.undo_stack.undo()
    assert names(panel) == ["first", "two"]


def test_delete_and_the_menu_remove(panel: KeptSelections, open_workspace: Workspace) -> None:
    for row, name in enumerate(("one", "two", "three")):
        keep(panel, [row], name)
    click(panel, 1)
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert names(panel) == ["one", "three"]
    panel.list.customContextMenuRequested.emit(middle_of(panel, 0))
    menu = next(menu for menu in panel.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if action.text() == "Remove from This List").trigger()
    menu.close()
    assert names(panel) == ["three"]
    open_workspace.undo_stack.undo()
    open_workspace.undo_stack.undo()
    assert names(panel) == ["one", "two", "three"]


def test_another_model_has_none(panel: KeptSelections, open_workspace: Workspace, model_file: ModelFile) -> None:
    keep(panel, [0], "one")
    open_workspace.open_model(OpenModel(model_file, "another"))
    assert names(panel) == []
    panel.set_theme(LIGHT)
    assert np.array_equal(open_workspace.selecting.selection.index, [])

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.state import undo
from latentscope.state.workspace import Workspace
from latentscope.window.opacity import AtlasOpacity


@pytest.fixture
def opacity(qtbot: QtBot, open_workspace: Workspace) -> AtlasOpacity:
    widget = AtlasOpacity(open_workspace)
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_a_drag_is_one_step_to_undo(
    opacity: AtlasOpacity, open_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo, "ONE_GO", -1.0)  # however long it takes
    stack, before = open_workspace.undo_stack, open_workspace.layers
    slider = opacity.slider
    at = QPoint(round(7 + (slider.value() - 5) / 95 * (slider.width() - 14)), slider.height() // 2)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=at)
    for x in (4, 12, 30):
        QTest.mouseMove(slider, at + QPoint(x, 0))
        assert open_workspace.layers.atlas_opacity == slider.value() / 100
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=at + QPoint(30, 0))
    stronger = open_workspace.layers
    assert stronger.atlas_opacity > before.atlas_opacity
    assert stack.count() == 1
    stack.undo()
    assert open_workspace.layers == before
    assert slider.value() == round(100 * before.atlas_opacity)
    stack.redo()
    assert open_workspace.layers == stronger


def test_quick_keys_are_one_step_and_slow_ones_are_not(
    opacity: AtlasOpacity, open_workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, before = open_workspace.undo_stack, open_workspace.layers
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(opacity.slider, key)
    assert stack.count() == 1
    QTest.keyClick(opacity.slider, Qt.Key.Key_Left)  # back where it was: nothing to undo
    assert open_workspace.layers == before
    assert stack.count() == 0
    monkeypatch.setattr(undo, "ONE_GO", -1.0)
    QTest.keyClick(opacity.slider, Qt.Key.Key_Right)
    QTest.keyClick(opacity.slider, Qt.Key.Key_Right)
    assert stack.count() == 2

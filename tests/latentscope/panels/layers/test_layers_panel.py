from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from latentscope.panels.layers.panel import LayersPanel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK


def test_a_switch_shows_and_hides_a_layer_and_can_be_undone(qtbot: QtBot, open_workspace: Workspace) -> None:
    panel = LayersPanel(open_workspace, DARK)
    qtbot.addWidget(panel)
    panel.resize(panel.sizeHint())
    panel.show()
    box = panel.rows["atlas"].box
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert not open_workspace.layers.shows("atlas") and not box.isChecked()
    open_workspace.undo_stack.undo()
    assert box.isChecked()


def test_only_layers_that_the_model_has_are_offered(qtbot: QtBot, open_workspace: Workspace) -> None:
    panel = LayersPanel(open_workspace, DARK)
    qtbot.addWidget(panel)
    assert panel.rows["codebook"].isHidden() and not panel.rows["prior"].isHidden()


def test_a_legend_is_seen_while_its_layer_is_on(qtbot: QtBot, open_workspace: Workspace) -> None:
    panel = LayersPanel(open_workspace, DARK)
    qtbot.addWidget(panel)
    legend = QLabel("a scale")
    panel.rows["points"].add_legend(legend)
    panel.show()
    assert legend.isVisible()
    open_workspace.set_layers(open_workspace.layers.with_shown("points", False))
    assert not legend.isVisible()

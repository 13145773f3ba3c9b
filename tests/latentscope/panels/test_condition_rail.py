"""The condition rail with few, many and long-named classes."""

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding, load_codec
from latentscope.panels.condition_rail import ConditionRail
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT
from trainer.conditions import pure
from trainer.files import ModelFile

Show = Callable[..., ConditionRail]


@pytest.fixture
def show_rail(
    qtbot: QtBot, workspace: Workspace, background: Background, make_conditional: Callable[..., ModelFile]
) -> Show:
    def show(names: tuple[str, ...], width: int = 120, height: int = 500) -> ConditionRail:
        decoding = Decoding(background, workspace)
        workspace.condition_changed.connect(lambda: decoding.set_condition(workspace.condition))
        rail = ConditionRail(workspace, decoding, DARK)
        qtbot.addWidget(rail)
        rail.resize(width, height)
        with qtbot.waitExposed(rail):
            rail.show()
        file = make_conditional(names)
        workspace.open_model(OpenModel(file, "test"))
        decoding.use(load_codec(file))
        qtbot.waitUntil(lambda: bool(rail.cells.pictures) and not background.busy())
        return rail

    return show


def test_of_a_thousand_classes_only_those_in_view_are_decoded(
    qtbot: QtBot, show_rail: Show, workspace: Workspace
) -> None:
    rail = show_rail(tuple(f"n{number:08d} of a very long name indeed" for number in range(1000)))
    assert 5 < len(rail.cells.pictures) < 20
    assert rail.cells.width() <= rail.area.viewport().width()
    bar = rail.area.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: 999 in rail.cells.pictures)
    assert 0 not in rail.cells.pictures
    rail.cells.setFocus()
    QTest.keyClick(rail.cells, Qt.Key.Key_3)
    assert workspace.condition == tuple(pure(3, 1000))
    qtbot.waitUntil(lambda: 3 in rail.cells.pictures)  # it has come into view
    rail.grab()


def test_lying_it_is_a_row(qtbot: QtBot, show_rail: Show, workspace: Workspace) -> None:
    rail = show_rail(("a", "b", "c"), 700, 170)
    assert rail.cells.in_row
    rects = [rail.cells.cell_rect(label) for label in range(3)]
    assert rects[0].right() < rects[1].left() < rects[2].left()
    QTest.mouseClick(rail.cells, Qt.MouseButton.LeftButton, pos=rects[2].center())
    assert workspace.condition == (0, 0, 1)
    rail.set_theme(LIGHT)
    rail.grab()


def test_a_click_beside_the_cells_and_a_press_that_is_let_go_elsewhere_mean_nothing(
    show_rail: Show, workspace: Workspace
) -> None:
    rail = show_rail(("a", "b"), 120, 700)
    QTest.mouseClick(rail.cells, Qt.MouseButton.LeftButton, pos=QPoint(20, rail.cells.height() - 2))
    assert workspace.condition == (1, 0)
    QTest.mousePress(rail.cells, Qt.MouseButton.LeftButton, pos=rail.cells.cell_rect(1).center())
    QTest.mouseRelease(rail.cells, Qt.MouseButton.LeftButton, pos=QPoint(20, rail.cells.height() - 2))
    assert workspace.condition == (1, 0)


def test_a_mixture_of_three_has_no_slider_but_shares(show_rail: Show, workspace: Workspace) -> None:
    rail = show_rail(("a", "b", "c"))
    workspace.set_condition([1, 1, 2])
    assert not rail.mixture.isVisible()
    assert rail.cells.accessibleDescription() == "a 25 %, b 25 %, c 50 %"
    rail.purify()
    assert workspace.condition == (0, 0, 1)


def test_the_slider_held_at_an_end_is_still_a_mixture(show_rail: Show, workspace: Workspace) -> None:
    rail = show_rail(("a", "b", "c"))
    workspace.set_condition([0, 1, 1])
    slider = rail.mixture.slider
    slider.setSliderDown(True)
    for value in (80, 100, 30, 0, 40):
        slider.setValue(value)
        assert workspace.condition == pytest.approx((0, 1 - value / 100, value / 100))
        assert rail.mixture.isVisible()
    slider.setSliderDown(False)
    assert workspace.condition == pytest.approx((0, 0.6, 0.4))
    assert workspace.undo_stack.count() == 1
    workspace.undo_stack.undo()
    assert np.allclose(workspace.condition, (0, 0.5, 0.5))

"""The decoded image, its facts and the points around it."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.panels.decoded import DecodedPanel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT
from trainer.files import ModelFile


@pytest.fixture
def panel(qtbot: QtBot, open_workspace: Workspace, decoding: Decoding, originals: Originals) -> DecodedPanel:
    result = DecodedPanel(open_workspace, decoding, originals, DARK)
    qtbot.addWidget(result)
    result.resize(340, 460)
    result.show()
    return result


def painted(qtbot: QtBot, panel: DecodedPanel, workspace: Workspace) -> None:
    """Wait until the probe has been painted, and the words about it follow."""
    qtbot.waitUntil(lambda: panel.is_settled() and not workspace.after_paint.is_due)


def test_the_probe_is_decoded_at_once_and_the_words_come_after_the_paint(
    qtbot: QtBot, panel: DecodedPanel, open_workspace: Workspace, decoding: Decoding
) -> None:
    assert decoding.codec is not None
    painted(qtbot, panel, open_workspace)
    order: list[str] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                order.append(type(watched).__name__)
            return False

    watch = Watch()
    for widget in (panel.view, panel.neighbours):
        widget.installEventFilter(watch)
    open_workspace.set_probe([1.5, -0.5])
    assert np.array_equal(panel.view.picture, decoding.codec.decode([[1.5, -0.5]])[0])
    painted(qtbot, panel, open_workspace)
    qtbot.waitUntil(lambda: len(order) >= 2)
    assert order[0] == "PictureView", "the picture waits for nothing else"
    assert panel.coordinates.text() == "z = (+1.50, −0.50)"
    assert panel.time.text().startswith("decoded in")


def test_coordinates_can_be_taken_along(panel: DecodedPanel, open_workspace: Workspace) -> None:
    open_workspace.set_probe([0.123456789, -2])
    (copy,) = panel.coordinates.actions()
    copy.trigger()
    assert QGuiApplication.clipboard().text() == "0.123456789,-2"


def test_a_probe_that_moves_makes_nobody_lay_out_anything(
    panel: DecodedPanel, open_workspace: Workspace, qtbot: QtBot
) -> None:
    """A label's new text would, up to the main window and on every move of the mouse."""
    open_workspace.set_probe([0.1, 0])
    qtbot.wait(20)
    asked: list[QObject] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.LayoutRequest:
                asked.append(watched)
            return False

    watch = Watch()
    panel.installEventFilter(watch)
    for i in range(10):
        open_workspace.set_probe([-2 + 0.3 * i, 0.05 * i])
        qtbot.wait(2)
    assert panel.coordinates.text() == "z = (+0.70, +0.45)"
    assert asked == []
    panel.removeEventFilter(watch)
    # and nothing of it is cut off
    for label in (panel.coordinates, panel.time):
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()


def test_the_neighbours_are_named_and_can_be_gone_to(
    panel: DecodedPanel, open_workspace: Workspace, qtbot: QtBot
) -> None:
    open_workspace.set_probe([2, 0])
    painted(qtbot, panel, open_workspace)
    row = panel.neighbours
    assert row.accessibleDescription().count("c, test image") == 7
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 20))
    codes = open_workspace.codes
    assert codes is not None
    assert np.linalg.norm(codes.mean - open_workspace.probe, axis=1).min() < 1e-6


def test_without_a_decoder_it_says_so(
    qtbot: QtBot, open_workspace: Workspace, background: Background, originals: Originals
) -> None:
    decoding = Decoding(background)
    panel = DecodedPanel(open_workspace, decoding, originals, LIGHT)
    qtbot.addWidget(panel)
    assert panel.view.picture is None
    panel.resize(340, 460)
    panel.grab()


def test_a_model_that_cannot_be_decoded_is_said(
    qtbot: QtBot, open_workspace: Workspace, background: Background, originals: Originals, model_file: ModelFile
) -> None:
    decoding = Decoding(background)
    panel = DecodedPanel(open_workspace, decoding, originals, LIGHT)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(decoding.failed, timeout=30_000) as failed:
        decoding.open(replace(model_file, weights={}), "mine.safetensors")
    assert failed.args[0].startswith("mine.safetensors: ")
    assert panel.view.text == "This model cannot be decoded."


def test_an_offer_of_data_comes_and_goes(panel: DecodedPanel, qtbot: QtBot) -> None:
    panel.offer_data("Get MNIST (11 MB)")
    button = panel.data_button
    assert button.isVisible()
    with qtbot.waitSignal(panel.data_wanted):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    panel.offer_data("")
    assert not button.isVisible()

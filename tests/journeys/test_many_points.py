"""Somebody opens a model with more points than could ever be drawn within a frame, and moves about in it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import map_mouse as mouse
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from latentscope.assets import shipped_model
from latentscope.main_window import MainWindow
from latentscope.state.selection import Selection
from latentscope.theme import DARK, class_colours
from trainer.files import Codes, read_model, write_model

COUNT = 150_000
PATIENCE = 60_000
# Class 0 is a heap at (−1.5, 0), all others are one at (1.5, 0).
LEFT, RIGHT = (-1.5, 0.0), (1.5, 0.0)


@pytest.fixture
def many(make_window: Callable[..., MainWindow], tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """The window with a model of 150,000 test points."""
    path = shipped_model()
    assert path is not None
    random = np.random.default_rng(0)
    label = random.integers(0, 10, COUNT)
    mean = random.normal(0, 0.3, (COUNT, 2)) + np.where(label[:, None] == 0, LEFT, RIGHT)
    own = tmp_path / "many.safetensors"
    write_model(own, replace(read_model(path), codes=Codes(mean.astype(np.float32), None, label)))
    window = make_window()
    window.workspace.set_layers(window.workspace.layers.with_shown("atlas", False))
    window.open_path(own)
    qtbot.waitUntil(lambda: window.workspace.model.path == own, timeout=PATIENCE)
    settle(window, qtbot)
    return window


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)


def near(window: MainWindow, place: tuple[float, float]) -> NDArray[np.float64]:
    """The mean colour of some pixels about a place of the map."""
    pixel = mouse.pixel(window.map, place)
    ratio = window.map.devicePixelRatioF()
    image = window.map.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    x, y = round(pixel.x() * ratio), round(pixel.y() * ratio)
    about = [image.pixelColor(x + dx, y + dy) for dx in range(-6, 7) for dy in range(-6, 7)]
    return np.mean([(one.red(), one.green(), one.blue()) for one in about], axis=0)


def hue_share(colour: NDArray[np.float64], label: int) -> float:
    """How much of a colour is a class's: 0 on the bare ground, about 1 in a crowd of it alone."""
    ground, own = np.array([11, 14, 19.0]), np.array(class_colours(10, DARK)[label], float)
    return float((colour - ground) @ (own - ground) / ((own - ground) @ (own - ground)))


def test_many_points_are_seen_hidden_selected_and_pointed_at(many: MainWindow, qtbot: QtBot) -> None:
    window, view = many, many.map
    assert len(view.cloud.index) == COUNT
    assert hue_share(near(window, LEFT), 0) > 0.8

    # A class is hidden, and shown again: the picture follows.
    button = window.legend.buttons[0]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(window, qtbot)
    assert abs(hue_share(near(window, LEFT), 0)) < 0.1
    window.workspace.undo_stack.undo()
    settle(window, qtbot)
    assert hue_share(near(window, LEFT), 0) > 0.8

    # What is not selected is dim, however crowded.
    assert window.workspace.codes is not None
    labels = window.workspace.codes.labels
    window.workspace.selecting.change(Selection.of(np.flatnonzero(labels != 0)), "Select")
    settle(window, qtbot)
    assert 0.02 < hue_share(near(window, LEFT), 0) < 0.3
    window.workspace.undo_stack.undo()
    settle(window, qtbot)

    # From near single points are seen, and the mouse finds each.
    while view.camera.scale < 60_000:
        mouse.turn(view, 4, mouse.pixel(view, LEFT))
        QTest.qWait(1)
    settle(window, qtbot)
    assert not view.points.rough
    seen = view.camera.visible()
    x, y = view.cloud.position.T
    inside = np.flatnonzero((x > seen.left) & (x < seen.right) & (y > seen.bottom) & (y < seen.top))
    middle = np.hypot(*(view.cloud.position[inside] - (view.camera.x, view.camera.y)).T)
    row = int(inside[middle.argmin()])
    place = tuple(float(part) for part in view.cloud.position[row])
    pointed: list[int] = []
    view.pointed.connect(pointed.append)
    mouse.hover(view, place)
    assert pointed[-1] == view.cloud.index[row]


def test_the_view_is_filled_at_each_step_of_a_gesture(many: MainWindow, qtbot: QtBot) -> None:
    window, view = many, many.map
    drawn = view.points.drawn
    start = LEFT
    mouse.press(view, start, mouse.MIDDLE)
    where = mouse.pixel(view, start)
    for step in range(1, 30):
        # Far more than the picture of the view reaches beyond it: the rest comes from that of the whole cloud.
        QTest.mouseMove(view, where + type(where)(12 * step, 0))
        assert hue_share(near(window, LEFT), 0) > 0.7
        if view.camera.to_pixel(RIGHT)[0] < view.width() - 20:
            assert near(window, RIGHT).sum() > 150
    QTest.mouseRelease(view, mouse.MIDDLE, Qt.KeyboardModifier.NoModifier, where + type(where)(12 * 29, 0))
    settle(window, qtbot)
    assert view.points.drawn > drawn
    assert not view.points.rough
    assert hue_share(near(window, LEFT), 0) > 0.8


def test_the_window_closes_while_a_picture_is_made(many: MainWindow) -> None:
    many.map.move_camera(many.map.camera.zoomed(1.7, (300, 200)))
    many.map.repaint()
    many.flow.agree_to_close()
    many.close()
    assert many.map.points.is_settled()


def test_a_picture_is_saved_behind_the_window_and_can_be_given_up(
    many: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, path = many, tmp_path / "map.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    with monkeypatch.context() as slowly:
        slowly.setattr("latentscope.map.pace.AWAIT_TURN", 0.1)
        window.action("export-map").trigger()
        qtbot.waitUntil(lambda: window.message_bar.text.startswith("Saving map.png… "), timeout=PATIENCE)
        QTest.mouseClick(window.message_bar.findChild(QPushButton), Qt.MouseButton.LeftButton)
        assert window.message_bar.text == "Nothing was saved."
        settle(window, qtbot)
        assert not path.exists()
    # What is saved is what was seen when it was asked for, but for the message bar, which takes room from the map.
    window.message_bar.hide()
    QApplication.processEvents()
    settle(window, qtbot)
    seen = window.map.picture(2.0)
    window.action("export-map").trigger()
    mouse.turn(window.map, 3, mouse.pixel(window.map, LEFT))
    qtbot.waitUntil(lambda: window.message_bar.text == "Saved as map.png.", timeout=PATIENCE)
    assert QImage(str(path)).convertToFormat(seen.format()) == seen
    window.action("export-map").trigger()
    window.flow.agree_to_close()
    window.close()

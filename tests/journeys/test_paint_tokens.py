"""The story of the token painter: a model with a codebook is opened, an image's codes are looked at, and painted."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from vq import CODES, tiny_vq, with_dead_codes

from latentscope.assets import shipped_model
from latentscope.main_window import MainWindow
from trainer.data import load_dataset
from trainer.files import read_model, write_model

LEFT, RIGHT, PLAIN = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def vq_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vq")
    write_model(folder / "digits-vq.safetensors", tiny_vq(folder / "run"))
    return folder / "digits-vq.safetensors"


@pytest.fixture
def painting(window: MainWindow, vq_model: Path, qtbot: QtBot) -> MainWindow:
    """The window with a VQ-VAE open and all of its pictures there."""
    window.open_path(vq_model)
    qtbot.waitUntil(lambda: window.token_painter.is_usable() and window.is_settled(), timeout=60_000)
    qtbot.waitUntil(lambda: window.token_painter.picture.picture is not None, timeout=60_000)
    return window


def tokens(window: MainWindow) -> list[int]:
    painting = window.workspace.painting
    assert painting is not None
    return [int(code) for code in painting.tokens.ravel()]


def cell(window: MainWindow, index: int) -> QPoint:
    return window.token_painter.grid.cell_rect(index).center().toPoint()


def click_cell(window: MainWindow, index: int, button: Qt.MouseButton = LEFT) -> None:
    QTest.mouseClick(window.token_painter.grid, button, PLAIN, cell(window, index))


def click_code(window: MainWindow, code: int) -> None:
    palette = window.token_painter.palette_view
    palette.mark(code)  # brings it into view
    QTest.mouseClick(palette.viewport(), LEFT, PLAIN, palette.code_rect(code).center().toPoint())


def shown(window: MainWindow) -> np.ndarray:
    picture = window.token_painter.picture.picture
    assert picture is not None
    return picture


def test_the_dock_is_there_for_models_with_a_codebook_only(painting: MainWindow, qtbot: QtBot) -> None:
    dock = painting.docks["Painter"]
    assert dock.isVisible()
    assert dock.toggleViewAction().isEnabled()
    assert painting.action("layer-codebook").isVisible()
    assert not painting.action("layer-prior").isVisible()
    shipped = shipped_model()
    assert shipped is not None
    painting.open_path(shipped)
    qtbot.waitUntil(lambda: not painting.token_painter.is_usable() and painting.is_settled(), timeout=60_000)
    assert not dock.isVisible()
    assert not dock.toggleViewAction().isEnabled()
    assert "with a codebook" in dock.toggleViewAction().toolTip()
    assert painting.action("layer-prior").isVisible()
    painting.arrangement.reset()
    assert not dock.isVisible()


def test_the_use_of_the_codebook_is_always_in_the_title(painting: MainWindow) -> None:
    file = read_model(painting.workspace.model.path) if painting.workspace.model else None
    assert file is not None
    header = painting.token_painter.header.text()
    assert f"of {CODES} codes in use" in header
    assert f"perplexity {file.figures['perplexity']:.0f}" in header


def test_the_painter_follows_the_probe_and_decodes_the_image_that_the_map_decodes(painting: MainWindow) -> None:
    codes = painting.workspace.codes
    assert codes is not None
    assert codes.tokens is not None
    painting.workspace.set_probe(codes.mean[17])
    QApplication.processEvents()
    index = painting.decoded.neighbours.decoded_image
    assert index is not None
    assert tokens(painting) == codes.tokens[index].ravel().tolist()
    assert painting.token_painter.name.text() == f"Test image {index}"
    assert painting.decoded.coordinates.text() == f"nearest encoded image, no. {index}"
    assert np.array_equal(shown(painting), painting.decoded.view.picture)
    # The mouse on the map, between the points, means the image that lies nearest there.
    place = painting.workspace.plane.to_map(codes.mean).mean(axis=0) + 0.01
    x, y = painting.map.camera.to_pixel(place)
    QTest.mouseClick(painting.map, LEFT, PLAIN, QPoint(round(x), round(y)))
    QApplication.processEvents()
    on_map = painting.workspace.plane.to_map(codes.mean)
    under = painting.workspace.plane.to_map(painting.workspace.probe)
    nearest = int(np.linalg.norm(on_map - under, axis=1).argmin())
    assert painting.decoded.neighbours.decoded_image == nearest
    assert tokens(painting) == codes.tokens[nearest].ravel().tolist()


def test_a_cell_and_then_a_code(painting: MainWindow) -> None:
    before, picture = tokens(painting), shown(painting).copy()
    other = (before[1] + 1) % CODES
    click_cell(painting, 1)
    assert painting.token_painter.palette_view.marked == before[1]
    click_code(painting, other)
    assert tokens(painting) == [before[0], other, *before[2:]]
    assert "1 of 4" in painting.token_painter.state.text()
    assert not np.array_equal(shown(painting), picture)
    assert np.array_equal(painting.token_painter.original.picture, picture)
    painting.action("undo").trigger()
    assert tokens(painting) == before
    assert np.array_equal(shown(painting), picture)
    painting.action("redo").trigger()
    assert tokens(painting)[1] == other
    QTest.mouseClick(painting.token_painter.reset, LEFT)
    assert tokens(painting) == before
    assert not painting.token_painter.reset.isEnabled()


def test_a_code_in_hand_is_dragged_over_cells_in_one_step(painting: MainWindow) -> None:
    before, grid = tokens(painting), painting.token_painter.grid
    code = next(code for code in range(CODES) if code not in before)
    click_code(painting, code)
    QTest.mousePress(grid, LEFT, PLAIN, cell(painting, 0))
    QTest.mouseMove(grid, cell(painting, 1))
    QTest.mouseMove(grid, cell(painting, 3))
    QTest.mouseRelease(grid, LEFT, PLAIN, cell(painting, 3))
    assert tokens(painting) == [code, code, before[2], code]
    painting.action("undo").trigger()
    assert tokens(painting) == before
    # Esc puts the code down: the next click selects again.
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    click_cell(painting, 2)
    assert tokens(painting) == before
    assert grid.selected == 2
    click_cell(painting, 2)
    assert grid.selected == -1


def test_the_right_button_takes_up_a_cells_code(painting: MainWindow) -> None:
    before = tokens(painting)
    click_cell(painting, 3, RIGHT)
    click_cell(painting, 0)
    assert tokens(painting) == [before[3], *before[1:]]


def test_a_painting_stays_while_the_probe_moves_until_it_is_left(painting: MainWindow) -> None:
    codes = painting.workspace.codes
    assert codes is not None
    before = tokens(painting)
    click_cell(painting, 0)
    click_code(painting, (before[0] + 1) % CODES)
    mine = tokens(painting)
    painting.workspace.set_probe(codes.mean[40])
    QApplication.processEvents()
    assert tokens(painting) == mine
    QTest.mouseClick(painting.token_painter.follow, LEFT)
    index = painting.decoded.neighbours.decoded_image
    assert painting.token_painter.name.text() == f"Test image {index}"
    painting.action("undo").trigger()
    assert tokens(painting) == mine


def test_it_can_all_be_done_by_keys(painting: MainWindow) -> None:
    before, grid = tokens(painting), painting.token_painter.grid
    grid.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(grid, key)
    assert grid.selected == 3
    QTest.keyClick(grid, Qt.Key.Key_Space)
    palette = painting.token_painter.palette_view
    assert palette.hasFocus()
    QTest.keyClick(palette, Qt.Key.Key_Home)  # means nothing here
    QTest.keyClick(palette, Qt.Key.Key_Down)
    QTest.keyClick(palette, Qt.Key.Key_Return)
    assert tokens(painting)[:3] == before[:3]
    assert tokens(painting)[3] == palette.marked


def test_an_image_that_is_dropped_brings_its_own_codes(painting: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    image = load_dataset("digits").train_images[5]
    Image.fromarray(image[..., 0]).save(tmp_path / "seven.png")
    codec = painting.decoding.codec
    assert codec is not None
    painting.open_path(tmp_path / "seven.png")
    qtbot.waitUntil(lambda: painting.token_painter.name.text() == "seven.png", timeout=10_000)
    assert tokens(painting) == codec.tokens(image[None]).ravel().tolist()


def test_ten_fast_clicks_and_another_model_in_the_middle_of_a_stroke(painting: MainWindow, qtbot: QtBot) -> None:
    for index in (0, 1, 2, 3, 0, 1, 2, 3, 0, 1):
        click_cell(painting, index)
        click_code(painting, index + 3)
    grid = painting.token_painter.grid
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    click_code(painting, 7)
    QTest.mousePress(grid, LEFT, PLAIN, cell(painting, 0))
    shipped = shipped_model()
    assert shipped is not None
    painting.open_path(shipped)
    qtbot.waitUntil(lambda: not painting.token_painter.is_usable() and painting.is_settled(), timeout=60_000)
    QTest.mouseRelease(grid, LEFT, PLAIN, QPoint(5, 5))
    assert painting.workspace.painting is None
    assert not painting.workspace.undo_stack.canUndo()


def test_dead_codes_are_flagged(window: MainWindow, vq_model: Path, tmp_path: Path, qtbot: QtBot) -> None:
    window.open_path(with_dead_codes(read_model(vq_model), tmp_path / "dead.safetensors", alive=20))
    qtbot.waitUntil(lambda: window.token_painter.is_usable() and window.is_settled(), timeout=60_000)
    painter = window.token_painter
    assert f"{CODES - 20} dead" in painter.header.text()
    assert painter.palette_view.words(CODES - 1) == f"Code {CODES - 1}: never used on the test set"
    marks = window.map.marks
    assert marks is not None
    assert (marks.count == 0).sum() == CODES - 20


def test_the_mouse_on_a_code_of_the_map_says_which_it_is(painting: MainWindow, qtbot: QtBot) -> None:
    painting.action("layer-points").trigger()
    marks, view = painting.map.marks, painting.map
    assert marks is not None
    x, y = view.camera.to_pixel(marks.position).T
    inside = (x > 80) & (x < view.width() - 40) & (y > 40) & (y < view.height() - 60)
    code = int(np.flatnonzero(inside)[marks.count[inside].argmax()])
    QTest.mouseMove(view, QPoint(round(x[code]), round(y[code])))
    qtbot.waitUntil(lambda: painting.card.isVisible(), timeout=5000)
    found = view.code_overlay.code
    assert np.hypot(x[found] - x[code], y[found] - y[code]) < 3
    assert any(f"Code {found}" in label.text() for label in painting.card.findChildren(type(painting.model_line)))
    painting.action("layer-codebook").trigger()
    QTest.mouseMove(view, QPoint(round(x[code]) + 1, round(y[code])))
    qtbot.waitUntil(lambda: view.code_overlay.code == -1, timeout=5000)


def test_a_path_is_a_walk_over_images(painting: MainWindow, qtbot: QtBot) -> None:
    codes = painting.workspace.codes
    assert codes is not None
    painting.show_path([codes.mean[0].tolist(), codes.mean[1].tolist()])
    qtbot.waitUntil(lambda: "(nearest images)" in painting.docks["Film strip"].windowTitle())

"""A conditional model in the real window: hold z and see every class, choose one, mix two."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from fitting import small, train
from hand import Hand
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.assets import shipped_model
from latentscope.main_window import MainWindow
from latentscope.panels.layers.class_cells import ClassCells
from trainer.conditions import pure
from trainer.data import load_dataset

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture(scope="module")
def conditional(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small conditional model of the digits, in its run folder."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    config = small(family="conditional-vae", hidden=(64, 32), epochs=12)
    run, _ = train(tmp_path_factory.mktemp("runs") / "digits", config, load_dataset("digits"))
    torch.set_num_threads(threads)
    return run.folder


@pytest.fixture
def window(make_window: Callable[..., MainWindow], conditional: Path, qtbot: QtBot) -> MainWindow:
    window = make_window()
    open_and_wait(window, conditional, qtbot)
    return window


def open_and_wait(window: MainWindow, path: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.documents.opened, timeout=60_000):
        window.open_path(path)
    qtbot.waitUntil(window.is_settled, timeout=60_000)


def middle(cells: ClassCells, label: int, across: float = 0.5) -> QPoint:
    rect = cells.cell_rect(label)
    return QPoint(rect.left() + round(across * rect.width()), rect.center().y())


def click(window: MainWindow, label: int) -> None:
    cells = window.condition_rail.cells
    QTest.mouseClick(cells, LEFT, PLAIN, middle(cells, label))


def drag(window: MainWindow, one: int, other: int, across: float = 0.5, release: bool = True) -> None:
    cells = window.condition_rail.cells
    QTest.mousePress(cells, LEFT, PLAIN, middle(cells, one))
    for step in range(1, 6):
        QTest.mouseMove(cells, middle(cells, one) + (middle(cells, other, across) - middle(cells, one)) * step / 5)
    if release:
        QTest.mouseRelease(cells, LEFT, PLAIN, middle(cells, other, across))


def decoded(window: MainWindow, condition: object = None) -> np.ndarray:
    """What the decoder makes of the probe."""
    codec = window.decoding.codec
    assert codec is not None
    return codec.decode(window.workspace.probe[None], window.workspace.condition if condition is None else condition)[0]


def map_of(window: MainWindow, qtbot: QtBot) -> np.ndarray:
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    image = window.map.picture()  # which owns the pixels
    return np.array(image.constBits(), np.uint8).astype(int)


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    """But for the last bits of products, which fall otherwise in batches of another size, and for what the edge of a
    letter makes of them: a pixel of "3σ" over an atlas that differs by one."""
    return bool((np.abs(one - other) > 4).mean() < 1e-4)


def assert_previews(window: MainWindow) -> None:
    pictures = window.condition_rail.cells.pictures
    assert list(pictures) == list(range(10))
    for label, picture in pictures.items():
        # In one batch of ten the last bit of a product may fall otherwise than alone.
        assert np.abs(picture.astype(int) - decoded(window, pure(label, 10))).max() <= 1


def test_every_class_is_seen_at_the_probe_while_it_moves(window: MainWindow) -> None:
    assert window.docks["Condition"].isVisible()
    assert_previews(window)
    before = {label: picture.copy() for label, picture in window.condition_rail.cells.pictures.items()}
    seen: list[bytes] = []
    window.workspace.probe_shown.connect(lambda: seen.append(window.condition_rail.cells.pictures[3].tobytes()))
    Hand(window).drag((-1.5, 0), (1.5, 1))
    assert len(set(seen)) > 5
    assert_previews(window)
    assert any(not np.array_equal(before[label], window.condition_rail.cells.pictures[label]) for label in before)


def test_a_click_chooses_what_everything_decodes(window: MainWindow, qtbot: QtBot) -> None:
    assert window.decoded.condition.text() == "Class 0"
    window.show_path([[-1, 0], [1, 0]])
    before, strip = map_of(window, qtbot), window.film_strip.frames.pictures
    click(window, 7)
    assert window.workspace.condition == tuple(pure(7, 10))
    assert window.decoded.condition.text() == "Class 7"
    # On a slow machine they come from the decoder's own thread.
    qtbot.waitUntil(lambda: np.array_equal(window.decoded.view.picture, decoded(window, pure(7, 10))))
    qtbot.waitUntil(lambda: not np.array_equal(window.film_strip.frames.pictures, strip))
    qtbot.waitUntil(lambda: window.docks["Film strip"].windowTitle() == "Film strip   class 7")
    seven = map_of(window, qtbot)
    assert not alike(seven, before)
    assert window.condition_rail.cells.accessibleDescription() == "7"
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace.condition == tuple(pure(0, 10))
    assert alike(map_of(window, qtbot), before)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert alike(map_of(window, qtbot), seven)


def test_the_rail_comes_and_goes_beside_layers_that_stay_as_wide(
    window: MainWindow, conditional: Path, qtbot: QtBot
) -> None:
    shipped = shipped_model()
    assert shipped is not None
    layers, rail = window.docks["Layers"], window.docks[window.condition_rail.title]
    width = layers.width()
    for path, there in ((shipped, False), (conditional, True), (shipped, False), (conditional, True)):
        open_and_wait(window, path, qtbot)
        qtbot.waitUntil(lambda there=there: rail.isVisible() == there)  # type: ignore[misc]
        assert abs(layers.width() - width) <= 2
        assert not there or rail.width() < width


def test_a_drag_mixes_two_classes(window: MainWindow) -> None:
    rail, asked = window.condition_rail, []
    click(window, 3)
    window.workspace.condition_changed.connect(lambda: asked.append(window.workspace.condition))
    geometry = rail.cells.cell_rect(8)
    drag(window, 3, 8)
    condition = window.workspace.condition
    assert condition is not None
    assert condition[3] == pytest.approx(condition[8], abs=0.03)
    assert sum(condition) == pytest.approx(1)
    assert len(asked) > 2  # live, not only at the end
    assert rail.cells.cell_rect(8) == geometry  # the cells have not moved under the hand
    assert rail.mixture.isVisible()
    assert (rail.mixture.one.text(), rail.mixture.other.text()) == ("3", "8")
    assert window.decoded.condition.text().startswith(("3 5", "8 5"))
    assert np.array_equal(window.decoded.view.picture, decoded(window))
    assert window.workspace.undo_stack.undoText() == "Mix classes 3 and 8"
    # The slider weighs them anew, as one step to undo.
    rail.mixture.slider.setFocus()
    QTest.keyClick(rail.mixture.slider, Qt.Key.Key_End)
    QTest.keyClick(rail.mixture.slider, Qt.Key.Key_Left)
    assert window.workspace.condition[3] == pytest.approx(0.01)
    # Esc is for the mixture first; with one class it is what it always was.
    QTest.keyClick(rail.mixture.slider, Qt.Key.Key_Escape)
    assert window.workspace.condition == tuple(pure(8, 10))
    assert not rail.mixture.isVisible()
    for _ in range(20):
        window.action("undo").trigger()
    assert window.workspace.condition == tuple(pure(0, 10))


def test_sideways_in_the_cell_says_how_much(window: MainWindow) -> None:
    drag(window, 2, 5, across=0.9)
    assert window.workspace.condition == tuple(pure(5, 10))
    drag(window, 2, 5, across=0.3)
    assert 0.1 < window.workspace.condition[5] < 0.4


def test_a_double_click_on_the_slider_is_one_class_again(window: MainWindow) -> None:
    drag(window, 2, 5, across=0.4)
    QTest.mouseDClick(window.condition_rail.mixture.slider, LEFT)
    assert window.workspace.condition == tuple(pure(2, 10))


def test_esc_gives_a_drag_up(window: MainWindow) -> None:
    click(window, 4)
    drag(window, 2, 5, release=False)
    assert window.workspace.condition != tuple(pure(4, 10))
    QTest.keyClick(window.condition_rail.cells, Qt.Key.Key_Escape)
    assert window.workspace.condition == tuple(pure(4, 10))
    QTest.mouseRelease(window.condition_rail.cells, LEFT, PLAIN, middle(window.condition_rail.cells, 5))
    assert window.workspace.condition == tuple(pure(4, 10))


def test_keys_choose_classes(window: MainWindow) -> None:
    cells = window.condition_rail.cells
    cells.setFocus()
    QTest.keyClick(cells, Qt.Key.Key_7)
    assert window.workspace.condition == tuple(pure(7, 10))
    QTest.keyClick(cells, Qt.Key.Key_Down)
    assert window.workspace.condition == tuple(pure(8, 10))
    QTest.keyClick(cells, Qt.Key.Key_9)
    QTest.keyClick(cells, Qt.Key.Key_Right)
    QTest.keyClick(cells, Qt.Key.Key_Up)
    assert window.workspace.condition == tuple(pure(8, 10))


def test_ten_fast_clicks(window: MainWindow, qtbot: QtBot) -> None:
    for label in (1, 7, 3, 3, 9, 0, 5, 2, 8, 6):
        click(window, label)
    assert np.array_equal(window.decoded.view.picture, decoded(window, pure(6, 10)))
    settled = map_of(window, qtbot)
    click(window, 5)
    click(window, 6)
    assert alike(map_of(window, qtbot), settled)


def test_another_family_has_no_rail(window: MainWindow, qtbot: QtBot, conditional: Path) -> None:
    shipped = shipped_model()
    assert shipped is not None
    toggle = window.docks["Condition"].toggleViewAction()
    assert toggle.isEnabled()
    drag(window, 2, 5, release=False)  # and the model goes in the midst of it
    open_and_wait(window, shipped, qtbot)
    QTest.mouseRelease(window.condition_rail.cells, LEFT, PLAIN, QPoint(5, 5))
    assert window.workspace.condition is None
    assert window.docks["Condition"].isHidden()
    assert not toggle.isEnabled()
    assert "Only for conditional models" in toggle.toolTip()
    assert not window.decoded.condition.isVisible()
    assert window.decoded.view.picture.shape == (28, 28, 1)
    window.arrangement.reset()
    assert window.docks["Condition"].isHidden()
    open_and_wait(window, conditional, qtbot)
    assert window.docks["Condition"].isVisible()
    # Whoever closes it means it, until the layout is reset.
    window.docks["Condition"].close()
    open_and_wait(window, conditional, qtbot)
    assert window.docks["Condition"].isHidden()
    window.arrangement.reset()
    assert window.docks["Condition"].isVisible()
    qtbot.waitUntil(lambda: len(window.condition_rail.cells.pictures) == 10)
    assert_previews(window)


def test_a_dropped_image_is_encoded_as_the_class_that_explains_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    digits = load_dataset("digits")
    assert digits.test_labels is not None
    codec = window.decoding.codec
    assert codec is not None
    found = codec.classify(digits.test_images[:30])
    index = int(np.flatnonzero(found == digits.test_labels[:30])[-1])
    Image.fromarray(digits.test_images[index, :, :, 0]).save(tmp_path / "mine.png")
    window.open_path(tmp_path / "mine.png")
    label = int(digits.test_labels[index])
    qtbot.waitUntil(lambda: "was encoded" in window.message_bar.text)
    assert f"mine.png was encoded as class {label}, which explains it best" in window.message_bar.text
    assert window.workspace.condition == tuple(pure(label, 10))
    mean, _ = codec.encode(digits.test_images[index : index + 1], pure(label, 10))
    assert np.allclose(window.workspace.probe, mean[0])


def test_it_may_be_closed_at_any_moment(window: MainWindow) -> None:
    drag(window, 2, 5, release=False)
    window.close()
    QTest.mouseRelease(window.condition_rail.cells, LEFT, PLAIN, QPoint(5, 5))


def test_the_class_that_was_chosen_stays_while_a_model_trains(
    make_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = make_window()
    window.flow.start(small(data="digits", family="conditional-vae", epochs=None, seconds=600))
    rail = window.condition_rail
    qtbot.waitUntil(lambda: window.workspace.classes == 10 and bool(rail.cells.pictures), timeout=90_000)
    click(window, 6)
    before = rail.cells.pictures[2].copy()
    qtbot.waitUntil(lambda: not np.array_equal(rail.cells.pictures[2], before), timeout=90_000)
    assert window.workspace.condition == tuple(pure(6, 10))
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: window.training.state == "stopped", timeout=90_000)
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    assert window.workspace.condition == tuple(pure(6, 10))
    assert np.array_equal(window.decoded.view.picture, decoded(window, pure(6, 10)))
    assert_previews(window)

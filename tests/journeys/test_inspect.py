"""Looking at a selection: the gallery, the statistics, one image closely, and taking it along as files."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hand import Hand
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.state.selection import Selection

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.wait(20)
    qtbot.waitUntil(window.is_settled, timeout=30_000)


@pytest.fixture
def inspected(window: MainWindow, qtbot: QtBot, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window with MNIST at hand, its Inspector dock in front, and some 700 points selected."""
    monkeypatch.setenv("LATENTSCOPE_DATA", str(data_folder))
    window.set_data(None)
    qtbot.waitUntil(lambda: window.originals.at_hand, timeout=30_000)
    window.show_panel(window.inspection.panel)
    mean = window.workspace.codes.mean
    near = np.flatnonzero(np.linalg.norm(mean - [1, 0.5], axis=1) < 0.6)
    window.workspace.selecting.change(Selection.of(near), "Select")
    settle(window, qtbot)
    return window


def cell(window: MainWindow, position: int) -> QPoint:
    return window.inspection.panel.gallery._rect(position).center()


def test_with_nothing_selected_it_says_how_and_inspects_all(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.inspection.panel
    window.show_panel(panel)
    settle(window, qtbot)
    assert panel._empty.isVisible()
    assert not window.action("export-table").isEnabled()
    QTest.mouseClick(panel._empty.all_button, LEFT)
    settle(window, qtbot)
    assert panel.gallery.isVisible()
    assert len(panel.gallery.order) == 10_000
    assert panel.note.text() == "all 10,000 shown"
    QTest.mouseClick(panel.close_button, LEFT)
    assert panel._empty.isVisible()


def test_without_the_originals_reconstructions_stand_in_and_the_data_are_offered(
    make_window: Callable[..., MainWindow], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LATENTSCOPE_DATA", raising=False)
    for module in ("latentscope.files.originals", "latentscope.window.training_flow"):
        monkeypatch.setattr(f"{module}.is_at_hand", lambda _: False)
    window = make_window()
    panel = window.inspection.panel
    window.show_panel(panel)
    window.workspace.selecting.set(Selection.of(range(30)))
    settle(window, qtbot)
    assert panel.gallery.mode == "decoded"
    assert panel.data_button.text().startswith("Get MNIST (12 MB)")
    assert panel.thumbs.picture("decoded", 0) is not None
    panel.show_page(2)
    window.inspection.inspecting.look_at(3)
    settle(window, qtbot)
    assert panel.image.in_pixels.images == []
    assert len(panel.image.in_latent_space.images) == 7
    assert panel.image.original.view.text == "not at hand"


def test_a_click_probes_and_rings_and_the_keys_go_on(inspected: MainWindow, qtbot: QtBot) -> None:
    window, gallery = inspected, inspected.inspection.panel.gallery
    order = gallery.order.tolist()

    def is_ringed() -> bool:
        """Points at the fourth image; to be asked until it is true, for a real pointer may have its say in between."""
        for position in (5, 4):
            QTest.mouseMove(gallery.viewport(), cell(window, position))
        return window.map.hover_overlay.row == window.map.cloud.row_of(order[4])

    qtbot.waitUntil(is_ringed)
    QTest.mouseClick(gallery.viewport(), LEFT, NONE, cell(window, 2))
    mean = window.workspace.codes.mean
    assert np.allclose(window.workspace.probe, mean[order[2]])
    for key, position in (("Right", 3), ("Down", 3 + gallery.columns), ("Left", 2 + gallery.columns), ("End", -1)):
        QTest.keyClick(gallery, getattr(Qt.Key, f"Key_{key}"))
        assert window.inspection.inspecting.current == order[position]
    assert gallery.verticalScrollBar().value() > 0
    assert np.allclose(window.workspace.probe, mean[order[-1]])
    gallery._point_at(-1)
    assert window.map.hover_overlay.row == window.map.cloud.row_of(order[-1])
    assert f"test image {order[-1]:,}" in gallery.accessibleDescription()


def test_the_card_shows_both_pictures_after_a_rest(inspected: MainWindow, qtbot: QtBot) -> None:
    panel = inspected.inspection.panel
    QTest.mouseMove(panel.gallery.viewport(), cell(inspected, 1))
    qtbot.waitUntil(panel.card.isVisible)
    assert f"test image {panel.gallery.order[1]:,}" in panel.card.name.text()
    assert "error" in panel.card.facts.text()
    assert "KL" in panel.card.facts.text()
    QTest.mouseMove(panel.gallery.viewport(), QPoint(1, 1))
    qtbot.waitUntil(lambda: not panel.card.isVisible())


def test_cells_turn_to_their_reconstruction(inspected: MainWindow, qtbot: QtBot) -> None:
    panel = inspected.inspection.panel
    gallery, image = panel.gallery, int(panel.gallery.order[1])
    before = gallery.grab().toImage()
    QTest.mouseDClick(gallery.viewport(), LEFT, NONE, cell(inspected, 1))
    assert gallery.kinds_of(image) == ("decoded",)
    settle(inspected, qtbot)
    assert gallery.grab().toImage() != before
    gallery.setFocus()
    inspected.inspection.inspecting.look_at(image)
    QTest.keyClick(gallery, Qt.Key.Key_Space)
    assert gallery.kinds_of(image) == ("original",)
    columns = gallery.columns
    QTest.mouseClick(panel._modes.button(2), LEFT)
    assert gallery.kinds_of(image) == ("original", "decoded")
    assert gallery.columns < columns


def test_the_statistics_are_of_the_selection(inspected: MainWindow, qtbot: QtBot) -> None:
    panel, index = inspected.inspection.panel, inspected.inspection.inspecting.index
    QTest.mouseClick(panel._tabs.button(1), LEFT)
    settle(inspected, qtbot)
    labels = inspected.workspace.codes.labels[index]
    counts = sorted(((int((labels == k).sum()), str(k)) for k in set(labels.tolist())), key=lambda one: -one[0])
    assert sorted(panel.summary.bars.lines, key=lambda one: one[0]) == sorted((name, count) for count, name in counts)
    assert [count for _, count in panel.summary.bars.lines] == [count for count, _ in counts]
    images = inspected.originals.images
    assert np.array_equal(panel.summary.pair.first.view.picture, np.round(images[index].mean(axis=0)))
    assert panel.summary.pair.facts.startswith("mean error 0.0")
    assert "KL" in panel.summary.pair.facts


def test_one_image_closely_and_on_to_its_neighbours(inspected: MainWindow, qtbot: QtBot) -> None:
    window, panel = inspected, inspected.inspection.panel
    QTest.mouseClick(panel.gallery.viewport(), LEFT, NONE, cell(window, 0))
    QTest.mouseClick(panel._tabs.button(2), LEFT)
    settle(window, qtbot)
    assert panel.image.pair.facts.startswith("error ")
    assert len(panel.image.in_latent_space.images) == len(panel.image.in_pixels.images) == 7
    second = panel.image.in_pixels.images[1]
    QTest.mouseClick(panel.image.in_pixels, LEFT, NONE, panel.image.in_pixels._cell(1).center().toPoint())
    assert window.inspection.inspecting.current == second
    assert np.allclose(window.workspace.probe, window.workspace.codes.mean[second])
    settle(window, qtbot)
    assert second not in panel.image.in_pixels.images


def test_the_probe_is_dragged_while_it_is_sorted_by_its_distance(
    inspected: MainWindow, hand: Hand, qtbot: QtBot
) -> None:
    window = inspected
    window.inspection.inspecting.choose_sort("probe", False)
    settle(window, qtbot)
    hand.drag((0, 0), (1, 1))
    settle(window, qtbot)
    values = window.inspection.inspecting.sorting.values
    mean = window.workspace.codes.mean[window.inspection.panel.gallery.order]
    assert np.allclose(values, np.linalg.norm(mean - window.workspace.probe, axis=1))
    assert (np.diff(values) >= 0).all()


def test_the_selection_is_taken_along(
    inspected: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, index = inspected, inspected.inspection.inspecting.index
    for name, suffix in (
        ("export-table", "csv"),
        ("export-table-logvar", "2.csv"),
        ("export-arrays", "npz"),
        ("export-sheet", "png"),
    ):
        path = tmp_path / f"a.{suffix}"
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), ""))
        window.action(name).trigger()
        qtbot.waitUntil(path.exists, timeout=20_000)
        qtbot.waitUntil(lambda path=path: window.message_bar.text == f"Saved as {path.name}.")
    with (tmp_path / "a.csv").open(newline="") as file:
        lines = list(csv.reader(file))
    assert [int(line[0]) for line in lines[1:]] == index.tolist()
    with (tmp_path / "a.2.csv").open(newline="") as file:
        assert next(csv.reader(file))[-1] == "logvar1"
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert np.array_equal(file["images"], window.originals.images[index])
    with Image.open(tmp_path / "a.png") as image:
        assert f"{len(index)} images" in image.text["Description"]
    window.action("copy-indices").trigger()
    assert [int(one) for one in QGuiApplication.clipboard().text().split(", ")] == index.tolist()


def test_a_large_sheet_is_capped_and_says_so_and_a_long_one_can_be_cancelled(
    inspected: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = inspected
    window.workspace.selecting.set(Selection.of(()))
    window.inspection.inspecting.inspect_all(True)
    settle(window, qtbot)
    monkeypatch.setattr("latentscope.window.inspection.MOST_ON_A_SHEET", 60)
    path = tmp_path / "a.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.action("export-sheet").trigger()
    qtbot.waitUntil(path.exists, timeout=20_000)
    qtbot.waitUntil(lambda: "first 60 of 10,000 images" in window.message_bar.text)
    other = tmp_path / "b.npz"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(other), ""))
    window.action("export-arrays").trigger()
    qtbot.waitUntil(lambda: "Saving b.npz" in window.message_bar.text)
    QTest.mouseClick(window.message_bar._button, LEFT)
    settle(window, qtbot)
    assert [one.name for one in tmp_path.iterdir()] == ["a.png"]
    assert window.message_bar.text == "Nothing was saved."


def test_a_folder_that_is_gone_is_one_sentence(
    inspected: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.csv"), ""))
    inspected.action("export-table").trigger()
    qtbot.waitUntil(lambda: inspected.message_bar.kind == "error")
    assert inspected.message_bar.text.startswith("a.csv was not saved in ")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    inspected.action("export-table").trigger()
    settle(inspected, qtbot)
    assert list(tmp_path.iterdir()) == []


def test_one_image_is_taken_out_by_the_menu(inspected: MainWindow, qtbot: QtBot) -> None:
    panel, index = inspected.inspection.panel, inspected.inspection.inspecting.index
    panel.menu_requested.emit(panel.mapToGlobal(QPoint(5, 5)), int(index[0]))
    menu = next(one for one in panel.findChildren(QMenu) if one.isVisible())
    next(action for action in menu.actions() if action.text() == "Take out of the Selection").trigger()
    menu.close()
    assert inspected.inspection.inspecting.index.tolist() == index[1:].tolist()
    QTest.keyClick(inspected, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert inspected.inspection.inspecting.index.tolist() == index.tolist()


def test_ten_fast_changes_and_a_close_in_the_middle(inspected: MainWindow, qtbot: QtBot) -> None:
    panel, inspecting = inspected.inspection.panel, inspected.inspection.inspecting
    for i in range(10):
        inspected.workspace.selecting.set(Selection.of(range(10 * i, 10 * i + 900)))
        inspecting.choose_sort(("error", "kl", "mean", "class", "probe")[i % 5], bool(i % 2))
        inspecting.look_at(i)
        panel.show_page(i % 3)
        panel.gallery.verticalScrollBar().setValue(100 * i)
        qtbot.wait(5)
    inspected.docks["Inspector"].setFloating(True)
    qtbot.wait(5)
    inspected.flow.agree_to_close()
    inspected.close()

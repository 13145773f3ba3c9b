"""Does z₀ control slant? From the menu to the answer, the arrow and the spreadsheet."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from digits_model import digits_model
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.panels.layers.factor_table import ACROSS, ALL, MAP, UP, Place
from trainer.analysis.correlation import relate
from trainer.analysis.factors import FACTORS, measure
from trainer.data import load_dataset
from trainer.files import write_model

PATIENCE = 60_000  # ms
Open = Callable[..., None]


@pytest.fixture
def open_digits(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> Open:
    """Opens an untrained model of the digits, with the Factors dock in front."""

    def open_it(family: str = "vae", data: str | None = None, **how: int) -> None:
        path = tmp_path / f"{family}{how}.safetensors"
        write_model(path, digits_model(family, **how))
        window.open_path(path)
        qtbot.waitUntil(lambda: window.workspace.model.path == path, timeout=PATIENCE)  # type: ignore[union-attr]
        window.set_data(data)
        if window.docks["Factors"].visibleRegion().isEmpty() and not window.workspace.layers.shows("factors"):
            qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
            assert window.colours.fields.get("slant") is None, "nothing is measured for a panel behind another"
        window.show_panel(window.colours.factors.panel)
        qtbot.waitUntil(window.is_settled, timeout=PATIENCE)

    return open_it


def click_cell(window: MainWindow, place: Place) -> None:
    panel = window.colours.factors.panel
    index = panel.table.index_of(place)
    panel.view.scrollTo(index)
    where = panel.view.visualRect(index).center()
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=where)


def test_a_click_on_a_cell_answers_and_an_arrow_shows(window: MainWindow, qtbot: QtBot, open_digits: Open) -> None:
    open_digits()
    panel, codes = window.colours.factors.panel, window.workspace.codes
    assert codes is not None and panel.view.isVisible()
    true = relate(measure(load_dataset("digits").test_images)["slant"], codes.mean)
    click_cell(window, Place("slant", 0))
    assert panel.words.text().startswith("Does z₀ control slant?")
    assert f"{abs(true.with_dimensions()[0].value):.2f}" in panel.words.text()
    click_cell(window, Place("mass", MAP))
    assert panel.words.text().startswith("Where on the map does mass grow?")
    QTest.mouseClick(panel.colour, Qt.MouseButton.LeftButton)
    assert window.workspace.layers.colour_by == "mass"

    window.action("layer-factors").trigger()
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    arrows = {arrow.title: arrow for arrow in window.map._scene.arrows}
    assert "Mass" in arrows
    direction = relate(measure(load_dataset("digits").test_images)["mass"], codes.mean).on_map(window.workspace.plane)
    assert (arrows["Mass"].x, arrows["Mass"].y) == pytest.approx(tuple(direction.unit), abs=1e-3)
    box = window.colours.factors.legend.boxes["mass"]
    window.docks[window.layers_panel.title].show()
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))
    assert "Mass" not in {arrow.title for arrow in window.map._scene.arrows}
    window.action("undo").trigger()
    assert "Mass" in {arrow.title for arrow in window.map._scene.arrows} and box.isChecked()


def test_many_dimensions_are_sorted_and_copied(window: MainWindow, qtbot: QtBot, open_digits: Open) -> None:
    open_digits(latent=20)
    panel = window.colours.factors.panel
    assert [panel.table.place(panel.table.index(row, 0)).row for row in range(5)] == [MAP, ALL, ACROSS, UP, 0]
    assert panel.table.rowCount() == 24 and panel.view.verticalScrollBar().value() == 0
    click_cell(window, Place("mass", UP))
    assert panel.words.text().startswith("Does PC 2 control mass?")
    header = panel.view.horizontalHeader()
    column = next(i for i, factor in enumerate(FACTORS) if factor.name == "width")
    middle = QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2)
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    found = window.colours.factors.relations.found["width"].with_dimensions()
    order = [panel.table.place(panel.table.index(row, column)).row for row in range(4, 24)]
    assert order == sorted(order, key=lambda number: -abs(found[number].value)) and sorted(order) == list(range(20))
    panel.view.setFocus()
    QTest.keyClick(panel.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == 25 and all(len(line.split("\t")) == 1 + 6 * len(FACTORS) for line in lines)
    assert lines[3].split("\t")[0] == "PC 1"
    assert lines[5].split("\t")[0] == f"z{'₀₁₂₃₄₅₆₇₈₉'[order[0]]}" if order[0] < 10 else True
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert [panel.table.place(panel.table.index(row, 0)).row for row in range(4, 24)] == list(range(20))
    # Another plane has other directions, the same dimensions.
    before = panel.table.index(0, 0).data(Qt.ItemDataRole.UserRole)[0]
    window.action("plane-axes").trigger()
    assert panel.table.index(0, 0).data(Qt.ItemDataRole.UserRole)[0] != before
    assert panel.table.rowCount() == 22, "its own directions are latent dimensions, which have their rows"


@pytest.mark.parametrize("family", ["autoencoder", "conditional-vae", "vq-vae"])
def test_every_family_has_its_factors(window: MainWindow, open_digits: Open, family: str) -> None:
    window.action("layer-factors").trigger()
    open_digits(family, latent=1 if family == "autoencoder" else 2)
    panel = window.colours.factors.panel
    assert panel.view.isVisible() and panel.table.strongest() is not None
    assert window.map._scene.arrows
    if family == "autoencoder":
        assert all(arrow.y == 0 for arrow in window.map._scene.arrows), "a map of one dimension has one direction"


def test_without_images_the_dock_says_so(window: MainWindow, open_digits: Open) -> None:
    window.action("layer-factors").trigger()
    open_digits(data="nowhere.npz")
    panel = window.colours.factors.panel
    assert "not at hand" in panel.words.text() and not panel.view.isVisible()
    assert not window.map._scene.arrows and "not at hand" in window.colours.factors.legend.note.text()


def test_images_that_are_all_alike_have_nothing_to_tell(
    window: MainWindow, open_digits: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    even = np.zeros_like(load_dataset("digits").test_images)
    even[:, 2:6, 3:5] = 200
    monkeypatch.setattr("latentscope.files.originals.Originals.images", property(lambda self: even))
    window.action("layer-factors").trigger()
    open_digits(labels=False)
    panel = window.colours.factors.panel
    assert "is the same on all images" in panel.words.text() and panel.table.strongest() is None
    assert not window.map._scene.arrows
    assert "5 grow in no direction" in window.colours.factors.legend.note.text()

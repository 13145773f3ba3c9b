"""A latent space of 20 dimensions in the real window: which plane of it the map shows, and what a click decodes."""

from pathlib import Path

import numpy as np
import pytest
from commands import make_model
from hand import Hand
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from vq import tiny_vq

from latentscope.main_window import MainWindow
from latentscope.state.open_model import OpenModel
from latentscope.words import latent_text
from trainer.codec import Codec
from trainer.files import read_model
from trainer.geometry import axis_name

PATIENCE = 60_000


@pytest.fixture
def deep(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """The window with a VAE of 20 dimensions."""
    window.open_path(make_model(tmp_path / "deep.safetensors", latent=20))
    qtbot.waitUntil(lambda: window.workspace.dimension == 20 and window.is_settled(), timeout=PATIENCE)
    return window


def click_point(window: MainWindow, index: int) -> None:
    row = window.map.cloud.row_of(index)
    x, y = window.map.camera.to_pixel(window.map.cloud.position[row])
    QTest.mouseClick(window.map, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))


def test_a_click_decodes_exactly_what_is_stated(deep: MainWindow, qtbot: QtBot, hand: Hand) -> None:
    model = deep.workspace.model
    assert model is not None
    assert model.path is not None
    codec = Codec.from_file(read_model(model.path))
    for name in ("plane-codes", "plane-kl", "plane-axes"):
        deep.action(name).trigger()
        hand.click(*deep.workspace.plane.to_latent([0.3, -0.2]))
        probe = deep.workspace.probe
        assert deep.workspace.plane.distance(probe) < 1e-9
        qtbot.waitUntil(deep.is_settled, timeout=PATIENCE)
        assert deep.decoded.coordinates.toolTip() == latent_text(probe, limit=64)
        if deep.workspace.plane_kind == "axes":
            assert deep.decoded.coordinates.text().startswith(axis_name(deep.workspace.plane_choice.axes[0]))
        assert np.array_equal(deep.decoded.view.picture, codec.decode(probe[None].astype(np.float32))[0])


def test_two_dimensions_are_chosen_from_the_menu(deep: MainWindow) -> None:
    across, up = deep.planes.axis_menus
    across.aboutToShow.emit()
    rows = deep.planes.rows()
    kl = [row.kl for row in rows]
    assert kl == sorted(kl, reverse=True)
    assert [action.text().split("\t")[1] for action in across.actions()[:3]] == [f"KL {value:.2f}" for value in kl[:3]]
    probe = deep.workspace.probe.copy()
    across.actions()[3].trigger()
    up.aboutToShow.emit()
    up.actions()[5].trigger()
    assert deep.workspace.plane_choice.axes == (rows[3].index, rows[5].index)
    z = np.arange(20.0)
    assert deep.workspace.plane.to_map(z).tolist() == [rows[3].index, rows[5].index]
    assert np.array_equal(deep.workspace.probe, probe)
    up.aboutToShow.emit()
    up.actions()[3].trigger()
    assert deep.workspace.plane_choice.axes == (rows[5].index, rows[3].index), "the two change places"
    for _ in range(3):
        deep.action("undo").trigger()
    assert deep.workspace.plane_choice.kind == "codes"
    assert deep.action("plane-codes").isChecked()


def test_a_probe_off_the_plane_is_told_of_and_the_plane_comes_to_it(deep: MainWindow, hand: Hand) -> None:
    assert deep.planes.notice.text == ""
    deep.action("plane-axes").trigger()
    z = np.linspace(-1, 1, 20)
    deep.workspace.set_probe(z)
    off = np.linalg.norm(z[2:])
    assert deep.planes.notice.text == f"The probe lies {off:.2f} off this plane."
    assert deep.planes.notice.geometry().right() <= deep.map.width()
    places = deep.map.cloud.position.copy()
    QTest.mouseClick(deep.planes.notice.buttons[0], Qt.MouseButton.LeftButton)
    assert deep.planes.notice.text == ""
    assert deep.workspace.plane.distance(z) < 1e-9
    assert np.allclose(deep.map.cloud.position, places), "every point keeps its place"
    hand.click(*deep.workspace.plane.to_latent([0.1, 0.1]))
    assert deep.workspace.probe[2:].tolist() == pytest.approx(z[2:].tolist()), "a click stays in the slice"
    deep.action("undo").trigger()
    assert deep.workspace.plane_choice.through is None
    assert "off this plane" in deep.planes.notice.text


def test_a_plane_goes_through_three_picked_points(deep: MainWindow) -> None:
    codes = deep.workspace.codes
    assert codes is not None
    cloud, camera = deep.map.cloud, deep.map.camera
    # Three that stand alone, so that a click means them.
    apart = [
        i
        for i, place in enumerate(cloud.position)
        if np.sort(np.hypot(*(cloud.position - place).T))[1] * camera.scale > 3
    ][:3]
    deep.action("plane-points").trigger()
    assert deep.planes.notice.text.startswith("Click the first of three points")
    click_point(deep, apart[0])
    click_point(deep, apart[0])
    assert deep.planes.notice.text.startswith("That is the first point again.")
    click_point(deep, apart[1])
    QTest.keyClick(deep.map, Qt.Key.Key_Escape)
    assert deep.planes.notice.text == ""
    assert deep.workspace.plane_kind == "codes"

    deep.action("plane-points").trigger()
    for index in apart:
        click_point(deep, index)
    plane = deep.workspace.plane
    assert deep.workspace.plane_kind == "points"
    assert np.allclose(plane.distance(codes.mean[apart]), 0, atol=1e-6)
    assert np.allclose([plane.u @ plane.u, plane.v @ plane.v, plane.u @ plane.v], [1, 1, 0])
    deep.action("undo").trigger()
    assert deep.workspace.plane_kind == "codes"
    assert not deep.planes.picking.active


def test_points_on_one_line_are_refused_in_a_sentence(deep: MainWindow) -> None:
    deep.action("plane-points").trigger()
    for place in (0.0, 0.4, 0.8):
        deep.workspace.set_probe(np.full(20, place))
        QTest.mouseClick(deep.planes.notice.buttons[0], Qt.MouseButton.LeftButton)
    assert deep.planes.notice.text.startswith("The three points lie on one line")
    deep.workspace.set_probe(np.eye(20)[4])
    QTest.mouseClick(deep.planes.notice.buttons[0], Qt.MouseButton.LeftButton)
    assert deep.workspace.plane_kind == "points", "another third point will do"
    assert deep.workspace.plane.distance(np.eye(20)[4]) < 1e-9


def test_points_fade_with_their_distance(deep: MainWindow, qtbot: QtBot) -> None:
    codes = deep.workspace.codes
    assert codes is not None
    legend, view = deep.planes.legend, deep.map
    deep.action("plane-axes").trigger()
    distance = np.linalg.norm(codes.mean[:, 2:], axis=1)
    order = np.argsort(distance)
    strength = view._scene.look.strength
    assert (np.diff(strength[order].astype(int)) <= 0).all(), "the nearer the stronger"
    assert strength.max() > strength.min() > 0
    assert f"the farthest {distance.max():.2f}" in legend.words.text()
    legend.slider.setValue(100)
    assert f"Half strength at {distance.max():.2f}" in legend.words.text()
    deep.action("undo").trigger()
    assert legend.slider.value() == 50
    deep.action("layer-fade").trigger()
    assert set(view._scene.look.strength.tolist()) == {255}


def test_two_dimensions_have_one_plane(window: MainWindow) -> None:
    assert not window.action("plane-kl").isEnabled()
    assert not window.action("plane-probe").isEnabled()
    assert not window.action("layer-fade").isVisible()
    window.workspace.set_probe([1.0, 2.0])
    assert window.planes.notice.text == ""


def test_a_slider_decodes_live_and_leaves_the_plane_to_the_user(deep: MainWindow, qtbot: QtBot) -> None:
    deep.show_panel(deep.dimensions)
    rows = deep.dimensions.rows
    qtbot.waitUntil(lambda: len(rows.rows) == 20 and rows.isVisible())
    assert deep.decoded.isVisible(), "what is decoded can be seen beside the sliders"
    x, width = rows.layout_of_row.slider
    y = round(1.5 * rows.row_height)
    pictures = []
    deep.decoded.shown.connect(pictures.append)
    QTest.mousePress(rows, Qt.MouseButton.LeftButton, pos=QPoint(round(x + width / 2), y))
    for step in range(1, 6):
        QTest.mouseMove(rows, QPoint(round(x + width * (0.5 + 0.1 * step)), y))
    QTest.mouseRelease(rows, Qt.MouseButton.LeftButton, pos=QPoint(round(x + width), y))
    qtbot.waitUntil(deep.is_settled, timeout=PATIENCE)
    assert deep.workspace.probe[1] == rows.rows[1].high
    assert len(pictures) >= 5
    assert "off this plane" in deep.planes.notice.text
    QTest.keyClick(deep, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    assert deep.planes.notice.text == ""


def test_a_dimension_is_laid_along_an_axis_of_the_map(deep: MainWindow, qtbot: QtBot) -> None:
    deep.show_panel(deep.dimensions)
    qtbot.waitUntil(lambda: len(deep.dimensions.rows.rows) == 20)
    deep.dimensions.menu_requested.emit(7, QPoint(0, 0))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    names = [action.text() for action in menu.actions() if action.text()]
    assert names == ["Path Along It", "Back to 0", "Show on the Horizontal Axis", "Show on the Vertical Axis"]
    menu.actions()[-1].trigger()
    menu.close()
    assert deep.workspace.plane_choice.axes[1] == 7


def test_a_model_with_a_codebook_has_one_plane(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """It decodes the image that lies nearest on its own plane: on any other a click would lie."""
    window.decoding.drop()
    window.workspace.open_model(OpenModel(tiny_vq(tmp_path), "codebook"))
    codes = window.workspace.codes
    assert codes is not None
    assert window.workspace.dimension > 2
    for name in ("codes", "axes", "kl", "points", "probe"):
        assert not window.action(f"plane-{name}").isEnabled()
    window.workspace.set_probe(codes.mean[3])
    assert window.planes.notice.text == ""
    window.show_panel(window.dimensions)
    assert not window.dimensions.rows.rows
    assert "no sliders" in window.dimensions.advice.text()

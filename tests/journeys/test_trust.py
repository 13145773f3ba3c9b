"""Where can the decoder be trusted? The layers that explain the plane, switched on by hand, and the probe's border."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hand import Hand
from map_mouse import hover
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from vq import tiny_vq

from latentscope.main_window import MainWindow
from latentscope.map.fields.lines import path_of
from latentscope.state.selection import Selection
from trainer.config import make_config
from trainer.files import Codes, ModelFile, write_model

LEFT = Qt.MouseButton.LeftButton


def click(window: MainWindow, layer: str) -> None:
    """Click the switch of a layer in its dock, which scrolls there."""
    row = window.layers_panel.rows[layer]
    assert row.isVisibleTo(window.layers_panel)
    QTest.mouseClick(row.box, LEFT, pos=QPoint(8, row.box.height() // 2))


def only(window: MainWindow, qtbot: QtBot, *layers: str) -> None:
    """Leave nothing else on the map."""
    for name in ("points", "atlas", "prior"):
        if window.workspace.layers.shows(name):
            click(window, name)
    for name in layers:
        click(window, name)
    qtbot.waitUntil(window.is_settled, timeout=60_000)


def pixel(window: MainWindow, *z: float) -> QColor:
    x, y = window.map.camera.to_pixel(z)
    image: QImage = window.map.picture()
    return image.pixelColor(round(float(x)), round(float(y)))


def test_far_from_data_is_tinted_and_its_legend_says_from_where(window: MainWindow, qtbot: QtBot) -> None:
    only(window, qtbot, "sparse")
    empty = QColor(window.theme.map_background)
    codes = window.workspace.codes
    assert codes is not None and codes.labels is not None
    heap = np.median(codes.mean[codes.labels == 3], axis=0)
    assert pixel(window, *heap).lightness() == empty.lightness()
    assert pixel(window, 3.6, -2.6).lightness() > empty.lightness() + 20
    legend = window.trust.ramps["sparse"]
    assert legend.isVisibleTo(window.layers_panel)
    assert "95 %" in legend.accessibleDescription()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not window.workspace.layers.shows("sparse")


def test_round_trip_and_stretch_are_measured_with_the_open_decoder(window: MainWindow, qtbot: QtBot) -> None:
    only(window, qtbot, "round-trip", "stretch")
    fields, codec = window.map.fields, window.decoding.codec
    assert codec is not None
    for layer in ("round-trip", "stretch"):
        tint = fields.tint(layer)
        assert tint is not None
        rows, columns = tint.tone.shape
        row, column = rows // 2, columns // 3
        z = np.array([[tint.bounds.left + column * tint.step[0], tint.bounds.top - row * tint.step[1]]])
        if layer == "round-trip":
            share = np.log(codec.round_trip(z)[0] / tint.low) / np.log(tint.high / tint.low)
        else:
            share = (codec.stretch(z, np.eye(2))[0] - tint.low) / (tint.high - tint.low)
        assert tint.tone[row, column] == pytest.approx(255 * np.clip(share, 0, 1), abs=6)
        assert window.trust.ramps[layer].accessibleDescription()
    assert "σ" in window.trust.ramps["round-trip"].accessibleDescription()


def test_contours_hold_the_share_of_the_codes_that_they_name(window: MainWindow, qtbot: QtBot) -> None:
    only(window, qtbot, "density")
    codes, contours = window.workspace.codes, window.map.fields.contours
    assert codes is not None and contours is not None
    some = [QPointF(float(x), float(y)) for x, y in codes.mean[::5]]
    for share, lines in contours.lines:
        path = path_of(lines)
        assert np.mean([path.contains(point) for point in some]) == pytest.approx(share, abs=0.03)


def test_class_boundaries_follow_the_legend(window: MainWindow, qtbot: QtBot) -> None:
    only(window, qtbot, "boundaries", "regions")
    before = window.map.picture()
    regions = window.map.fields.regions
    assert regions is not None and len(regions.lines) > 3
    QTest.mouseClick(window.legend.buttons[0], LEFT)
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    assert window.map.fields.regions is not None
    assert 0 not in window.map.fields.regions.winner
    assert window.map.picture() != before


def test_ellipses_of_all_of_the_selected_and_of_the_hovered(window: MainWindow, qtbot: QtBot) -> None:
    only(window, qtbot, "ellipses")
    legend = window.trust.ellipses
    assert "of" in legend.count.text()
    all_of_them = window.map.picture()

    def choose(position: int) -> None:
        box: QComboBox = legend.choice
        box.setFocus()
        box.setCurrentIndex(position)
        box.activated.emit(position)  # as a click on the entry does
        qtbot.waitUntil(window.is_settled, timeout=60_000)

    choose(1)
    assert legend.count.text() == "Nothing is selected."
    none = window.map.picture()
    assert none != all_of_them
    window.workspace.selecting.change(Selection.of([5, 6]), "Select")
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    assert legend.count.text() == "2 in view"
    assert window.map.picture() != none
    choose(0)
    window.workspace.selecting.clear()
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    click(window, "points")
    codes = window.workspace.codes
    assert codes is not None
    wide = int(np.exp(codes.logvar).max(axis=1).argmax())  # its ellipse reaches beyond the ring
    hover(window.map, (float(codes.mean[wide, 0]), float(codes.mean[wide, 1])))
    row = window.map.hover_overlay.row
    assert window.map.cloud.index[row] == wide
    scene = window.map.fields.scene
    assert scene is not None
    with_ellipse = window.map.hover_overlay.region(scene).boundingRect()
    without = replace(scene, layers=scene.layers.with_shown("ellipses", False))
    assert with_ellipse.width() > window.map.hover_overlay.region(without).boundingRect().width()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace.layers.ellipses == "selected"


def test_the_border_of_the_decoded_image_says_whether_the_probe_is_on_the_data(
    window: MainWindow, hand: Hand, qtbot: QtBot
) -> None:
    line = window.decoded.trust
    codes = window.workspace.codes
    assert codes is not None and codes.labels is not None
    heap = np.median(codes.mean[codes.labels == 1], axis=0)
    hand.drag((0.0, 0.0), (float(heap[0]), float(heap[1])), release=False)
    assert line.trust is not None and line.trust.words.startswith("On the data")
    composed = window.map.base.composed
    hand.drag((float(heap[0]), float(heap[1])), (3.6, -2.8))
    assert line.trust.words == "Off the data"
    assert line.colour == window.theme.danger
    assert window.map.base.composed == composed  # the map was not painted again for it
    qtbot.waitUntil(lambda: line.trust is not None and "round trip" in line.trust.details, timeout=60_000)
    assert "stretch ×" in line.accessibleDescription()
    click(window, "trust")
    assert line.trust is None and line.colour is None


def save(folder: Path, file: ModelFile) -> Path:
    path = folder / "model.safetensors"
    write_model(path, file)
    return path


def family(name: str, latent: int, labels: bool = True) -> ModelFile:
    """An untrained model of 8 × 8 images with 200 codes."""
    import torch

    from trainer.models.build import build_model

    torch.manual_seed(0)
    config = make_config({"data": "digits", "hidden": [16], "epochs": 1, "latent": latent, "family": name})
    classes = 3 if name == "conditional-vae" else 0
    model = build_model(config, (8, 8, 1), classes=classes)
    weights = {key: value.numpy() for key, value in model.state_dict().items()}
    random = np.random.default_rng(0)
    mean = random.normal(0, 1, (200, latent)).astype(np.float32)
    mean[7] = np.nan
    logvar = None if name == "autoencoder" else np.full((200, latent), -3, np.float32)
    codes = Codes(mean, logvar, np.arange(200) % 3 if labels else None)
    return ModelFile(config, (8, 8, 1), ("a", "b", "c") if labels else (), weights, codes)


@pytest.mark.parametrize(
    "name, latent, labels",
    [("vae", 1, True), ("vae", 20, False), ("autoencoder", 2, True), ("conditional-vae", 2, True)],
)
def test_every_family_and_dimension_has_what_makes_sense(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, name: str, latent: int, labels: bool
) -> None:
    window.open_path(save(tmp_path, family(name, latent, labels)))
    qtbot.waitUntil(lambda: window.workspace.dimension == latent and window.is_settled(), timeout=60_000)
    rows = window.layers_panel.rows
    assert rows["boundaries"].isHidden() == (not labels)
    assert rows["ellipses"].isHidden() == (name == "autoencoder")
    for layer in ("sparse", "round-trip", "stretch", "density", "boundaries", "regions", "ellipses"):
        if not rows[layer].isHidden():
            click(window, layer)
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    fields = window.map.fields
    assert fields.contours is not None and fields.tint("stretch") is not None and fields.tint("round-trip") is not None
    assert (fields.regions is not None) == labels
    window.workspace.set_probe(np.full(latent, 9.0))
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    assert window.decoded.trust.trust is not None
    assert window.decoded.trust.trust.words == "Off the data"
    assert not window.map.grab().isNull()


def test_a_codebook_decodes_no_points_that_could_be_trusted(
    make_window: Callable[..., MainWindow], qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    window.open_path(save(tmp_path, tiny_vq(tmp_path / "run")))
    qtbot.waitUntil(lambda: window.workspace.dimension == 8 and window.is_settled(), timeout=60_000)
    rows = window.layers_panel.rows
    for layer in ("sparse", "round-trip", "stretch", "trust", "ellipses"):
        assert rows[layer].isHidden()
    click(window, "density")
    click(window, "boundaries")
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    assert window.map.fields.contours is not None
    assert window.map.fields.regions is not None
    assert window.decoded.trust.trust is None


def test_the_window_closes_while_fields_are_computed(make_window: Callable[..., MainWindow]) -> None:
    window = make_window()
    for layer in ("round-trip", "stretch", "boundaries", "density"):
        click(window, layer)
    QTest.qWait(150)
    window.close()
    assert window.isHidden()
    assert window.map.fields.is_settled()

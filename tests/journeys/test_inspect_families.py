"""The Inspector over models of all families, and while a training or a film goes on. Needs no data but the digits."""

from pathlib import Path

import numpy as np
import pytest
from films import filmed_run
from fitting import small, train
from PIL import Image
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from latentscope.inspecting.sorting import reason_against
from latentscope.main_window import MainWindow
from latentscope.state.selection import Selection
from trainer.data import load_dataset

KINDS: dict[str, dict[str, object]] = {
    "vae of 5 dimensions": {"latent": 5},
    "one dimension": {"latent": 1},
    "autoencoder": {"family": "autoencoder"},
    "conditional": {"family": "conditional-vae"},
    "codebook": {"family": "vq-vae", "network": "residual", "codes": 16, "latent": 4, "epochs": 1},
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("families")
    dataset = load_dataset("digits")
    return {
        name: train(folder / name, small(**{"data": "digits", "epochs": 2, **settings}), dataset)[0].model_path
        for name, settings in KINDS.items()
    }


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.wait(20)
    qtbot.waitUntil(window.is_settled, timeout=30_000)


def open_model(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    with qtbot.waitSignal(window.documents.opened):
        window.open_path(path)
    qtbot.waitUntil(lambda: window.originals.at_hand, timeout=30_000)
    window.show_panel(window.inspection.panel)
    settle(window, qtbot)


@pytest.mark.parametrize("kind", KINDS)
def test_every_family_is_inspected(
    window: MainWindow,
    qtbot: QtBot,
    models: dict[str, Path],
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_model(window, qtbot, models[kind])
    inspecting, panel = window.inspection.inspecting, window.inspection.panel
    inspecting.inspect_all(True)
    panel._choose_mode(2)
    inspecting.choose_sort("error", True)
    settle(window, qtbot)
    source, order = inspecting.source, inspecting.order
    assert len(order) == inspecting.total
    assert (np.diff(inspecting.sorting.values) <= 0).all()
    worst = int(order[0])
    assert np.array_equal(panel.thumbs.picture("decoded", worst), source.reconstruct(np.array([worst]))[0])
    has_kl = kind not in ("autoencoder", "codebook")
    assert (reason_against("kl", source) == "") == has_kl
    assert window.action("export-table-logvar").isEnabled() == has_kl
    panel.show_page(2)
    inspecting.look_at(worst)
    settle(window, qtbot)
    assert panel.image.pair.facts.startswith("error 0.")
    assert ("KL" in panel.image.pair.facts) == has_kl
    assert len(panel.image.in_latent_space.images) == len(panel.image.in_pixels.images) == 7
    assert np.array_equal(panel.image.decoded.view.picture, panel.thumbs.picture("decoded", worst))
    panel.show_page(1)
    settle(window, qtbot)
    assert np.array_equal(panel.summary.pair.second.view.picture, source.decode_mean(inspecting.index))
    path = tmp_path / "a.npz"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.action("export-arrays").trigger()
    qtbot.waitUntil(path.exists, timeout=20_000)
    settle(window, qtbot)
    with np.load(path, allow_pickle=False) as file:
        assert ("tokens" in file) == (kind == "codebook")
        assert ("logvar" in file) == has_kl
        assert file["mean"].shape[1] == source.codes.mean.shape[1]


def test_a_sheet_can_be_exported_while_the_dock_is_behind_another(
    window: MainWindow,
    qtbot: QtBot,
    models: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_model(window, qtbot, models["conditional"])
    window.workspace.selecting.set(Selection.of(range(50)))
    settle(window, qtbot)
    window.show_panel(window.legend)
    window.workspace.selecting.set(Selection.of(range(60, 63)))
    path = tmp_path / "a.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.action("export-sheet").trigger()
    qtbot.waitUntil(path.exists, timeout=20_000)
    settle(window, qtbot)
    with Image.open(path) as image:
        assert "3 images" in image.text["Description"]
    assert len(window.inspection.inspecting.sorting.order) == 50  # nobody looks, so nothing was sorted


def test_another_model_takes_the_place_of_what_is_seen(
    window: MainWindow, qtbot: QtBot, models: dict[str, Path]
) -> None:
    window.show_panel(window.inspection.panel)
    window.inspection.inspecting.inspect_all(True)
    settle(window, qtbot)
    gallery = window.inspection.panel.gallery
    gallery.verticalScrollBar().setValue(gallery.verticalScrollBar().maximum())
    settle(window, qtbot)
    open_model(window, qtbot, models["conditional"])
    assert len(window.inspection.inspecting.index) == 0
    window.inspection.inspecting.inspect_all(True)
    settle(window, qtbot)
    window.grab()
    assert len(gallery.order) == window.inspection.inspecting.total < 10_000


def test_a_film_is_followed_and_its_end_is_what_is_shown(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, own_home: Path
) -> None:
    run = filmed_run(own_home / "runs" / "film")
    with qtbot.waitSignal(window.documents.opened):
        window.open_path(run.folder)
    window.show_panel(window.inspection.panel)
    window.workspace.selecting.set(Selection.of(range(12)))
    qtbot.waitUntil(lambda: len(window.film.shots) == 5)
    settle(window, qtbot)
    before = window.inspection.inspecting.source
    window.film.step_by(-1)
    window.film.step_by(-1)
    qtbot.waitUntil(lambda: window.workspace.moment is not None)
    settle(window, qtbot)
    inspecting = window.inspection.inspecting
    assert inspecting.source is not before
    assert inspecting.source.codes is window.workspace.codes
    assert inspecting.index.tolist() == list(range(12))
    codec = window.decoding.codec
    assert inspecting.source.images is None  # the digits are not what these codes are of
    picture = inspecting.reconstructions.get(3)
    assert np.array_equal(picture, codec.decode(window.workspace.codes.mean[3][None])[0])

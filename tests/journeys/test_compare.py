"""Two and three models beside each other: linked, aligned, as a wipe, and gone again."""

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from comparing import ALT, LEFT, NONE, SHIFT, check_pictures, compare, digits, drag, models
from hand import Hand
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.files.opening import read_open_model
from latentscope.main_window import MainWindow
from latentscope.map.camera import Camera
from latentscope.map.view import MapView
from latentscope.state.open_model import OpenModel
from trainer.files import read_model, write_model
from trainer.paths.spherical import slerp

__all__ = ["digits", "models"]  # fixtures


def same_view(one: Camera, other: Camera) -> bool:
    """Whether both look at the same, but for rounding."""
    corners = [(0, 0), (one.width, one.height)]
    return bool(np.allclose(one.to_map(corners), other.to_map(corners), atol=1e-6))


def test_a_drag_over_either_map_decodes_on_both(digits: MainWindow, models: dict[str, Path], qtbot: QtBot) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    assert [caption.text.facts.split(" · ")[0] for caption in digits.compare.captions] == [
        "2-D VAE",
        "2-D β-VAE, β = 0.25",
    ]
    assert digits.compare.captions[1].text.note == "aligned"
    assert digits.map.size() == companion.map.size()
    check_pictures(digits, qtbot)
    Hand(digits).drag((0.0, 0.0), (1.0, -0.5))
    check_pictures(digits, qtbot)
    middle = companion.map.rect().center()
    drag(companion.map, middle, middle + QPoint(60, 40))
    place = companion.map.camera.to_map((middle.x() + 60, middle.y() + 40))
    assert np.allclose(companion.workspace.probe, companion.workspace.plane.to_latent(place))
    check_pictures(digits, qtbot)
    assert np.array_equal(digits.decoded.view.picture, digits.compare.main_caption.picture)


def test_the_same_test_points_lie_nearer_to_each_other_than_unaligned(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    ours, theirs = digits.map.cloud, companion.map.cloud
    assert np.array_equal(ours.label, theirs.label)
    codes = companion.workspace.codes
    assert codes is not None
    aligned = np.linalg.norm(theirs.position - ours.position, axis=1)
    plain = np.linalg.norm(codes.mean - ours.position, axis=1)
    assert (aligned**2).sum() <= (plain**2).sum()


def test_the_view_is_one(digits: MainWindow, models: dict[str, Path], qtbot: QtBot) -> None:
    one, two = compare(digits, qtbot, models["auto"], models["deep"])
    start = digits.map.rect().center()
    for view in (digits.map, one.map, two.map):
        before = one.map.camera
        drag(view, start, start + QPoint(25, -10), Qt.MouseButton.MiddleButton)
        view.looking.zoom_by(1.3)
        assert one.map.camera != before
        place = np.array([0.3, -0.2])
        wanted = digits.map.camera.to_pixel(place)
        for companion in (one, two):
            alignment = companion.alignment
            assert alignment is not None
            assert np.allclose(companion.map.camera.to_pixel(place / alignment.scale), wanted)
    check_pictures(digits, qtbot)
    digits.action("reset-view").trigger()
    qtbot.waitUntil(digits.is_settled)
    for view in (digits.map, one.map, two.map):
        assert not view.looking.moved_by_user
        pixels = view.camera.to_pixel(view.cloud.position)
        inside = (pixels > 0).all(axis=1) & (pixels < (view.width(), view.height())).all(axis=1)
        assert inside.mean() > 0.95


def test_a_view_moved_on_any_map_is_one_step_back(digits: MainWindow, models: dict[str, Path], qtbot: QtBot) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    home, there, stack = digits.map.camera, companion.map.camera, digits.workspace.undo_stack
    steps, middle = stack.count(), companion.map.rect().center()
    drag(companion.map, middle, middle + QPoint(40, -25), Qt.MouseButton.MiddleButton)
    drag(companion.map, middle, middle + QPoint(-10, 30), Qt.MouseButton.MiddleButton)
    assert (stack.count(), stack.undoText()) == (steps + 2, "Move view"), "a drag is one step, two drags are two"
    moved = digits.map.camera
    for _ in range(2):
        digits.action("undo").trigger()
        qtbot.waitUntil(digits.is_settled)
    assert same_view(digits.map.camera, home) and same_view(companion.map.camera, there)
    assert not digits.map.looking.moved_by_user and not companion.map.looking.moved_by_user
    digits.action("redo").trigger()
    digits.action("redo").trigger()
    qtbot.waitUntil(digits.is_settled)
    assert same_view(digits.map.camera, moved)
    # The steps are the main map's, so they stay when the other is gone.
    digits.compare.stop()
    qtbot.waitUntil(digits.is_settled)
    digits.action("undo").trigger()
    qtbot.waitUntil(digits.is_settled)
    assert digits.map.camera != moved


def test_a_class_hidden_in_the_legend_is_hidden_on_all_maps(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    QTest.mouseClick(digits.legend.buttons[3], LEFT)
    (companion,) = compare(digits, qtbot, models["two"])
    assert companion.workspace.hidden_classes == {3}
    QTest.mouseClick(digits.legend.buttons[5], LEFT)
    assert companion.workspace.hidden_classes == {3, 5}
    digits.action("layer-atlas").trigger()
    assert not companion.workspace.layers.shows("atlas")
    QTest.keyClick(digits, Qt.Key.Key_H)
    assert companion.map.tool == "pan"


def is_ringed(source: MapView, others: tuple[MapView, ...]) -> bool:
    """Points at a test point; to be asked until it is true, for a real pointer may have its say in between."""
    x, y = source.camera.to_pixel(source.cloud.position[7])
    QTest.mouseMove(source, QPoint(round(x), round(y)))
    row = source.hover_overlay.row
    return row >= 0 and all(view.hover_overlay.row == row for view in others)


def test_the_point_under_the_mouse_is_ringed_on_the_other_map(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    one, two = compare(digits, qtbot, models["two"], models["line"])
    for source, others in ((digits.map, (one.map, two.map)), (two.map, (digits.map, one.map))):
        qtbot.waitUntil(partial(is_ringed, source, others))
        QTest.mouseMove(source, QPoint(2, 2))
    x, y = digits.map.camera.to_pixel(digits.map.cloud.position[11])
    QTest.mouseClick(digits.map, LEFT, NONE, QPoint(round(x), round(y)))
    assert one.map.hover_overlay.row >= 0


def test_a_path_is_on_both_maps_and_is_undone_from_either(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    middle = companion.map.rect().center()
    drag(companion.map, middle, middle + QPoint(80, 30), LEFT, SHIFT | ALT)  # where the mouse is, not at test points
    ours, theirs = digits.workspace.pathing.current, companion.workspace.pathing.current
    assert ours is not None
    assert theirs is not None
    assert companion.alignment is not None
    assert np.allclose(companion.alignment.to_main(theirs.waypoints), ours.waypoints)
    assert np.allclose(companion.alignment.to_main(slerp(*theirs.waypoints, [0.5])), slerp(*ours.waypoints, [0.5]))
    QTest.keyClick(digits, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert digits.workspace.pathing.current is None
    assert companion.workspace.pathing.current is None
    Hand(digits).drag((0, 0), (1, 1), SHIFT)
    assert companion.workspace.pathing.current is not None
    companion.map.setFocus()
    QTest.keyClick(companion.map, Qt.Key.Key_Escape)
    assert digits.workspace.pathing.current is None


def test_the_wipe(digits: MainWindow, models: dict[str, Path], qtbot: QtBot) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    QTest.mouseClick(digits.compare.wipe_button, LEFT)
    stage, divider = digits.stage, digits.stage.divider
    assert stage.wipe
    assert digits.action("compare-wipe").isChecked()
    assert digits.map.size() == companion.map.size() == digits.map_frame.size()
    corner = digits.map.mapTo(stage, QPoint(0, 0))
    assert companion.map.mapTo(stage, QPoint(0, 0)) == corner
    left, right = QPoint(stage.width() // 4, 200), QPoint(3 * stage.width() // 4, 200)
    assert stage.childAt(corner + left) is digits.map
    assert stage.childAt(corner + right) is companion.map
    grip = divider.rect().center()
    x = divider.x()
    drag(divider, grip, grip + QPoint(stage.width() // 3, 0))
    assert divider.x() > x
    assert stage.childAt(corner + right) is digits.map
    for _ in range(3):
        drag(divider, grip, grip - QPoint(stage.width(), 0))
    assert 0 < stage.share < 0.1
    divider.setFocus()
    QTest.keyClick(divider, Qt.Key.Key_Right, SHIFT)
    assert 0.1 < stage.share < 0.2
    check_pictures(digits, qtbot)
    digits.action("compare-wipe").trigger()
    assert not stage.wipe
    assert stage.childAt(corner + left) is digits.map


def test_closing_the_last_one_leaves_the_main_map_alone(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    whole = digits.map.size()
    compare(digits, qtbot, models["two"], models["line"])
    assert digits.map.width() < whole.width() / 2
    QTest.mouseClick(digits.compare.captions[1].close_button, LEFT)
    assert len(digits.compare.companions) == 1
    digits.compare.set_wipe(True)
    digits.action("compare-stop").trigger()
    assert not digits.compare.is_on
    assert not digits.action("compare-stop").isEnabled()
    assert digits.map.size() == whole
    assert not digits.compare.main_caption.isVisible()
    qtbot.waitUntil(lambda: not [t for t in threading.enumerate() if t.name == "companion"])
    Hand(digits).drag((0, 0), (1, 1))
    assert digits.message_bar.text == ""


def test_a_damaged_file_says_so_and_the_rest_stays(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot, tmp_path: Path
) -> None:
    compare(digits, qtbot, models["two"])
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(models["two"].read_bytes()[:-1000])
    digits.compare.open([damaged])
    qtbot.waitUntil(lambda: digits.message_bar.text != "")
    assert "damaged.safetensors" in digits.message_bar.text
    assert digits.message_bar.kind == "error"
    assert len(digits.compare.companions) == 1
    digits.compare.open([tmp_path / "nowhere.safetensors"])
    qtbot.waitUntil(lambda: "nowhere" in digits.message_bar.text)
    check_pictures(digits, qtbot)


def test_maps_stand_in_the_order_in_which_they_were_asked_for(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slowly(path: Path) -> OpenModel:
        assert path != models["auto"] or go_on.wait(60)
        return read_open_model(path)

    monkeypatch.setattr("latentscope.compare.companion.read_open_model", slowly)
    digits.compare.open([models["auto"]])
    digits.compare.open([models["deep"]])
    qtbot.waitUntil(lambda: len(digits.compare.companions) == 1, timeout=20_000)
    go_on.set()
    qtbot.waitUntil(lambda: len(digits.compare.companions) == 2, timeout=20_000)
    assert [one.workspace.dimension for one in digits.compare.companions] == [2, 5]
    assert ["autoencoder" in caption.text.facts for caption in digits.compare.captions] == [False, True, False]


def test_three_are_the_most(digits: MainWindow, models: dict[str, Path], qtbot: QtBot) -> None:
    for _ in range(6):
        digits.compare.open([models["two"]])
    assert "Three maps" in digits.message_bar.text
    qtbot.waitUntil(lambda: len(digits.compare.companions) == 2)
    qtbot.waitUntil(digits.is_settled)
    assert not digits.action("compare-wipe").isEnabled()


def test_models_of_other_dimensions_and_data(
    window: MainWindow, models: dict[str, Path], qtbot: QtBot, tmp_path: Path
) -> None:
    compare(window, qtbot, models["line"], models["deep"])
    assert "other test points" in window.compare.captions[1].text.note
    window.compare.stop()
    window.open_path(models["deep"])
    qtbot.waitUntil(lambda: window.workspace.dimension == 5)
    other = tmp_path / "other.safetensors"
    file = read_model(models["one"])
    write_model(other, replace(file, codes=None))
    line = compare(window, qtbot, models["line"], other)[0]
    assert window.compare.captions[1].text.note == "not aligned: one latent dimension"
    assert window.compare.captions[2].text.warns
    Hand(window).drag((0.0, 0, 0, 0, 0), (1.0, 1, 1, 0, 0))
    check = window.workspace.plane.to_map(window.workspace.probe)
    assert line.workspace.plane.to_map(line.workspace.probe)[0] == pytest.approx(check[0])
    window.compare.stop()
    (deeper,) = compare(window, qtbot, models["deeper"])
    assert window.compare.captions[1].text.note == "aligned"
    window.action("plane-axes").trigger()
    check_pictures(window, qtbot)
    assert not np.array_equal(deeper.workspace.plane.u, window.workspace.plane.u)


def test_another_main_model_is_linked_anew(digits: MainWindow, models: dict[str, Path], qtbot: QtBot) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    with qtbot.waitSignal(digits.documents.opened):
        digits.open_path(models["deep"])
    qtbot.waitUntil(digits.is_settled)
    assert digits.compare.captions[1].text.note == "aligned on the map"
    assert companion.alignment is not None
    assert companion.alignment.reference.dimension == 5
    check_pictures(digits, qtbot)


def test_the_playhead_moves_on_every_map(digits: MainWindow, models: dict[str, Path], qtbot: QtBot) -> None:
    (companion,) = compare(digits, qtbot, models["two"])
    Hand(digits).drag((-1.0, 0.0), (1.0, -0.5), SHIFT | ALT)
    playing, overlay = digits.playback.playing, companion.map.playhead_overlay
    assert overlay.place is None
    playing.seek(0.4)
    first = overlay.place
    assert companion.alignment is not None
    assert np.allclose(companion.alignment.to_main(first), playing.place, atol=1e-6)
    assert not overlay.region(companion.map.scene).isEmpty()
    playing.play()
    qtbot.waitUntil(lambda: not np.allclose(overlay.place, first, atol=0.05))
    playing.pause()
    QTest.keyClick(digits, Qt.Key.Key_Escape)
    assert overlay.place is None

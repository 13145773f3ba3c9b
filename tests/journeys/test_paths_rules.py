"""Geodesics and paths through the data, in the window: chosen, seen to bend, dragged, undone."""

import numpy as np
from hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.panels.training.run_form import RunForm
from latentscope.paths.routes import Route
from latentscope.state.paths import LatentPath
from trainer.config import make_config
from trainer.paths.around import surroundings
from trainer.paths.rule import joined

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
START, END = (-1.5, -1.0), (1.6, 1.2)


def choose(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """A click on the list of rules, and one on an entry of it."""
    box = window.film_strip.header.kind_choice
    box.showPopup()
    view = box.view()
    qtbot.waitUntil(view.isVisible)
    where = view.visualRect(view.model().index(box.findData(name), 0)).center()
    QTest.mouseMove(view.viewport(), where)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=where)
    qtbot.waitUntil(
        lambda: window.workspace.pathing.current is not None and window.workspace.pathing.current.kind == name
    )
    qtbot.waitUntil(lambda: not view.isVisible())


def route(window: MainWindow) -> Route:
    path = window.workspace.pathing.current
    assert path is not None
    return window.map.routes.route(path)


def arrived(qtbot: QtBot, window: MainWindow) -> Route:
    qtbot.waitUntil(lambda: window.is_settled() and route(window).final, timeout=60_000)
    return route(window)


def bend(found: Route) -> float:
    """How far the curve leaves the straight line between its ends."""
    points = found.curve.points
    along = points[-1] - points[0]
    offset = points - points[0]
    return float(np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0]).max() / np.linalg.norm(along))


def test_a_path_becomes_a_geodesic_is_dragged_and_undone(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    hand.drag(START, END, SHIFT)
    straight = arrived(qtbot, window)
    assert bend(straight) < 1e-9
    before = window.map.grab().toImage()
    choose(qtbot, window, "geodesic")
    assert window.workspace.pathing.current is not None
    assert window.workspace.pathing.current.kind == "geodesic"
    with qtbot.waitSignal(window.map.routes.changed, timeout=60_000):
        pass
    found = arrived(qtbot, window)
    assert bend(found) > 0.05
    assert window.map.grab().toImage() != before
    assert window.decoding.codec is not None
    decoded = window.decoding.codec.decode(found.steps).astype(int)
    # Its ends may be real images. In batches of another size the last bit of a product may fall otherwise.
    qtbot.waitUntil(lambda: np.abs(window.film_strip.frames.pictures - decoded)[1:-1].max() <= 1, timeout=60_000)

    # An end is dragged: the curve follows at once, and is found when the hand rests.
    hand.drag(
        window.workspace.pathing.current.waypoints[-1], (0.4, 1.4), Qt.KeyboardModifier.AltModifier, release=False
    )
    path = window.workspace.pathing.current
    assert tuple(route(window).curve.points[-1]) == path.waypoints[-1]
    QTest.mouseRelease(window.map, Qt.MouseButton.LeftButton, pos=hand.pixel(0.4, 1.4))
    dragged = arrived(qtbot, window)
    assert not np.array_equal(dragged.curve.points, found.curve.points)
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert np.array_equal(arrived(qtbot, window).curve.points, found.curve.points)
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert bend(arrived(qtbot, window)) < 1e-9
    QTest.keyClick(window, Qt.Key.Key_Z, CONTROL | SHIFT)
    assert np.array_equal(arrived(qtbot, window).curve.points, found.curve.points)


def test_the_curve_is_taken_where_it_runs_and_bent_there(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    hand.drag(START, END, SHIFT)
    choose(qtbot, window, "geodesic")
    found = arrived(qtbot, window)
    middle = found.curve.at(0.5)
    hand.drag((middle[0], middle[1]), (middle[0] + 0.3, middle[1] - 0.3), Qt.KeyboardModifier.AltModifier)
    path = window.workspace.pathing.current
    assert path is not None
    assert len(path.waypoints) == 3
    curve = arrived(qtbot, window).curve
    assert np.array_equal(curve.points[curve.corners], path.waypoints)


def test_a_path_through_the_data_goes_from_code_to_code(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    hand.drag(START, END, SHIFT)
    choose(qtbot, window, "data")
    points = arrived(qtbot, window).curve.points
    assert window.workspace.codes is not None
    codes = {tuple(code) for code in window.workspace.codes.mean.astype(float)}
    assert len(points) > 10
    assert {tuple(point) for point in points[1:-1]} <= codes


def test_ten_changes_of_mind_and_a_window_that_is_closed_midway(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    hand.drag(START, END, SHIFT)
    for kind in ("geodesic", "data", "linear", "geodesic", "slerp", "geodesic", "spline", "data", "linear", "geodesic"):
        choose(qtbot, window, kind)
    assert window.workspace.pathing.current is not None
    assert window.workspace.pathing.current.kind == "geodesic"
    window.close()


def test_the_probe_answers_while_a_geodesic_is_sought(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    hand.drag(START, END, SHIFT)
    choose(qtbot, window, "geodesic")
    seen: list[bytes] = []
    window.workspace.probe_changed.connect(lambda: seen.append(window.decoded.view.picture.tobytes()))
    hand.drag((0.0, -2.0), (0.0, 2.0))
    assert len(set(seen)) >= 10
    assert bend(arrived(qtbot, window)) > 0.05


def test_a_geodesic_follows_the_decoder_while_it_is_trained(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_N, CONTROL)
    form = window.flow.form
    assert isinstance(form, RunForm)
    form.set_config(make_config({"data": "digits", "hidden": [64], "seconds": 600}))
    QTest.mouseClick(form.start, Qt.MouseButton.LeftButton)
    workspace, patience = window.workspace, 90_000
    qtbot.waitUntil(lambda: bool(workspace.model and workspace.model.live and window.decoding.codec), timeout=patience)
    workspace.pathing.set_current(LatentPath((START, END), "geodesic"))
    qtbot.waitUntil(lambda: len(route(window).curve.points) > 2, timeout=patience)
    first = route(window).curve.points
    qtbot.waitUntil(lambda: not np.array_equal(route(window).curve.points, first), timeout=patience)
    codes = workspace.codes
    qtbot.waitUntil(lambda: workspace.codes is not codes, timeout=patience)
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: window.training.state == "stopped", timeout=patience)
    found = arrived(qtbot, window)
    expected = joined((START, END), "geodesic", surroundings(window.decoding.codec, workspace.codes))
    assert np.array_equal(found.curve.points, expected.points)

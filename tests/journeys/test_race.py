"""The race: the ends of a path joined by every rule, one under another, with real mouse events."""

from collections.abc import Callable

import numpy as np
import pytest
from frame_mouse import hover_frame
from hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.panels.race.columns import NOTHING
from latentscope.panels.race.panel import RacePanel
from latentscope.paths.race import Lane
from trainer.paths import RULES

LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
START, END = (-1.5, -1.0), (1.8, 0.9)


@pytest.fixture
def panel(window: MainWindow, hand: Hand, qtbot: QtBot) -> RacePanel:
    """A path is drawn, and the race over it is open and has arrived."""
    hand.drag(START, END, SHIFT)
    window.action("race").trigger()
    panel = window.racing.panel
    qtbot.waitUntil(panel.isVisible)
    arrived(window, qtbot)
    return panel


def arrived(window: MainWindow, qtbot: QtBot) -> None:
    def all_there() -> bool:
        panel, lanes = window.racing.panel, window.racing.race.lanes
        frames = [panel.lanes[lane.rule.name].frames.pictures for lane in lanes if lane.route is not None]
        return window.is_settled() and bool(frames) and all(pictures is not None for pictures in frames)

    qtbot.waitUntil(all_there, timeout=60_000)


def lane(window: MainWindow, name: str) -> Lane:
    return next(one for one in window.racing.race.lanes if one.rule.name == name)


def hover(panel: RacePanel, name: str, frame: int) -> None:
    hover_frame(panel.lanes[name].frames, frame)


def test_all_rules_race_between_the_ends_of_the_path(window: MainWindow, panel: RacePanel) -> None:
    lanes = window.racing.race.lanes
    assert [one.rule.name for one in lanes] == RULES.names()
    path = window.workspace.pathing.current
    assert path is not None
    assert window.decoding.codec is not None
    for one in lanes:
        assert one.route is not None
        assert np.allclose(one.route.steps[[0, -1]], [path.waypoints[0], path.waypoints[-1]])
        row = panel.lanes[one.rule.name].frames
        assert np.array_equal(row.pictures, window.decoding.codec.decode(one.route.steps))
        assert one.figures is not None
        assert one.figures.image is not None
        assert one.along is not None
        assert np.allclose(one.along.shares.sum(axis=1), 1, atol=1e-4)
        texts = [value.text() for value in panel.heads[one.rule.name].values]
        assert NOTHING not in texts
        # In step: a column is the same step in every lane.
        assert row.frame_rect(5).x() == panel.lanes["linear"].frames.frame_rect(5).x()
    straight, round_about = lane(window, "linear").figures, lane(window, "slerp").figures
    assert straight is not None
    assert round_about is not None
    assert straight.latent == pytest.approx(np.hypot(END[0] - START[0], END[1] - START[1]), abs=0.05)
    assert straight.energy == pytest.approx(1)
    assert round_about.latent > straight.latent
    assert lane(window, "linear").along.passed[0] == 1
    at_hand = window.originals.images is not None
    assert ("real images most alike" if at_hand else "nearest codes") in panel.judge.toolTip()
    assert "the best" in panel.heads["linear"].values[0].accessibleName()
    assert "the best" not in panel.heads["slerp"].values[0].accessibleName()
    assert "then" in panel.lanes["linear"].bar.accessibleDescription()


def test_a_frame_under_the_mouse_is_where_the_probe_is(window: MainWindow, panel: RacePanel, qtbot: QtBot) -> None:
    hover(panel, "slerp", 4)
    route = lane(window, "slerp").route
    assert route is not None
    assert np.allclose(window.workspace.probe, route.steps[4])
    qtbot.waitUntil(lambda: panel.lanes["slerp"].frames.current == 4)
    assert panel.lanes["linear"].frames.current is None
    row = panel.lanes["slerp"].frames
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_End)
    assert np.allclose(window.workspace.probe, route.steps[-1])
    bar = panel.strip.horizontalScrollBar()
    assert bar.value() == bar.maximum()


def test_the_film_runs_through_all_lanes_in_step(window: MainWindow, panel: RacePanel, qtbot: QtBot) -> None:
    bar = panel.lanes["slerp"].bar
    before = bar.grab().toImage()
    window.playback.playing.seek(0.47)
    assert {lane.bar.playhead for lane in panel.lanes.values()} == {0.47 * 15}
    assert bar.grab().toImage() != before
    qtbot.waitUntil(lambda: panel.lanes["linear"].frames.current == 7)
    assert panel.lanes["slerp"].frames.current is None
    window.playback.playing.seek(0.0)
    assert bar.playhead is None
    assert bar.grab().toImage() == before


def test_a_click_on_a_rule_joins_the_path_so_and_can_be_undone(
    window: MainWindow, panel: RacePanel, qtbot: QtBot
) -> None:
    QTest.mouseClick(panel.heads["slerp"].name, LEFT)
    assert window.workspace.pathing.current is not None
    assert window.workspace.pathing.current.kind == "slerp"
    qtbot.waitUntil(panel.heads["slerp"].name.isChecked)
    assert not panel.heads["linear"].name.isChecked()
    QTest.mouseClick(panel.heads["slerp"].name, LEFT)  # once more changes nothing
    assert panel.heads["slerp"].name.isChecked()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace.pathing.current.kind == "linear"
    qtbot.waitUntil(panel.heads["linear"].name.isChecked)


def test_the_race_follows_an_end_that_is_dragged(
    window: MainWindow, panel: RacePanel, hand: Hand, qtbot: QtBot
) -> None:
    before = lane(window, "slerp").figures
    hand.drag(END, (0.5, 2.0), release=False)
    qtbot.waitUntil(lambda: lane(window, "slerp").figures is not before)
    QTest.mouseRelease(window.map, LEFT, pos=hand.pixel(0.5, 2.0))
    arrived(window, qtbot)
    route = lane(window, "spline").route
    assert route is not None
    assert window.workspace.pathing.current is not None
    assert np.allclose(route.steps[-1], window.workspace.pathing.current.waypoints[-1])


def test_its_ways_are_on_the_map_while_it_is_seen(window: MainWindow, panel: RacePanel, qtbot: QtBot) -> None:
    assert len(window.racing.overlay.ways) == len(RULES.names())
    raced = window.map.grab().toImage()
    window.docks[panel.title].close()
    qtbot.waitUntil(lambda: not window.racing.race.watched)
    assert window.racing.overlay.ways == ()
    qtbot.waitUntil(lambda: window.map.height() > raced.height())  # the map has its room back
    window.docks[panel.title].toggleViewAction().trigger()
    qtbot.waitUntil(lambda: len(window.racing.overlay.ways) == len(RULES.names()))
    qtbot.waitUntil(lambda: panel.height() >= panel.enough, timeout=5_000)  # in front, and all lanes are in sight


def test_without_a_path_it_says_how_to_get_one(window: MainWindow, qtbot: QtBot, hand: Hand) -> None:
    window.action("race").trigger()
    panel = window.racing.panel
    qtbot.waitUntil(panel.isVisible)
    assert panel._hint.isVisible()
    assert not panel.area.isVisible()
    hand.drag(START, END, SHIFT)
    qtbot.waitUntil(panel.area.isVisible)
    arrived(window, qtbot)
    window.workspace.pathing.set_current(None)
    qtbot.waitUntil(panel._hint.isVisible)
    window.grab()


def test_closing_the_window_in_the_middle_of_a_race(make_window: Callable[..., MainWindow], qtbot: QtBot) -> None:
    window = make_window()
    hand = Hand(window)
    hand.drag(START, END, SHIFT)
    window.action("race").trigger()
    QTest.qWait(1)
    hand.drag(END, (0.0, 2.0), release=False)
    window.close()
    assert not window.isVisible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_painted_in_both_themes(window: MainWindow, panel: RacePanel, theme: str) -> None:
    window.set_theme_choice(theme)  # type: ignore[arg-type]
    image = panel.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)}
    assert len(colours) > 40
    words = panel.lanes["linear"].bar.words_at(panel.lanes["linear"].frames.x_of(0))
    assert words.startswith("1, ")

"""The film strip in the real window: hover, pin, scroll, scrub, play and time a path; close it while it plays."""

from collections.abc import Callable

import numpy as np
import pytest
from frame_mouse import hover_frame
from hand import Hand
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latentscope.assets import shipped_model
from latentscope.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
START, END = (-1.5, 0.0), (1.5, 1.0)


@pytest.fixture
def window(window: MainWindow, hand: Hand, qtbot: QtBot) -> MainWindow:
    """With a path across the map, whose ends are anywhere."""
    hand.drag(START, END, SHIFT | Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: window.film_strip.reel.pictures is not None and window.is_settled(), timeout=20_000)
    return window


def spot(window: MainWindow, frame: int) -> QPoint:
    return window.film_strip.frames.frame_rect(frame).center().toPoint()


def step(window: MainWindow, frame: int) -> np.ndarray:
    return window.map.routes.route(window.workspace.pathing.current).steps[frame]


def leave(window: MainWindow) -> None:
    QApplication.sendEvent(window.film_strip.frames, QEvent(QEvent.Type.Leave))


def turn_wheel(window: MainWindow, notches: int) -> None:
    port = window.film_strip.area.viewport()
    where = QPointF(port.rect().center())
    none, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    turned = QPoint(0, 120 * notches)
    event = QWheelEvent(where, port.mapToGlobal(where), QPoint(), turned, Qt.MouseButton.NoButton, none, phase, False)
    QApplication.sendEvent(port, event)


def undo(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)


def redo(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL | SHIFT)


def test_the_mouse_over_the_frames_morphs_the_digit_and_a_click_keeps_it(window: MainWindow, hand: Hand) -> None:
    hand.click(0.0, -2.0)
    before, strip = window.workspace.probe, window.film_strip
    seen = []
    for frame in (0, 2, 4, 6):
        hover_frame(strip.frames, frame)
        assert np.allclose(window.workspace.probe, step(window, frame))
        seen.append(window.decoded.view.picture.tobytes())
    assert len(set(seen)) == 4
    leave(window)
    assert np.array_equal(window.workspace.probe, before)

    hover_frame(strip.frames, 5)
    QTest.mouseClick(strip.frames, LEFT, pos=spot(window, 5))
    hover_frame(strip.frames, 8)
    leave(window)
    assert np.allclose(window.workspace.probe, step(window, 5))
    assert (strip.frames.pinned, strip.frames.current) == (5, 5)
    hand.click(0.0, -2.0)
    assert strip.frames.pinned is None
    assert np.array_equal(window.workspace.probe, before)


def test_the_playhead_moves_on_the_map_and_nothing_under_it_is_drawn_again(window: MainWindow, qtbot: QtBot) -> None:
    playing, overlay, canvas = window.playback.playing, window.map.playhead_overlay, window.map
    assert overlay.place is None
    QTest.mouseClick(window.film_strip.header.play_button, LEFT)
    assert playing.playing
    qtbot.waitUntil(lambda: canvas.base.is_fresh)
    composed = canvas.base.composed
    places, frames = set(), set()

    def look() -> bool:
        places.add(tuple(overlay.place))
        frames.add(window.film_strip.frames.current)
        return len(places) > 8 and len(frames) > 3

    qtbot.waitUntil(look, timeout=20_000)
    assert canvas.base.composed == composed
    assert np.allclose(overlay.place, window.workspace.probe)
    with_it = canvas.grab().toImage()
    QTest.keyClick(window, Qt.Key.Key_Space, CTRL)
    assert not playing.playing
    playing.seek(0.0)
    assert overlay.place is None, "at its beginning a film has no playhead"
    assert canvas.grab().toImage() != with_it


def test_there_and_back_in_a_loop_once_and_faster(window: MainWindow, qtbot: QtBot) -> None:
    playing, header = window.playback.playing, window.film_strip.header

    def choose(button: object, action: object) -> None:
        QTest.mouseClick(button, LEFT)
        qtbot.waitUntil(button.menu_shown.isVisible)
        QTest.mouseClick(button.menu_shown, LEFT, pos=button.menu_shown.actionGeometry(action).center())
        qtbot.waitUntil(lambda: not button.menu_shown.isVisible())

    choose(header.how_button, header.speeds.actions[4.0])
    assert playing.speed == 4
    assert header.how_button.text() == "⇄ 4×"
    moments: list[float] = []
    playing.moved.connect(lambda: moments.append(playing.moment))

    def turns() -> tuple[int, int]:
        steps = np.diff(moments)
        return int((steps > 0).sum()), int((steps < 0).sum())

    QTest.keyClick(window, Qt.Key.Key_Space, CTRL)
    qtbot.waitUntil(lambda: min(turns()) >= 2, timeout=20_000)
    choose(header.how_button, header.modes.actions["loop"])
    qtbot.waitUntil(lambda: playing.moment < 0.5, timeout=20_000)
    moments.clear()
    qtbot.waitUntil(lambda: turns()[1] >= 1, timeout=20_000)
    assert min(np.diff(moments)) < -0.2, "at the end it begins anew"
    choose(header.how_button, header.modes.actions["once"])
    qtbot.waitUntil(lambda: not playing.playing, timeout=20_000)
    assert np.allclose(window.workspace.probe, step(window, 15))
    assert window.action("play-once").isChecked()


def test_the_bar_is_dragged_and_the_path_bent_while_it_plays(window: MainWindow, hand: Hand, qtbot: QtBot) -> None:
    playing, bar = window.playback.playing, window.film_strip.bar
    y = bar.height() // 2
    xs = np.linspace(bar.x_of(0.1), bar.x_of(0.7), 25).round().astype(int)
    QTest.mousePress(bar, LEFT, pos=QPoint(int(xs[0]), y))
    frames = []
    for x in xs:
        QTest.mouseMove(bar, QPoint(int(x), y))
        frames.append(playing.frame)
        assert np.allclose(window.workspace.probe, playing.place)
    QTest.mouseRelease(bar, LEFT, pos=QPoint(int(xs[-1]), y))
    assert frames[-1] == pytest.approx(0.7 * 15, abs=0.1)
    assert sum(frame % 1 > 0.05 for frame in frames) > 15, "smoothly between frames"

    QTest.keyClick(window, Qt.Key.Key_Space, CTRL)
    hand.drag(END, (0.0, 2.0), release=False)
    qtbot.waitUntil(lambda: playing.playing and np.allclose(playing.place, window.workspace.probe))
    QTest.mouseRelease(window.map, LEFT, pos=hand.pixel(0.0, 2.0))
    assert playing.playing, "it goes on along the path as it is now"
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.workspace.pathing.current is None
    assert not playing.playing
    assert window.map.playhead_overlay.place is None


def test_rule_steps_and_timing_with_undo_and_redo(window: MainWindow, qtbot: QtBot) -> None:
    header, workspace = window.film_strip.header, window.workspace
    header.kind_choice.setFocus()
    QTest.keyClick(header.kind_choice, Qt.Key.Key_Down)
    header.steps_choice.selectAll()
    QTest.keyClicks(header.steps_choice, "40")
    QTest.keyClick(header.steps_choice, Qt.Key.Key_Return)
    QTest.mouseClick(header.timing_button, LEFT)
    menu = header.timing_button.menu_shown
    qtbot.waitUntil(menu.isVisible)
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(header.eases.actions["both"]).center())
    qtbot.waitUntil(lambda: not menu.isVisible())
    header.paces.actions["visual"].trigger()
    path = workspace.pathing.current
    assert (path.kind, path.steps, path.walk.ease, path.walk.pace) == ("slerp", 40, "both", "visual")
    qtbot.waitUntil(lambda: len(window.film_strip.reel) == 40 and window.film_strip.reel.pictures is not None)
    for _ in range(4):
        undo(window)
    assert (workspace.pathing.current.kind, workspace.pathing.current.steps) == ("linear", 16)
    assert header.kind_choice.currentData() == "linear"
    assert header.steps_choice.value() == 16
    assert header.eases.actions["none"].isChecked()
    for _ in range(4):
        redo(window)
    assert workspace.pathing.current == path
    qtbot.waitUntil(window.is_settled, timeout=20_000)


def test_a_thousand_steps_are_scrolled_and_played(window: MainWindow, qtbot: QtBot) -> None:
    strip = window.film_strip
    strip.header.steps_choice.setValue(1000)
    turn_wheel(window, -20)
    first, end = strip.frames.in_sight(*strip.area.sight)
    assert first > 30
    assert end - first < 40
    strip.grab()
    qtbot.waitUntil(lambda: strip.reel.pictures is not None, timeout=60_000)
    assert len(strip.reel.pictures) == 1000
    window.playback.playing.seek(0.8)
    QTest.keyClick(window, Qt.Key.Key_Space, CTRL)
    qtbot.waitUntil(lambda: window.playback.playing.moment > 0.81, timeout=20_000)
    left, right = strip.area.sight
    assert left < strip.frames.x_of(window.playback.playing.frame) < right
    QTest.keyClick(window, Qt.Key.Key_Space, CTRL)


def test_another_model_ends_what_plays(window: MainWindow, qtbot: QtBot) -> None:
    QTest.keyClick(window, Qt.Key.Key_Space, CTRL)
    with qtbot.waitSignal(window.documents.opened, timeout=60_000):
        window.open_path(shipped_model())
    qtbot.waitUntil(window.is_settled, timeout=60_000)
    assert not window.playback.playing.playing
    assert not window.action("play").isEnabled()
    assert window.film_strip.header.isHidden()


def test_the_window_is_closed_while_it_plays_and_remembers_how(
    window: MainWindow, make_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    assert window.playback.playing.mode_of(closed=True) == "loop"
    window.action("play-loop").trigger()
    window.action("play-faster").trigger()
    QTest.keyClick(window, Qt.Key.Key_Space, CTRL)
    qtbot.waitUntil(lambda: window.playback.playing.moment > 0.1, timeout=20_000)
    window.close()
    assert not window.playback.playing.playing
    again = make_window()
    assert (again.playback.playing.mode, again.playback.playing.speed) == ("loop", 2)

"""The film strip: frames of the path, hovering, pinning, playing, and the controls in its title."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from steady_pace import SteadyPace

from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.panels.film.panel import FilmStripPanel
from latentscope.paths.playing import Playing
from latentscope.paths.routes import Routes, route_at_once
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT
from trainer.files import ModelFile
from trainer.paths import RULES
from trainer.paths.timing import Walk

PATH = LatentPath(((-2.0, 0.0), (2.0, 0.0)), walk=Walk(9))
LONG = replace(PATH, walk=Walk(1000))
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def playing(open_workspace: Workspace, decoding: Decoding) -> Iterator[Playing]:
    playing = Playing(open_workspace, Routes(open_workspace, decoding, parent=decoding), decoding)
    yield playing
    playing.pause()


@pytest.fixture
def strip(
    qtbot: QtBot, open_workspace: Workspace, decoding: Decoding, playing: Playing, originals: Originals
) -> FilmStripPanel:
    assert decoding.timed is not None
    decoding.use(replace(decoding.timed, pace=SteadyPace(0.1, 0.01)))  # however busy the machine was at its timing
    panel = FilmStripPanel(open_workspace, decoding, playing._routes, playing, originals, DARK)
    qtbot.addWidget(panel)
    panel.resize(900, 170)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def show(workspace: Workspace, path: LatentPath) -> None:
    """Show a path, and have the frames laid out."""
    workspace.pathing.set_current(path)
    QApplication.processEvents()


def spot(strip: FilmStripPanel, frame: int) -> QPoint:
    return strip.frames.frame_rect(frame).center().toPoint()


def click(strip: FilmStripPanel, frame: int) -> None:
    QTest.mouseClick(strip.frames, LEFT, pos=spot(strip, frame))


def leave(strip: FilmStripPanel) -> None:
    QApplication.sendEvent(strip.frames, QEvent(QEvent.Type.Leave))


def turn_wheel(strip: FilmStripPanel, notches: int) -> None:
    where = QPointF(strip.area.viewport().rect().center())
    QApplication.sendEvent(
        strip.area.viewport(),
        QWheelEvent(
            where, strip.area.viewport().mapToGlobal(where), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        ),
    )  # fmt: skip


def step(frame: int, path: LatentPath = PATH) -> np.ndarray:
    return route_at_once(path).steps[frame]


def test_every_step_is_decoded(strip: FilmStripPanel, open_workspace: Workspace, decoding: Decoding) -> None:
    assert strip.frames.pictures is None
    assert decoding.codec is not None
    show(open_workspace, PATH)
    assert np.array_equal(strip.frames.pictures, decoding.codec.decode(route_at_once(PATH).steps))
    open_workspace.pathing.set_current(PATH.with_waypoint(1, [0.0, 1.0]))
    assert np.array_equal(strip.frames.pictures[-1], decoding.codec.decode([[0.0, 1.0]])[0])
    open_workspace.pathing.set_current(None)
    assert strip.frames.pictures is None


def test_its_title_names_the_ends(
    qtbot: QtBot, strip: FilmStripPanel, open_workspace: Workspace, model_file: ModelFile
) -> None:
    with qtbot.waitSignal(strip.title_changed) as title:
        open_workspace.pathing.set_current(PATH)
    assert title.args == ["Film strip   a → c"]
    names = ("a class of a very long name", "b", "c")
    open_workspace.set_snapshot(OpenModel(replace(model_file, class_names=names), "test"))
    with qtbot.waitSignal(strip.title_changed) as title:
        open_workspace.pathing.set_current(PATH.with_waypoint(1, [0.0, 0.0]))
    assert title.args == ["Film strip   a class of a very… → b"]
    with qtbot.waitSignal(strip.title_changed) as title:
        open_workspace.pathing.set_current(replace(PATH.with_inserted(1, [0.0, 1.0]), closed=True))
    assert title.args == ["Film strip   loop from a class of a very…"]


def test_hovering_takes_the_probe_and_gives_it_back(strip: FilmStripPanel, open_workspace: Workspace) -> None:
    show(open_workspace, PATH)
    open_workspace.set_probe([0.3, 3.0])
    for frame in (2, 3):
        QTest.mouseMove(strip.frames, spot(strip, frame))
        assert np.allclose(open_workspace.probe, step(frame))
        assert strip.frames.current == frame
    leave(strip)
    assert np.array_equal(open_workspace.probe, [0.3, 3.0])
    assert strip.frames.current is None


def test_who_takes_the_probe_while_the_mouse_is_there_keeps_it(
    strip: FilmStripPanel, open_workspace: Workspace
) -> None:
    show(open_workspace, PATH)
    QTest.mouseMove(strip.frames, spot(strip, 2))
    open_workspace.set_probe([1.0, 1.0])
    leave(strip)
    assert np.array_equal(open_workspace.probe, [1, 1])


def test_a_click_pins_a_frame_and_another_click_takes_the_pin_out(
    strip: FilmStripPanel, open_workspace: Workspace, playing: Playing
) -> None:
    show(open_workspace, PATH)
    open_workspace.set_probe([0.3, 3.0])
    QTest.mouseMove(strip.frames, spot(strip, 3))
    click(strip, 3)
    assert strip.frames.pinned == 3
    assert playing.frame == 3
    QTest.mouseMove(strip.frames, spot(strip, 6))
    assert np.allclose(open_workspace.probe, step(6))
    assert (strip.frames.current, strip.frames.pinned) == (6, 3)
    leave(strip)
    assert np.allclose(open_workspace.probe, step(3))
    assert strip.frames.current == 3
    QTest.keyClick(strip.frames, Qt.Key.Key_Right)
    assert (strip.frames.current, strip.frames.pinned) == (4, 4)
    QTest.mouseMove(strip.frames, spot(strip, 4))
    click(strip, 4)
    assert strip.frames.pinned is None
    assert strip.frames.current == 4
    click(strip, 5)
    open_workspace.set_probe([0, 3])
    assert strip.frames.current is None
    assert strip.frames.pinned is None


def test_playing_moves_the_probe_along_the_path_and_ends_with_it(
    qtbot: QtBot, strip: FilmStripPanel, open_workspace: Workspace, playing: Playing
) -> None:
    show(open_workspace, PATH)
    seen: list[float] = []
    open_workspace.probe_changed.connect(lambda: seen.append(float(open_workspace.probe[0])))
    QTest.mouseClick(strip.header.play_button, LEFT)
    qtbot.waitUntil(lambda: len(seen) > 12)
    assert playing.playing
    assert strip.header.play_button.accessibleName() == "Pause"
    assert all(-2 <= x <= 2 for x in seen)
    assert len(set(seen)) > 8
    before = open_workspace.probe
    QTest.mouseMove(strip.frames, spot(strip, 8))
    assert np.array_equal(open_workspace.probe, before), "what plays does not heed the mouse"
    open_workspace.pathing.set_current(None)
    assert not playing.playing
    assert strip.header.isHidden()


def test_a_click_stops_what_plays(strip: FilmStripPanel, open_workspace: Workspace, playing: Playing) -> None:
    show(open_workspace, PATH)
    QTest.keyClick(strip.frames, Qt.Key.Key_Space)
    assert playing.playing
    click(strip, 5)
    assert not playing.playing
    assert np.allclose(open_workspace.probe, step(5))


def test_the_bar_is_dragged_smoothly_between_frames(
    strip: FilmStripPanel, open_workspace: Workspace, playing: Playing
) -> None:
    show(open_workspace, PATH)
    bar = strip.bar
    assert bar.x_of(1) == strip.frames.x_of(8)

    def at(frame: float) -> QPoint:
        return QPoint(round(strip.frames.x_of(frame)), bar.height() // 2)

    playing.play()
    QTest.mousePress(bar, LEFT, pos=at(2))
    assert not playing.playing, "held"
    seen = []
    for frame in (2.5, 3.25, 20, -5):
        QTest.mouseMove(bar, at(frame))
        seen.append(float(open_workspace.probe[0]))
    assert np.allclose(seen, [-0.75, -0.375, 2, -2], atol=0.01)
    QTest.mouseMove(bar, at(4))
    assert strip.frames.current == 4
    assert bar.accessibleDescription() == "Frame 5.0 of 9"
    QTest.mouseRelease(bar, LEFT, pos=at(4))
    assert playing.playing, "it goes on where it was let go"
    playing.pause()
    playing.seek(0.55)
    for key, frame in ((Qt.Key.Key_Right, 5), (Qt.Key.Key_Left, 4), (Qt.Key.Key_End, 8), (Qt.Key.Key_Home, 0)):
        QTest.keyClick(bar, key)
        assert playing.frame == pytest.approx(frame)
    QTest.keyClick(bar, Qt.Key.Key_Space)
    assert playing.playing


def test_joining_steps_and_timing_can_be_undone(strip: FilmStripPanel, open_workspace: Workspace) -> None:
    show(open_workspace, PATH)
    header, undo = strip.header, open_workspace.undo_stack
    header.kind_choice.setFocus()
    QTest.keyClick(header.kind_choice, Qt.Key.Key_Down)
    assert open_workspace.pathing.current.kind == "slerp"
    header.steps_choice.setValue(5)
    header.steps_choice.setValue(6)
    assert len(strip.frames.pictures) == 6
    header.eases.actions["both"].trigger()
    assert open_workspace.pathing.current.walk.ease == "both"
    assert "start and end slowly" in header.timing_button.toolTip()
    undo.undo()
    assert header.eases.actions["none"].isChecked()
    undo.undo()
    assert open_workspace.pathing.current.steps == 9, "turns of one go are one step to undo"
    assert header.steps_choice.value() == 9
    undo.undo()
    assert open_workspace.pathing.current.kind == "linear"
    assert header.kind_choice.currentData() == "linear"
    for _ in range(3):
        undo.redo()
    assert open_workspace.pathing.current.walk == Walk(6, ease="both")


def test_only_what_the_model_can_follow_is_offered(
    strip: FilmStripPanel, open_workspace: Workspace, model_file: ModelFile
) -> None:
    header = strip.header

    def offered() -> set[str]:
        rules = header.kind_choice.model()
        flags = (rules.flags(rules.index(i, 0)) for i in range(rules.rowCount()))
        enabled = [bool(flag & Qt.ItemFlag.ItemIsEnabled) for flag in flags]
        return {header.kind_choice.itemData(i) for i, there in enumerate(enabled) if there}

    show(open_workspace, PATH)
    assert offered() == set(RULES.choices)
    assert header.paces.actions["visual"].isEnabled()
    open_workspace.set_snapshot(OpenModel(replace(model_file, codes=None), "without codes"))
    show(open_workspace, PATH.with_waypoint(0, [0.0, 0.0]))
    assert offered() == set(RULES.choices) - {"data"}
    grids = replace(model_file.codes, tokens=np.zeros((90, 2, 2), np.int16))
    open_workspace.set_snapshot(OpenModel(replace(model_file, codes=grids), "with a codebook"))
    show(open_workspace, PATH)
    assert offered() == set(RULES.choices) - {"geodesic"}
    assert not header.paces.actions["visual"].isEnabled()


def test_a_number_of_steps_is_taken_when_it_is_typed(strip: FilmStripPanel, open_workspace: Workspace) -> None:
    show(open_workspace, PATH)
    box = strip.header.steps_choice
    box.selectAll()
    QTest.keyClicks(box, "240")
    assert open_workspace.pathing.current.steps == 9
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert open_workspace.pathing.current.steps == 240
    assert open_workspace.undo_stack.count() == 1


def test_how_it_plays_is_chosen_in_a_menu(qtbot: QtBot, strip: FilmStripPanel, playing: Playing) -> None:
    button = strip.header.how_button
    assert button.text() == "⇄ 1×"
    QTest.mouseClick(button, LEFT)
    qtbot.waitUntil(button.menu_shown.isVisible)
    QTest.mouseClick(
        button.menu_shown, LEFT, pos=button.menu_shown.actionGeometry(strip.header.modes.actions["loop"]).center()
    )
    strip.header.speeds.actions[4.0].trigger()
    assert (playing.mode, playing.speed) == ("loop", 4)
    assert button.text() == "↻ 4×"
    qtbot.waitUntil(lambda: not button.menu_shown.isVisible())


def test_a_path_of_no_length_and_of_two_steps(strip: FilmStripPanel, open_workspace: Workspace) -> None:
    show(open_workspace, LatentPath(((1.0, 1.0), (1.0, 1.0)), walk=Walk(2)))
    strip.grab()
    QTest.mouseMove(strip.frames, spot(strip, 1))
    QTest.mouseClick(strip.bar, LEFT)
    strip.grab()
    assert np.array_equal(open_workspace.probe, [1, 1])


def test_a_thousand_steps_begin_with_those_in_sight_and_can_be_scrolled(
    qtbot: QtBot, strip: FilmStripPanel, open_workspace: Workspace, decoding: Decoding, playing: Playing
) -> None:
    decoding.use(replace(decoding.timed, pace=SteadyPace(5.0, 1.0)))
    arrived: list[int] = []
    strip.reel.arrived.connect(lambda frames, _: arrived.extend(frames.tolist()))
    open_workspace.pathing.set_current(LONG)
    strip.grab()  # frames that have not come yet
    qtbot.waitUntil(lambda: len(arrived) > 0)
    assert 0 in arrived[:60]
    assert max(arrived[:20]) < 30
    assert not strip.area.fits
    turn_wheel(strip, -5)
    assert strip.area.sight[0] == 600
    assert strip.frames.current == strip.frames.frame_at(600 + strip.area.viewport().width() / 2), "under the mouse"
    QTest.mousePress(strip.frames, LEFT, pos=QPoint(1000, 40))
    for x in (980, 900, 900):
        QTest.mouseMove(strip.frames, QPoint(x, 40))
    QTest.mouseRelease(strip.frames, LEFT, pos=QPoint(900, 40))
    assert strip.area.sight[0] > 650
    assert strip.frames.pinned is None
    qtbot.waitUntil(lambda: strip.reel.pictures is not None, timeout=20_000)
    assert np.array_equal(strip.frames.pictures, decoding.codec.decode(route_at_once(LONG).steps.astype(np.float32)))
    # The playhead takes the view along; the keys take it to the other end.
    playing.seek(0.5)
    left, right = strip.area.sight
    assert left < strip.frames.x_of(0.5 * 999) < right
    QTest.keyClick(strip.frames, Qt.Key.Key_End)
    assert strip.frames.current == 999
    assert strip.frames.x_of(999) < strip.area.sight[1]
    strip.grab()


def test_an_end_that_is_an_encoded_point_is_its_real_image(
    strip: FilmStripPanel, open_workspace: Workspace, originals: Originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = np.full((8, 8, 1), 200, np.uint8)
    monkeypatch.setattr(originals, "picture", lambda index: real if index == 30 else None)
    show(open_workspace, PATH)
    decoded = strip.frames.pictures
    open_workspace.pathing.set_current(replace(PATH, anchors=(None, 30)))
    assert np.array_equal(strip.frames.pictures[-1], real)
    assert strip.frames.captions == {8: "real"}
    strip.grab()
    show(open_workspace, PATH)
    assert np.array_equal(strip.frames.pictures, decoded)
    assert strip.frames.captions == {}
    open_workspace.pathing.set_current(replace(PATH, anchors=(30, None), closed=True))
    assert strip.frames.captions == {0: "real", 8: "real"}


def test_both_themes_and_the_sentence_where_there_is_no_path(strip: FilmStripPanel, open_workspace: Workspace) -> None:
    empty = strip.grab().toImage()
    show(open_workspace, PATH)
    dark = strip.grab().toImage()
    strip.set_theme(LIGHT)
    assert len({bytes(image.constBits()) for image in (empty, dark, strip.grab().toImage())}) == 3


def test_real_images_that_come_while_nobody_looks_wait_for_the_frames(
    strip: FilmStripPanel, open_workspace: Workspace, originals: Originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = np.full((8, 8, 1), 77, np.uint8)
    monkeypatch.setattr(originals, "picture", lambda index: real)
    strip.set_seen(False)
    open_workspace.pathing.set_current(replace(PATH, anchors=(30, 31)))
    originals.changed.emit()
    assert len(strip.frames) == 0
    strip.set_seen(True)
    assert strip.frames.pictures is not None
    assert (strip.frames.pictures[[0, -1]] == 77).all()

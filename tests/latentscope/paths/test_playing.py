"""Playing a path, by a clock that the test turns."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from latentscope.decoding import Decoding
from latentscope.paths.playing import SPEEDS, Playing, advanced, film_seconds
from latentscope.paths.routes import Routes
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.files import ModelFile
from trainer.paths.timing import Walk

PATH = LatentPath(((-2.0, 0.0), (2.0, 0.0)), walk=Walk(9))
MODES = ("once", "loop", "ping-pong")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def playing(open_workspace: Workspace, decoding: Decoding, clock: Clock) -> Iterator[Playing]:
    routes = Routes(open_workspace, decoding, parent=decoding)
    playing = Playing(open_workspace, routes, parent=decoding, clock=clock)
    yield playing
    playing.pause()


def wait(qtbot: QtBot, playing: Playing, clock: Clock, share: float) -> None:
    """Let that share of the film pass."""
    with qtbot.waitSignal(playing.moved):
        clock.now += share * playing.seconds


@given(st.floats(0, 1), st.booleans(), st.floats(0, 9), st.floats(0, 9), st.sampled_from(MODES))
def test_two_short_whiles_are_one_long_one(moment: float, forward: bool, one: float, other: float, mode: str) -> None:
    in_two = advanced(*advanced(moment, forward, one, mode), other, mode)
    at_once = advanced(moment, forward, one + other, mode)
    assert 0 <= in_two[0] <= 1
    apart = abs(in_two[0] - at_once[0])
    assert min(apart, 1 - apart if mode == "loop" else 1.0) < 1e-9


def test_how_long_a_film_takes() -> None:
    assert film_seconds(16) == pytest.approx(2.4)
    assert film_seconds(2) == 1.2
    assert film_seconds(1000) == 12


def test_there_and_back(qtbot: QtBot, playing: Playing, clock: Clock, open_workspace: Workspace) -> None:
    open_workspace.pathing.set_current(PATH)
    assert not playing.begun
    playing.play()
    seen = []
    for _ in range(6):
        wait(qtbot, playing, clock, 0.375)
        seen.append(float(open_workspace.probe[0]))
    assert np.allclose(seen, [-0.5, 1.0, 1.5, 0.0, -1.5, -1.0])
    assert playing.playing


def test_in_a_loop_and_once(qtbot: QtBot, playing: Playing, clock: Clock, open_workspace: Workspace) -> None:
    open_workspace.pathing.set_current(PATH)
    playing.set_mode("loop")
    playing.play()
    wait(qtbot, playing, clock, 0.75)
    wait(qtbot, playing, clock, 0.5)
    assert playing.moment == pytest.approx(0.25)
    playing.set_mode("once")
    wait(qtbot, playing, clock, 5.0)
    assert np.allclose(open_workspace.probe, [2, 0])
    assert not playing.playing
    playing.play()
    assert playing.moment == 0
    assert playing.playing


def test_turned_round_it_goes_forward_again_where_it_cannot_come_back(
    qtbot: QtBot, playing: Playing, clock: Clock, open_workspace: Workspace
) -> None:
    open_workspace.pathing.set_current(PATH)
    playing.play()
    wait(qtbot, playing, clock, 1.5)
    playing.set_mode("once")
    wait(qtbot, playing, clock, 0.25)
    assert playing.moment == pytest.approx(0.75)


def test_a_closed_path_goes_round_unless_it_is_to_come_back(
    qtbot: QtBot, playing: Playing, clock: Clock, open_workspace: Workspace
) -> None:
    loop = LatentPath(((-2.0, 0.0), (2.0, 0.0), (0.0, 2.0)), walk=Walk(9), closed=True)
    open_workspace.pathing.set_current(replace(loop, closed=False))
    playing.play()
    wait(qtbot, playing, clock, 1.25)
    assert (playing.mode, playing.moment) == ("ping-pong", pytest.approx(0.75))
    with qtbot.waitSignal(playing.changed):
        open_workspace.pathing.set_current(loop)  # on its way back
    assert playing.mode == "loop"
    wait(qtbot, playing, clock, 0.5)
    assert playing.moment == pytest.approx(0.25)
    playing.set_mode("ping-pong")
    wait(qtbot, playing, clock, 1.0)
    assert playing.moment == pytest.approx(0.75)
    playing.set_mode("once")
    open_workspace.pathing.set_current(PATH)
    assert playing.mode == "ping-pong", "what was chosen for loops is theirs"


@pytest.mark.parametrize("speed", SPEEDS)
def test_speed(qtbot: QtBot, playing: Playing, clock: Clock, open_workspace: Workspace, speed: float) -> None:
    open_workspace.pathing.set_current(PATH)
    playing.set_speed(speed)
    playing.set_mode("once")
    playing.play()
    with qtbot.waitSignal(playing.moved):
        clock.now += 0.2 * film_seconds(9)
    assert playing.moment == pytest.approx(0.2 * speed)


def test_between_two_frames_it_stays_on_the_curve_and_keeps_the_timing(
    playing: Playing, open_workspace: Workspace
) -> None:
    open_workspace.pathing.set_current(LatentPath(((1.0, 0.0), (0.0, 1.0)), "slerp", Walk(3, ease="in")))
    playing.seek(0.25)
    assert playing.frame == 0.5
    assert np.hypot(*open_workspace.probe) == pytest.approx(1, abs=1e-4)
    angle = np.degrees(np.arctan2(*open_workspace.probe[::-1]))
    assert angle == pytest.approx(90 * 0.5 * 0.25 * 1.25, abs=0.1)  # half way to the middle frame of a slow beginning
    assert np.dot(playing.ahead, playing.place) == pytest.approx(0, abs=1e-4)


def test_it_goes_on_while_its_path_is_bent_and_ends_with_it(
    qtbot: QtBot, playing: Playing, clock: Clock, open_workspace: Workspace
) -> None:
    open_workspace.pathing.set_current(PATH)
    playing.play()
    wait(qtbot, playing, clock, 0.5)
    open_workspace.pathing.set_current(PATH.with_inserted(1, [0.0, 2.0]))
    assert playing.playing
    assert np.allclose(playing.place, [0, 2])
    open_workspace.pathing.set_current(replace(PATH, walk=Walk(500)))
    assert playing.playing
    open_workspace.pathing.set_current(None)
    assert not playing.playing
    assert not playing.begun
    assert playing.place is None
    playing.toggle()
    playing.seek(0.5)
    assert not playing.playing


def test_another_path_begins_at_its_beginning_and_a_bent_one_stays(playing: Playing, open_workspace: Workspace) -> None:
    open_workspace.pathing.set_current(PATH)
    playing.seek(0.5)
    open_workspace.pathing.set_current(PATH.with_waypoint(1, [3.0, 1.0]))
    assert playing.moment == 0.5
    open_workspace.pathing.set_current(LatentPath(((0.0, 1.0), (0.0, 2.0))))
    assert playing.moment == 0


def test_who_takes_the_probe_stops_it(qtbot: QtBot, playing: Playing, clock: Clock, open_workspace: Workspace) -> None:
    open_workspace.pathing.set_current(PATH)
    playing.play()
    wait(qtbot, playing, clock, 0.5)
    open_workspace.set_probe([1.0, 1.0])
    assert not playing.playing
    assert np.array_equal(open_workspace.probe, [1, 1])
    assert playing.moment == pytest.approx(0.5)


def test_another_model_ends_it(playing: Playing, open_workspace: Workspace, model_file: ModelFile) -> None:
    open_workspace.pathing.set_current(PATH)
    playing.play()
    open_workspace.open_model(OpenModel(model_file, "another"))
    assert not playing.playing
    assert playing.frames == 0


def test_a_path_that_goes_nowhere_plays(
    qtbot: QtBot, playing: Playing, clock: Clock, open_workspace: Workspace
) -> None:
    open_workspace.pathing.set_current(LatentPath(((1.0, 1.0), (1.0, 1.0)), walk=Walk(2)))
    playing.play()
    wait(qtbot, playing, clock, 0.5)
    assert np.array_equal(open_workspace.probe, [1, 1])
    assert np.array_equal(playing.ahead, [0, 0])

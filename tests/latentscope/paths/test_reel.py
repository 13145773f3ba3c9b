"""The pictures of a film: at once, in batches, while it is dragged, and when the decoder is another."""

from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from steady_pace import SteadyPace

from latentscope.decoding import Decoding, load_codec
from latentscope.paths.reel import Reel
from trainer.files import ModelFile


@pytest.fixture
def reel(decoding: Decoding) -> Reel:
    return Reel(decoding, "film of a test", decoding)


def way(count: int, height: float = 0.0) -> np.ndarray:
    return np.stack([np.linspace(-2, 2, count), np.full(count, height)], axis=1)


def slow(decoding: Decoding, first: float = 10.0, further: float = 5.0) -> None:
    """The same decoder, said to be so slow, in milliseconds."""
    decoding.use(replace(decoding.timed, pace=SteadyPace(first, further)))


def decoded(decoding: Decoding, points: np.ndarray) -> np.ndarray:
    return decoding.codec.decode(points.astype(np.float32))


def test_a_fast_decoder_has_all_at_once(reel: Reel, decoding: Decoding) -> None:
    slow(decoding, 0.1, 0.01)
    reel.wind(way(16))
    assert np.array_equal(reel.pictures, decoded(decoding, way(16)))
    moved = way(16)
    moved[3] = 0.5, 0.5
    seen: list[list[int]] = []
    reel.arrived.connect(lambda frames, _: seen.append(frames.tolist()))
    reel.wind(moved)
    assert seen == [[3]]
    assert np.array_equal(reel.pictures, decoded(decoding, moved))
    reel.wind(np.empty((0, 2)))
    assert reel.pictures is None


def test_a_slow_one_begins_with_what_is_in_sight(qtbot: QtBot, reel: Reel, decoding: Decoding) -> None:
    slow(decoding)
    seen: list[list[int]] = []
    reel.arrived.connect(lambda frames, _: seen.append(sorted(frames.tolist())))
    reel.look_at(50, 54)
    reel.wind(way(100))
    assert seen == []
    qtbot.waitUntil(lambda: reel.pictures is not None)
    assert seen[0] == [50, 51, 52, 53]
    assert sorted(frame for batch in seen for frame in batch) == list(range(100))
    assert len(seen) == 25
    assert np.array_equal(reel.pictures, decoded(decoding, way(100)))


def test_while_a_path_is_dragged_all_frames_in_sight_take_turns(qtbot: QtBot, reel: Reel, decoding: Decoding) -> None:
    slow(decoding)
    reel.look_at(0, 16)
    seen: list[list[int]] = []

    def drag(frames: np.ndarray, _: np.ndarray) -> None:
        seen.append(frames.tolist())
        if len(seen) < 4:
            reel.wind(way(16, 0.01 * len(seen)))

    reel.arrived.connect(drag)
    reel.wind(way(16))
    qtbot.waitUntil(lambda: reel.pictures is not None)
    assert sorted(frame for batch in seen[:4] for frame in batch) == list(range(16))
    assert np.array_equal(reel.pictures, decoded(decoding, way(16, 0.03)))


def test_another_decoder_and_another_length(
    qtbot: QtBot, reel: Reel, decoding: Decoding, model_file: ModelFile
) -> None:
    slow(decoding)
    cut: list[int] = []
    reel.cut.connect(lambda: cut.append(len(reel)))
    reel.wind(way(20))
    slow(decoding)  # what is under way will not arrive
    qtbot.waitUntil(lambda: reel.pictures is not None)
    reel.wind(way(30))
    reel.wind(way(7))
    assert cut == [20, 30, 7]
    qtbot.waitUntil(lambda: reel.pictures is not None)
    assert np.array_equal(reel.pictures, decoded(decoding, way(7)))
    doubled = replace(model_file, weights={name: 2 * value for name, value in model_file.weights.items()})
    before = reel.pictures.copy()
    decoding.use(replace(load_codec(doubled), pace=SteadyPace(10, 5)))
    qtbot.waitUntil(lambda: reel.pictures is not None)
    assert not np.array_equal(reel.pictures, before)


def test_without_a_decoder_it_waits_for_one(qtbot: QtBot, reel: Reel, decoding: Decoding) -> None:
    timed = decoding.timed
    decoding.drop()
    reel.wind(way(5))
    assert reel.pictures is None
    decoding.use(timed)
    qtbot.waitUntil(lambda: reel.pictures is not None)

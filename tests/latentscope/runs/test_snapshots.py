"""The reel of a run: what is read, what is left out, what is taken over, and what is kept in memory."""

from pathlib import Path

import numpy as np
import pytest
from films import ANGLE, filmed_run, snapshot_file, tell_snapshot
from runs import here, write

from latentscope.runs.snapshots import Shelf, load_shot, run_of, wind
from latentscope.state.open_model import OpenModel
from trainer.errors import ModelFileError
from trainer.files import write_model
from trainer.run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return filmed_run(tmp_path / "run")


def test_every_snapshot_is_a_shot(run: Run) -> None:
    reel, codes = wind(run)
    assert [shot.step for shot in reel.shots] == [0, 100, 200, 300, 400]
    assert [shot.seconds for shot in reel.shots] == [0, 1, 2, 3, 4]
    assert [shot.epoch for shot in reel.shots] == [0, 5, 10, 15, 20]
    assert reel.shots[2].negative_elbo == 180
    assert list(codes) == list(reel.shots)
    assert not reel.lost


def test_the_turns_undo_what_the_training_has_turned(run: Run) -> None:
    reel, codes = wind(run)
    for anchor in range(5):
        for i, rotation in enumerate(reel.rotations(anchor)):
            angle = (anchor - i) * ANGLE
            assert np.allclose(rotation, [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], atol=1e-5)
            aligned, wanted = codes[reel.shots[i]].mean @ rotation, codes[reel.shots[anchor]].mean
            assert np.allclose(aligned / (1 + 0.2 * i), wanted / (1 + 0.2 * anchor), atol=1e-5)


def test_what_cannot_be_read_is_left_out(run: Run, tmp_path: Path) -> None:
    snapshots = sorted(run.snapshots_folder.iterdir())
    snapshots[1].unlink()
    snapshots[2].write_bytes(b"no model")
    write_model(snapshots[3], snapshot_file(3, latent=3))
    reel, _ = wind(run)
    assert [shot.step for shot in reel.shots] == [0, 400]
    assert sorted(shot.step for shot in reel.lost) == [100, 200, 300]
    assert np.allclose(reel.turns[0], reel.rotations(1)[0])


def test_a_film_that_grows_is_read_where_it_has_grown(run: Run) -> None:
    before, _ = wind(run)
    for path in run.snapshots_folder.iterdir():
        if path.stem != "000000400":
            path.unlink()  # to see that they are not read again
    tell_snapshot(run, 5)
    reel, codes = wind(run, before)
    assert [shot.step for shot in reel.shots] == [0, 100, 200, 300, 400, 500]
    assert [shot.step for shot in codes] == [500]
    assert len(reel.turns) == 5
    assert np.allclose(reel.turns[4], reel.turns[3], atol=1e-5), "it goes on turning"
    assert not reel.lost


def test_what_a_resumed_training_does_again_counts_once(run: Run) -> None:
    before, _ = wind(run)
    write(run, here(step=200, continued=True))
    tell_snapshot(run, 3)
    reel, _ = wind(run, before)
    assert [shot.step for shot in reel.shots] == [0, 100, 200, 300]
    assert len(reel.turns) == 3


def test_a_shot_that_is_lost_later_joins_its_neighbours(run: Run) -> None:
    reel, _ = wind(run)
    for i in (0, 2, 4):
        rest = reel.without(reel.shots[i])
        assert len(rest.turns) == 3
        expected = [r for j, r in enumerate(reel.rotations(1)) if j != i]
        assert np.allclose(rest.rotations(rest.shots.index(reel.shots[1])), expected)
        assert rest.lost == {reel.shots[i]}
    assert reel.without(reel.shots[0]).without(reel.shots[0]).lost == {reel.shots[0]}


def test_codes_beyond_the_memory_are_not_kept(run: Run) -> None:
    _, codes = wind(run, most=1)
    assert [shot.step for shot in codes] == [400]


def test_a_run_without_snapshots_has_no_film(tmp_path: Path) -> None:
    reel, codes = wind(filmed_run(tmp_path / "empty", count=0, finished=False))
    assert reel.shots == reel.turns == ()
    assert codes == {}


def test_a_shot_is_loaded_with_its_decoder(run: Run) -> None:
    reel, _ = wind(run)
    first = load_shot(reel.shots[0], 2, None)
    second = load_shot(reel.shots[1], 2, first.codec)
    assert second.codec.pace is first.codec.pace
    assert second.size > sum(weight.nbytes for weight in second.file.weights.values())
    with pytest.raises(ModelFileError, match="dimension"):
        load_shot(reel.shots[0], 3, None)


def test_which_run_a_model_is_of(run: Run, tmp_path: Path) -> None:
    file = snapshot_file(0)
    shot = next(run.snapshots_folder.iterdir())
    assert run_of(OpenModel(file, "m", run.model_path)) == run
    assert run_of(OpenModel(file, "m", shot)) == run
    for path in (None, tmp_path / "model.safetensors", run.folder / "copy.safetensors"):
        assert run_of(OpenModel(file, "m", path)) is None
    assert run_of(None) is None


def test_where_a_file_stands_in_the_film(run: Run) -> None:
    reel, _ = wind(run)
    assert reel.index_of(run.model_path) == 4
    assert reel.index_of(reel.shots[1].path) == 1
    assert reel.index_of(Path("other")) is None


def test_a_shelf_keeps_what_was_used_last() -> None:
    shelf: Shelf[str, int] = Shelf(10, least=1)
    shelf.put("a", 1, 4)
    shelf.put("b", 2, 4)
    assert shelf.get("a") == 1
    shelf.put("c", 3, 4)
    assert [shelf.get(name) for name in "abc"] == [1, None, 3]
    shelf.put("c", 4, 100)
    assert (len(shelf), shelf.get("c"), shelf.holds("a")) == (1, 4, False)
    shelf.clear()
    assert len(shelf) == 0

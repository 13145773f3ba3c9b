"""The film of a run on a workspace: what is shown at each position, and how it comes back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from films import filmed_run, snapshot_file, tell_snapshot
from pytestqt.qtbot import QtBot

from latentscope.decoding import Decoding, load_codec
from latentscope.runs.film import Film
from latentscope.runs.stock import Stock
from latentscope.runs.training import Training
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.codec import Codec
from trainer.files import read_model
from trainer.run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return filmed_run(tmp_path / "run")


@pytest.fixture
def training(qapp: object, tmp_path: Path) -> Iterator[Training]:
    training = Training(tmp_path / "runs")
    yield training
    training.close(0)


def open_file(workspace: Workspace, decoding: Decoding, path: Path) -> None:
    file = read_model(path)
    workspace.open_model(OpenModel(file, "run", path))
    decoding.use(load_codec(file))


@pytest.fixture
def opened(qtbot: QtBot, film: Film, workspace: Workspace, decoding: Decoding, run: Run) -> Film:
    open_file(workspace, decoding, run.model_path)
    qtbot.waitUntil(lambda: len(film.shots) == 5)
    return film


def show(qtbot: QtBot, film: Film, workspace: Workspace, position: float) -> None:
    """Seek, and wait until the nearest snapshot's decoder answers."""
    film.seek(position)
    nearest = int(position + 0.5)
    paths = [film.shots[nearest].path]
    if nearest == len(film.shots) - 1:
        paths.append(film.run.model_path)
    qtbot.waitUntil(lambda: workspace.moment is not None and workspace.model.path in paths)


def test_at_a_snapshot_the_map_shows_its_file(
    qtbot: QtBot, opened: Film, workspace: Workspace, decoding: Decoding
) -> None:
    final = workspace.codes.mean
    for i in (3, 0, 2, 1):
        show(qtbot, opened, workspace, float(i))
        file = read_model(opened.shots[i].path)
        assert np.array_equal(workspace.codes.mean, file.codes.mean)
        # The fake training only turns and grows its codes, so on the map they only grow.
        assert np.allclose(workspace.plane.to_map(file.codes.mean) / (1 + 0.2 * i), final / 1.8, atol=1e-5)
        # What is decoded at a place of the map is what this snapshot makes of it.
        z = workspace.plane.to_latent([[0.7, -0.2]])
        assert np.array_equal(decoding.codec.decode(z), Codec.from_file(file).decode(z))


def test_between_two_snapshots_the_points_are_on_their_way(qtbot: QtBot, opened: Film, workspace: Workspace) -> None:
    places = {}
    for position in (2.0, 2.25, 2.75, 3.0):
        show(qtbot, opened, workspace, position)
        places[position] = workspace.plane.to_map(workspace.codes.mean)
    for position in (2.25, 2.75):
        share = position - 2
        assert np.allclose(places[position], (1 - share) * places[2.0] + share * places[3.0], atol=1e-5)
    assert workspace.codes.logvar is not None
    show(qtbot, opened, workspace, 2.25)
    assert workspace.codes.logvar is None
    assert np.array_equal(workspace.codes.labels, np.arange(30) % 3)


def test_probe_and_path_keep_their_places_and_come_back_exactly(
    qtbot: QtBot, opened: Film, workspace: Workspace
) -> None:
    probe, path = np.array([0.3, -1.1]), LatentPath(((0.1, 0.2), (1.0, -1.0)))
    workspace.set_probe(probe)
    workspace.pathing.set_current(path)
    model = workspace.model
    for position in (1.0, 0.0, 2.6):
        show(qtbot, opened, workspace, position)
        assert np.allclose(workspace.plane.to_map(workspace.probe), probe)
        assert np.allclose(workspace.plane.to_map(workspace.pathing.current.waypoints), path.waypoints)
    assert not np.allclose(workspace.probe, probe), "the latent axes lie elsewhere"
    assert workspace.undo_stack.count() == 0
    opened.newest()
    assert workspace.moment is None
    assert np.array_equal(workspace.probe, probe)
    assert workspace.pathing.current == path
    assert workspace.model.path == model.path
    assert workspace.plane is workspace.still_plane
    assert opened.at_newest


def test_what_is_changed_at_a_moment_is_undone_in_its_place(qtbot: QtBot, opened: Film, workspace: Workspace) -> None:
    show(qtbot, opened, workspace, 1.0)
    drawn = LatentPath(tuple(map(tuple, workspace.plane.to_latent([[0.0, 1.0], [2.0, 0.0]]).tolist())))
    workspace.pathing.change_current(drawn, "Draw path")
    workspace.set_probe(workspace.plane.to_latent([0.5, 0.5]))
    opened.newest()
    assert np.allclose(workspace.pathing.current.waypoints, [[0, 1], [2, 0]])
    assert np.allclose(workspace.probe, [0.5, 0.5])
    show(qtbot, opened, workspace, 3.0)
    workspace.undo_stack.undo()
    assert workspace.pathing.current is None
    workspace.undo_stack.redo()
    assert np.allclose(workspace.plane.to_map(workspace.pathing.current.waypoints), [[0, 1], [2, 0]])


def test_steps_go_from_snapshot_to_snapshot(qtbot: QtBot, opened: Film, workspace: Workspace) -> None:
    places = []
    opened.seek(1.4)
    for step in (1, 1, -1, -1, -1, -1):
        opened.step_by(step)
        places.append(opened.position)
    assert places == [2, 3, 2, 1, 0, 0]
    opened.seek(3.5)
    opened.step_by(-1)
    assert opened.position == 3
    opened.step_by(1)
    assert opened.at_newest
    opened.step_by(-1)
    assert opened.position == 3


def test_playing_goes_through_all_and_ends_at_the_newest(qtbot: QtBot, opened: Film, workspace: Workspace) -> None:
    positions = []
    opened.changed.connect(lambda: positions.append(opened.position))
    opened.toggle_play()
    assert opened.playing
    qtbot.waitUntil(lambda: not opened.playing, timeout=60_000)
    assert positions == sorted(positions)
    assert positions[0] == 0
    assert len(set(positions)) > 5
    assert opened.at_newest
    opened.toggle_play()
    opened.toggle_play()
    assert not opened.playing
    assert opened.detached


def test_a_snapshot_that_is_gone_is_said_once(qtbot: QtBot, opened: Film, workspace: Workspace, stock: Stock) -> None:
    said: list[str] = []
    stock.failed.connect(said.append)
    gone = opened.shots[1]
    gone.path.unlink()
    opened.seek(1.0)
    qtbot.waitUntil(lambda: len(opened.shots) == 4)
    assert said == ["The film of run is shown without the snapshot of step 100, which is gone or damaged."]
    assert opened.seconds == pytest.approx(1.0)
    qtbot.waitUntil(lambda: workspace.model.path in (opened.shots[0].path, opened.shots[1].path))
    stock.wind()
    opened.seek(0.6)
    qtbot.wait(50)
    assert gone not in opened.shots
    assert len(said) == 1


def test_a_film_grows_while_an_earlier_moment_is_shown(
    qtbot: QtBot, opened: Film, workspace: Workspace, stock: Stock, run: Run
) -> None:
    show(qtbot, opened, workspace, 1.0)
    before = workspace.plane.to_map(workspace.codes.mean)
    tell_snapshot(run, 5)
    stock.wind()
    qtbot.waitUntil(lambda: len(opened.shots) == 6)
    assert opened.position == 1
    assert np.array_equal(workspace.plane.to_map(workspace.codes.mean), before)


def test_newer_snapshots_move_the_newest(
    qtbot: QtBot, film: Film, workspace: Workspace, decoding: Decoding, tmp_path: Path
) -> None:
    run = filmed_run(tmp_path / "live", count=2, finished=False)
    open_file(workspace, decoding, run.snapshots_folder / "000000100.safetensors")
    qtbot.waitUntil(lambda: len(film.shots) == 2)
    tell_snapshot(run, 2)
    path = run.snapshots_folder / "000000200.safetensors"
    workspace.set_snapshot(OpenModel(read_model(path), "live", path))
    qtbot.waitUntil(lambda: len(film.shots) == 3)
    assert film.position == 2
    assert film.at_newest


def test_an_early_snapshot_that_was_opened_is_where_the_film_begins(
    qtbot: QtBot, film: Film, workspace: Workspace, decoding: Decoding, run: Run
) -> None:
    open_file(workspace, decoding, run.snapshots_folder / "000000100.safetensors")
    qtbot.waitUntil(lambda: len(film.shots) == 5)
    assert film.position == 1
    assert not film.at_newest
    codes = workspace.codes.mean
    film.newest()
    qtbot.waitUntil(lambda: workspace.model.path == film.shots[4].path)
    assert np.allclose(workspace.plane.to_map(workspace.codes.mean) / 1.8, codes / 1.2, atol=1e-5)


def test_a_run_that_is_followed_is_shown_over_another_model(
    qtbot: QtBot, film: Film, workspace: Workspace, decoding: Decoding, training: Training, tmp_path: Path
) -> None:
    other = snapshot_file(9, latent=3)
    workspace.open_model(OpenModel(other, "other"))
    run = filmed_run(tmp_path / "reviewed", latent=4)
    training.review(run)
    qtbot.waitUntil(lambda: len(film.shots) == 5)
    film.seek(1.0)
    qtbot.waitUntil(lambda: workspace.moment is not None)
    assert film.position == 1
    assert workspace.dimension == 4
    qtbot.waitUntil(lambda: workspace.model.path == film.shots[1].path)
    show(qtbot, film, workspace, 3.0)
    # The plane is the newest's, turned: there the codes of each lie alike.
    places = []
    for i in (3, 2):
        show(qtbot, film, workspace, float(i))
        centre = workspace.plane.to_map(np.zeros(4))
        places.append((workspace.plane.to_map(workspace.codes.mean) - centre) / (1 + 0.2 * i))
    assert np.allclose(*places, atol=1e-4)


def test_another_model_ends_the_film(qtbot: QtBot, opened: Film, workspace: Workspace) -> None:
    opened.toggle_play()
    workspace.open_model(OpenModel(snapshot_file(9), "other"))
    assert not opened.playing
    assert opened.shots == ()
    opened.seek(1.0)
    opened.step_by(1)
    opened.newest()
    opened.toggle_play()
    assert not opened.playing
    assert workspace.moment is None
    qtbot.wait(50)
    assert workspace.model.title == "other"


def test_one_dimension_is_mirrored_only(
    qtbot: QtBot, film: Film, workspace: Workspace, decoding: Decoding, tmp_path: Path
) -> None:
    run = filmed_run(tmp_path / "line", latent=1)
    open_file(workspace, decoding, run.model_path)
    qtbot.waitUntil(lambda: len(film.shots) == 5)
    show(qtbot, film, workspace, 1.5)
    assert workspace.codes.mean.shape == (30, 1)
    assert np.isfinite(workspace.plane.to_map(workspace.codes.mean)).all()

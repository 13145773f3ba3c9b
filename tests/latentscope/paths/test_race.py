"""The race without a window: which lanes there are, what is measured, and what is dropped."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from digits_model import digits_model
from pytestqt.qtbot import QtBot

from latentscope.decoding import Decoding, load_codec
from latentscope.files.originals import Originals
from latentscope.paths.judging import Judging
from latentscope.paths.race import CLASSIFIER, CODES, IMAGES, Lane, Race
from latentscope.paths.routes import Routes
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.classifier import ImageClassifier
from trainer.files import ModelFile
from trainer.measures.recognition import classifier_network
from trainer.paths import RULES
from trainer.paths.timing import Walk

PATH = LatentPath(((-2.0, 0.0), (0.0, 1.0), (2.0, 0.0)), walk=Walk(9))


@pytest.fixture
def routes(open_workspace: Workspace, decoding: Decoding) -> Iterator[Routes]:
    routes = Routes(open_workspace, decoding)
    yield routes
    routes.close()


@pytest.fixture
def judging(originals: Originals, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Judging]:
    """Trains nothing."""
    monkeypatch.setattr("latentscope.paths.judging.START_MS", 10**8)
    judging = Judging(originals)
    yield judging
    judging.close()


@pytest.fixture
def race(
    open_workspace: Workspace, decoding: Decoding, routes: Routes, originals: Originals, judging: Judging
) -> Iterator[Race]:
    race = Race(open_workspace, decoding, routes, originals, judging)
    yield race
    race.close()


def settled(qtbot: QtBot, race: Race, routes: Routes) -> dict[str, Lane]:
    qtbot.waitUntil(lambda: race.is_settled() and routes.is_settled() and race.is_settled(), timeout=30_000)
    return {lane.rule.name: lane for lane in race.lanes}


def test_it_runs_only_while_it_is_watched(qtbot: QtBot, race: Race, routes: Routes, open_workspace: Workspace) -> None:
    open_workspace.pathing.set_current(PATH)
    assert race.lanes == ()
    race.set_watched(True)
    lanes = settled(qtbot, race, routes)
    assert list(lanes) == RULES.names()
    race.set_watched(False)
    before = race.lanes
    open_workspace.pathing.set_current(PATH.with_waypoint(2, (1.0, 1.0)))
    qtbot.wait(60)
    assert race.lanes is before


def test_its_lanes_lead_from_the_first_waypoint_to_the_last(
    qtbot: QtBot, race: Race, routes: Routes, open_workspace: Workspace
) -> None:
    open_workspace.pathing.set_current(PATH)
    race.set_watched(True)
    lanes = settled(qtbot, race, routes)
    for lane in lanes.values():
        assert lane.route is not None
        assert np.allclose(lane.route.steps[[0, -1]], [[-2, 0], [2, 0]])
        assert len(lane.route.steps) == 9
        assert lane.figures is not None
        assert lane.along is not None
        assert lane.along.shares.shape == (33, 3)
    straight = lanes["linear"]
    assert straight.figures is not None
    assert straight.figures.latent == pytest.approx(4)
    assert straight.figures.energy == pytest.approx(1)
    assert straight.along is not None
    assert straight.along.passed == [0, 1, 2]  # the three heaps
    assert race.judge == CODES
    open_workspace.pathing.set_current(None)
    assert settled(qtbot, race, routes) == {}


def test_both_ends_on_one_spot(qtbot: QtBot, race: Race, routes: Routes, open_workspace: Workspace) -> None:
    open_workspace.pathing.set_current(LatentPath(((0.5, 0.5), (0.5, 0.5)), walk=Walk(4)))
    race.set_watched(True)
    for lane in settled(qtbot, race, routes).values():
        assert lane.figures is not None
        assert lane.figures.latent == pytest.approx(0, abs=1e-9)
        assert lane.figures.energy is None


def test_figures_of_an_earlier_model_are_dropped(
    qtbot: QtBot, race: Race, routes: Routes, open_workspace: Workspace, decoding: Decoding, model_file: ModelFile
) -> None:
    open_workspace.pathing.set_current(PATH)
    race.set_watched(True)
    race.refresh()
    other = digits_model()
    open_workspace.open_model(OpenModel(other, "other"))
    assert race.lanes == ()
    decoding.use(load_codec(other))
    open_workspace.pathing.set_current(PATH)
    lanes = settled(qtbot, race, routes)
    assert lanes["linear"].along is not None
    assert lanes["linear"].along.shares.shape[1] == 10


def test_real_images_judge_where_they_are_at_hand(
    qtbot: QtBot,
    race: Race,
    routes: Routes,
    open_workspace: Workspace,
    decoding: Decoding,
    originals: Originals,
    judging: Judging,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = digits_model()
    open_workspace.open_model(OpenModel(file, "digits"))
    decoding.use(load_codec(file))
    originals.open("digits", file.codes, file.image_shape)
    open_workspace.pathing.set_current(PATH)
    race.set_watched(True)
    qtbot.waitUntil(lambda: originals.at_hand)
    qtbot.waitUntil(lambda: race.judge == f"{IMAGES}, until a classifier is trained")
    lanes = settled(qtbot, race, routes)
    assert lanes["slerp"].along is not None
    assert np.allclose(lanes["slerp"].along.shares.sum(axis=1), 1, atol=1e-4)

    voted = lanes["slerp"].along
    network = classifier_network((8, 8, 1), 10).eval().requires_grad_(False)
    monkeypatch.setattr(Judging, "classifier", property(lambda self: known), raising=True)
    known = ImageClassifier(network, (8, 8, 1), 10, 0.991)
    judging.changed.emit()
    qtbot.waitUntil(lambda: race.judge == CLASSIFIER.format(99.1))
    lanes = settled(qtbot, race, routes)
    assert lanes["slerp"].along is not None
    assert decoding.codec is not None
    assert lanes["slerp"].route is not None
    images = decoding.codec.means(lanes["slerp"].route.steps.astype(np.float32))
    assert np.allclose(lanes["slerp"].along.shares[:: lanes["slerp"].along.to_a_step], known.shares(images), atol=1e-4)
    assert not np.allclose(lanes["slerp"].along.shares, voted.shares, atol=0.01)


def test_the_codes_of_a_conditional_model_do_not_judge(
    qtbot: QtBot,
    race: Race,
    routes: Routes,
    open_workspace: Workspace,
    decoding: Decoding,
    make_conditional: Callable[..., ModelFile],
) -> None:
    file = make_conditional()
    open_workspace.open_model(OpenModel(file, "conditional"))
    decoding.use(load_codec(file))
    decoding.set_condition(open_workspace.condition)
    open_workspace.pathing.set_current(PATH)
    race.set_watched(True)
    lanes = settled(qtbot, race, routes)
    assert lanes["linear"].figures is not None
    assert lanes["linear"].figures.image is not None
    assert lanes["linear"].along is None
    assert race.judge == ""


def test_a_rule_that_is_not_possible_says_why(
    qtbot: QtBot, race: Race, routes: Routes, open_workspace: Workspace, decoding: Decoding
) -> None:
    file = digits_model("vq-vae")
    open_workspace.open_model(OpenModel(file, "vq"))
    decoding.use(load_codec(file))
    ends = tuple(tuple(float(x) for x in code) for code in file.codes.mean[:2])
    open_workspace.pathing.set_current(LatentPath(ends, walk=Walk(5)))
    race.set_watched(True)
    lanes = settled(qtbot, race, routes)
    assert lanes["geodesic"].route is None
    assert "grids of codes" in lanes["geodesic"].problem
    straight = lanes["linear"].figures
    assert straight is not None
    assert (straight.image, straight.energy) == (None, None)
    assert straight.latent > 0
    assert straight.density is not None


def test_of_many_steps_no_more_places_are_asked_than_enough(
    qtbot: QtBot, race: Race, routes: Routes, open_workspace: Workspace
) -> None:
    open_workspace.pathing.set_current(LatentPath(PATH.waypoints, walk=Walk(600)))
    race.set_watched(True)
    for lane in settled(qtbot, race, routes).values():
        assert lane.along is not None
        assert lane.along.to_a_step == 1
        assert len(lane.along.shares) == 600

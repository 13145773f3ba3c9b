"""Routes that take a while: found by a worker, better in place, and never of what is not shown any more."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from latentscope.decoding import Decoding, load_codec
from latentscope.paths import routes as routes_module
from latentscope.paths.routes import Route, Routes, route_at_once
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.files import ModelFile
from trainer.paths import RULES
from trainer.paths.around import surroundings
from trainer.paths.rule import joined
from trainer.paths.timing import Walk, step_shares

ENDS = ((-2.0, 0.1), (2.0, 0.0))
BY_THEMSELVES = [name for name, rule in RULES.choices.items() if not rule.traits]
SOUGHT = [name for name, rule in RULES.choices.items() if rule.traits]


@pytest.fixture
def routes(qtbot: QtBot, open_workspace: Workspace, decoding: Decoding) -> Iterator[Routes]:
    result = Routes(open_workspace, decoding)
    yield result
    result.close()


def settled(qtbot: QtBot, routes: Routes, path: LatentPath) -> Route:
    qtbot.waitUntil(lambda: routes.route(path).final and routes.is_settled(), timeout=30_000)
    return routes.route(path)


@pytest.mark.parametrize("kind", BY_THEMSELVES)
def test_a_rule_that_needs_nothing_is_known_at_once(routes: Routes, kind: str) -> None:
    path = LatentPath(ENDS, kind)
    assert routes.route(path).final
    assert np.array_equal(routes.route(path).curve.points, route_at_once(path).curve.points)
    assert routes.is_settled()


@pytest.mark.parametrize("kind", SOUGHT)
def test_others_are_straight_at_first_and_then_what_the_engine_finds(
    qtbot: QtBot, routes: Routes, open_workspace: Workspace, decoding: Decoding, kind: str
) -> None:
    path = LatentPath((*ENDS, (0.0, 1.0)), kind, closed=True)
    first = routes.route(path)
    assert not first.final
    assert first.curve.legs == 3
    assert not routes.is_settled()
    with qtbot.waitSignal(routes.changed, timeout=60_000):
        pass
    found = settled(qtbot, routes, path)
    around = surroundings(decoding.codec, open_workspace.codes)
    expected = joined(path.waypoints, kind, around, closed=True)
    assert np.array_equal(found.curve.points, expected.points)
    assert np.array_equal(found.curve.corners, expected.corners)
    # A name and a colour make no other route of it.
    assert routes.route(replace(path, name="mine", colour=2)) is found


def test_a_waypoint_that_is_moved_costs_its_two_legs(
    qtbot: QtBot, routes: Routes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = LatentPath(((-2.0, 0.0), (0.0, 0.0), (2.0, 0.0), (2.0, 1.0)), "data")
    before = settled(qtbot, routes, path)
    asked: list[int] = []
    find = routes_module.find

    def spy(search: routes_module.Search, *rest: object) -> object:
        asked.append(len(path.waypoints) - 1 - len(search.known))
        return find(search, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(routes_module, "find", spy)
    moved = path.with_waypoint(1, (0.1, 0.1))
    rough = routes.route(moved)
    assert not rough.final
    # The way that it took is shown, bent to where the waypoint is now.
    assert np.array_equal(rough.curve.leg(2), before.curve.leg(2))
    assert len(rough.curve.leg(0)) == len(before.curve.leg(0))
    assert np.array_equal(rough.curve.points[rough.curve.corners[1]], (0.1, 0.1))
    settled(qtbot, routes, moved)
    assert asked == [2]


def test_a_waypoint_that_is_added_on_the_line_leaves_the_line_where_it_is(qtbot: QtBot, routes: Routes) -> None:
    path = LatentPath(ENDS, "geodesic")
    curve = settled(qtbot, routes, path).curve
    middle = curve.points[len(curve.points) // 3]
    rough = routes.route(path.with_inserted(1, middle)).curve
    assert np.allclose(rough.points[rough.corners[1]], middle)
    assert max(np.linalg.norm(curve.points - point, axis=1).min() for point in rough.points) < 1e-6


def test_steps_of_equal_image_change_are_found_in_the_same_way(
    qtbot: QtBot, routes: Routes, open_workspace: Workspace, decoding: Decoding
) -> None:
    path = LatentPath(ENDS, walk=Walk(9, "visual"))
    assert np.array_equal(routes.route(path).shares, np.linspace(0, 1, 9))
    assert not routes.route(path).final
    found = settled(qtbot, routes, path)
    around = surroundings(decoding.codec, open_workspace.codes)
    assert np.array_equal(found.shares, step_shares(found.curve, path.walk, around))


def test_while_a_waypoint_is_dragged_only_the_newest_counts_in_the_end(
    qtbot: QtBot, routes: Routes, open_workspace: Workspace
) -> None:
    shown: list[LatentPath] = []
    routes.changed.connect(lambda: shown.append(open_workspace.pathing.current))  # type: ignore[arg-type]
    for x in np.linspace(2, 0.5, 25):
        open_workspace.pathing.set_current(LatentPath(((-2.0, 0.1), (float(x), 0.3)), "geodesic"))
        path = open_workspace.pathing.current
        assert path is not None
        curve = routes.route(path).curve
        assert tuple(curve.points[-1]) == path.waypoints[-1]
        qtbot.wait(5)
    assert open_workspace.pathing.current is not None
    settled(qtbot, routes, open_workspace.pathing.current)
    assert shown


def test_another_snapshot_is_found_again_and_the_old_way_is_seen_until_then(
    qtbot: QtBot, routes: Routes, open_workspace: Workspace, decoding: Decoding, model_file: ModelFile
) -> None:
    path = LatentPath(ENDS, "geodesic")
    before = settled(qtbot, routes, path)
    weights = {name: -value for name, value in model_file.weights.items()}
    newer = replace(model_file, weights=weights)
    open_workspace.set_snapshot(OpenModel(newer, "newer"))
    decoding.use(load_codec(newer))
    stale = routes.route(path)
    assert not stale.final
    assert stale.curve is before.curve
    after = settled(qtbot, routes, path)
    assert decoding.codec is not None
    expected = joined(path.waypoints, "geodesic", surroundings(decoding.codec, open_workspace.codes))
    assert np.array_equal(after.curve.points, expected.points)


def test_another_model_forgets_what_is_under_way(
    qtbot: QtBot, routes: Routes, open_workspace: Workspace, model_file: ModelFile
) -> None:
    path = LatentPath(ENDS, "geodesic")
    routes.route(path)
    qtbot.wait(1)
    open_workspace.open_model(OpenModel(model_file, "again"))
    assert len(routes.route(path).curve.points) == 2
    settled(qtbot, routes, path)


def test_what_cannot_be_found_is_said_once_and_shown_straight(
    qtbot: QtBot, workspace: Workspace, decoding: Decoding, model_file: ModelFile
) -> None:
    workspace.open_model(OpenModel(replace(model_file, codes=None), "no codes"))
    routes = Routes(workspace, decoding)
    said: list[str] = []
    routes.failed.connect(said.append)
    for x in (1.0, 2.0):
        path = LatentPath(((-2.0, 0.0), (x, 0.0)), "data")
        assert np.array_equal(settled(qtbot, routes, path).curve.points, path.waypoints)
    assert said == ["A path of the kind 'data' needs encoded points, and this model file has none."]
    geodesic = LatentPath(ENDS, "geodesic")
    assert len(settled(qtbot, routes, geodesic).curve.points) > 2
    routes.close()


def test_nothing_is_found_before_there_is_a_decoder(
    qtbot: QtBot, open_workspace: Workspace, background: object, model_file: ModelFile
) -> None:
    decoding = Decoding(background)  # type: ignore[arg-type]
    routes = Routes(open_workspace, decoding)
    path = LatentPath(ENDS, "geodesic")
    routes.route(path)
    qtbot.wait(20)
    assert routes.is_settled()
    assert not routes.route(path).final
    decoding.use(load_codec(model_file))
    settled(qtbot, routes, path)
    routes.close()


def test_a_condition_has_routes_of_its_own(
    qtbot: QtBot, workspace: Workspace, background: object, make_conditional: Callable[..., ModelFile]
) -> None:
    file, decoding = make_conditional(), Decoding(background)  # type: ignore[arg-type]
    workspace.condition_changed.connect(lambda: decoding.set_condition(workspace.condition))
    workspace.open_model(OpenModel(file, "conditional"))
    decoding.use(load_codec(file))
    routes = Routes(workspace, decoding)
    path = LatentPath(ENDS, "geodesic")
    for label in (0, 2):
        workspace.set_condition(np.eye(3)[label])
        assert not routes.route(path).final
        found = settled(qtbot, routes, path)
        expected = joined(ENDS, "geodesic", surroundings(decoding.codec, file.codes, np.eye(3)[label]))
        assert np.array_equal(found.curve.points, expected.points)
    routes.close()


def test_closing_midway_leaves_nothing_behind(routes: Routes) -> None:
    for kind in SOUGHT:
        routes.route(LatentPath(tuple((x / 50, 0.1) for x in range(100)), kind))
    routes._begin()
    routes.close()
    assert routes.is_settled()

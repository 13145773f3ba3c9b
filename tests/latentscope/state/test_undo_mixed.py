"""Undo and redo over everything at once: views, planes, layers, classes, selections and paths, in any order."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from latentscope.map import looking
from latentscope.map.camera import Bounds
from latentscope.map.framing import CameraMotion
from latentscope.map.looking import Looking
from latentscope.state import undo
from latentscope.state.layers import LAYERS
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.planes import PlaneChoice
from latentscope.state.selection import FEW
from latentscope.state.workspace import Workspace
from trainer.files import Codes, ModelFile

COUNT, DIMENSION, STEPS = 3 * FEW, 5, 120  # codes so many that some selections are kept as bits and some as indices


@pytest.fixture
def deep(workspace: Workspace, model_file: ModelFile) -> Workspace:
    random = np.random.default_rng(0)
    mean = random.normal(size=(COUNT, DIMENSION)).astype(np.float32)
    codes = Codes(mean, None, random.integers(0, 3, COUNT))
    config = model_file.config.model_copy(update={"latent": DIMENSION})
    workspace.open_model(OpenModel(replace(model_file, config=config, codes=codes), "deep"))
    return workspace


def state_of(workspace: Workspace, look: Looking) -> tuple[Any, ...]:
    plane = workspace.plane
    return (
        (look.camera, look.moved_by_user),
        (workspace.plane_choice, *(part.tobytes() for part in (plane.origin, plane.u, plane.v))),
        workspace.layers,
        workspace.hidden_classes,
        workspace.selecting.selection,
        workspace.selecting.kept,
        workspace.pathing.paths,
    )


def actions_on(workspace: Workspace, look: Looking, random: np.random.Generator) -> list[Callable[[], object]]:
    """What a user does, each a little different every time."""
    selecting = workspace.selecting

    def some() -> np.ndarray:
        size = random.choice([0, 1, 50, FEW + 1])
        return random.choice(COUNT, size, replace=False)

    def chosen_layer() -> None:
        name = str(random.choice([layer.name for layer in LAYERS]))
        on = not workspace.layers.shows(name)
        workspace.change_layers(workspace.layers.with_shown(name, on), f"Switch {name}")

    def kept_name() -> str:
        return str(random.choice([one.name for one in selecting.kept] or ["none"]))

    def line() -> LatentPath:
        return LatentPath(tuple(tuple(point) for point in random.normal(size=(2, DIMENSION)).tolist()))

    return [
        lambda: look.zoom_by(float(random.uniform(0.6, 1.6))),
        lambda: look.move(look.camera.panned(*random.integers(-50, 50, 2).tolist())),
        look.reset,
        lambda: workspace.change_plane(
            PlaneChoice("axes", tuple(random.choice(DIMENSION, 2, replace=False).tolist())), "Show two axes"
        ),
        lambda: workspace.change_plane(
            PlaneChoice("points", points=tuple(map(tuple, random.normal(size=(3, DIMENSION)).tolist()))), "Three points"
        ),
        lambda: (workspace.set_probe(random.normal(size=DIMENSION)), workspace.bring_plane_to_probe()),
        chosen_layer,
        lambda: workspace.change_layers(
            replace(workspace.layers, atlas_opacity=float(random.uniform())), "Atlas opacity", merge=True
        ),
        lambda: workspace.change_hidden_classes(frozenset({int(random.integers(3))}), "Hide a class"),
        *(lambda how=how: selecting.choose(some(), how) for how in ("replace", "add", "remove")),  # type: ignore[misc]
        selecting.clear,
        lambda: selecting.keep(f"kept {random.integers(3)}"),
        lambda: selecting.rename(kept_name(), "other"),
        lambda: selecting.forget(kept_name()),
        lambda: workspace.pathing.change_current(line(), "Draw a path"),
        lambda: workspace.pathing.change(workspace.pathing.paths.drawn(line()), "Draw another path"),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_steps_is_undone_and_redone_to_the_letter(
    deep: Workspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for module in (looking, undo):
        monkeypatch.setattr(module, "ONE_GO", -1.0)  # each is a step of its own
    monkeypatch.setattr(CameraMotion, "start", lambda motion, _, goal: motion.moved.emit(goal))  # there at once
    stack = deep.undo_stack
    look = Looking(lambda: Bounds(-3, -3, 3, 3), stack, deep)
    look.resize(640, 480, 1.0)
    random = np.random.default_rng(seed)
    actions = actions_on(deep, look, random)
    states = [state_of(deep, look)]  # at each place of the stack
    for _ in range(STEPS):
        what = random.uniform()
        if what < 0.2:
            stack.undo()
        elif what < 0.35:
            stack.redo()
        else:
            place = stack.index()
            actions[random.integers(len(actions))]()
            if stack.index() > place:
                states = [*states[: place + 1], state_of(deep, look)]
        assert state_of(deep, look) == states[stack.index()]
    while stack.canUndo():
        stack.undo()
        assert state_of(deep, look) == states[stack.index()]
    while stack.canRedo():
        stack.redo()
        assert state_of(deep, look) == states[stack.index()]
    assert stack.count() > STEPS / 5
    qtbot.waitUntil(look.is_settled)

"""What does not go with a model is left out and said; the rest is shown."""

from typing import Any

import numpy as np
import pytest

from latentscope.files.model_reference import ModelReference
from latentscope.files.workspace_file import (
    DirectionPart,
    GroupPart,
    LayersPart,
    SelectionPart,
    ViewPart,
    WorkspaceFile,
)
from latentscope.files.workspace_fit import fit_to, layers_of
from latentscope.state.layers import Layers
from latentscope.state.painting import Painting
from latentscope.state.paths import LatentPath, Paths
from latentscope.state.planes import PlaneChoice
from trainer.config import make_config
from trainer.files import Codes, ModelFile


def file(dimension: int = 2, **more: Any) -> WorkspaceFile:
    parts: dict[str, Any] = {"view": ViewPart(x=0.0, y=0.0, scale=50.0), "probe": (0.5,) * dimension}
    return WorkspaceFile(model=ModelReference("/m"), dimension=dimension, **{**parts, **more})


@pytest.fixture
def deep() -> ModelFile:
    """A model of five latent dimensions, as far as a map needs one."""
    mean = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    return ModelFile(make_config({"latent": 5, "epochs": 1}), (8, 8, 1), (), {}, Codes(mean))


def test_what_fits_is_all_there(model_file: ModelFile) -> None:
    path = LatentPath(((0.0, 0.0), (1.0, 1.0)), anchors=(3, None))
    fitting = fit_to(
        file(hidden=(1,), selection=SelectionPart(rows="0-89"), kept=(SelectionPart(rows="4", name="four"),),
             paths=Paths((path,), 0), direction=DirectionPart(a=GroupPart(kind="kept", key="four"),
             b=GroupPart(kind="class", key="2"))),
        model_file,
    )  # fmt: skip
    assert fitting.left_out == []
    assert fitting.hidden == {1}
    assert fitting.selection is not None
    assert len(fitting.selection) == 90
    assert fitting.paths == Paths((path,), 0)
    assert fitting.direction is not None


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"selection": SelectionPart(rows="0-90")}, "the selection, which has points that this model has not"),
        ({"kept": (SelectionPart(rows="500", name="far"),)}, "the selection far, which has points"),
        ({"condition": (0.5, 0.5)}, "the class to decode"),
        ({"probe": (1.0,)}, "the probe"),
        ({"paths": Paths((LatentPath(((1.0,), (2.0,))),), 0)}, "1 of the paths"),
        ({"paths": Paths((LatentPath(((1.0, 1.0),)),), 0)}, "1 of the paths"),
        ({"paths": Paths((LatentPath(((1.0, 1.0), (0.0, 0.0)), "wormhole"),), 0)}, "the rule that joins 1"),
        ({"painting": Painting("x", ((1,),), ((1,),))}, "the painting, whose grid"),
        ({"direction": DirectionPart(a=GroupPart(kind="kept", key="gone"), b=GroupPart(kind="rest"))}, "the direction"),
        ({"direction": DirectionPart(a=GroupPart(kind="class", key="9"), b=GroupPart(kind="rest"))}, "the direction"),
        ({"dimension": 3, "probe": (1.0, 1.0, 1.0)}, "have 3 dimensions where this model has 2"),
    ],
)
def test_what_does_not_fit_is_left_out_and_said(parts: dict[str, Any], words: str, model_file: ModelFile) -> None:
    fitting = fit_to(file(**parts), model_file)
    [sentence] = fitting.left_out
    assert words in sentence


def test_an_active_path_stays_the_active_one_when_others_go(model_file: ModelFile) -> None:
    odd, good = LatentPath(((1.0,), (2.0,))), LatentPath(((0.0, 0.0), (1.0, 1.0)), name="good", anchors=(99, -1))
    fitting = fit_to(file(paths=Paths((odd, good), 1)), model_file)
    assert fitting.paths.active == 0
    assert fitting.paths.current is not None
    assert fitting.paths.current.name == "good"
    assert fitting.paths.current.anchors == (), "there are no such points"


@pytest.mark.parametrize(
    "view",
    [
        {"plane": PlaneChoice("axes", (0, 5))},
        {"plane": PlaneChoice("axes", (1, 1))},
        {"plane": PlaneChoice("axes", (-1, 1))},
        {"plane": PlaneChoice("points", (0, 1), ((1.0,) * 5, (2.0,) * 5, (3.0,) * 5))},
        {"plane": PlaneChoice("points", (0, 1), ((1.0,) * 5,))},
        {"plane": PlaneChoice("codes", (0, 1), (), (1.0, 2.0))},
        {"basis": ((0.0,) * 5, (1.0, 0.0, 0.0, 0.0, 0.0), (0.0, 2.0, 0.0, 0.0, 0.0))},
        {"basis": ((0.0,), (1.0,), (0.0,))},
    ],
)
def test_a_plane_that_cannot_be_is_the_usual_one(view: dict[str, Any], deep: ModelFile) -> None:
    fitting = fit_to(file(5, view=ViewPart(x=0.0, y=0.0, scale=50.0, **view)), deep)
    assert fitting.choice == PlaneChoice()
    assert fitting.plane is None
    [sentence] = fitting.left_out
    assert "the plane" in sentence


def test_layers_that_are_not_known_count_for_nothing() -> None:
    layers = layers_of(
        LayersPart(switches={"atlas": False, "weather": True}, colour_by="mood", arrows=("slant", "joy"))
    )
    assert layers.shown == Layers().with_shown("atlas", False).shown
    assert layers.colour_by == "class"
    assert layers.arrows == {"slant"}

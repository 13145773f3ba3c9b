"""The picture of a map that is drawn behind the window is the one that the map shows."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from latentscope.map.pace import DroppedError, Pace
from latentscope.map.view import MapView
from latentscope.state.layers import Layers
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.files import Codes, ModelFile

COUNT = 3000
ShowMap = Callable[[Workspace], MapView]
Rgb = Callable[[QImage], NDArray[np.int64]]


@pytest.fixture
def crowd(workspace: Workspace, model_file: ModelFile, show_map: ShowMap, monkeypatch: pytest.MonkeyPatch) -> MapView:
    """A map of more points than are drawn at once, with a path over them."""
    monkeypatch.setattr("latentscope.map.still.FEW", 1000)
    random = np.random.default_rng(0)
    codes = Codes(random.normal(size=(COUNT, 2)).astype(np.float32), None, random.integers(0, 3, COUNT))
    workspace.open_model(OpenModel(replace(model_file, codes=codes), "crowd"))
    workspace.set_layers(Layers().with_shown("atlas", False))
    workspace.pathing.set_current(LatentPath(((-1.0, 0.0), (1.0, 1.0))))
    return show_map(workspace)


def test_many_points_lie_between_what_is_below_and_above_them(crowd: MapView, rgb: Rgb) -> None:
    draw, points = crowd.picture_behind(1.0)
    assert points > 0.9 * COUNT
    picture = rgb(draw(lambda: None))
    # But for rounding where something half transparent lies over the points.
    assert np.abs(picture - rgb(crowd.grab().toImage())).max() <= 3


def test_it_is_of_the_moment_when_it_was_asked_for(crowd: MapView, rgb: Rgb) -> None:
    before = rgb(crowd.picture())
    draw, _ = crowd.picture_behind(1.0)
    crowd.move_camera(crowd.camera.zoomed(3, (100, 100)))
    crowd.workspace.pathing.set_current(None)
    assert (rgb(draw(lambda: None)) == before).all()


def test_it_can_be_given_up_between_two_pieces(crowd: MapView) -> None:
    draw, _ = crowd.picture_behind(2.0)
    pace = Pace()
    pace.dropped = True
    with pytest.raises(DroppedError):
        draw(pace)

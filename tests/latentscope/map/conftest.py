from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QFont, QImage
from pytestqt.qtbot import QtBot

from latentscope.decoding import Decoding
from latentscope.map import framing
from latentscope.map.atlas import layer as atlas
from latentscope.map.camera import Camera
from latentscope.map.points.cloud import cloud_of
from latentscope.map.points.look import look_of
from latentscope.map.scene import Scene
from latentscope.map.view import MapView
from latentscope.state.layers import Layers
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK
from trainer.files import Codes
from trainer.geometry import axis_plane

MakeScene = Callable[..., Scene]
ShowMap = Callable[..., MapView]


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is slow only for the eye's sake is quick here."""
    monkeypatch.setattr(atlas, "FADE_SECONDS", 0.04)
    monkeypatch.setattr(framing, "MOTION_MS", 60)


@pytest.fixture
def make_scene(qapp: object) -> MakeScene:
    """A scene of three labelled points at (−1, 0), (0, 0) and (1, 0) in 400 × 300 pixels, 100 a unit; or changed."""

    def make(**changes: Any) -> Scene:
        plane = changes.get("plane", axis_plane(2))
        classes = [
            changes.pop(name, usual)
            for name, usual in (("class_count", 3), ("hidden", frozenset()), ("faint", frozenset()))
        ]
        codes = changes.pop("codes", Codes(np.array([[-1, 0], [0, 0], [1, 0]], np.float32), None, np.arange(3)))
        given: dict[str, Any] = {
            "camera": Camera(scale=100, width=400, height=300),
            "theme": DARK,
            "font": QFont(),
            "plane": plane,
            "cloud": cloud_of(codes, plane),
            "layers": Layers(),
            "probe": np.zeros(plane.dimension),
        }
        given |= changes
        return Scene(**({"look": look_of(given["cloud"], given["theme"], *classes)} | given))

    return make


@pytest.fixture
def show_map(qtbot: QtBot, decoding: Decoding) -> ShowMap:
    """Shows a map of a workspace, and waits until it is settled."""

    def show(workspace: Workspace, width: int = 640, height: int = 480) -> MapView:
        view = MapView(workspace, decoding, DARK)
        qtbot.addWidget(view)
        view.resize(width, height)
        with qtbot.waitExposed(view):
            view.show()
        qtbot.waitUntil(view.is_settled)
        return view

    return show


@pytest.fixture
def rgb() -> Callable[[QImage], NDArray[np.int64]]:
    """Turns an image into (H, W, 3) numbers in 0..255."""

    def convert(image: QImage) -> NDArray[np.int64]:
        plain = image.convertToFormat(QImage.Format.Format_RGB32)
        pixels = np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), -1)[:, : plain.width()]
        return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0)], axis=-1).astype(np.int64)

    return convert


@pytest.fixture
def view(open_workspace: Workspace, show_map: ShowMap) -> MapView:
    """A map with codes in heaps about (−2, 0), (0, 0) and (2, 0), the probe at the centre, and no path."""
    result = show_map(open_workspace)
    result.setFocus()
    return result

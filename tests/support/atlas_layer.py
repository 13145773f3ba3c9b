"""An atlas on its own, painted and waited for."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.map.atlas.layer import AtlasLayer
from latentscope.map.base import paint_base
from latentscope.map.scene import Scene

MakeScene = Callable[..., Scene]
Rgb = Callable[[QImage], NDArray[np.int64]]


def painted(layer: AtlasLayer, scene: Scene) -> QImage:
    image = QImage(*scene.camera.device_size, QImage.Format.Format_RGB32)
    paint_base(image, [layer], scene)
    return image


def settle(qtbot: QtBot, layer: AtlasLayer, background: Background) -> None:
    qtbot.waitUntil(lambda: layer.is_settled() and not background.busy())

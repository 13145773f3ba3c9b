"""Where on the map of a real window a path's ends do not snap."""

import numpy as np

from latentscope.main_window import MainWindow
from latentscope.map.path_hand import SNAP_REACH

__all__ = ["empty_places"]


def empty_places(window: MainWindow, count: int) -> list[tuple[float, float]]:
    """Places of the map, in latent coordinates, where nothing would snap, far from each other and from the edges."""
    view, random = window.map, np.random.default_rng(3)
    cloud = view.camera.to_pixel(view.cloud.position)
    found: list[np.ndarray] = []
    while len(found) < count:
        pixel = random.uniform((60, 60), (view.width() - 60, view.height() - 60)).round()
        alone = np.hypot(*(cloud - pixel).T).min() > SNAP_REACH + 3
        if alone and all(np.hypot(*(other - pixel)) > 90 for other in found):
            found.append(pixel)
    z = window.workspace.plane.to_latent(view.camera.to_map(np.array(found)))
    return [(float(x), float(y)) for x, y in z]

"""The colours of a number, from low to high, on a dark and on a light ground.

Each is a curve through OKLab (Ottosson 2020, "A perceptual color space for image processing") that is walked in steps
of equal length, so that equal differences look equally large; lightness rises or falls all the way, so that it can be
read with any colour vision, and in print. What is high stands out more from the ground: light on dark, dark on light.
"""

from functools import lru_cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from latentscope.theme import Theme

__all__ = ["STEPS", "ramp"]

STEPS = 64  # colours: two neighbours are hard to tell apart
# Lightness, chroma and hue in degrees of the points that the curve goes through, from low to high.
ON_DARK = ((0.44, 0.15, 288), (0.56, 0.12, 245), (0.69, 0.115, 185), (0.81, 0.16, 138), (0.95, 0.13, 105))
ON_LIGHT = ((0.83, 0.14, 100), (0.71, 0.15, 140), (0.58, 0.095, 190), (0.45, 0.11, 252), (0.31, 0.15, 288))
FINE = 1000  # points of the curve by which its length is measured
TO_LMS = np.array(  # of OKLab, before the cube
    [
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.2914855480],
    ]
)
TO_LINEAR = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@lru_cache(maxsize=2)
def ramp(theme: Theme) -> NDArray[np.uint8]:
    """The colours (STEPS, 3) from low to high. Not to be written to."""
    points = np.array(ON_DARK if theme.name == "dark" else ON_LIGHT, float)
    hue = np.radians(points[:, 2])
    corners = np.column_stack([points[:, 0], points[:, 1] * np.cos(hue), points[:, 1] * np.sin(hue)])
    curve = smooth(corners)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    wanted = np.linspace(0, along[-1], STEPS)
    lab = np.column_stack([np.interp(wanted, along, channel) for channel in curve.T])
    linear = np.clip((lab @ TO_LMS.T) ** 3 @ TO_LINEAR.T, 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    result = np.rint(coded * 255).astype(np.uint8)
    result.setflags(write=False)
    return result


def smooth(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth curve (FINE, 3) through the corners (K, 3): Catmull & Rom 1974, its ends going straight on."""
    padded = np.vstack([2 * corners[0] - corners[1], corners, 2 * corners[-1] - corners[-2]])
    place = np.linspace(0, len(corners) - 1, FINE)
    first = np.minimum(place.astype(int), len(corners) - 2)
    t = (place - first)[:, None]
    p0, p1, p2, p3 = (padded[first + i] for i in range(4))
    cubic = (3 * p1 - p0 - 3 * p2 + p3) * t**3 + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (p2 - p0) * t + 2 * p1
    return cast("NDArray[np.float64]", cubic / 2)

"""Latent points for properties to be tried on, and when two of them count as the same."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

__all__ = ["close", "dimensions", "moderate", "pairs", "weights"]

moderate = st.floats(-10, 10, allow_subnormal=False).map(lambda x: round(x, 6))
dimensions = st.integers(1, 8)
weights = hnp.arrays(float, st.integers(1, 9), elements=st.floats(0, 1))


@st.composite
def pairs(draw: st.DrawFn, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    dimension = draw(st.integers(least, 8))
    point = hnp.arrays(float, dimension, elements=moderate)
    return draw(point), draw(point)


def close(one: Any, other: Any) -> bool:
    return np.allclose(one, other, rtol=1e-7, atol=1e-7)

"""The nearest points, against sorting all of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from latentscope.analysis.neighbours import nearest


@given(st.integers(0, 60), st.integers(1, 4), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_like_sorting_everything(count: int, dimension: int, wanted: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.normal(size=(count, dimension)).astype(np.float32)
    z = rng.normal(size=dimension)
    found, distances = nearest(codes, z, wanted)
    expected = np.sort(np.linalg.norm(codes - z.astype(np.float32), axis=1))[:wanted]
    assert np.allclose(distances, expected, atol=1e-6)
    assert len(set(found.tolist())) == min(wanted, count)


def test_codes_that_are_not_numbers_are_never_near() -> None:
    codes = np.array([[np.nan, 0], [5, 5], [np.inf, 1]], np.float32)
    found, distances = nearest(codes, [0, 0], 3)
    assert found.tolist() == [1]
    assert np.allclose(distances, 50**0.5)

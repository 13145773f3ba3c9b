"""What of paths a model can do."""

from dataclasses import replace

import numpy as np
import pytest

from latentscope.paths.possible import lacking, possible_style
from latentscope.state.paths import LatentPath
from trainer.files import Codes
from trainer.paths.timing import Walk

CODES = Codes(np.zeros((5, 2), np.float32), None, None)
WITH_A_CODEBOOK = replace(CODES, tokens=np.zeros((5, 2, 2), np.int16))
VISUAL = Walk(9, "visual", "both")


@pytest.mark.parametrize(
    ("codes", "kind", "expected", "pace"),
    [
        (CODES, "geodesic", "geodesic", "visual"),
        (CODES, "data", "data", "visual"),
        (WITH_A_CODEBOOK, "geodesic", "linear", "latent"),
        (WITH_A_CODEBOOK, "data", "data", "latent"),
        (None, "data", "linear", "visual"),
        (None, "spline", "spline", "visual"),
    ],
)
def test_the_next_path_is_like_the_last_one_as_far_as_the_model_can(
    codes: Codes | None, kind: str, expected: str, pace: str
) -> None:
    style = possible_style(LatentPath((), kind, VISUAL), codes)
    assert (style.kind, style.walk) == (expected, Walk(9, pace, "both"))


def test_what_is_lacking() -> None:
    assert lacking(CODES) == frozenset()
    assert lacking(replace(CODES, mean=CODES.mean[:1])) == {"codes"}
    assert lacking(WITH_A_CODEBOOK) == {"decoder"}

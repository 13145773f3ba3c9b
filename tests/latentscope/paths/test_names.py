"""What paths are called after."""

from dataclasses import replace

import numpy as np
import pytest
from digits_model import digits_model

from latentscope.paths.names import _some, end_classes
from latentscope.state.open_model import OpenModel
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from trainer.files import Codes


def test_the_ends_of_a_path_are_called_after_most_of_the_codes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    labels = np.arange(1000) % 2 * 4 + 3  # 3 and 7
    codes = (random.normal(size=(1000, 2)) * 0.3 + np.where(labels == 3, -1, 1)[:, None]).astype(np.float32)
    workspace = Workspace()
    workspace.open_model(OpenModel(replace(digits_model("vae"), codes=Codes(codes, None, labels)), "test"))
    path = LatentPath(((-1.0, -1.0), (1.0, 1.0)))
    assert end_classes(workspace, path) == ("3", "7")
    monkeypatch.setattr("latentscope.paths.names.MOST_ASKED", 300)
    assert end_classes(workspace, path) == ("3", "7")


@pytest.mark.parametrize("count", [1, 5, 100_000, 100_001, 1_234_567])
def test_those_that_are_asked_are_spread_over_all(count: int) -> None:
    asked = _some(count)
    assert (np.diff(asked) >= 0).all() and asked[0] >= 0 and asked[-1] < count
    assert min(count, 50_000) <= len(asked) <= 100_000
    assert len(asked) < 10 or abs(asked.mean() / count - 0.5) < 0.01
    if count > 200_000:
        assert abs((asked % 10 == 3).mean() - 0.1) < 0.01, "of ten classes in turn each has its share"

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from latentscope.background import Background
from latentscope.decoding import Decoding, load_codec
from latentscope.map.atlas.layer import AtlasLayer
from latentscope.map.scene import Scene
from trainer.config import make_config
from trainer.files import ModelFile

MakeScene = Callable[..., Scene]
Rgb = Callable[[QImage], NDArray[np.int64]]


@pytest.fixture
def asked(decoding: Decoding, monkeypatch: pytest.MonkeyPatch) -> list[NDArray[np.float64]]:
    """The latent points of every request to the decoder, (N, D) each."""
    requests: list[NDArray[np.float64]] = []
    request = decoding.request

    def record(key: str, z: NDArray[np.float64], deliver: Callable[..., None], *, behind: bool) -> bool:
        requests.append(np.asarray(z))
        return request(key, z, deliver, behind=behind)

    monkeypatch.setattr(decoding, "request", record)
    return requests


@pytest.fixture
def layer(decoding: Decoding) -> AtlasLayer:
    return AtlasLayer(decoding)


@pytest.fixture
def one_dimensional(background: Background) -> Decoding:
    from trainer.models.build import build_model

    config = make_config({"data": "digits", "hidden": [16], "epochs": 1, "latent": 1})
    weights = {name: value.numpy() for name, value in build_model(config, (8, 8, 1)).state_dict().items()}
    result = Decoding(background)
    result.use(load_codec(ModelFile(config, (8, 8, 1), (), weights)))
    return result

"""Small real things for the tests of the window: a model of 8 × 8 images with a map of three classes."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.runs.film import Film
from latentscope.runs.stock import Stock
from latentscope.runs.training import Training
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from trainer.config import make_config
from trainer.files import Codes, ModelFile


@pytest.fixture(scope="session")
def model_file() -> ModelFile:
    """An untrained 2-D VAE of 8 × 8 images, and 90 codes in three heaps: a at (−2, 0), b at (0, 0), c at (2, 0)."""
    import torch

    from trainer.models.build import build_model

    torch.manual_seed(0)
    config = make_config({"data": "digits", "hidden": [16], "epochs": 1})
    weights = {name: value.numpy() for name, value in build_model(config, (8, 8, 1)).state_dict().items()}
    labels = np.arange(90) % 3
    mean = np.random.default_rng(0).normal(0, 0.1, (90, 2)) + np.stack([(labels - 1) * 2, np.zeros(90)], axis=1)
    codes = Codes(mean.astype(np.float32), np.zeros((90, 2), np.float32), labels.astype(np.int64))
    return ModelFile(config, (8, 8, 1), ("a", "b", "c"), weights, codes, figures={"negative_elbo": 12.34})


@pytest.fixture(scope="session")
def make_conditional() -> Callable[..., ModelFile]:
    """Makes untrained conditional models of 8 × 8 images, with one code for each class."""
    from trainer.models.build import build_model

    def make(names: tuple[str, ...] = ("a", "b", "c")) -> ModelFile:
        config = make_config({"data": "digits", "hidden": [16], "epochs": 1, "family": "conditional-vae"})
        model = build_model(config, (8, 8, 1), classes=len(names))
        weights = {name: value.numpy() for name, value in model.state_dict().items()}
        mean = np.random.default_rng(0).normal(0, 1, (len(names), 2)).astype(np.float32)
        return ModelFile(config, (8, 8, 1), names, weights, Codes(mean, None, np.arange(len(names))))

    return make


@pytest.fixture
def workspace(qapp: object) -> Workspace:
    return Workspace()


@pytest.fixture
def open_workspace(workspace: Workspace, model_file: ModelFile) -> Workspace:
    workspace.open_model(OpenModel(model_file, "test"))
    return workspace


@pytest.fixture
def background(qapp: object) -> Iterator[Background]:
    worker = Background("test")
    yield worker
    worker.close()


@pytest.fixture
def decoding(background: Background, model_file: ModelFile) -> Decoding:
    from latentscope.decoding import load_codec

    result = Decoding(background)
    result.use(load_codec(model_file))
    return result


@pytest.fixture
def stock(background: Background) -> Stock:
    return Stock(background)


@pytest.fixture
def film(workspace: Workspace, decoding: Decoding, training: Training, stock: Stock) -> Iterator[Film]:
    """The film of what the workspace shows; a test that uses it has a ``training`` of its own."""
    film = Film(workspace, decoding, training, stock)
    yield film
    film.stop()


@pytest.fixture
def originals(background: Background) -> Originals:
    return Originals(background)


def show(qtbot: QtBot, widget: QWidget, width: int, height: int) -> None:
    """Show a widget at a size, and wait until it is there."""
    qtbot.addWidget(widget)
    widget.resize(width, height)
    with qtbot.waitExposed(widget):
        widget.show()

"""The shipped model is what the project says of it."""

from pathlib import Path

import pytest

from trainer.data import load_dataset
from trainer.evaluate import evaluate
from trainer.files import ModelFile, read_model
from trainer.models.build import load_model

SHIPPED = Path(__file__).parents[2] / "assets" / "mnist-vae-2d.safetensors"


@pytest.fixture(scope="module")
def shipped() -> ModelFile:
    return read_model(SHIPPED)


def test_it_is_small() -> None:
    assert SHIPPED.stat().st_size <= 6_000_000


def test_its_header_says_how_it_was_made_and_how_good_it_is(shipped: ModelFile) -> None:
    assert (shipped.config.data, shipped.config.family, shipped.config.latent) == ("mnist", "vae", 2)
    assert shipped.image_shape == (28, 28, 1)
    assert shipped.class_names == tuple("0123456789")
    assert shipped.figures["negative_elbo"] <= 136
    assert shipped.figures["active_units"] == 2
    assert shipped.record["images"] == 60_000
    assert "vae, mlp" in shipped.record["recipe"]
    assert shipped.record.keys() >= {"data", "steps", "epochs", "seconds", "device", "precision", "created", "versions"}


def test_it_carries_its_map(shipped: ModelFile) -> None:
    assert shipped.codes is not None
    assert shipped.codes.mean.shape == (10_000, 2)
    assert shipped.codes.logvar is not None
    assert shipped.codes.labels is not None
    assert set(shipped.codes.labels.tolist()) == set(range(10))


def test_its_figures_are_measured_again_on_real_mnist(
    shipped: ModelFile, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENTSCOPE_DATA", str(data_folder))
    images = load_dataset("mnist").test_images
    evaluation = evaluate(load_model(shipped), images)
    again = {name: evaluation.figures[name] for name in shipped.figures}  # a later program measures more
    assert again == pytest.approx(shipped.figures, rel=1e-4)
    assert shipped.codes is not None
    assert evaluation.mean == pytest.approx(shipped.codes.mean, abs=1e-3)

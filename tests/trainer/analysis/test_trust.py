import numpy as np
import pytest
import torch
from linear_gaussian import LinearGaussian

from trainer.analysis.trust import LEAST_VOLUME, round_trip, stretch
from trainer.codec import Codec
from trainer.config import make_config
from trainer.errors import ConfigError
from trainer.models.build import build_model


def points(count: int, dimension: int, size: float = 0.15) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(0).uniform(-size, size, (count, dimension)), dtype=torch.float32)


@pytest.mark.parametrize("latent", [1, 2, 5])
def test_the_round_trip_of_a_linear_gaussian_is_known(latent: int) -> None:
    model = LinearGaussian(latent)
    z = points(20, latent)
    # The posterior mean shrinks z by the precision p = 1 + |w|²/σ², so the rest is z/p, or z/√p in units of its σ.
    precision = 1 + model.w.detach().square().sum(0) / 0.2**2
    expected = (z.square() / precision).mean(1).sqrt()
    assert round_trip(model, z).numpy() == pytest.approx(expected.numpy(), rel=1e-4)


def test_without_posteriors_the_round_trip_is_a_distance() -> None:
    class Points(LinearGaussian):
        def encode(self, x: torch.Tensor, condition: torch.Tensor | None = None) -> tuple[torch.Tensor, None]:  # type: ignore[override]
            return super().encode(x, condition)[0], None

    model = Points(2)
    z = points(20, 2)
    precision = 1 + model.w.detach().square().sum(0) / 0.2**2
    assert round_trip(model, z).numpy() == pytest.approx((z / precision).norm(dim=1).numpy(), rel=1e-4)


@pytest.mark.parametrize("latent", [1, 2, 5])
def test_a_linear_decoder_stretches_the_same_everywhere(latent: int) -> None:
    model = LinearGaussian(latent)
    random = np.random.default_rng(1)
    directions = np.linalg.qr(random.normal(0, 1, (latent, min(latent, 2))))[0].T
    jacobian = model.w.detach().double().numpy() @ directions.T
    expected = 0.5 * np.linalg.slogdet(jacobian.T @ jacobian)[1]
    found = stretch(model, points(9, latent), torch.tensor(directions, dtype=torch.float32))
    assert found.numpy() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("network", ["mlp", "conv"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "continuous-bernoulli", "gaussian"])
def test_the_stretch_is_that_of_small_steps(network: str, likelihood: str) -> None:
    torch.manual_seed(0)
    given = {"network": network, "latent": 3, "likelihood": likelihood, "epochs": 1}
    model = build_model(make_config(given), (8, 8, 1)).eval().double()
    z, directions = points(6, 3, 1).double(), torch.eye(3).double()[:2]
    with torch.no_grad():
        columns = [
            (model.decode(z + 1e-3 * one) - model.decode(z - 1e-3 * one)).flatten(1) / 2e-3 for one in directions
        ]
    jacobian = torch.stack(columns, 2).double().numpy()
    expected = 0.5 * np.linalg.slogdet(jacobian.swapaxes(1, 2) @ jacobian)[1]
    assert stretch(model, z, directions).numpy() == pytest.approx(expected, abs=0.02)


def test_an_image_that_does_not_change_has_the_least_volume() -> None:
    model = LinearGaussian(2)
    far = torch.full((1, 2), 1e4)  # black or white everywhere: the image is cut off at 0 and 1
    assert stretch(model, far, torch.eye(2)).item() == LEAST_VOLUME
    assert stretch(model, far[:, :2], torch.eye(2)[:1]).item() == LEAST_VOLUME


def test_a_codec_speaks_of_trust_in_arrays_and_refuses_what_decodes_no_points() -> None:
    torch.manual_seed(0)
    config = make_config({"family": "conditional-vae", "latent": 2, "hidden": [8], "epochs": 1})
    codec = Codec(build_model(config, (8, 8, 1), classes=3))
    z = np.zeros((4, 2))
    assert codec.round_trip(z, [0, 1, 0]).shape == codec.stretch(z, np.eye(2), [0, 1, 0]).shape == (4,)
    with pytest.raises(ConfigError, match="which class"):
        codec.round_trip(z)
    with pytest.raises(ConfigError, match="finite"):
        codec.stretch(z + np.nan, np.eye(2), [0, 1, 0])
    vq = make_config({"family": "vq-vae", "latent": 4, "hidden": [16, 16], "codes": 8, "epochs": 1})
    with pytest.raises(ConfigError, match="not points"):
        Codec(build_model(vq, (8, 8, 1))).round_trip(np.zeros((1, 4)))

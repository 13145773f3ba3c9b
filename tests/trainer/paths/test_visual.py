"""Constant visual speed, against decoders whose image lengths are known."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.errors import ConfigError
from trainer.files import ModelFile, read_model
from trainer.models.build import load_model
from trainer.paths.rule import Surroundings, joined
from trainer.paths.timing import Walk, step_shares, walked
from trainer.paths.visual import TOLERANCE, visual_shares

Images = NDArray[np.float32]


def around(function: Any) -> Surroundings:
    return Surroundings(decode=lambda z: np.asarray(function(z), np.float32))


def changes(decode: Any, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linalg.norm(np.diff(np.asarray(decode(points), float), axis=0), axis=1)


def uneven(steps: NDArray[np.float64]) -> float:
    return float(np.ptp(steps) / steps.mean())


def test_where_the_image_changes_evenly_both_paces_are_the_same() -> None:
    matrix = np.random.RandomState(0).normal(size=(3, 20))
    curve = joined([[0, 0, 0], [1, 2, -1]], "linear")
    visual = walked(curve, Walk(9, "visual"), around(lambda z: z @ matrix))
    assert np.allclose(visual, walked(curve, Walk(9)), atol=1e-6)


def test_a_parabola_is_walked_by_its_inverse() -> None:
    """x = z² on one pixel: equal image change means z = √t."""
    curve = joined([[0.0], [1.0]], "linear")
    shares = step_shares(curve, Walk(11, "visual"), around(lambda z: z**2))
    assert np.allclose(shares, np.sqrt(np.linspace(0, 1, 11)), atol=2e-3)
    assert (shares[0], shares[-1]) == (0, 1)


@pytest.mark.parametrize("steps", [2, 3, 8, 16, 64, 300])
def test_steps_that_cut_corners_are_even_too(steps: int) -> None:
    """Images that turn ever faster: chords are shorter than arcs, by different amounts."""

    def spiral(z: NDArray[np.float64]) -> Images:
        angle = 12 * z[:, 0] ** 3
        return np.stack([np.cos(angle), np.sin(angle), z[:, 0]], axis=1).astype(np.float32)

    curve = joined([[-1.0, 0.0], [1.0, 0.0]], "linear")
    points = walked(curve, Walk(steps, "visual"), around(spiral))
    assert uneven(changes(spiral, points)) <= TOLERANCE
    assert (np.diff(points[:, 0]) > 0).all()


def test_a_jump_of_the_image_is_one_step() -> None:
    """An image that is black, then white: no steps can be even, and none is lost."""
    shares = step_shares(joined([[-1.0], [1.0]], "linear"), Walk(8, "visual"), around(lambda z: z > 0.3))
    assert (np.diff(shares) >= 0).all()
    assert (shares[0], shares[-1]) == (0, 1)


def test_there_and_back_again_ends() -> None:
    """No even steps exist: on the way back each falls on one of the way there, and they are odd in number."""
    curve = joined([[0.0], [1.0], [0.0]], "linear")
    shares = step_shares(curve, Walk(16, "visual"), around(lambda z: z))
    assert np.isfinite(shares).all()
    assert (np.diff(shares) >= 0).all()


@pytest.mark.parametrize("ease", ["none", "in", "out", "both"])
def test_an_image_that_never_changes_is_walked_in_latent_space(ease: Any) -> None:
    curve = joined([[0.0, 0.0], [1.0, 3.0]], "linear")
    constant = around(lambda z: np.full((len(z), 5), 0.3))
    assert (step_shares(curve, Walk(7, "visual", ease), constant) == step_shares(curve, Walk(7, ease=ease))).all()
    nowhere = joined([[1.0, 1.0], [1.0, 1.0]], "linear")
    assert (walked(nowhere, Walk(4, "visual"), around(lambda z: z)) == 1).all()


@pytest.mark.parametrize("ease", ["in", "out", "both"])
def test_ease_is_in_image_change(ease: Any) -> None:
    curve = joined([[0.0], [1.0]], "linear")
    points = walked(curve, Walk(11, "visual", ease), around(lambda z: z**2))
    assert np.allclose(points[:, 0] ** 2, step_shares(curve, Walk(11, ease=ease)), atol=5e-3)


def test_without_a_decoder_there_is_no_visual_speed() -> None:
    with pytest.raises(ConfigError, match="need a decoder of single points"):
        walked(joined([[0.0], [1.0]], "linear"), Walk(4, "visual"))


def test_large_images_are_sampled_within_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.paths.visual.MOST_VALUES", 1000)
    seen = 0

    def decode(z: NDArray[np.float64]) -> Images:
        nonlocal seen
        seen += len(z)
        return np.repeat(z**2, 40, axis=1).astype(np.float32)

    shares = visual_shares(joined([[0.0], [1.0]], "linear"), np.full(5, 0.2), decode)
    assert shares is not None
    assert uneven(changes(decode, shares[:, None])) <= TOLERANCE
    assert seen < 100


@pytest.mark.parametrize("kind", ["linear", "slerp", "spline"])
def test_the_shipped_model_changes_evenly(kind: str) -> None:
    shipped = read_model(Path(__file__).parents[3] / "assets" / "mnist-vae-2d.safetensors")
    decode = float_decoder(shipped)
    assert shipped.codes is not None
    mean = shipped.codes.mean
    for ways in (mean[:24].reshape(12, 2, 2), mean[24:48].reshape(6, 4, 2)):
        for waypoints in ways:
            curve = joined(waypoints, kind)
            points = walked(curve, Walk(16, "visual"), Surroundings(decode=decode))
            assert uneven(changes(decode, points)) <= TOLERANCE


def float_decoder(file: ModelFile) -> Any:
    import torch

    model = load_model(file).eval()

    @torch.inference_mode()
    def decode(z: NDArray[np.float64]) -> Images:
        return model.decode(torch.tensor(z, dtype=torch.float32), None).flatten(1).numpy()

    return decode

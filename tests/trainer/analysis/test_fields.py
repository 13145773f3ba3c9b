import math

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from scipy.stats import multivariate_normal

from trainer.analysis.fields import FIELDS, density, errors_in_parts, field_named, kl, posterior_sigma
from trainer.config import make_config
from trainer.files import Codes, ModelFile
from trainer.measures.codes import kl_per_dimension

RANDOM = np.random.default_rng(2)


def some_codes(count: int = 50, dimension: int = 3) -> Codes:
    mean, logvar = RANDOM.normal(size=(2, count, dimension)).astype(np.float32)
    return Codes(mean, logvar)


def test_the_mean_kl_of_the_points_is_that_of_the_dimensions() -> None:
    codes = some_codes()
    assert codes.logvar is not None
    assert kl(codes).mean() == pytest.approx(kl_per_dimension(codes.mean, codes.logvar).sum())
    assert kl(Codes(np.zeros((1, 4), np.float32), np.zeros((1, 4), np.float32))) == pytest.approx([0])


def test_sigma_is_the_side_of_a_cube_of_the_posteriors_size() -> None:
    logvar = 2 * np.log(np.array([[1, 2, 4], [0.5, 0.5, 0.5]], np.float32))
    assert posterior_sigma(Codes(np.zeros((2, 3), np.float32), logvar)) == pytest.approx([2, 0.5])


def test_codes_without_a_posterior_have_neither() -> None:
    for field in (kl, posterior_sigma):
        with pytest.raises(ValueError):
            field(Codes(np.zeros((2, 3), np.float32)))


@pytest.mark.parametrize("dimension", [1, 2, 10])
def test_the_density_of_normal_codes_is_the_normal_one(dimension: int) -> None:
    codes = np.random.default_rng(0).normal(size=(5000, dimension)).astype(np.float32)
    found = np.concatenate(list(density(codes)))
    true = multivariate_normal(np.zeros(dimension)).logpdf(codes)
    inner = true > np.median(true)  # where the ball to the tenth neighbour is small
    assert found.shape == (5000,)
    assert np.median(found[inner] - true[inner]) == pytest.approx(0, abs=0.15 if dimension < 5 else 1.5)
    assert np.corrcoef(found, true)[0, 1] > 0.9


def test_many_codes_are_looked_up_in_a_tree_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = RANDOM.normal(size=(700, 2)).astype(np.float32)
    all_of_them = np.concatenate(list(density(codes)))
    monkeypatch.setattr("trainer.analysis.fields.FEW", 0)
    assert np.concatenate(list(density(codes))) == pytest.approx(all_of_them, abs=1e-3)


def test_of_very_many_codes_the_density_is_what_all_neighbours_say_but_for_little(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = np.random.default_rng(0)
    heap = random.integers(0, 5, 20_001)
    codes = random.normal(size=(20_001, 6)) * (0.15 + 0.2 * heap[:, None]) + random.normal(size=(5, 6))[heap]
    exact = np.concatenate(list(density(codes.astype(np.float32))))
    monkeypatch.setattr("trainer.analysis.fields.MANY", 20_000)
    off = np.concatenate(list(density(codes.astype(np.float32)))) - exact
    assert 0.02 < off.std() < 0.25, "the estimate itself is off by 0.3"
    assert abs(off.mean()) < 0.03
    assert exact.std() > 1


def test_of_many_codes_of_many_dimensions_so_it_is_too(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    heap = random.integers(0, 5, 6000)
    width = np.array([1e-4, 0.15, 0.35, 0.55, 0.75])[heap, None]  # the first a heap of which 32 bits see no distances
    codes = (random.normal(size=(6000, 16)) * width + 3 * random.normal(size=(5, 16))[heap]).astype(np.float32)
    codes[7] = np.nan
    exact = np.concatenate(list(density(codes)))
    monkeypatch.setattr("trainer.analysis.fields.MOST_EXACT", 5000)
    found = np.concatenate(list(density(codes)))
    assert np.isnan(found[7]) and np.isnan(exact[7])
    off = np.delete(found - exact, 7)
    assert off.max() < 0.01, "a neighbour is never taken for nearer than it is"
    assert 0 < off.std() < 0.15 and abs(off.mean()) < 0.05
    assert off[np.delete(heap, 7) == 0] == pytest.approx(0, abs=1e-6)
    assert np.nanstd(exact) > 1


def test_a_density_is_known_wherever_it_can_be() -> None:
    codes = np.zeros((30, 2), np.float32)
    assert np.isnan(np.concatenate(list(density(codes)))).all(), "all in one place"
    codes[20:] = RANDOM.normal(size=(10, 2))
    codes[5] = np.nan
    found = np.concatenate(list(density(codes)))
    assert np.isnan(found[5]) and np.isfinite(np.delete(found, 5)).all()
    assert found[0] > found[20:].max()
    assert np.isnan(np.concatenate(list(density(np.ones((1, 2), np.float32))))).all(), "no other"
    assert np.isfinite(np.concatenate(list(density(np.array([[0.0], [1.0]], np.float32))))).all()


class Painter:
    """Decodes a latent point as an even image of its first number, plus its class."""

    def decode(self, z: ArrayLike, condition: ArrayLike | None = None) -> NDArray[np.uint8]:
        level = np.asarray(z)[:, 0] + (0 if condition is None else 10 * np.asarray(condition).argmax(axis=1))
        return np.broadcast_to(level[:, None, None, None], (len(level), 4, 4, 1)).astype(np.uint8)

    def decode_tokens(self, tokens: ArrayLike) -> NDArray[np.uint8]:
        return np.asarray(tokens).astype(np.uint8)[..., None]


def file_of(family: str, codes: Codes) -> ModelFile:
    config = make_config({"data": "digits", "family": family, "epochs": 1})
    return ModelFile(config, (4, 4, 1), ("a", "b"), {}, codes)


def test_the_error_is_that_of_each_images_own_code() -> None:
    mean = np.array([[0, 0], [51, 0], [np.nan, 0], [255, 0]], np.float32)
    codes = Codes(mean)
    images = np.zeros((9, 4, 4, 1), np.uint8)
    images[3] = 255
    found = np.concatenate(list(errors_in_parts(Painter(), file_of("vae", codes), codes, images)))
    assert found == pytest.approx([0, 0.04, math.nan, 0], nan_ok=True)


def test_the_error_of_a_conditional_model_is_that_under_the_images_class() -> None:
    codes = Codes(np.array([[5, 0], [5, 0]], np.float32), None, np.array([0, 1]))
    images = np.full((2, 4, 4, 1), 5, np.uint8)
    found = np.concatenate(list(errors_in_parts(Painter(), file_of("conditional-vae", codes), codes, images)))
    assert found == pytest.approx([0, (10 / 255) ** 2])


def test_the_error_with_a_codebook_is_that_of_the_images_grid() -> None:
    tokens = RANDOM.integers(0, 200, (150, 4, 4)).astype(np.int16)
    codes = Codes(np.zeros((150, 2), np.float32), None, None, tokens)
    images = tokens.astype(np.uint8)[..., None] + np.uint8(51)
    parts = list(errors_in_parts(Painter(), file_of("vq-vae", codes), codes, images))
    assert len(parts) > 1 and np.concatenate(parts) == pytest.approx(np.full(150, 0.04))


def test_names_find_their_fields() -> None:
    assert [field_named(field.name) for field in FIELDS] == list(FIELDS)
    assert field_named("class") is None and len({field.name for field in FIELDS}) == len(FIELDS)

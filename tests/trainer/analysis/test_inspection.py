"""What encoded images have in common, against independent implementations."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from trainer.analysis import inspection
from trainer.analysis.inspection import (
    class_counts,
    distances,
    kl,
    mean_image_steps,
    nearest_in_pixels_steps,
    squared_errors,
)
from trainer.files import Codes
from trainer.models.vae import kl_per_dimension

RANDOM = np.random.default_rng(3)


def result(steps: Any) -> Any:
    done = list(steps)
    shares = [share for share, _ in done]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert all(given is None for _, given in done[:-1])
    return done[-1][1]


def test_the_kl_is_the_models_own() -> None:
    mean, logvar = RANDOM.normal(size=(2, 9, 3)).astype(np.float32)
    index = np.array([0, 4, 8])
    expected = kl_per_dimension(torch.tensor(mean), torch.tensor(logvar)).sum(1).numpy()[index]
    found = kl(Codes(mean, logvar), index)
    assert found is not None
    assert np.allclose(found, expected, atol=1e-5)
    assert kl(Codes(mean), index) is None


def test_labels_below_zero_are_of_no_class() -> None:
    labels = np.array([2, 0, -1, 2, 1])
    assert class_counts(labels, np.array([0, 2, 3])).tolist() == [0, 0, 2]
    assert class_counts(labels, np.array([], np.intp)).tolist() == []


def test_distances_are_euclidean() -> None:
    codes = Codes(np.array([[0, 0], [3, 4], [1, 0]], np.float32))
    assert distances(codes, np.array([1, 2]), [0, 0]).tolist() == [5, 1]


def test_errors_are_in_units_of_the_whole_range() -> None:
    images = np.array([[[[0], [255]]], [[[10], [10]]]], np.uint8)
    assert squared_errors(images, images[:1]).tolist() == pytest.approx([0, (10**2 + 245**2) / 2 / 255**2])


@pytest.mark.parametrize("channels", [1, 3])
def test_the_mean_image_is_that_of_all_steps(channels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "STEP_VALUES", 40)
    images = RANDOM.integers(0, 256, (23, 3, 4, channels), np.uint8)
    index = np.array([0, 1, 5, 7, 20, 22])
    assert np.array_equal(result(mean_image_steps(images, index)), np.round(images[index].mean(axis=0)))


@given(st.integers(2, 30), st.integers(1, 40), st.integers(0, 2**31))
def test_the_nearest_in_pixels_are_those_of_a_full_sort(count: int, wanted: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    images = random.integers(0, 256, (count, 2, 3, 1), np.uint8)
    of = int(random.integers(count))
    found, errors = result(nearest_in_pixels_steps(images, of, wanted))
    every = ((images.astype(float) - images[of]) ** 2).mean(axis=(1, 2, 3)) / 255**2
    every[of] = np.inf
    expected = np.sort(every)[: min(wanted, count - 1)]
    assert of not in found
    assert len(set(found.tolist())) == len(expected)
    assert np.allclose(errors, expected, rtol=1e-5)
    assert np.allclose(every[found], expected, rtol=1e-5)


def test_one_image_alone_has_no_neighbours() -> None:
    found, errors = result(nearest_in_pixels_steps(np.zeros((1, 2, 2, 1), np.uint8), 0, 7))
    assert len(found) == len(errors) == 0

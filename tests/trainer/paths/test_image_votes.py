"""The class of a decoded image, by the real images that are most like it."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from trainer.codec import Codec
from trainer.files import read_model
from trainer.paths.around import surroundings
from trainer.paths.image_votes import ImageVotes

Array = NDArray[np.float64]


def squares(count: int = 200) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images of 6 × 6, bright at the foot (class 0), on the left (1) or at the top (2), with noise."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 3
    images = random.integers(0, 60, (count, 6, 6, 1)).astype(np.uint8)
    images[labels == 1, :, :3] += 180
    images[labels == 2, :3] += 180
    images[labels == 0, 3:] += 180
    return images, labels.astype(np.int64)


def decode(z: Array) -> NDArray[np.float32]:
    """From bright on the left at 0 to bright at the top at 1."""
    images = np.zeros((len(z), 6, 6, 1), np.float32)
    images[:, :, :3] += (0.8 * (1 - z[:, 0]))[:, None, None, None]
    images[:, :3] += (0.8 * z[:, 0])[:, None, None, None]
    return images.reshape(len(z), -1)


def test_the_class_changes_where_the_image_does() -> None:
    images, labels = squares()
    votes = ImageVotes.of(decode, images, labels, 4)
    assert votes is not None
    shares = votes.shares(np.linspace(0, 1, 101)[:, None])
    assert shares.shape == (101, 4)
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert (shares >= 0).all()
    assert shares[0].argmax() == 1
    assert shares[-1].argmax() == 2
    assert np.abs(np.diff(shares, axis=0)).max() < 0.5  # nothing jumps
    darker = ImageVotes.of(lambda z: 0.1 * decode(z), images, labels, 4)
    assert darker is not None
    assert np.allclose(darker.shares(np.array([[0.3]])), votes.shares(np.array([[0.3]])), atol=1e-3)


@pytest.mark.parametrize("few", [1, 5])
def test_few_images_all_have_a_vote(few: int) -> None:
    images, labels = squares(few)
    votes = ImageVotes.of(decode, images, labels, 3)
    assert votes is not None
    assert np.allclose(votes.shares(np.array([[0.0], [0.5]])).sum(axis=1), 1, atol=1e-5)


def test_images_without_a_class_have_none() -> None:
    images, labels = squares()
    assert ImageVotes.of(decode, images, np.full(len(labels), -1), 3) is None
    some = ImageVotes.of(decode, images, np.where(labels == 2, -1, labels), 3)
    assert some is not None
    assert not some.shares(np.array([[1.0]]))[0, 2]


def test_of_many_images_some_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainer.paths.image_votes.MOST_VALUES", 36 * 50)
    images, labels = squares()
    votes = ImageVotes.of(decode, images, labels, 3)
    assert votes is not None
    assert len(votes.images) <= 50
    assert votes.shares(np.array([[0.0]]))[0].argmax() == 1


def test_reconstructions_of_the_shipped_model_are_of_the_class_of_their_code(data_folder: Path) -> None:
    """Nearly all of those in the middle of a class are, by votes that know of no model."""
    from trainer.data import load_dataset

    file = read_model(Path(__file__).parents[3] / "assets" / "mnist-vae-2d.safetensors")
    codes = file.codes
    assert codes is not None
    assert codes.labels is not None
    around = surroundings(Codec.from_file(file), codes)
    assert around.decode is not None
    votes = ImageVotes.of(around.decode, load_dataset("mnist").test_images, codes.labels, 10)
    assert votes is not None
    middles = np.stack([np.median(codes.mean[codes.labels == label], axis=0) for label in range(10)])
    shares = votes.shares(middles.astype(float))
    assert (shares.argmax(axis=1) == np.arange(10)).sum() >= 8

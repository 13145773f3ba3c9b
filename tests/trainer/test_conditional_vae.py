"""The conditional VAE: it keeps to the class that is asked for, gains by knowing it, and can be resumed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from fitting import final, same, small, train
from sklearn.linear_model import LogisticRegression

from trainer.codec import Codec
from trainer.conditions import pure
from trainer.data import Dataset
from trainer.errors import ConfigError, ModelFileError
from trainer.evaluate import evaluate
from trainer.events import Failed
from trainer.files import ModelFile
from trainer.fit import fit
from trainer.models.base import Batch
from trainer.models.build import build_model, load_model
from trainer.run import create_run, open_run

CONDITIONAL = small(family="conditional-vae", hidden=(128, 64), epochs=40)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, digits: Dataset) -> ModelFile:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    run, _ = train(tmp_path_factory.mktemp("conditional") / "run", CONDITIONAL, digits)
    torch.set_num_threads(threads)
    return final(run)


def test_the_class_that_is_asked_for_is_recognised(trained: ModelFile, digits: Dataset) -> None:
    """By a classifier that has seen real images only."""
    judge = LogisticRegression(max_iter=2000).fit(flat(digits.train_images), digits.train_labels)
    labels = np.arange(500) % 10
    z = np.random.default_rng(0).standard_normal((500, 2))
    images = Codec.from_file(trained).decode(z, np.eye(10)[labels])
    assert (judge.predict(flat(images)) == labels).mean() > 0.95


def test_the_class_that_explains_an_image_best_is_mostly_its_own(trained: ModelFile, digits: Dataset) -> None:
    found = Codec.from_file(trained).classify(digits.test_images)
    assert (found == digits.test_labels).mean() > 0.9


def test_to_know_the_class_is_worth_nats(tmp_path: Path, trained: ModelFile, digits: Dataset) -> None:
    blind = CONDITIONAL.model_copy(update={"family": "vae"})
    run, _ = train(tmp_path / "blind", blind, digits)
    assert trained.figures["negative_elbo"] < final(run).figures["negative_elbo"] - 1


def test_another_class_costs_more(trained: ModelFile, digits: Dataset) -> None:
    assert digits.test_labels is not None
    model = load_model(trained)
    right = evaluate(model, digits.test_images, digits.test_labels).figures["negative_elbo"]
    wrong = evaluate(model, digits.test_images, (digits.test_labels + 1) % 10).figures["negative_elbo"]
    assert right == pytest.approx(trained.figures["negative_elbo"], rel=1e-5)
    assert wrong > right + 3


def test_a_mixture_lies_between_its_classes(trained: ModelFile) -> None:
    codec, z = Codec.from_file(trained), np.zeros((1, 2))
    three, eight = codec.decode(z, pure(3, 10)), codec.decode(z, pure(8, 10))
    half = codec.decode(z, 0.5 * pure(3, 10) + 0.5 * pure(8, 10))
    distance = np.abs(three.astype(float) - eight).sum()
    assert 0 < np.abs(half.astype(float) - three).sum() < distance
    assert 0 < np.abs(half.astype(float) - eight).sum() < distance


def test_one_condition_for_all_is_the_same_as_one_for_each(trained: ModelFile) -> None:
    codec, z = Codec.from_file(trained), np.random.default_rng(0).standard_normal((6, 2))
    each = np.repeat(pure(4, 10)[None], 6, axis=0)
    assert np.array_equal(codec.decode(z, pure(4, 10)), codec.decode(z, each))
    codec._batch = 4
    assert np.array_equal(codec.decode(z, pure(4, 10)), codec.decode(z, each))
    images = codec.decode(z, each)
    assert np.array_equal(codec.encode(images, pure(4, 10))[0], codec.encode(images, each)[0])


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (None, "say which class"),
        (pure(0, 9), "10 classes"),
        (np.zeros(10), "not all 0"),
        (np.full(10, np.nan), "finite"),
        (np.eye(10)[:2], "one for each of 3; there are 2"),
    ],
)
def test_a_condition_that_does_not_go_with_the_model(trained: ModelFile, condition: object, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Codec.from_file(trained).decode(np.zeros((3, 2)), condition)


def test_no_class_can_be_asked_of_another_family() -> None:
    codec = Codec(build_model(small(), (8, 8, 1), classes=10))
    with pytest.raises(ConfigError, match="not conditional"):
        codec.decode(np.zeros((1, 2)), pure(0, 10))
    with pytest.raises(ConfigError, match="not conditional"):
        codec.classify(np.zeros((1, 8, 8, 1), np.uint8))


@pytest.mark.parametrize("network", ["mlp", "conv"])
@pytest.mark.parametrize("latent", [2, 8])
def test_z_and_class_both_reach_the_image_and_gradients_reach_the_overlay(network: str, latent: int) -> None:
    model = build_model(CONDITIONAL.model_copy(update={"network": network, "latent": latent}), (8, 8, 1), classes=3)
    x, condition = torch.rand(6, 1, 8, 8), torch.eye(3).repeat(2, 1)
    model.loss(Batch(x, condition), torch.Generator().manual_seed(0)).total.backward()
    assert all(bool((part.abs() > 0).any()) for part in model.overlay.grad)  # type: ignore[union-attr,operator]
    z = torch.zeros(1, latent)
    with torch.no_grad():
        assert not torch.allclose(model.decode(z, condition[:1]), model.decode(z, condition[1:2]), atol=1e-3)
        assert not torch.allclose(model.decode(z, condition[:1]), model.decode(z + 1, condition[:1]), atol=1e-4)


@pytest.mark.parametrize("network", ["mlp", "conv"])
def test_a_run_that_was_cut_off_ends_as_if_it_had_not_been(
    tmp_path: Path, digits: Dataset, often: None, network: str
) -> None:
    config = small(family="conditional-vae", network=network, epochs=2)
    whole, _ = train(tmp_path / "whole", config, digits)
    run = create_run(tmp_path / "cut", config)
    for stop_after in (5, 13):
        worker = fit(config, digits, run, continue_from_checkpoint=True)
        next(event for event in worker if event.step >= stop_after)
        worker.close()
    list(fit(config, digits, open_run(run.folder), continue_from_checkpoint=True))
    assert same(final(whole), final(run))


def test_without_labels_it_fails_before_training(tmp_path: Path, digits: Dataset) -> None:
    bare = replace(digits, train_labels=None, test_labels=None, class_names=())
    run = create_run(tmp_path / "run", CONDITIONAL)
    events = []
    with pytest.raises(ConfigError, match="learns from labels"):
        events += fit(CONDITIONAL, bare, run)
    assert not list(run.snapshots_folder.glob("*"))


def test_without_labels_of_the_test_images_it_fails_before_training(tmp_path: Path, digits: Dataset) -> None:
    worker = fit(CONDITIONAL, replace(digits, test_labels=None), create_run(tmp_path / "run", CONDITIONAL))
    assert isinstance(next(worker), Failed)
    with pytest.raises(ConfigError, match="learns from labels"):
        next(worker)


def test_it_is_not_measured_on_images_of_other_classes(trained: ModelFile, digits: Dataset) -> None:
    model = load_model(trained)
    with pytest.raises(ConfigError, match="has no labels"):
        evaluate(model, digits.test_images)
    with pytest.raises(ConfigError, match="has the label 10"):
        evaluate(model, digits.test_images, np.full(len(digits.test_images), 10))


def test_a_file_without_classes_is_refused(trained: ModelFile) -> None:
    with pytest.raises(ModelFileError, match="there are no classes"):
        load_model(replace(trained, class_names=()))


def flat(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / 255

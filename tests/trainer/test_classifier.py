"""The classifier of real images in its file: what it says, where it lies, and what is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from commands import call, refused
from safetensors.numpy import save

from trainer.classifier import (
    HEADER_KEY,
    ImageClassifier,
    place_of,
    read_classifier,
    suits,
    train_image_classifier,
    write_classifier,
)
from trainer.data.dataset import Dataset
from trainer.errors import DataError, ModelFileError, OutputError
from trainer.measures import recognition
from trainer.paths.image_classes import ImageClasses


@pytest.fixture
def classifier(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> ImageClassifier:
    monkeypatch.setattr(recognition, "STEPS", 60)
    return train_image_classifier(digits)


def unit(images: np.ndarray) -> np.ndarray:
    return images.reshape(len(images), -1) / np.float32(255)


def test_it_says_the_class_and_is_the_same_when_read_again(
    classifier: ImageClassifier, digits: Dataset, tmp_path: Path
) -> None:
    shares = classifier.shares(unit(digits.test_images))
    assert shares.shape == (len(digits.test_images), 10)
    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    right = float((shares.argmax(axis=1) == digits.test_labels).mean())
    assert right == pytest.approx(classifier.accuracy)
    assert right > 0.85
    place = tmp_path / "new" / "one.safetensors"
    write_classifier(place, classifier)
    again = read_classifier(place)
    assert (again.accuracy, again.classes) == (classifier.accuracy, 10)
    assert np.array_equal(again.shares(unit(digits.test_images)), shares)
    along = ImageClasses(lambda z: unit(digits.test_images)[z[:, 0].astype(int)], again)
    assert np.allclose(along.shares(np.arange(300.0)[:, None]), shares[:300], atol=1e-5)


def test_each_content_has_a_place_of_its_own(digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENTSCOPE_HOME", str(tmp_path))
    place = place_of(digits)
    assert place.parent == tmp_path / "classifiers"
    assert place.name.startswith("digits-")
    assert place_of(replace(digits, name="digits")) == place
    assert digits.train_labels is not None
    assert place_of(replace(digits, train_labels=digits.train_labels[::-1])) != place
    assert place_of(replace(digits, test_images=255 - digits.test_images)) != place
    strange = place_of(replace(digits, name="../../etc/ä b.npz")).name
    assert strange.startswith("b-")


def test_data_without_classes_has_none(digits: Dataset, tmp_path: Path) -> None:
    bare = replace(digits, train_labels=None, test_labels=None, class_names=())
    assert suits(digits)
    assert not suits(bare)
    with pytest.raises(DataError, match="no classes"):
        train_image_classifier(bare)
    assert digits.train_labels is not None
    few = replace(digits, train_images=digits.train_images[:9], train_labels=digits.train_labels[:9])
    with pytest.raises(DataError, match="fewer than"):
        train_image_classifier(few)


def test_bad_files_are_refused(classifier: ImageClassifier, tmp_path: Path) -> None:
    place = tmp_path / "one.safetensors"
    good = {name: one.numpy() for name, one in classifier.network.state_dict().items()}
    header = {"format": 1, "image_shape": [8, 8, 1], "classes": 10, "accuracy": 0.9}
    bad = {
        "no classifier": (good, {HEADER_KEY: "{"}),
        "can read": (good, {HEADER_KEY: json.dumps(header | {"classes": 10**9})}),
        "does not hold the weights": (good, {HEADER_KEY: json.dumps(header | {"classes": 9})}),
        "not finite": (
            {name: one * np.float32("nan") if one.dtype == np.float32 else one for name, one in good.items()},
            {HEADER_KEY: json.dumps(header)},
        ),
    }
    for words, (tensors, metadata) in bad.items():
        place.write_bytes(save({name: np.asarray(one, order="C") for name, one in tensors.items()}, metadata))
        with pytest.raises(ModelFileError, match=words):
            read_classifier(place)
    place.write_bytes(b"\x80\x02pickle")
    with pytest.raises(ModelFileError, match="pickle"):
        read_classifier(place)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write_classifier(tmp_path / "file" / "one.safetensors", classifier)


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "STEPS", 20)
    monkeypatch.setenv("LATENTSCOPE_HOME", str(tmp_path))
    assert "test images" in call("classifier", "--data", "digits").stdout
    assert len(list((tmp_path / "classifiers").glob("digits-*.safetensors"))) == 1
    out = tmp_path / "mine.safetensors"
    call("classifier", "--data", "digits", "--out", out)
    assert read_classifier(out).classes == 10
    assert "no-such-data" in refused("classifier", "--data", "no-such-data")

import numpy as np
import pytest
import torch
from linear_gaussian import resident
from torch import Tensor

from trainer.data import Dataset
from trainer.measures import recognition
from trainer.measures.recognition import label_recognised, train_classifier
from trainer.models.base import LatentModel


@pytest.fixture
def classifier(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> tuple[torch.nn.Module, float]:
    monkeypatch.setattr(recognition, "STEPS", 100)
    assert digits.train_labels is not None
    assert digits.test_labels is not None
    train, test = resident(digits.train_images, digits.train_labels), resident(digits.test_images, digits.test_labels)
    return train_classifier(train, test, 10)


class Memory(torch.nn.Module):
    """A conditional "model" that shows a real digit of the class, or of the class behind it."""

    classes = 10

    def __init__(self, digits: Dataset, shift: int) -> None:
        super().__init__()
        self.config = type("Config", (), {"latent": 3})
        assert digits.train_labels is not None
        first = [int(np.argmax(digits.train_labels == label)) for label in range(10)]
        images = torch.from_numpy(digits.train_images[first]).permute(0, 3, 1, 2) / 255
        self.images = torch.nn.Parameter(images.roll(shift, 0))

    def decode(self, z: Tensor, condition: Tensor) -> Tensor:
        assert z.shape == (len(condition), 3)
        return (condition @ self.images.flatten(1)).view(-1, 1, 8, 8)


def test_the_classifier_knows_digits_and_says_how_well(classifier: tuple[torch.nn.Module, float]) -> None:
    assert 0.9 < classifier[1] <= 1


def test_labels_are_recognised_or_not(classifier: tuple[torch.nn.Module, float], digits: Dataset) -> None:
    models: list[LatentModel] = [Memory(digits, shift) for shift in (0, 1)]  # type: ignore[list-item]
    assert label_recognised(models[0], classifier[0]) >= 0.9
    assert label_recognised(models[1], classifier[0]) <= 0.1


@pytest.mark.parametrize("shape", [(8, 8, 1), (28, 28, 1), (32, 32, 3), (5, 40, 1), (1, 1, 3)])
def test_there_is_a_classifier_for_images_of_any_shape(shape: tuple[int, int, int]) -> None:
    network = recognition.classifier_network(shape, 7)
    assert network(torch.zeros((2, shape[2], *shape[:2]))).shape == (2, 7)

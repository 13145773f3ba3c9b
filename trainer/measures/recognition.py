"""Whether what a conditional model draws is what it was asked for: the verdict of a classifier of real images."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from trainer.batches import Batches, Split, one_hot, to_unit
from trainer.models.base import ImageShape, LatentModel

__all__ = ["SAMPLES", "label_recognised", "train_classifier"]

SAMPLES = 1_000  # images that the model is asked for
STEPS, BATCH, LEARNING_RATE = 600, 128, 4e-3  # 99.0 % of MNIST's test images
CHANNELS = (16, 32, 64)


@torch.inference_mode()
def label_recognised(model: LatentModel, classifier: nn.Module, *, samples: int = SAMPLES, seed: int = 0) -> float:
    """The part of so many decoded samples of the prior in which the classifier sees the class that was asked for.

    z ~ N(0, 1), the classes in turn. Read it beside the classifier's own accuracy on real images.
    """
    device = next(model.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    z = torch.randn((samples, model.config.latent), generator=generator, device=device)
    asked = torch.arange(samples, device=device) % model.classes
    right = 0
    for points, labels in zip(z.split(BATCH), asked.split(BATCH), strict=True):
        right += count_right(classifier, model.decode(points, one_hot(labels, model.classes)), labels)
    return right / samples


def train_classifier(
    train: Split, test: Split, classes: int, *, seed: int = 0, tell: Callable[[float], None] = lambda share: None
) -> tuple[nn.Module, float]:
    """A small convolutional classifier of real images, and the part of the test images that it gets right.

    Adam with a warm-up and a linear fall of the learning rate; the same seed gives the same classifier.
    """
    height, width, channels = train.images.shape[1:]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = classifier_network((height, width, channels), classes)
    device = train.images.device
    network.to(device)
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: min(1, (i + 1) / 50) * max(0.01, 1 - i / STEPS))
    batches = Batches(train, BATCH, seed)
    assert train.labels is not None
    assert test.labels is not None
    for step in range(STEPS):
        tell(step / STEPS)
        rows = batches.rows(step)
        loss = F.cross_entropy(network(to_unit(train.images[rows])), train.labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    network.eval().requires_grad_(False)
    right = 0
    for rows in torch.arange(len(test), device=device).split(8 * BATCH):
        right += count_right(network, to_unit(test.images[rows]), test.labels[rows])
    return network, right / len(test)


def classifier_network(shape: ImageShape, classes: int) -> nn.Module:
    """Two or three convolutions, each halving the image, and a dense layer."""
    height, width, inputs = shape
    layers: list[nn.Module] = []
    for channels in CHANNELS[: 3 if min(height, width) > 16 else 2]:
        layers += [
            nn.Conv2d(inputs, channels, 3, padding=1),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
        ]
        inputs, height, width = channels, math.ceil(height / 2), math.ceil(width / 2)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(inputs * height * width, classes))


def count_right(classifier: nn.Module, images: Tensor, labels: Tensor) -> int:
    return int((classifier(images).argmax(1) == labels).sum())

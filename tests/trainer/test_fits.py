"""A recipe that cannot work on a data set is refused before anything is computed."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trainer.config import make_config
from trainer.data import Dataset
from trainer.errors import ConfigError
from trainer.events import Failed
from trainer.fit import fit
from trainer.models import LIKELIHOODS, is_density, unit
from trainer.models.build import make_likelihood
from trainer.models.fits import Traits, check_fits, traits
from trainer.run import create_run, status

GREY = Traits(train_images=1000, channels=1, labelled=True, black_and_white=False, all_alike=False)


def data(images: np.ndarray, labelled: bool = True) -> Dataset:
    labels = np.arange(len(images)) % 2 if labelled else None
    return Dataset("test", images, images, labels, labels, ("a", "b") if labelled else ())


@pytest.mark.parametrize("likelihood", LIKELIHOODS.names())
def test_the_table_knows_what_the_likelihood_is(likelihood: str) -> None:
    made = make_config({"epochs": 1, "likelihood": likelihood})
    assert is_density(made) == make_likelihood(made).density
    assert unit(made) == ("nats per image (density)" if is_density(made) else "nats per image")


def test_it_needs_no_torch() -> None:
    code = "import sys, trainer.models.fits, trainer.models; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_traits_are_those_of_the_whole_of_the_training_images() -> None:
    images = np.zeros((3000, 4, 4, 1), np.uint8)
    assert traits(data(images)) == Traits(3000, 1, True, True, True)
    images[2999, 3, 3, 0] = 255
    assert traits(data(images)) == Traits(3000, 1, True, True, False)
    images[2998, 0, 0, 0] = 7
    assert traits(data(images, labelled=False)) == Traits(3000, 1, False, False, False)
    assert traits(data(np.full((2, 4, 4, 3), 9, np.uint8))) == Traits(2, 3, True, False, True)


@pytest.mark.parametrize(
    ("settings", "bad", "match"),
    [
        ({"binarize": True}, {"channels": 3}, "these images are in colour"),
        ({"likelihood": "continuous-bernoulli"}, {"black_and_white": True}, "pure black and white.*choose Bernoulli"),
        ({"likelihood": "optimal-gaussian"}, {"black_and_white": True}, "pure black and white.*choose Bernoulli"),
        ({"likelihood": "optimal-gaussian"}, {"all_alike": True}, "All images are the same"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    settings: dict[str, object], bad: dict[str, object], match: str
) -> None:
    asked = make_config({"epochs": 1, **settings})
    check_fits(asked, GREY)
    with pytest.raises(ConfigError, match=match) as caught:
        check_fits(asked, replace(GREY, **bad))
    assert str(caught.value).endswith(".")


def test_a_training_that_does_not_fit_fails_before_its_first_step(tmp_path: Path) -> None:
    colour = data(np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), np.uint8))
    asked = make_config({"epochs": 1, "binarize": True})
    run = create_run(tmp_path / "run", asked)
    events = []
    with pytest.raises(ConfigError, match="in colour"):
        events.extend(fit(asked, colour, run))
    assert status(run) == "failed"
    assert not list(run.snapshots_folder.glob("*"))
    assert all(isinstance(event, Failed) for event in events)

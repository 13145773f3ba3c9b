from dataclasses import replace

import numpy as np
import pytest

from latentscope.words import class_name, figure, latent_text, left_out_text, model_text, signed
from trainer.files import Codes, ModelFile


def test_latent_points_are_written_with_a_real_minus() -> None:
    assert latent_text([0.567, -0.1]) == "z = (+0.57, −0.10)"
    assert latent_text(range(6)) == "z = (+0.00, +1.00, +2.00, +3.00, … 2 more)"
    assert latent_text(range(8), limit=2, axes=(6, 3)) == "z₆ +6.00, z₃ +3.00, … 6 more"
    assert latent_text(range(2), limit=2, axes=(1, 0)) == "z = (+0.00, +1.00)", "all of it is there"


def test_a_class_without_a_name_is_its_number() -> None:
    assert class_name(("cat", "dog"), 1) == "dog"
    assert class_name((), 7) == "7"
    assert class_name(("cat",), -1) == "-1"


def test_figures() -> None:
    assert figure(-1234.56) == "−1,234.6"


def test_a_model_in_one_line(model_file: ModelFile) -> None:
    assert model_text(model_file) == "90 test points of Digits 8×8 · 2-D VAE · −ELBO 12.3 nats"
    alone = replace(model_file, codes=Codes(np.zeros((1, 2), np.float32)))
    assert model_text(alone).startswith("1 test point of Digits")
    config = model_file.config.model_copy(update={"family": "autoencoder", "latent": 8})
    auto = replace(model_file, config=config, codes=None, figures={"mse": 0.0123})
    assert model_text(auto) == "8-D autoencoder · reconstruction error 0.0123"
    beta = replace(model_file, config=model_file.config.model_copy(update={"beta": 4.0}))
    assert "2-D β-VAE, β = 4" in model_text(beta)


def test_codes_that_are_left_out_are_counted_in_words() -> None:
    mean = np.zeros((4, 2), np.float32)
    assert left_out_text(None) == left_out_text(Codes(mean.copy())) == ""
    mean[0] = np.nan
    assert left_out_text(Codes(mean.copy())) == "1 of 4 codes is not a number and is left out"
    mean[1, 1] = np.inf
    assert left_out_text(Codes(mean.copy())) == "2 of 4 codes are not numbers and are left out"
    mean[:] = np.nan
    assert left_out_text(Codes(mean)) == "none of the 4 codes is a number, so that there are no points"


@pytest.mark.parametrize(("value", "text"), [(-0.004, "+0.00"), (0.0, "+0.00"), (-0.006, "−0.01"), (1.239, "+1.24")])
def test_nothing_has_no_minus(value: float, text: str) -> None:
    assert signed(value) == text

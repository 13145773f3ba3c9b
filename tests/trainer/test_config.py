import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from trainer.config import Config, limits, make_config
from trainer.data import SOURCES
from trainer.errors import ConfigError
from trainer.models import FAMILIES, LIKELIHOODS, NETWORKS, QUANTIZERS


def test_the_defaults_make_a_run() -> None:
    config = make_config({"seconds": 60})
    assert (config.data, config.family, config.latent, config.beta) == ("digits", "vae", 2, 1.0)


@given(
    latent=st.integers(1, 512),
    hidden=st.none() | st.lists(st.integers(1, 8192), min_size=1, max_size=8),
    beta=st.floats(0, 1000),
    budget=st.one_of(
        st.floats(0, 30 * 86400, exclude_min=True).map(lambda x: {"seconds": x}),
        st.integers(1, 10**6).map(lambda x: {"epochs": x}),
    ),
    names=st.tuples(
        *(st.sampled_from(table.names()) for table in (SOURCES, FAMILIES, NETWORKS, LIKELIHOODS)),
    ),
)
def test_a_config_survives_json(latent: int, hidden: Any, beta: float, budget: dict[str, Any], names: Any) -> None:
    data, family, network, likelihood = names
    settings = {"latent": latent, "hidden": hidden, "beta": beta, "data": data, "network": network} | budget
    config = make_config({**settings, "family": family, "likelihood": likelihood})
    assert make_config(json.loads(config.model_dump_json())) == config
    assert hash(config) == hash(make_config(config.model_dump()))


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        make_config({"seconds": 1}).latent = 3


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "Give a budget, either in seconds or in epochs."),
        ({"seconds": 1, "epochs": 1}, "not both."),
        ({"seconds": 0}, "Time must be greater than 0, and is 0."),
        ({"seconds": float("nan")}, "Time must be a finite number, and is nan."),
        ({"seconds": 10**9}, "Time must be less than or equal to 2592000"),
        ({"epochs": 1.5}, "Epochs must be a valid integer"),
        ({"epochs": "many"}, "Epochs must be a valid integer, and is 'many'."),
        ({"seconds": 1, "latent": 0}, "Latent dimension must be greater than or equal to 1, and is 0."),
        ({"seconds": 1, "latent": 10**30}, "Latent dimension must be less than or equal to 512"),
        ({"seconds": 1, "beta": -1}, "β must be greater than or equal to 0, and is -1."),
        ({"seconds": 1, "hidden": []}, "Layer widths: Give 1 to 8 layer widths (now [])."),
        ({"seconds": 1, "hidden": [8] * 9}, "Give 1 to 8 layer widths"),
        ({"seconds": 1, "hidden": [10**6]}, "Every layer width must lie between 1 and 8192"),
        (
            {"seconds": 1, "family": "gan"},
            "Family: There is no family 'gan'; choose one of vae, conditional-vae, autoencoder, vq-vae.",
        ),
        ({"seconds": 1, "network": "u-net"}, "There is no network 'u-net'"),
        ({"seconds": 1, "likelihood": "poisson"}, "There is no likelihood 'poisson'"),
        (
            {"seconds": 1, "data": "cats"},
            "There is no data set 'cats'; choose one of digits, mnist, fashion-mnist, cifar10, or",
        ),
        ({"seconds": 1, "device": "abacus"}, "Device must be one of auto, cpu, cuda, cuda:1, mps, and is 'abacus'."),
        ({"seconds": 1, "precision": "int4"}, "Precision must be 'auto', 'float32' or 'bfloat16', and is 'int4'."),
        ({"seconds": 1, "reconstruction": False, "beta": 0}, "there must be a KL term"),
        ({"seconds": 1, "reconstruction": False, "family": "autoencoder"}, "there must be a KL term"),
        ({"seconds": 1, "magic": True}, "There is no setting 'magic'."),
    ],
)
def test_what_is_wrong_is_said_in_words(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_config(settings)
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")


def test_each_fault_has_its_sentence() -> None:
    with pytest.raises(ConfigError, match=r"^Latent dimension must be .*\. Batch size must be .*\.$"):
        make_config({"seconds": 1, "latent": 0, "batch": 0})


@pytest.mark.parametrize("key", ["data", "family", "device", "latent", "hidden", "x" * 10_000])
def test_a_huge_value_does_not_make_a_huge_message(key: str) -> None:
    for value in ("y" * 10_000, [10**9] * 10_000):
        with pytest.raises(ConfigError) as caught:
            make_config({"seconds": 1, key: value})
        assert len(str(caught.value)) < 400


def test_a_path_is_a_data_set() -> None:
    assert make_config({"seconds": 1, "data": "/a/b/My Cats.NPZ"}).data == "/a/b/My Cats.NPZ"


def test_limits() -> None:
    assert limits("latent") == (1, 512)
    assert limits("seconds") == (0, 30 * 86400)
    assert limits("family") == (None, None)


def test_every_setting_can_be_shown_in_a_form() -> None:
    tables = {"family": FAMILIES, "network": NETWORKS, "likelihood": LIKELIHOODS, "quantizer": QUANTIZERS}
    for name, field in Config.model_fields.items():
        assert field.title
        assert field.description
        assert field.description.endswith(".")
        assert isinstance(field.json_schema_extra, dict)
        assert field.json_schema_extra["group"] in {"Data", "Model", "Codebook", "Loss", "Budget", "Optimiser"}
        if name in tables:
            assert field.json_schema_extra["choices"] == tables[name].names()
        families = field.json_schema_extra.get("families", [])
        assert isinstance(families, list)
        assert set(families) <= {*FAMILIES.names(), "conditional-vae", "vq-vae"}

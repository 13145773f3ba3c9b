"""The command line in this process, and models for it to work with."""

from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from trainer.codec import Codec
from trainer.config import make_config
from trainer.console import app
from trainer.data import load_dataset
from trainer.files import Codes, ModelFile, write_model
from trainer.models.build import build_model

__all__ = ["call", "make_model", "refused"]


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments: object) -> str:
    """The one sentence with which a command is refused."""
    result = call(*arguments)
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    [sentence] = result.stderr.splitlines()
    assert sentence.endswith(".")
    return sentence


def make_model(path: Path, **settings: Any) -> Path:
    """An untrained model of the digits' shape, which does for everything but good pictures."""
    config = make_config({"epochs": 1, "hidden": [16], **settings})
    images = load_dataset("digits").test_images
    model = build_model(config, (8, 8, 1)).eval()
    mean, logvar = Codec(model).encode(images)
    weights = {name: weight.numpy() for name, weight in model.state_dict().items()}
    write_model(path, ModelFile(config, (8, 8, 1), tuple("0123456789"), weights, Codes(mean, logvar)))
    return path

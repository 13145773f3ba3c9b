"""Presets: settings by name, which anything given beside them wins over."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from trainer.config import make_config
from trainer.console import app
from trainer.errors import ConfigError
from trainer.presets import PRESETS, preset_settings
from trainer.run import open_run, read_config


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_makes_a_config(name: str) -> None:
    config = make_config(preset_settings(name))
    assert config.seconds == PRESETS[name].settings["seconds"]
    preset_settings(name)["seconds"] = 1  # a copy
    assert make_config(preset_settings(name)) == config


def test_an_unknown_preset_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(ConfigError, match="no preset 'great'; choose one of quick, good, best"):
        preset_settings("great")


def test_what_is_given_wins_over_a_preset_and_a_preset_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trainer.console.training.work", lambda *arguments: None)
    settings = tmp_path / "settings.json"
    settings.write_text('{"epochs": 3, "latent": 5, "learning_rate": 0.01}')

    def config_of(*options: str) -> dict[str, object]:
        folder = tmp_path / "-".join(options).replace("/", "")
        result = CliRunner().invoke(app, ["fit", "--config", str(settings), "--out", str(folder), *options])
        assert result.exit_code == 0, result.output
        return read_config(open_run(folder)).model_dump()

    best = config_of("--preset", "best")
    assert (best["seconds"], best["epochs"], best["latent"], best["learning_rate"]) == (600, None, 5, 0.01)
    own = config_of("--preset", "best", "--epochs", "2", "--learning-rate", "0.03")
    assert (own["seconds"], own["epochs"], own["learning_rate"]) == (None, 2, 0.03)


def test_the_command_line_refuses_an_unknown_preset(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["fit", "--preset", "great", "--out", str(tmp_path / "run")])
    assert result.exit_code == 1
    assert not (tmp_path / "run").exists()

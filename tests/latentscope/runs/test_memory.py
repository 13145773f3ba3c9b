"""What the run form remembers."""

from pathlib import Path

from latentscope.runs.memory import MAX_SPEEDS, known_speed, last_config, longer, remember_config, remember_speed
from latentscope.settings import Settings
from trainer.config import make_config


def test_settings_are_remembered_over_a_restart(qapp: object, tmp_path: Path) -> None:
    config = make_config({"data": "digits", "epochs": 7, "hidden": [64, 32], "beta": 0.5, "family": "vae"})
    settings = Settings(tmp_path / "settings.ini")
    remember_config(settings, config)
    settings.save()
    assert last_config(Settings(tmp_path / "settings.ini")) == config


def test_speeds_are_known_for_like_trainings(qapp: object, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    config = make_config({"data": "mnist", "seconds": 60})
    assert known_speed(settings, config) is None
    remember_speed(settings, config, 31_000.4)
    assert known_speed(settings, make_config({"data": "mnist", "epochs": 3, "latent": 8})) == 31_000
    assert known_speed(settings, make_config({"data": "mnist", "seconds": 60, "network": "conv"})) is None
    settings.set_text("training/speeds", "[1, 2")
    assert known_speed(settings, config) is None


def test_only_the_newest_speeds_are_kept(qapp: object, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    configs = [make_config({"data": "digits", "seconds": 1, "batch": batch}) for batch in range(1, MAX_SPEEDS + 3)]
    for config in configs:
        remember_speed(settings, config, 100)
    assert [known_speed(settings, config) for config in (configs[1], configs[2])] == [None, 100]


def test_twice_the_budget() -> None:
    assert longer(make_config({"data": "digits", "seconds": 60, "seed": 4})).seconds == 120
    assert longer(make_config({"data": "digits", "epochs": 30})).epochs == 60
    assert longer(make_config({"data": "digits", "epochs": 900_000})).epochs == 1_000_000

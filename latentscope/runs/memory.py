"""What the run form remembers between two starts: the last settings, and how fast this computer trains."""

import json
from pathlib import Path
from typing import Any

from latentscope.settings import Settings
from trainer.config import Config, limits, make_config
from trainer.data import SOURCES, is_at_hand
from trainer.errors import ConfigError

__all__ = [
    "default_config",
    "default_seconds",
    "known_speed",
    "last_config",
    "longer",
    "remember_config",
    "remember_speed",
]

CONFIG_KEY = "training/config"
SPEEDS_KEY = "training/speeds"
MAX_SPEEDS = 50


def default_seconds(data: str) -> float:
    """Long enough for a map that is worth looking at: the 1,797 small digits are learnt soon."""
    return 20.0 if data == "digits" else 60.0


def default_config() -> Config:
    """MNIST where it is at hand, else the digits that come with the program."""
    data = "mnist" if is_at_hand("mnist") else "digits"
    return make_config({"data": data, "seconds": default_seconds(data)})


def longer(config: Config) -> Config:
    """The same with twice the budget, as far as the limits allow."""
    name = "seconds" if config.seconds is not None else "epochs"
    most = limits(name)[1]
    doubled = 2 * getattr(config, name)
    return config.model_copy(update={name: doubled if most is None else min(doubled, type(doubled)(most))})


def last_config(settings: Settings) -> Config:
    """The settings that were used last; the defaults where there are none, or their data set is gone."""
    try:
        config = make_config(_object(settings.text(CONFIG_KEY)))
    except ConfigError:
        return default_config()
    return config if config.data in SOURCES or Path(config.data).is_file() else default_config()


def remember_config(settings: Settings, config: Config) -> None:
    settings.set_text(CONFIG_KEY, config.model_dump_json())


def known_speed(settings: Settings, config: Config) -> float | None:
    """Images a second, as a training with the same network on this computer went."""
    speed = _object(settings.text(SPEEDS_KEY)).get(_speed_key(config))
    return float(speed) if isinstance(speed, int | float) and speed > 0 else None


def remember_speed(settings: Settings, config: Config, images_per_second: float) -> None:
    speeds = _object(settings.text(SPEEDS_KEY))
    speeds.pop(_speed_key(config), None)
    speeds[_speed_key(config)] = round(images_per_second)
    newest = dict(list(speeds.items())[-MAX_SPEEDS:])
    settings.set_text(SPEEDS_KEY, json.dumps(newest))


def _speed_key(config: Config) -> str:
    """What the speed depends on most."""
    return " ".join(
        str(part)
        for part in (config.data, config.network, config.hidden, config.decoder_hidden, config.batch, config.device)
    )


def _object(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}

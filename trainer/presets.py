"""Settings that have proved good, by name: ``fit --preset good``, and the buttons of the form. Needs no torch."""

from dataclasses import dataclass
from typing import Any

from trainer.errors import ConfigError

__all__ = ["PRESETS", "Preset", "preset_settings"]


@dataclass(frozen=True)
class Preset:
    """Settings under a name, and what to expect of them. Any setting that is given beside a preset wins over it."""

    name: str
    title: str
    expect: str
    settings: dict[str, Any]


# The figures are medians of three seeds on two cores without a graphics card: see the README.
PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            "quick",
            "Quick",
            "20 seconds: every class has its place, and digits can be read.",
            {"seconds": 20.0},
        ),
        Preset(
            "good",
            "Good",
            "A minute: as good as published models of two dimensions.",
            {"seconds": 60.0},
        ),
        Preset(
            "best",
            "Best",
            "10 minutes: the last nats, for a model to keep; or for a large network.",
            {"seconds": 600.0},
        ),
    )
}


def preset_settings(name: str) -> dict[str, Any]:
    """The settings of a preset, a new dictionary. Raises ConfigError, naming what there is, for any other name."""
    try:
        return dict(PRESETS[name].settings)
    except KeyError:
        raise ConfigError(f"There is no preset '{name[:80]}'; choose one of {', '.join(PRESETS)}.") from None

"""Runs and configs in words for people: what is trained, how long, how it ended."""

import re
import time
from typing import Any

from latentscope.words import data_title
from trainer.config import Config

__all__ = [
    "count",
    "duration",
    "exact_duration",
    "family_title",
    "model_title",
    "parse_duration",
    "recipe",
    "telling_apart",
    "when",
]

UNITS = {"": 1, "s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86400}


def family_title(config: Config, beta: bool = True) -> str:
    """Such as "autoencoder", "VAE", and (with ``beta``, where it is not 1) "β-VAE (β = 4)"."""
    words = "VQ-VAE" if config.family == "vq-vae" else config.family.replace("-", " ").replace("vae", "VAE")
    return f"β-VAE (β = {config.beta:g})" if beta and words == "VAE" and config.beta != 1 else words


def model_title(config: Config) -> str:
    """Such as "2-D VAE on MNIST", "VQ-VAE of 512 codes on CIFAR-10"."""
    family = family_title(config)
    kind = f"{family} of {config.codes:,} codes" if config.family == "vq-vae" else f"{config.latent}-D {family}"
    return f"{kind} on {data_title(config.data)}"


def recipe(config: Config) -> str:
    """One line: what will be trained, and for how long."""
    if config.seconds is not None:
        return f"{model_title(config)}, {exact_duration(config.seconds)}"
    return f"{model_title(config)}, {count(config.epochs or 0, 'epoch')}"


def telling_apart(configs: list[Config]) -> list[str]:
    """What to call each of several configs beside the others: the settings in which they differ ("β = 4", "seed 2"),
    or where they do not, their model and a number."""
    settings = [config.model_dump() for config in configs]
    differing = [name for name in Config.model_fields if len({repr(values[name]) for values in settings}) > 1]
    names = []
    for values, config in zip(settings, configs, strict=True):
        parts = [_setting(name, values[name]) for name in differing]
        names.append(", ".join(part for part in parts if part) or model_title(config))
    return [
        f"{name} ({names[: number + 1].count(name)})" if names.count(name) > 1 else name
        for number, name in enumerate(names)
    ]


def _setting(name: str, value: Any) -> str:
    """A setting that tells two configs apart; empty where it is not what a person would say."""
    if value is None:
        return ""
    match name:
        case "data":
            return data_title(value)
        case "family":
            return str(value).replace("-", " ").replace("vae", "VAE")
        case "latent":
            return f"{value}-D"
        case "beta":
            return f"β = {value:g}"
        case "seconds":
            return exact_duration(value)
        case "epochs":
            return count(value, "epoch")
        case "hidden" | "decoder_hidden":
            return "-".join(map(str, value))
        case "learning_rate":
            return f"rate {value:g}"
        case "seed" | "batch":
            return f"{name} {value}"
    if isinstance(value, bool):
        return f"{'with' if value else 'no'} {name.replace('_', ' ')}"
    return f"{Config.model_fields[name].title} {value}" if isinstance(value, int | float) else str(value)


def count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def duration(seconds: float) -> str:
    """To the second below ten minutes, to the minute below ten hours: "48 s", "2 min 5 s", "1 h 20 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, rest = divmod(round(seconds / 60), 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"
    return f"{round(seconds / 86400)} days"


def exact_duration(seconds: float) -> str:
    """Such as "90 s", "2.5 s", "5 min", "1 h 30 min 5 s"; ``parse_duration`` reads it back."""
    if seconds <= 90:
        return f"{seconds:g} s"
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [(hours, "h"), (minutes, "min"), (round(rest, 3), "s")]
    return " ".join(f"{value:g} {unit}" for value, unit in parts if value)


def parse_duration(text: str) -> float | None:
    """Seconds from what people write: "90", "90 s", "1.5 min", "2h 30min"; None if it is no such thing."""
    parts = re.findall(r"\s*(\d+(?:[.,]\d+)?)\s*([a-z]*)", text.lower())
    if not parts or re.sub(r"\s*(\d+(?:[.,]\d+)?)\s*([a-z]*)", "", text.lower()).strip():
        return None
    total = 0.0
    for number, unit in parts:
        size = UNITS.get(unit) or UNITS.get(unit.removesuffix("s"))
        if size is None:
            return None
        total += float(number.replace(",", ".")) * size
    return total


def when(started: float | None, now: float | None = None) -> str:
    """A moment as people put it: "today 14:03", "yesterday 9:30", "12 Nov", "12 Nov 2025"."""
    if started is None:
        return ""
    then, today = time.localtime(started), time.localtime(now)
    clock = f"{then.tm_hour}:{then.tm_min:02d}"
    if then[:3] == today[:3]:
        return f"today {clock}"
    if then[:3] == time.localtime(time.mktime(today) - 86400)[:3]:
        return f"yesterday {clock}"
    date = f"{then.tm_mday} {time.strftime('%b', then)}"
    return date if then.tm_year == today.tm_year else f"{date} {then.tm_year}"

"""Runs and configs in words for people: what is trained, how long, how it ended."""

import time

from latentscope.words import data_title
from trainer.config import Config

__all__ = ["count", "duration", "family_title", "model_title", "recipe", "when"]


def family_title(config: Config) -> str:
    words = config.family.replace("-", " ").replace("vae", "VAE")
    return f"β-VAE (β = {config.beta:g})" if words == "VAE" and config.beta != 1 else words


def model_title(config: Config) -> str:
    """Such as "2-D VAE on MNIST"."""
    return f"{config.latent}-D {family_title(config)} on {data_title(config.data)}"


def recipe(config: Config) -> str:
    """One line: what will be trained, and for how long."""
    if config.seconds is not None:
        return f"{model_title(config)}, {duration(config.seconds)}"
    return f"{model_title(config)}, {count(config.epochs or 0, 'epoch')}"


def count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def duration(seconds: float) -> str:
    """To the second below ten minutes, to the minute below ten hours: "48 s", "2 min 5 s", "1 h 20 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.2g} s" if seconds < 1 else f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, rest = divmod(round(seconds / 60), 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"
    return f"{round(seconds / 86400)} days"


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

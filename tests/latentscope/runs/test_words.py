"""Runs in words: durations, dates and recipes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentscope.runs.words import (
    count,
    duration,
    exact_duration,
    model_title,
    parse_duration,
    recipe,
    telling_apart,
    when,
)
from trainer.config import make_config


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (725, "12 min"),
        (4800, "1 h 20 min"),
        (11 * 3600 + 1200, "11 h"),
        (5 * 86400, "5 days"),
    ],
)
def test_durations_are_rounded_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@given(st.integers(1, 30 * 86400 * 1000).map(lambda milliseconds: milliseconds / 1000))
def test_an_exact_duration_is_read_back(seconds: float) -> None:
    assert parse_duration(exact_duration(seconds)) == pytest.approx(seconds, rel=1e-5, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1,5 min", 90), ("2 h", 7200), ("1 day", 86400), ("3 minutes 4 secs", 184), ("5M", 300)],
)
def test_durations_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs", "-5", "5 min later", "1..5 s"])
def test_what_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


def test_moments() -> None:
    now = time.mktime((2026, 11, 20, 15, 0, 0, 0, 0, -1))
    assert when(time.mktime((2026, 11, 20, 9, 5, 0, 0, 0, -1)), now) == "today 9:05"
    assert when(time.mktime((2026, 11, 19, 23, 59, 0, 0, 0, -1)), now) == "yesterday 23:59"
    assert when(time.mktime((2026, 3, 2, 9, 5, 0, 0, 0, -1)), now).startswith("2 ")
    assert when(time.mktime((2025, 12, 24, 9, 5, 0, 0, 0, -1)), now).endswith(" 2025")
    assert when(None) == ""


def test_recipes() -> None:
    assert recipe(make_config({"data": "mnist", "seconds": 60})) == "2-D VAE on MNIST, 60 s"
    beta = make_config({"data": "/tmp/faces.npz", "latent": 32, "beta": 4, "epochs": 1})
    assert recipe(beta) == "32-D β-VAE (β = 4) on faces.npz, 1 epoch"
    assert model_title(make_config({"family": "autoencoder", "epochs": 1})) == "2-D autoencoder on Digits 8×8"
    assert count(1200, "epoch") == "1,200 epochs"


def test_configs_are_told_apart_by_what_differs() -> None:
    def told(*settings: dict[str, object]) -> list[str]:
        return telling_apart([make_config({"data": "digits", "epochs": 1} | one) for one in settings])

    assert told({"beta": 0.25}, {"beta": 4}) == ["β = 0.25", "β = 4"]
    assert told({"family": "autoencoder"}, {}) == ["autoencoder", "VAE"]
    assert told({"latent": 2, "seed": 1}, {"latent": 8, "seed": 1}) == ["2-D", "8-D"]
    assert told({"hidden": [512, 256]}, {"seed": 3}) == ["512-256, seed 0", "seed 3"]
    assert told({"reconstruction": False}, {}) == ["no reconstruction", "with reconstruction"]
    assert told({}, {}, {"seed": 1}) == ["seed 0 (1)", "seed 0 (2)", "seed 1"]
    assert told({}, {}) == ["2-D VAE on Digits 8×8 (1)", "2-D VAE on Digits 8×8 (2)"]
    assert told({}) == ["2-D VAE on Digits 8×8"]
    assert told({"data": "mnist", "epochs": 3}, {"epochs": None, "seconds": 90}) == [
        "MNIST, 3 epochs",
        "Digits 8×8, 90 s",
    ]

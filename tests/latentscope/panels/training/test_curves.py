"""The loss curves: what range they show, and that they are drawn where they should be."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from latentscope.panels.axes import nice_step, sensible_range, thinned
from latentscope.panels.training.curves import CurvesView
from latentscope.runs.history import History
from latentscope.theme import DARK, LIGHT
from trainer.events import Snapshot, Step


def history_of(values: list[float], tests: list[float], kl: float | None = 5.0) -> History:
    history = History()
    for i, value in enumerate(values):
        history.add([Step(i + 1, 0.1, (i + 1) / 10, value, kl, value, 1e-3, 1000.0, 0.5, 1.0)])
    for i, value in enumerate(tests):
        seconds = (i + 1) * len(values) / len(tests) / 10
        history.add([Snapshot(i + 1, seconds, "x", value, kl, None if kl is None else value + kl)])
    return history


def count_of(image: QImage, colour: str) -> int:
    wanted = QColor(colour).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


def test_the_first_fall_does_not_flatten_the_rest() -> None:
    train = np.concatenate([[550, 400, 300], np.linspace(180, 140, 97)])
    low, high = sensible_range(train, np.array([545.0, 160, 150, 141]))
    assert 130 < low < 140
    assert 160 < high < 200


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.lists(st.floats(-1e6, 1e6), max_size=5))
def test_a_range_is_never_empty(train: list[float], test: list[float]) -> None:
    low, high = sensible_range(np.array(train), np.array(test))
    assert math.isfinite(low)
    assert low < high


@given(st.floats(1e-6, 1e9), st.integers(2, 10))
def test_steps_are_round_and_few(span: float, most: int) -> None:
    step = nice_step(span, most)
    assert span / step <= most * (1 + 1e-6)
    assert f"{step:.0e}"[0] in "125"


def test_thinning_keeps_the_shape_and_the_end() -> None:
    seconds = np.arange(10_001.0)
    x, y = thinned(seconds, np.sin(seconds / 1000), 200)
    assert len(x) <= 201
    assert (x[-1], y[-1]) == (10_000, np.sin(10))
    np.testing.assert_allclose(y, np.sin(x / 1000), atol=1e-3)


def test_curves_are_drawn_in_both_themes(qtbot: QtBot) -> None:
    view = CurvesView(DARK)
    qtbot.addWidget(view)
    view.resize(320, 180)
    nothing = view.grab().toImage()
    view.show_history(history_of(np.linspace(200, 140, 50).tolist(), [180.0, 150.0, 141.0]), "negative_elbo")
    for theme in (DARK, LIGHT):
        view.set_theme(theme)
        image = view.grab().toImage()
        assert count_of(image, theme.accent) > 30, "the line of the training images"
        assert count_of(image, theme.warning) > 20, "the dots of the test images"
    assert count_of(nothing, DARK.accent) == 0
    assert view.accessibleDescription() == "train 145.0, test 146.0 nats per image"


def test_what_an_autoencoder_does_not_have_is_not_drawn(qtbot: QtBot) -> None:
    view = CurvesView(DARK)
    qtbot.addWidget(view)
    view.resize(320, 180)
    view.show_history(history_of([20.0, 18.0], [19.0], kl=None), "kl")
    assert count_of(view.grab().toImage(), DARK.accent) == 0


@pytest.mark.parametrize("values", [[7.0], [7.0, 7.0, 7.0], [1e12, -1e12], [1e-9, 2e-9]])
def test_odd_curves_are_drawn(qtbot: QtBot, values: list[float]) -> None:
    view = CurvesView(DARK)
    qtbot.addWidget(view)
    view.resize(200, 120)
    view.show_history(history_of(values, values), "reconstruction")
    assert count_of(view.grab().toImage(), DARK.warning) > 0


def test_the_mouse_reads_a_value(qtbot: QtBot) -> None:
    view = CurvesView(DARK)
    qtbot.addWidget(view)
    view.resize(320, 180)
    view.show()
    view.show_history(history_of(np.linspace(200, 140, 50).tolist(), [180.0, 150.0, 141.0]), "negative_elbo")
    before = view.grab().toImage()
    qtbot.mouseMove(view, QPoint(100, 90))
    qtbot.waitUntil(lambda: view.grab().toImage() != before)

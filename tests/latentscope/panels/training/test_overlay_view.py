"""Several curves in one picture: what is painted, and what the mouse reads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from latentscope.panels.training.overlay_view import OverlayView, value_at
from latentscope.runs.overlay import MOST, Line, Lines
from latentscope.theme import DARK, LIGHT, Theme, class_colours


def line(place: int, values: list[float], last: float = 60.0, name: str = "") -> Line:
    return Line(name or f"β = {place}", place, np.linspace(1.0, last, len(values)), np.array(values, float))


def lines(*several: Line) -> Lines:
    return Lines(list(several), "nats per image", "")


def count_of(image: QImage, theme: Theme, place: int) -> int:
    wanted = QColor(*class_colours(MOST, theme)[place]).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


@pytest.fixture
def view(qtbot: QtBot) -> OverlayView:
    view = OverlayView(DARK)
    qtbot.addWidget(view)
    view.resize(340, 180)
    view.show()
    return view


def test_each_run_has_its_colour_in_both_themes(view: OverlayView) -> None:
    falling = np.linspace(200, 140, 30)
    view.show_lines(lines(*(line(place, (falling + 5 * place).tolist()) for place in (0, 3, 7))), epochs=False)
    for theme in (DARK, LIGHT):
        view.set_theme(theme)
        image = view.grab().toImage()
        assert all(count_of(image, theme, place) > 15 for place in (0, 3, 7))
        assert count_of(image, theme, 5) == 0
    assert view.accessibleDescription() == "β = 0 140.0, β = 3 155.0, β = 7 175.0 nats per image"


def test_the_mouse_reads_all_values_there(qtbot: QtBot, view: OverlayView) -> None:
    view.show_lines(lines(line(0, [10.0, 20.0], 61.0), line(1, [5.0, 7.0], 20.0)), epochs=True)
    view.grab()
    assert view.read_out() == [("β = 0", "20.0"), ("β = 1", "7.0")]
    before = view.grab().toImage()
    qtbot.mouseMove(view, QPoint(view.width() // 2, 90))
    qtbot.waitUntil(lambda: view.grab().toImage() != before)
    (_, first), second = view.read_out()
    assert 13 < float(first) < 17, "between its two points"
    assert second == ("β = 1", "–"), "this run was shorter"


@given(st.floats(-10, 30))
def test_a_value_lies_between_its_neighbours(x: float) -> None:
    one = Line("a", 0, np.array([0.0, 10.0, 10.0, 20.0]), np.array([4.0, 3.0, 2.0, 1.0]))
    value = value_at(one, x)
    assert (value is None) == (not 0 <= x <= 20)
    assert value is None or 1 <= value <= 4
    assert value_at(Line("b", 0, np.array([5.0]), np.array([7.0])), 5.0) == 7.0


@pytest.mark.parametrize(
    "several",
    [
        [],
        [line(0, [7.0])],
        [line(0, [7.0, 7.0], name="a very long name " * 20)],
        [line(place, [1e12, -1e12]) for place in range(MOST)],
        [line(0, [1e-9, 2e-9], last=1e-6)],
        [line(0, [3.0, 2.0], last=1e7)],
    ],
)
@pytest.mark.parametrize("size", [(180, 64), (340, 180), (1600, 900)])
@pytest.mark.parametrize("epochs", [False, True])
def test_odd_curves_and_sizes_are_drawn(
    view: OverlayView, several: list[Line], size: tuple[int, int], epochs: bool
) -> None:
    view.resize(*size)
    empty = view.grab().toImage()
    view.show_lines(lines(*several), epochs)
    assert (view.grab().toImage() != empty) == bool(several)

"""A time to train is typed as people write it, and stepped through round ones."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from latentscope.panels.training.budget_field import DurationEdit


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("5 min", 300), ("1h 30 min", 5400), ("2.5 s", 2.5)])
def test_a_time_is_typed_as_people_write_it(qtbot: QtBot, text: str, seconds: float) -> None:
    field = DurationEdit(86400)
    qtbot.addWidget(field)
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == seconds


def test_a_time_is_stepped_through_round_ones(qtbot: QtBot) -> None:
    field = DurationEdit(86400)
    qtbot.addWidget(field)
    field.set_value(47)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "60 s"
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.text() == "2 min"
    field.stepBy(-3)
    assert field.text() == "20 s"

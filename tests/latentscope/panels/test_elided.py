"""Texts that have no room."""

import pytest
from PySide6.QtWidgets import QStyle
from pytestqt.qtbot import QtBot

from latentscope.panels.elided import ElidedLabel
from latentscope.window.boxes import ComboBox


def test_the_longest_text_that_fits_is_shown(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    texts = ("2,756 of 10,000 · 28 %", "2,756 · 28 %", "2,756")
    label.setText(*texts)
    for text in texts:
        label.resize(label.fontMetrics().horizontalAdvance(text) + 1, 20)
        assert label.shown() == text
    label.resize(label.fontMetrics().horizontalAdvance("2,7…") + 1, 20)
    assert label.shown().endswith("…")
    assert label.toolTip() == texts[0], "all of it is in the tool tip"
    label.setText("another")
    label.resize(10, 20)
    assert "2" not in label.shown()


def test_a_choice_is_cut_short_between_letters_and_its_end_is_seen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = ComboBox()
    qtbot.addWidget(box)
    box.addItem("Class with a very long name, number 17")
    box.resize(140, 28)
    painted: list[str] = []
    draw = box.style().drawControl
    label = QStyle.ControlElement.CE_ComboBoxLabel
    monkeypatch.setattr(
        "latentscope.window.boxes.QStylePainter.drawControl",
        lambda _, element, option: painted.append(option.currentText) if element == label else draw,
    )
    box.grab()
    assert painted[0].startswith("Class") and painted[0].endswith("17") and "…" in painted[0]

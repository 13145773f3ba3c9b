"""A row of frames: what of it is painted, and what mouse and keys say."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.panels.film.frames import FrameRow
from latentscope.theme import DARK, LIGHT

LEFT = Qt.MouseButton.LeftButton


def pictures(count: int, height: int = 8, width: int = 8) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (count, height, width, 1), np.uint8)


@pytest.fixture
def row(qtbot: QtBot) -> FrameRow:
    row = FrameRow(DARK, "Frames of a test")
    qtbot.addWidget(row)
    row.set_room(600)
    row.resize(600, 72)
    with qtbot.waitExposed(row):
        row.show()
    return row


def middle(row: FrameRow, frame: int) -> QPoint:
    return row.frame_rect(frame).center().toPoint()


def test_it_shows_pictures_and_is_as_wide_as_they_need(row: FrameRow) -> None:
    shown = pictures(5)
    row.show_pictures(shown)
    assert np.array_equal(row.pictures, shown)
    assert row.frame_rect(4).right() < 600
    assert row.frame_rect(0).height() == 64
    assert row.accessibleDescription() == "5 frames"
    row.show_pictures(pictures(11))
    assert row.frame_rect(10).right() < 600, "somewhat smaller, and all are in sight"
    assert 44 < row.frame_rect(0).height() < 50
    row.show_pictures(pictures(100))
    assert row.minimumWidth() >= row.frame_rect(99).right()
    assert row.frame_rect(0).height() == 64
    row.show_pictures(pictures(3, height=8, width=16))
    assert row.frame_rect(0).width() == 2 * row.frame_rect(0).height()
    row.show_pictures(None)
    assert len(row) == 0
    assert row.pictures is None
    assert row.frame_at(10) == -1


def test_frames_come_one_by_one_and_what_was_there_stays_meanwhile(row: FrameRow) -> None:
    row.show_count(3)
    assert row.pictures is None
    shown = pictures(3)
    row.put([2, 0], shown[[2, 0]])
    assert row.pictures is None
    row.grab()
    row.put([1], shown[[1]])
    assert np.array_equal(row.pictures, shown)
    row.show_count(5)
    assert np.array_equal(row.pictures, shown[[0, 0, 1, 2, 2]])


def test_only_what_is_in_sight_is_enlarged(row: FrameRow, monkeypatch: pytest.MonkeyPatch) -> None:
    from latentscope.panels.film import frames

    asked: list[np.ndarray] = []
    together = frames.enlarged_together
    monkeypatch.setattr(
        frames, "enlarged_together", lambda pictures, *args: asked.extend(pictures) or together(pictures, *args)
    )
    row.show_pictures(pictures(1000))
    row.grab(row.rect().adjusted(0, 0, 600 - row.width(), 0))
    assert 8 <= len(asked) <= 10
    row.grab(row.rect().adjusted(0, 0, 600 - row.width(), 0))
    assert len(asked) <= 10
    row.put([0], pictures(1))
    row.grab(row.rect().adjusted(0, 0, 600 - row.width(), 0))
    assert len(asked) <= 11


def test_clicks_and_pulls_are_told_apart(row: FrameRow) -> None:
    row.show_pictures(pictures(6))
    chosen: list[int] = []
    pulled: list[float] = []
    row.chosen.connect(chosen.append)
    row.dragged.connect(pulled.append)
    QTest.mouseClick(row, LEFT, pos=middle(row, 2))
    assert chosen == [2]
    QTest.mousePress(row, LEFT, pos=middle(row, 4))
    for step in (3, 15, 40):
        QTest.mouseMove(row, middle(row, 4) - QPoint(step, 0))
    QTest.mouseRelease(row, LEFT, pos=middle(row, 4) - QPoint(40, 0))
    assert chosen == [2]
    assert sum(pulled) == -40
    QTest.mouseClick(row, Qt.MouseButton.RightButton, pos=middle(row, 2))
    assert chosen == [2]


def test_the_mouse_points_at_frames_and_leaves(row: FrameRow) -> None:
    row.show_pictures(pictures(6))
    pointed: list[int] = []
    row.pointed.connect(pointed.append)
    for frame in (0, 1, 1, 5):
        QTest.mouseMove(row, middle(row, frame))
    QTest.mouseMove(row, QPoint(590, 30))
    assert pointed == [0, 1, 5, -1]


def test_keys_step_and_stay_within(row: FrameRow) -> None:
    row.show_pictures(pictures(30))
    row.chosen.connect(row.set_current)
    keys = Qt.Key
    for key, frame in (
        (keys.Key_Left, 0), (keys.Key_Right, 1), (keys.Key_PageDown, 11), (keys.Key_End, 29), (keys.Key_Right, 29),
        (keys.Key_PageUp, 19), (keys.Key_Home, 0),
    ):  # fmt: skip
        QTest.keyClick(row, key)
        assert row.current == frame
    assert row.accessibleDescription() == "30 frames, frame 1 is shown"


def test_what_is_marked_is_painted(row: FrameRow) -> None:
    row.show_pictures(np.zeros((4, 8, 8, 3), np.uint8))

    def look(theme: object = None) -> bytes:
        image = row.grab().toImage()
        return bytes(image.constBits())

    seen = [look()]
    row.set_current(1)
    seen.append(look())
    row.set_pinned(2)
    seen.append(look())
    row.set_captions({0: "real", 3: "a long word that does not fit"})
    seen.append(look())
    row.set_theme(LIGHT)
    seen.append(look())
    assert len(set(seen)) == len(seen)
    row.show_count(2)
    assert row.current == 1
    assert row.pinned is None
    row.show_count(0)
    assert row.current is None

"""A hand on a bare map: real mouse events at places of the map, in map units."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from latentscope.map.view import MapView

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
Place = tuple[float, float]


def pixel(view: MapView, place: Place) -> QPoint:
    x, y = view.camera.to_pixel(place)
    return QPoint(round(x), round(y))


def press(view: MapView, place: Place, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mousePress(view, button, keys, pixel(view, place))


def move(view: MapView, place: Place) -> None:
    QTest.mouseMove(view, pixel(view, place))


def hover(view: MapView, place: Place) -> None:
    """Move the mouse with no button held. Sent straight to the map: QTest goes by way of the platform's own cursor,
    whose events of the tests before may come in between."""
    where = pixel(view, place)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(where),
        QPointF(view.mapToGlobal(where)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        PLAIN,
    )
    QApplication.sendEvent(view, event)


def release(view: MapView, place: Place, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mouseRelease(view, button, keys, pixel(view, place))


def drag(view: MapView, *places: Place, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = PLAIN) -> None:
    press(view, places[0], button, keys)
    for place in places[1:]:
        move(view, place)
    release(view, places[-1], button, keys)


def turn(view: MapView, notches: float, where: QPoint, scrolled: int = 0) -> None:
    event = QWheelEvent(
        QPointF(where),
        QPointF(view.mapToGlobal(where)),
        QPoint(0, scrolled),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        PLAIN,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def near(place: Place | np.ndarray) -> object:
    """A pixel is about 0.02 units wide here."""
    return pytest.approx(tuple(place), abs=0.02)


def waypoints(view: MapView) -> list[Place]:
    path = view.workspace.pathing.current
    assert path is not None
    return [(z[0], z[1]) for z in path.waypoints]


def click(view: MapView, place: Place, keys: Qt.KeyboardModifier = PLAIN) -> None:
    QTest.mouseClick(view, LEFT, keys, pixel(view, place))


def double_click(view: MapView, place: Place) -> None:
    click(view, place)
    QTest.mouseDClick(view, LEFT, PLAIN, pixel(view, place))

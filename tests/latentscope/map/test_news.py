from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from latentscope.map.news import News
from latentscope.map.view import MapView
from latentscope.state.workspace import Workspace

ShowMap = Callable[..., MapView]


class Layer(QObject):
    changed = Signal()


@pytest.mark.parametrize(("moving", "at_once"), [(False, 2), (True, 0)])
def test_what_has_come_is_shown_at_once_unless_the_camera_moves(qtbot: QtBot, moving: bool, at_once: int) -> None:
    layers, shown = (Layer(), Layer()), []
    news = News(layers, lambda: moving, lambda: shown.append(1))
    for layer in layers:
        layer.changed.emit()
    assert len(shown) == at_once
    qtbot.waitUntil(news.is_settled)
    assert len(shown) == (at_once or 1), "in time, even where no further move comes"


def test_a_move_shows_what_came_before_it_and_nothing_comes_after(qtbot: QtBot) -> None:
    layer, shown = Layer(), []
    news = News([layer], lambda: True, lambda: shown.append(1))
    layer.changed.emit()
    news.are_shown()
    assert news.is_settled()
    qtbot.wait(50)
    assert not shown


def test_while_the_camera_moves_the_map_is_composed_once_a_move(
    qtbot: QtBot, open_workspace: Workspace, show_map: ShowMap
) -> None:
    view = show_map(open_workspace)
    before = view.base.composed
    for _ in range(5):
        view.looking.zoom_by(1.02)
        for part in (view.atlas, view.points):
            part.changed.emit()  # a step of a fade, a picture of points
        qtbot.wait(1)
        view.atlas.changed.emit()
    qtbot.waitUntil(lambda: view.base.composed >= before + 5)
    assert view.base.composed == before + 5
    qtbot.waitUntil(view.is_settled)

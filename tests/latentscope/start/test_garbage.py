"""The collector: off while the window is there, run by a timer instead, and given back at the end."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from latentscope.start.garbage import Garbage


@pytest.fixture
def garbage(qapp: object) -> Iterator[Garbage]:
    made = Garbage()
    yield made
    made.close()


class Cycle:
    def __init__(self) -> None:
        self.me = self


def test_no_thread_collects_by_itself(garbage: Garbage) -> None:
    assert not gc.isenabled()
    where: list[str] = []
    gc.callbacks.append(lambda phase, _info: where.append(phase))
    try:
        thread = threading.Thread(target=lambda: [Cycle() for _ in range(20_000)])
        thread.start()
        thread.join()
    finally:
        gc.callbacks.pop()
    assert where == []


def test_a_tick_collects_what_is_due(garbage: Garbage) -> None:
    garbage.freeze()
    cycle = weakref.ref(Cycle())
    assert cycle() is not None
    crowd = [[] for _ in range(2 * gc.get_threshold()[0])]
    assert garbage.tick() is not None
    assert cycle() is None
    assert garbage.tick() is None  # nothing new
    assert len(crowd) > 0


def test_the_timer_ticks(qtbot: QtBot, garbage: Garbage) -> None:
    garbage.freeze()
    cycle = weakref.ref(Cycle())
    crowd = [[] for _ in range(2 * gc.get_threshold()[0])]
    qtbot.waitUntil(lambda: cycle() is None)
    assert crowd


def test_frozen_objects_are_looked_at_no_more_until_the_end(qapp: object) -> None:
    garbage = Garbage()
    garbage.freeze()
    assert gc.get_freeze_count() > 1000
    garbage.close()
    assert gc.get_freeze_count() == 0
    assert gc.isenabled()

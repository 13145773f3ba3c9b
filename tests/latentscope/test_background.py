"""Only the latest job of a key counts, and everything comes back on the GUI thread."""

import threading
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from latentscope.background import Background


def unexpected(error: Exception) -> None:
    raise error


def test_a_result_comes_back_on_the_gui_thread(qtbot: QtBot, background: Background) -> None:
    seen: list[tuple[str, int]] = []
    background.submit(
        "key",
        lambda: threading.current_thread().name,
        lambda name: seen.append((name, threading.get_ident())),
        unexpected,
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [("test", threading.get_ident())]
    assert not background.busy()


def test_only_the_latest_of_a_key_is_delivered_and_the_skipped_are_not_run(
    qtbot: QtBot, background: Background
) -> None:
    gate = threading.Event()
    run: list[int] = []
    delivered: list[int] = []

    def work(i: int) -> int:
        gate.wait(10)
        run.append(i)
        return i

    for i in range(10):
        background.submit("key", lambda i=i: work(i), delivered.append, unexpected)
    gate.set()
    qtbot.waitUntil(lambda: not background.busy())
    assert delivered == [9]
    # The first may have begun before the second came; all between are never run.
    assert run in ([9], [0, 9])


def test_other_keys_are_left_alone(qtbot: QtBot, background: Background) -> None:
    delivered: list[str] = []
    for key in "abc":
        background.submit(key, lambda key=key: key, delivered.append, unexpected)
    qtbot.waitUntil(lambda: not background.busy())
    assert delivered == ["a", "b", "c"]


def test_between_results_that_take_long_to_show_the_window_has_its_turn(
    qtbot: QtBot, background: Background, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1000))  # a second passes whenever somebody looks
    monkeypatch.setattr("latentscope.background.time", SimpleNamespace(perf_counter=lambda: next(clock)))
    told: list[str] = []

    def deliver(key: str) -> None:
        told.append(key)
        QTimer.singleShot(0, lambda: told.append("window"))

    done = threading.Event()
    for key in "ab":
        background.submit(key, lambda key=key: key, deliver, unexpected)
    background.submit("last", done.set, lambda _: None, unexpected)
    done.wait(10)  # both results are there at once
    qtbot.waitUntil(lambda: told.count("window") == 2)
    assert told == ["a", "window", "b", "window"]


def test_a_fault_reaches_who_asked(qtbot: QtBot, background: Background) -> None:
    faults: list[Exception] = []
    background.submit("key", lambda: 1 / 0, lambda _: None, faults.append)
    qtbot.waitUntil(lambda: bool(faults))
    assert isinstance(faults[0], ZeroDivisionError)
    delivered: list[int] = []
    background.submit("key", lambda: 1, delivered.append, unexpected)
    qtbot.waitUntil(lambda: delivered == [1])


def test_a_cancelled_job_is_not_delivered(qtbot: QtBot, background: Background) -> None:
    delivered: list[int] = []
    background.submit("key", lambda: 1, delivered.append, unexpected)
    background.cancel("key")
    qtbot.waitUntil(lambda: not background.busy())
    assert delivered == []


def test_close_waits_for_what_has_begun_and_drops_the_rest(qapp: object) -> None:
    background = Background("test")
    began, gate, done = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        began.set()
        gate.wait(10)
        done.set()

    background.submit("a", slow, lambda _: None, unexpected)
    began.wait(10)
    background.submit("b", lambda: 1 / 0, lambda _: None, unexpected)
    threading.Timer(0.05, gate.set).start()
    background.close()
    assert done.is_set()


def test_nothing_begins_after_close(qapp: object) -> None:
    background = Background("test")
    background.close()
    background.submit("a", lambda: 1 / 0, unexpected, unexpected)
    assert not background.busy()


def test_nothing_begins_while_it_is_held(qtbot: QtBot, background: Background) -> None:
    background.hold()
    delivered: list[int] = []
    background.submit("a", lambda: 1, delivered.append, unexpected)
    background.submit("b", lambda: 2, delivered.append, unexpected)
    qtbot.wait(30)
    assert background.busy()
    assert not delivered
    background.release()
    qtbot.waitUntil(lambda: delivered == [1, 2])


def test_it_can_be_closed_while_it_is_held(background: Background) -> None:
    background.hold()
    background.submit("a", lambda: 1, lambda _: None, unexpected)
    background.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "test"]

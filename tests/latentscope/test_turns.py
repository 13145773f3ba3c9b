"""What waits for its turn, so that nothing holds up the mouse for long."""

from PySide6.QtCore import QCoreApplication, QObject
from pytestqt.qtbot import QtBot

from latentscope.turns import Turn, Turns


def test_each_has_a_pass_of_its_own_and_comes_once(qtbot: QtBot) -> None:
    turns, told = Turns(), list[str]()
    first, second = (Turn(lambda name=name: told.append(name), turns) for name in ("first", "second"))
    for turn in (first, second, first):
        turn.ask()
    assert told == []
    assert turns.is_due()
    seen = []
    while turns.is_due():
        before = len(told)
        QCoreApplication.processEvents()
        seen.append(len(told) - before)
    assert max(seen) == 1
    assert told == ["first", "second"]
    assert not first.is_due


def test_while_the_probe_moves_one_is_taken_after_each_paint(qtbot: QtBot) -> None:
    turns, told = Turns(patience_ms=60_000), list[int]()
    turns.probe_painted()
    for number in range(3):
        Turn(lambda number=number: told.append(number), turns, turns).ask()
    for moved in range(3):
        turns.probe_painted()
        qtbot.waitUntil(lambda moved=moved: len(told) > moved)
        QCoreApplication.processEvents()
        assert len(told) == moved + 1, "the others wait for the next move"
    assert told == [0, 1, 2]


def test_when_the_probe_has_come_to_rest_the_others_follow(qtbot: QtBot) -> None:
    turns, told = Turns(patience_ms=10), list[int]()
    turns.probe_painted()
    for number in range(4):
        Turn(lambda number=number: told.append(number), turns, turns).ask()
    qtbot.waitUntil(lambda: told == [0, 1, 2, 3])
    assert not turns.is_due()


def test_it_may_be_taken_early_and_then_does_not_come_again(qtbot: QtBot) -> None:
    turns, told = Turns(), list[str]()
    turn = Turn(lambda: told.append("taken"), turns)
    turn.take()
    assert told == [], "nobody has asked for it"
    turn.ask()
    turn.take()
    assert told == ["taken"]
    qtbot.waitUntil(lambda: not turns.is_due())
    assert told == ["taken"]


def test_it_may_ask_for_another(qtbot: QtBot) -> None:
    turns, counted = Turns(), list[int]()

    def count() -> None:
        counted.append(len(counted))
        if len(counted) < 3:
            turn.ask()

    turn = Turn(count, turns)
    turn.ask()
    qtbot.waitUntil(lambda: len(counted) == 3 and not turns.is_due())


def test_one_that_is_gone_is_passed_over(qtbot: QtBot) -> None:
    turns, told, parent = Turns(), list[str](), QObject()
    Turn(lambda: told.append("gone"), turns, parent).ask()
    Turn(lambda: told.append("there"), turns, turns).ask()
    parent.deleteLater()
    qtbot.waitUntil(lambda: not turns.is_due())
    assert told == ["there"]

"""Runs that are trained one after the other: in what order, what holds them up, and what survives a restart."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pytestqt.qtbot import QtBot
from workers import OBEDIENT, worker

from latentscope.runs.queue import RunQueue, ordinal
from latentscope.runs.training import Training
from trainer.config import Config, make_config
from trainer.errors import RunError
from trainer.run import Run, read_group, send, status, summarise

WAIT_MS = 30_000
FINISHES = worker("begin(); train(1); log.append(Finished(1, 0.1, 'model.safetensors'))")
# By its seed: 1 fails, all else finishes.
FAILS_OR_FINISHES = worker(
    "begin()\nlog.append(Failed(0, 0.1, 'The disk is full.') if read_config(run).seed == 1"
    " else Finished(1, 0.1, 'model.safetensors'))"
)


def config(seed: int = 0) -> Config:
    return make_config({"data": "digits", "seconds": 60, "seed": seed})


class Queued:
    """A queue with its training; what it says is written down."""

    def __init__(self, root: Path, command: Callable[[Run], list[str]]) -> None:
        self.training = Training(root, command)
        self.queue = RunQueue(self.training)
        self.begun: list[Run] = []
        self.failures: list[str] = []
        self.training.started.connect(self.begun.append)
        self.training.failed.connect(self.failures.append)
        self.queue.failed.connect(self.failures.append)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def make(qtbot: QtBot, root: Path) -> Iterator[Callable[..., Queued]]:
    made: list[Queued] = []

    def open_queue(command: Callable[[Run], list[str]] = OBEDIENT) -> Queued:
        made.append(Queued(root, command))
        return made[-1]

    yield open_queue
    for one in made:
        one.training.close(0)
    assert not psutil.Process().children()


def wait_for(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=WAIT_MS)


def stop(qtbot: QtBot, queued: Queued, run: Run) -> None:
    wait_for(qtbot, lambda: queued.training.run == run and queued.training.state == "running")
    queued.training.stop()


def test_runs_are_trained_one_after_the_other(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make(FINISHES)
    runs = queued.queue.add([config(1), config(2), config(3)])
    assert queued.training.run == runs[0], "the first begins at once"
    assert queued.queue.runs == runs[1:]
    wait_for(qtbot, lambda: status(runs[2]) == "finished" and not queued.training.busy())
    assert queued.begun == runs
    assert [status(run) for run in runs] == ["finished"] * 3
    assert queued.queue.runs == []
    assert not queued.failures


def test_what_a_queued_run_is_called(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queue = make().queue
    first, second, third = queue.add([config(1), config(2), config(3)])
    assert [queue.words(run) for run in (first, second, third)] == ["", "queued, next", "queued, 2nd"]
    queue.hold()
    assert queue.words(third) == "queued, on hold"
    assert queue.all_held
    [late] = queue.add([config(4)])
    assert queue.words(late) == "queued, next", "only what was there is held"
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 111)] == (
        ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "111th"]
    )


def test_the_order_can_be_changed(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    queue = queued.queue
    first, second, third, fourth = queue.add([config(n) for n in range(4)])
    queue.move(fourth, -1)
    assert queue.runs == [second, fourth, third]
    queue.move(second, 99)
    assert queue.runs == [fourth, third, second]
    queue.move(fourth, -1)
    queue.move(first, 1)
    assert queue.runs == [fourth, third, second], "what is first stays first, what is not queued moves nothing"
    queue.remove(third)
    stop(qtbot, queued, first)
    stop(qtbot, queued, fourth)
    stop(qtbot, queued, second)
    wait_for(qtbot, lambda: not queued.training.busy())
    assert queued.begun == [first, fourth, second]
    assert status(third) == "new"


def test_a_run_that_fails_does_not_stop_the_queue(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make(FAILS_OR_FINISHES)
    runs = queued.queue.add([config(1), config(2)])
    wait_for(qtbot, lambda: status(runs[1]) == "finished")
    assert status(runs[0]) == "failed"
    assert queued.failures == ["The disk is full."]


def test_folders_that_vanish_or_break_are_said_and_left_out(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    first, gone, broken, last = queued.queue.add([config(n) for n in range(4)])
    shutil.rmtree(gone.folder)
    broken.config_path.write_text("{")
    stop(qtbot, queued, first)
    wait_for(qtbot, lambda: queued.training.run == last)
    there_is_none, is_damaged = queued.failures
    assert gone.folder.name in there_is_none
    assert "The queue goes on" in there_is_none
    assert "damaged" in is_damaged
    queued.training.stop()


def test_runs_that_are_gone_can_be_forgotten(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queue = make().queue
    _, gone, last = queue.add([config(n) for n in range(3)])
    shutil.rmtree(gone.folder)
    queue.forget_gone()
    assert queue.runs == [last]


def test_the_queue_outlives_the_window_and_waits(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    first, second, third, fourth = queued.queue.add([config(n) for n in range(4)])
    queued.queue.move(fourth, -2)
    wait_for(qtbot, lambda: queued.training.state == "running")
    queued.training.close()
    assert status(first) == "stopped"

    again = make(FINISHES)
    assert again.queue.runs == [fourth, second, third]
    assert again.queue.all_held
    qtbot.wait(100)
    assert not again.training.busy(), "nothing begins without the user's word"
    again.queue.go_on()
    wait_for(qtbot, lambda: status(third) == "finished" and not again.training.busy())
    assert again.begun == [fourth, second, third]
    assert make().queue.runs == []


def test_a_new_training_does_not_wake_what_is_held(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    first, held = queued.queue.add([config(1), config(2)])
    queued.queue.hold()
    stop(qtbot, queued, first)
    wait_for(qtbot, lambda: not queued.training.busy())
    [new] = queued.queue.add([config(3)])
    stop(qtbot, queued, new)
    wait_for(qtbot, lambda: not queued.training.busy())
    assert queued.begun == [first, new]
    assert queued.queue.runs == [held]


def test_stop_and_start_comes_before_the_queue(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    first, waiting = queued.queue.add([config(1), config(2)])
    wait_for(qtbot, lambda: queued.training.state == "running")
    urgent = queued.training.start(config(3), replace=True)
    stop(qtbot, queued, urgent)
    wait_for(qtbot, lambda: queued.training.run == waiting)
    assert queued.begun == [first, urgent, waiting]
    queued.training.stop()


def test_a_queued_run_can_be_begun_out_of_turn(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    first, second, third = queued.queue.add([config(n) for n in range(3)])
    wait_for(qtbot, lambda: queued.training.state == "running")
    queued.training.resume(third, replace=True)
    wait_for(qtbot, lambda: queued.training.run == third)
    assert queued.queue.runs == [second]
    assert status(first) == "stopped"


def test_a_run_that_was_stopped_can_be_queued(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    first, second = queued.queue.add([config(1), config(2)])
    stop(qtbot, queued, first)
    wait_for(qtbot, lambda: queued.training.run == second and queued.training.state == "running")
    queued.queue.append(first)
    queued.queue.append(first)
    assert queued.queue.runs == [first]
    queued.training.stop()
    wait_for(qtbot, lambda: queued.training.run == first and queued.training.state == "running")
    with pytest.raises(RunError, match="no run folder"):
        queued.queue.append(Run(first.folder.with_name("gone")))


def test_a_run_that_was_trained_elsewhere_meanwhile_is_left_out(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    first, second = queued.queue.add([config(1), config(2)])
    elsewhere = Training(first.folder.parent, FINISHES)
    elsewhere.resume(second)
    wait_for(qtbot, lambda: elsewhere.state == "finished")
    stop(qtbot, queued, first)
    wait_for(qtbot, lambda: not queued.training.busy())
    assert queued.begun == [first]
    assert not queued.queue.runs
    assert not queued.failures


def test_a_comparison_is_a_group(qtbot: QtBot, make: Callable[..., Queued], root: Path) -> None:
    queue = make().queue
    one = queue.add([config(1), config(2)], "β = 1 / 4")
    other = queue.add([config(1), config(2)], "β = 1 / 4")
    alone = queue.add([config(3)])
    groups = [read_group(run) for run in one + other + alone]
    assert groups[0] is not None
    assert groups[0].title == "β = 1 / 4"
    assert groups[0] == groups[1] != groups[2] == groups[3]
    assert groups[4] is None
    assert summarise(one[1]).group == groups[0]


def test_a_full_disk_leaves_nothing_half_made(
    qtbot: QtBot, make: Callable[..., Queued], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = make()
    kept = queued.queue.add([config(1), config(2)])
    from trainer import run_folder

    write, count = run_folder.write_atomically, iter(range(99))

    def full(path: Path, data: bytes) -> None:
        if next(count) >= 3:  # within the second run
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr("trainer.run_folder.write_atomically", full)
    with pytest.raises(RunError, match="disk is full"):
        queued.queue.add([config(3), config(4)], "two")
    assert queued.queue.runs == kept[1:]
    assert {path.name for path in root.iterdir() if path.is_dir()} == {run.folder.name for run in kept}


def test_a_queue_that_cannot_be_written_is_said(
    qtbot: QtBot, make: Callable[..., Queued], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued = make()
    first, second = queued.queue.add([config(1), config(2)])

    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("latentscope.runs.queue.write_atomically", full)
    with pytest.raises(RunError, match="queue cannot be kept"):
        queued.queue.add([config(3)])
    queued.queue.append(first)
    assert "disk is full" in queued.failures[0]
    assert queued.queue.runs == [second, first], "this session goes on all the same"


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"runs": 7}', '{"runs": [7, null, {"a": 1}, "gone", "../../etc"]}', "\x00" * 100, '{"other": []}'],
)
def test_a_damaged_queue_counts_as_empty(qtbot: QtBot, make: Callable[..., Queued], root: Path, content: str) -> None:
    root.mkdir()
    (root / "queue.json").write_text(content)
    queued = make()
    assert queued.queue.runs == []
    queued.queue.add([config(1), config(2)])
    assert len(json.loads((root / "queue.json").read_text())["runs"]) == 1


def test_closing_in_the_middle_of_a_queue(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    first, second = queued.queue.add([config(1), config(2)])
    queued.training.close()
    qtbot.wait(50)
    assert queued.begun == [first]
    assert status(second) == "new"
    assert make().queue.runs[-1] == second


def test_a_word_for_a_run_reaches_only_that_one(qtbot: QtBot, make: Callable[..., Queued]) -> None:
    queued = make()
    first, second = queued.queue.add([config(1), config(2)])
    wait_for(qtbot, lambda: queued.training.state == "running")
    send(first, "stop")
    wait_for(qtbot, lambda: queued.training.run == second and queued.training.state == "running")
    assert status(first) == "stopped"

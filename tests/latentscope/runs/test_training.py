"""Training as the window follows it: with the real worker, and with workers that crash, hang or are killed."""

import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from pytestqt.qtbot import QtBot
from workers import DEAF, OBEDIENT, SLOW_TO_BEGIN, worker

from latentscope.runs.training import Training
from trainer.config import make_config
from trainer.errors import RunError
from trainer.events import Event, Finished, Snapshot, Started, Step
from trainer.run import Run, open_run, read_config, status, summarise

WAIT_MS = 30_000
CONFIG = make_config({"data": "digits", "seconds": 60, "hidden": [32], "seed": 1})


class Watched:
    """A Training whose signals are written down."""

    def __init__(self, root: Path, command: Callable[[Run], list[str]] | None = None) -> None:
        self.training = Training(root) if command is None else Training(root, command)
        self.states: list[str] = []
        self.failures: list[str] = []
        self.events: list[Event] = []
        self.models: list[bool] = []
        self.training.state_changed.connect(self.states.append)
        self.training.failed.connect(self.failures.append)
        self.training.events.connect(self.events.extend)
        self.training.snapshot.connect(lambda model, codec: self.models.append(model.live))


@pytest.fixture
def watch(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def make(command: Callable[[Run], list[str]] | None = None) -> Watched:
        made.append(Watched(tmp_path / "runs", command))
        return made[-1]

    yield make
    for watched in made:
        watched.training.close(0)
    assert not psutil.Process().children(), "no worker is left behind"
    assert not [thread for thread in threading.enumerate() if thread.name == "trainer"]


def run_to_end(qtbot: QtBot, watched: Watched) -> Run:
    with qtbot.waitSignal(watched.training.finished, timeout=WAIT_MS):
        return watched.training.start(CONFIG)


# --- workers that are not well ----------------------------------------------------------------------------------------


def test_a_crash_ends_the_run_and_says_so(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(worker("begin(); train(1); print('Segmentation fault', flush=True); os._exit(3)"))
    run = run_to_end(qtbot, watched)
    assert watched.states == ["starting", "running", "interrupted"]
    [message] = watched.failures
    assert "exit code 3: Segmentation fault" in message
    assert "resume it" in message
    assert status(run) == "interrupted"
    assert not watched.training.busy()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_a_killed_worker_is_told_apart(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(worker("begin(); train(1); os.kill(os.getpid(), 9)"))
    run_to_end(qtbot, watched)
    assert watched.training.state == "interrupted"
    assert "killed (SIGKILL), perhaps because the memory was full" in watched.failures[0]


def test_a_worker_that_refuses_is_quoted(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(worker("print('MNIST is not on this computer.', file=sys.stderr); sys.exit(1)"))
    run_to_end(qtbot, watched)
    assert watched.training.state == "failed"
    assert watched.failures == ["MNIST is not on this computer."]


def test_a_full_disk_is_the_workers_own_message(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(worker("begin(); log.append(Failed(1, 0.1, 'The disk is full.')); sys.exit(1)"))
    run_to_end(qtbot, watched)
    assert watched.training.state == "failed"
    assert watched.failures == ["The disk is full."]
    assert watched.training.message == "The disk is full."


def test_a_folder_that_is_removed_ends_the_training(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(worker("begin(); time.sleep(60)"))
    run = watched.training.start(CONFIG)
    qtbot.waitUntil(lambda: watched.training.state == "running", timeout=WAIT_MS)
    with qtbot.waitSignal(watched.training.finished, timeout=WAIT_MS):
        shutil.rmtree(run.folder)
    assert watched.training.state == "failed"
    assert "folder was removed" in watched.failures[0]


def test_a_command_that_cannot_be_started_is_a_sentence(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(lambda run: [str(run.folder / "no-such-python")])
    run_to_end(qtbot, watched)
    assert watched.training.state == "failed"
    assert watched.failures[0].startswith("The training cannot go on, because there is no such file or folder")


def test_a_deaf_worker_is_killed(qtbot: QtBot, watch: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentscope.runs.trainer_thread.OBEY_S", 0.2)
    monkeypatch.setattr("latentscope.runs.trainer_thread.TERMINATE_S", 0.2)
    watched = watch(DEAF)
    watched.training.start(CONFIG)
    qtbot.waitUntil(lambda: watched.training.state == "running", timeout=WAIT_MS)
    with qtbot.waitSignal(watched.training.finished, timeout=WAIT_MS):
        watched.training.stop()
    assert watched.states[-2:] == ["stopping", "interrupted"]
    assert not watched.failures, "the user asked for it"


# --- buttons ----------------------------------------------------------------------------------------------------------


def test_pause_resume_and_stop(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(OBEDIENT)
    training = watched.training
    run = training.start(CONFIG)
    training.pause()  # before the worker has begun: it is told as soon as it listens
    qtbot.waitUntil(lambda: training.state == "paused", timeout=WAIT_MS)
    training.resume_paused()
    qtbot.waitUntil(lambda: training.state == "running", timeout=WAIT_MS)
    qtbot.waitUntil(lambda: len(training.history.train) >= 5, timeout=WAIT_MS)
    with qtbot.waitSignal(training.finished, timeout=WAIT_MS) as finished:
        training.stop()
        assert training.state == "stopping"
    assert finished.args == [run]
    assert training.state == "stopped" == status(run)
    assert training.history.step is not None
    assert training.history.step.step == len([event for event in watched.events if isinstance(event, Step)])


def test_stopped_before_it_began_leaves_no_run(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(SLOW_TO_BEGIN)
    run = watched.training.start(CONFIG)
    with qtbot.waitSignal(watched.training.finished, timeout=WAIT_MS):
        watched.training.stop()
    assert watched.states == ["starting", "stopping", "idle"]
    assert not run.folder.exists()
    assert watched.training.run is None


def test_ten_quick_starts_train_the_last(qtbot: QtBot, watch: Callable[..., Watched], tmp_path: Path) -> None:
    watched = watch(OBEDIENT)
    training = watched.training
    for _ in range(10):
        last = training.start(CONFIG, replace=True)
        training.pause()
        training.stop()
        training.stop()
        qtbot.wait(5)
    training.start(CONFIG, replace=True)
    last = training.start(CONFIG, replace=True)
    qtbot.waitUntil(lambda: training.run == last and training.state == "running", timeout=WAIT_MS)
    assert len(psutil.Process().children()) == 1
    with qtbot.waitSignal(training.finished, timeout=WAIT_MS):
        training.stop()
    assert status(last) == "stopped"
    # Whatever was stopped before its worker had begun is gone again.
    assert {status(Run(folder)) for folder in (tmp_path / "runs").iterdir()} == {"stopped"}


def test_only_one_at_a_time(qtbot: QtBot, watch: Callable[..., Watched], tmp_path: Path) -> None:
    watched = watch(OBEDIENT)
    first = watched.training.start(CONFIG)
    with pytest.raises(RunError, match="Another training is going on"):
        watched.training.start(CONFIG)
    assert list((tmp_path / "runs").iterdir()) == [first.folder]


def test_a_stopped_run_is_resumed_with_its_history(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(worker("begin()\nfor i in range(5): train(i + 1)\nos._exit(3)"))
    run = run_to_end(qtbot, watched)
    assert len(watched.training.history.train) == 5
    again = watch(worker("begin(3)\ntrain(4)\nlog.append(Stopped(4, 0.04))"))
    with qtbot.waitSignal(again.training.finished, timeout=WAIT_MS):
        again.training.resume(run)
    assert again.states == ["starting", "running", "stopped"]
    assert list(again.training.history.train["step"]) == [1, 2, 3, 4], "what was trained again is not shown twice"
    assert not again.failures, "the crash before is history"


def test_a_run_of_another_process_is_followed_and_left_alone(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    theirs, ours = watch(OBEDIENT), watch(OBEDIENT)
    run = theirs.training.start(CONFIG)
    qtbot.waitUntil(lambda: theirs.training.state == "running", timeout=WAIT_MS)
    ours.training.resume(run)
    qtbot.waitUntil(lambda: len(ours.training.history.train) > 3, timeout=WAIT_MS)
    assert not ours.training.trains
    ours.training.close()
    assert status(run) == "running"
    with qtbot.waitSignal(theirs.training.finished, timeout=WAIT_MS):
        theirs.training.stop()


def test_closing_stops_the_worker_and_keeps_what_it_learnt(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(OBEDIENT)
    run = watched.training.start(CONFIG)
    qtbot.waitUntil(lambda: watched.training.state == "running", timeout=WAIT_MS)
    waited: list[int] = []
    watched.training.close(20, lambda: waited.append(1))
    assert waited
    assert status(run) == "stopped"
    with pytest.raises(RunError, match="closing"):
        watched.training.start(CONFIG)


def test_closing_does_not_wait_for_the_deaf(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(DEAF)
    run = watched.training.start(CONFIG)
    qtbot.waitUntil(lambda: watched.training.state == "running", timeout=WAIT_MS)
    watched.training.close(0.1)
    assert status(run) == "interrupted"


def test_closing_at_once_leaves_nothing(qtbot: QtBot, watch: Callable[..., Watched], tmp_path: Path) -> None:
    watched = watch(SLOW_TO_BEGIN)
    watched.training.start(CONFIG)
    watched.training.start(CONFIG, replace=True)
    watched.training.close()
    assert not list((tmp_path / "runs").iterdir())


def test_a_folder_that_cannot_be_made_is_a_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("not a folder")
    with pytest.raises(RunError, match="cannot be made"):
        Training(tmp_path / "runs").start(CONFIG)


# --- the real worker --------------------------------------------------------------------------------------------------


def test_a_real_training_from_start_to_end(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    import trainer.codec  # noqa: F401 - where it is loaded, decoders come with the snapshots

    watched = watch()
    training = watched.training
    codecs: list[Any] = []
    training.snapshot.connect(lambda model, codec: codecs.append(codec))
    config = make_config({"data": "digits", "seconds": 1, "hidden": [32]})
    with qtbot.waitSignal(training.finished, timeout=WAIT_MS):
        run = training.start(config)
    assert watched.states == ["starting", "running", "finished"], watched.failures
    assert read_config(run) == config
    assert len(training.history.train) > 2
    assert training.history.test["negative_elbo"][-1] < training.history.test["negative_elbo"][0]
    assert isinstance(watched.events[0], Started)
    assert isinstance(watched.events[-1], Finished)
    assert watched.models[-1] is False, "the last is the finished model"
    assert any(watched.models), "and snapshots came before"
    assert codecs[-1].codec.decode(np.zeros((1, 2), np.float32)).shape == (1, 8, 8, 1)


def test_a_real_training_is_paused_killed_resumed_and_stopped(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch()
    training = watched.training
    run = training.start(make_config({"data": "digits", "epochs": 100_000, "hidden": [16], "batch": 512}))
    qtbot.waitUntil(lambda: any(isinstance(event, Snapshot) for event in watched.events), timeout=WAIT_MS)
    training.pause()
    qtbot.waitUntil(lambda: training.state == "paused", timeout=WAIT_MS)
    training.resume_paused()
    qtbot.waitUntil(lambda: training.state == "running", timeout=WAIT_MS)
    with qtbot.waitSignal(training.finished, timeout=WAIT_MS):
        for child in psutil.Process().children():
            child.kill()
    assert training.state == "interrupted"
    assert "resume it from Runs" in watched.failures[0]
    assert summarise(run).can_resume
    reached = training.history.train["step"][-1]

    again = watch()
    again.training.resume(open_run(run.folder))
    qtbot.waitUntil(lambda: max(again.training.history.train["step"], default=0) > reached, timeout=WAIT_MS)
    seconds = again.training.history.train["seconds"]
    assert (seconds[1:] >= seconds[:-1]).all()
    with qtbot.waitSignal(again.training.finished, timeout=WAIT_MS):
        again.training.stop()
    assert again.training.state == "stopped", again.failures
    assert summarise(run).can_resume


def test_a_data_set_that_is_missing_is_said_in_words(
    qtbot: QtBot, watch: Callable[..., Watched], tmp_path: Path
) -> None:
    watched = watch()
    with qtbot.waitSignal(watched.training.finished, timeout=WAIT_MS):
        watched.training.start(make_config({"data": str(tmp_path / "gone.npz"), "seconds": 1}))
    assert watched.training.state == "failed"
    assert "gone.npz" in watched.failures[0]
    assert "Traceback" not in watched.failures[0]


def test_a_finished_run_is_reviewed(qtbot: QtBot, watch: Callable[..., Watched]) -> None:
    watched = watch(worker("begin(); train(1); train(2); log.append(Finished(2, 0.02, 'model.safetensors'))"))
    run = run_to_end(qtbot, watched)
    reviewer = watch()
    with qtbot.assertNotEmitted(reviewer.training.finished):
        reviewer.training.review(run)
        assert not reviewer.training.busy()
        qtbot.waitUntil(lambda: reviewer.training.state == "finished", timeout=WAIT_MS)
    assert len(reviewer.training.history.train) == 2
    assert reviewer.training.run == run

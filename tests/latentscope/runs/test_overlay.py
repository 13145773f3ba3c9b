"""Several runs' curves together: what they are called, which may share an axis, and where they are read from."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from workers import worker

from latentscope.runs.history import History
from latentscope.runs.overlay import MOST, Overlay, Told, lines_of
from latentscope.runs.training import Training
from trainer.config import make_config
from trainer.events import Snapshot, Started, Step, this_process
from trainer.run import EventLog, Run, create_run

STARTED = Started(1.8e9, 1, 1.0, "elsewhere", "cpu", "float32", 1000, 100)
LIVE = worker(
    "begin()\nfor i in range(1, 4):\n"
    "    train(i); log.append(Snapshot(i, i / 100, 'x', 100.0 - i, 5.0, 105.0 - i))\n"
    "while read_control(run) != 'stop': time.sleep(0.01)\n"
    "log.append(Stopped(3, 0.03))"
)


def told(bounds: list[float], **settings: Any) -> Told:
    history = History()
    kl = None if settings.get("family") == "autoencoder" else 5.0
    history.add([STARTED])
    for i, bound in enumerate(bounds, 1):
        history.add([Step(i * 10, i * 0.5, i * 2.0, bound, kl, bound, 1e-3, 1000.0, 0.5, 1.0)])
        history.add([Snapshot(i * 10, i * 2.0, "x", bound - 5, kl, None if kl is None else bound)])
    return Told(Run(Path("/runs/a")), make_config({"seconds": 60, **settings}), history)


def test_runs_are_called_by_what_tells_them_apart() -> None:
    shown = lines_of([told([3.0, 2.0], beta=beta) for beta in (0.25, 1, 4)], "negative_elbo")
    lines = shown.lines
    assert [line.name for line in lines] == ["β = 0.25", "β = 1", "β = 4"]
    assert [line.place for line in lines] == [0, 1, 2]
    assert shown.left_out == ""
    np.testing.assert_array_equal(lines[0].x, [2.0, 4.0])
    np.testing.assert_array_equal(lines[0].values, [3.0, 2.0])


def test_over_epochs_instead_of_seconds() -> None:
    [line] = lines_of([told([3.0, 2.0, 1.0])], "kl", epochs=True).lines
    np.testing.assert_allclose(line.x, [0.5, 1.0, 1.5])
    np.testing.assert_array_equal(line.values, [5.0] * 3)


@pytest.mark.parametrize("part", ["negative_elbo", "reconstruction"])
def test_densities_and_probabilities_never_share_an_axis(part: str) -> None:
    bernoulli, gaussian = told([3.0], seed=1), told([-9.0], likelihood="gaussian")
    shown = lines_of([bernoulli, gaussian, told([4.0], seed=2)], part)
    assert [line.place for line in shown.lines] == [0, 2]
    assert shown.unit == "nats per image"
    assert shown.left_out == "Without 1 run, because densities and probabilities cannot share an axis."
    shown = lines_of([told([]), gaussian, bernoulli], part)
    assert [line.place for line in shown.lines] == [1], "the first run that has a figure says which of them it is"
    assert "density" in shown.unit
    shown = lines_of([gaussian, bernoulli], "kl")
    assert (len(shown.lines), shown.unit, shown.left_out) == (2, "nats per image", "")


def test_what_has_no_such_figure_is_left_out_and_counted() -> None:
    several = [told([3.0]), told([7.0], family="autoencoder"), told([]), told([])]
    shown = lines_of(several, "negative_elbo")
    assert len(shown.lines) == 1
    assert shown.left_out == (
        "Without 1 run, because a model without a KL term has none; 2 runs, because nothing has been measured yet."
    )
    assert len(lines_of(several, "reconstruction").lines) == 2


def test_values_that_are_no_numbers_are_not_drawn() -> None:
    one = told([3.0, 2.0])
    one.history.test.add(30, 6.0, float("nan"), float("inf"), None)
    for part in ("negative_elbo", "reconstruction", "kl"):
        [line] = lines_of([one], part).lines
        assert len(line.values) == 2


def test_nothing_is_nothing() -> None:
    shown = lines_of([], "negative_elbo")
    assert (shown.lines, shown.left_out) == ([], "")


# --- read from disk, and live -----------------------------------------------------------------------------------------


@pytest.fixture
def training(qtbot: QtBot, tmp_path: Path) -> Iterator[Training]:
    training = Training(tmp_path / "runs", LIVE)
    yield training
    training.close(0)


@pytest.fixture
def overlay(training: Training) -> Iterator[Overlay]:
    overlay = Overlay(training)
    yield overlay
    overlay.close()


def write(training: Training, name: str, **settings: Any) -> Run:
    run = create_run(training.root / name, make_config({"seconds": 60, **settings}))
    log, (pid, _, host) = EventLog(run), this_process()
    log.append(Started(1.8e9, pid, 1.0, host, "cpu", "float32", 1000, 100))
    log.append(Step(10, 2.5, 1.0, 9.0, 5.0, 14.0, 1e-3, 1000.0, 0.5, 1.0))
    log.append(Snapshot(10, 1.0, "x", 9.0, 5.0, 14.0))
    return run


def show(qtbot: QtBot, overlay: Overlay, runs: list[Run]) -> list[Run]:
    overlay.set_runs(runs)
    qtbot.waitUntil(lambda: not overlay.busy())
    return [one.run for one in overlay.told()]


def test_curves_are_read_from_the_run_folders(qtbot: QtBot, training: Training, overlay: Overlay) -> None:
    a, b = write(training, "a", beta=2), write(training, "b")
    assert show(qtbot, overlay, [b, a]) == [b, a]
    line, _ = lines_of(overlay.told(), "negative_elbo", epochs=True).lines
    assert (line.name, line.x.tolist(), line.values.tolist()) == ("β = 1", [2.5], [14.0])
    overlay.clear()
    assert overlay.told() == []


def test_runs_that_are_gone_or_broken_are_left_out(qtbot: QtBot, training: Training, overlay: Overlay) -> None:
    gone, broken, damaged, well = (write(training, name) for name in ("gone", "broken", "damaged", "well"))
    shutil.rmtree(gone.folder)
    broken.config_path.write_text("{")
    damaged.events_path.write_bytes(b"\x00" * 5000)
    assert show(qtbot, overlay, [gone, broken, damaged, well]) == [damaged, well]
    shown = lines_of(overlay.told(), "kl")
    assert len(shown.lines) == 1
    assert "nothing has been measured" in shown.left_out


def test_the_run_that_is_trained_is_among_them_and_grows(qtbot: QtBot, training: Training, overlay: Overlay) -> None:
    old = write(training, "old")
    assert show(qtbot, overlay, [old]) == [old]
    now = training.start(make_config({"seconds": 60, "beta": 3}))
    qtbot.waitUntil(lambda: len(training.history.test) == 3, timeout=30_000)
    qtbot.waitUntil(lambda: not overlay.busy())
    assert [one.run for one in overlay.told()] == [old, now]
    lines = lines_of(overlay.told(), "negative_elbo").lines
    assert lines[1].values.tolist() == [104.0, 103.0, 102.0]
    with qtbot.waitSignal(training.finished, timeout=30_000):
        training.stop()
    assert [one.run for one in overlay.told()] == [old], "it was there only because it was trained"
    assert show(qtbot, overlay, [now, old]) == [now, old]


def test_no_more_curves_than_colours(qtbot: QtBot, training: Training, overlay: Overlay) -> None:
    runs = [write(training, str(number)) for number in range(MOST + 3)]
    assert show(qtbot, overlay, runs) == runs[:MOST]

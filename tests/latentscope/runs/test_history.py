"""The curves' series: what events add, what a resumed run takes back, how much is kept."""

import numpy as np

from latentscope.runs.history import MAX_POINTS, History, Series
from trainer.events import Failed, Snapshot, Started, Step


def step(number: int, kl: float | None = 5.0) -> Step:
    return Step(number, number / 10, number / 100, 200.0 - number, kl, 205.0 - number, 1e-3, 1000.0, 0.5, 1.0)


def started(number: int) -> Started:
    return Started(0.0, 1, 0.0, "here", "cpu", "float32", 100, 10, number, number > 0)


def test_the_bound_is_the_sum_of_its_parts() -> None:
    history = History()
    history.add([started(0), step(10), Snapshot(10, 0.1, "x", 195.0, 6.0, 201.0)])
    assert history.train["negative_elbo"].tolist() == [195.0]
    assert history.test["negative_elbo"].tolist() == [201.0]
    assert history.step == step(10)
    assert history.device == "cpu"


def test_an_autoencoder_has_no_bound() -> None:
    history = History()
    history.add([step(1, kl=None)])
    assert np.isnan(history.train["kl"]).all()
    assert np.isnan(history.train["negative_elbo"]).all()


def test_a_resumed_run_takes_back_what_it_trains_again() -> None:
    history = History()
    history.add([started(0), step(1), step(2), Snapshot(2, 0.02, "x", 1.0, 1.0, 2.0), step(3), Failed(3, 0.1, "no")])
    assert history.end is not None
    history.add([started(1), step(2)])
    assert history.train["step"].tolist() == [1, 2]
    assert len(history.test) == 0
    assert history.end is None


def test_a_run_that_begins_again_clears_everything() -> None:
    history = History()
    history.add([started(0), step(1), step(2), started(0), step(1)])
    assert history.train["step"].tolist() == [1]


def test_a_long_run_takes_no_more_memory() -> None:
    series = Series()
    for number in range(5 * MAX_POINTS):
        series.add(number, number / 10, 1.0, None, None)
    assert MAX_POINTS / 2 <= len(series) <= MAX_POINTS
    steps = series["step"]
    assert steps[0] == 0
    assert (np.diff(steps) > 0).all()
    assert steps[-1] > 0.99 * 5 * MAX_POINTS

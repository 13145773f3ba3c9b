import time
from itertools import pairwise

import pytest

from trainer.config import make_config
from trainer.schedule import (
    LARGEST_BATCH,
    SMALLEST_BATCH,
    WARM_UP,
    WARM_UP_STEPS,
    Budget,
    Clock,
    Timer,
    batch_size,
    learning_rate,
)


class FakeTime:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)


@pytest.fixture
def clock_work(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    return FakeTime(monkeypatch)


def test_the_learning_rate_rises_and_falls() -> None:
    assert learning_rate(2.0, 0) == 0
    assert learning_rate(2.0, WARM_UP / 2) == pytest.approx(1)
    assert learning_rate(2.0, WARM_UP) == pytest.approx(2)
    assert learning_rate(2.0, WARM_UP + (1 - WARM_UP) / 2) == pytest.approx(1)
    assert learning_rate(2.0, 1) == pytest.approx(0)


def test_the_clock_stands_still_in_a_pause_and_goes_on_from_where_it_was(clock_work: FakeTime) -> None:
    clock = Clock(7)
    clock_work.now += 3
    clock.pause()
    clock_work.now += 50
    assert clock.seconds() == 10
    clock.resume()
    clock_work.now += 2
    assert clock.seconds() == 12


def test_a_budget_in_epochs_counts_steps() -> None:
    budget = Budget(make_config({"epochs": 3}), 10)
    assert not budget.spent(29, 1e9)
    assert budget.spent(30, 0)
    assert budget.progress(15, 123) == 0.5
    assert budget.position(0, 0) == pytest.approx(0.5 / 30)
    assert budget.position(29, 0) < 1
    assert budget.seconds_left(0, 5) is None
    assert budget.seconds_left(10, 5) == pytest.approx(10)


def test_a_budget_in_seconds_counts_seconds() -> None:
    budget = Budget(make_config({"seconds": 20}), 10)
    assert not budget.spent(10**9, 19.9)
    assert budget.spent(0, 20)
    assert budget.progress(50, 5) == budget.position(50, 5) == 0.25
    assert budget.progress(5, 30) == 1
    assert budget.seconds_left(0, 5) == 15
    assert budget.seconds_left(0, 25) == 0


def test_a_slow_first_step_is_not_the_whole_warm_up() -> None:
    """Adam at its full rate before its moments mean anything costs a short training seconds."""
    budget = Budget(make_config({"seconds": 2}), 10)
    rates = [learning_rate(1.0, budget.position(step, 1.0)) for step in range(WARM_UP_STEPS)]
    assert rates[0] < 0.05 and all(a < b for a, b in pairwise(rates)) and rates[-1] < 1
    assert budget.position(WARM_UP_STEPS, 1.0) == 0.5
    assert budget.position(20, 0.001) == pytest.approx(0.0005)  # not before its time either


def test_a_timer_comes_further_and_further_apart(clock_work: FakeTime) -> None:
    timer = Timer(every=0.5, growth=0.1, share=1.0)
    times = []
    for _ in range(10_000):
        clock_work.now += 0.01
        if timer.due():
            with timer.spend():
                times.append(clock_work.now - 100)
    assert times[:3] == pytest.approx([0.5, 1.0, 1.5], abs=0.03)
    assert times[-1] - times[-2] == pytest.approx(0.1 * times[-1], rel=0.05)


def spent_with(timer: Timer, clock_work: FakeTime, cost: float, until: float) -> list[float]:
    """The moments, in seconds from now, at which something that takes ``cost`` seconds was done."""
    start, moments = clock_work.now, []
    while clock_work.now < start + until:
        clock_work.now += 0.01
        if timer.due():
            moments.append(clock_work.now - start)
            with timer.spend():
                clock_work.now += cost
    return moments


def test_a_timer_spends_no_more_than_its_share_in_the_long_run(clock_work: FakeTime) -> None:
    moments = spent_with(Timer(every=0.5, growth=0.0, share=0.05), clock_work, cost=1.0, until=2000)
    late = [moment for moment in moments if moment > 100]
    assert len(late) == pytest.approx(1900 / (1.0 + 1.0 / 0.05), rel=0.05)


def test_a_timer_is_generous_at_first_and_never_pauses_for_long(clock_work: FakeTime) -> None:
    moments = spent_with(Timer(every=0.5, growth=0.08, share=0.04), clock_work, cost=0.18, until=60)
    gaps = [b - a for a, b in pairwise(moments)]
    assert sum(moment < 10 for moment in moments) >= 6
    assert max(gaps) < 6
    assert all(later > earlier - 0.05 for earlier, later in pairwise(gaps[1:]))
    assert 0.18 * len(moments) < 0.09 * 60


@pytest.mark.parametrize(
    ("budget", "images", "size"),
    [
        ({"seconds": 60}, 60_000, LARGEST_BATCH),
        ({"seconds": 20}, 60_000, 256),
        ({"seconds": 5}, 60_000, 192),
        ({"epochs": 100}, 60_000, LARGEST_BATCH),
        ({"epochs": 5}, 60_000, 128),
        ({"seconds": 60}, 1_437, SMALLEST_BATCH),
        ({"epochs": 1}, 1_437, SMALLEST_BATCH),
        ({"seconds": 60}, 5, 5),
        ({"seconds": 5, "batch": 400}, 60_000, 400),
        ({"seconds": 60, "batch": 400}, 300, 300),
    ],
)
def test_a_short_training_or_few_images_get_small_batches(budget: dict[str, float], images: int, size: int) -> None:
    assert batch_size(make_config(budget), images) == size

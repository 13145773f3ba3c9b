"""How long something will still take, by a clock that the test turns."""

import pytest

from latentscope.window.countdown import Countdown


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_before_there_is_progress_it_says_how_long_it_has_taken(clock: Clock) -> None:
    countdown = Countdown(clock)
    assert countdown.words(0.0) == ""
    clock.now += 12.4
    assert countdown.words(0.0) == "12 s so far"


def test_the_rest_is_foretold_from_the_rate_and_runs_down_between_steps(clock: Clock) -> None:
    countdown = Countdown(clock)
    clock.now += 20  # libraries are loaded
    assert countdown.words(0.05) == "20 s so far"
    clock.now += 10
    assert countdown.words(0.15) == "about 85 s left"
    clock.now += 20
    assert countdown.words(0.15) == "about 65 s left"
    clock.now += 2000
    assert countdown.words(0.15) == "about 5 s left"


def test_minutes_are_said_in_minutes(clock: Clock) -> None:
    countdown = Countdown(clock)
    countdown.words(0.01)
    clock.now += 10
    assert countdown.words(0.05) == "about 4 min left"


def test_it_does_not_trust_the_first_moments(clock: Clock) -> None:
    countdown = Countdown(clock)
    clock.now += 1
    countdown.words(0.01)
    clock.now += 1
    assert countdown.words(0.5) == "2 s so far"

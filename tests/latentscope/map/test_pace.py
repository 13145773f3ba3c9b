"""How work behind the window makes room for it."""

import pytest

from latentscope.map import pace as module
from latentscope.map.pace import DroppedError, Pace


def test_a_worker_rests_while_a_frame_is_made_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    pace = Pace()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 5:
            pace.waiting = False  # the frame is there

    monkeypatch.setattr(module.time, "sleep", sleep)
    pace()
    assert len(slept) == 1
    pace.waiting = True
    pace()
    assert len(slept) == 5
    pace.waiting = True  # of a window that is never painted
    pace()
    assert sum(slept[6:]) == pytest.approx(module.LONGEST)


def test_what_nobody_waits_for_is_given_up_after_the_frame() -> None:
    pace = Pace()
    pace.waiting = pace.dropped = True
    with pytest.raises(DroppedError):
        pace()

import numpy as np

from latentscope.analysis.trusting import level_of, trust_of
from latentscope.map.fields.work import Usual

HUNDRED = np.arange(1.0, 101.0)
USUAL = Usual(HUNDRED, HUNDRED / 100, np.log(HUNDRED))


def test_a_value_is_held_against_those_of_the_codes() -> None:
    assert [level_of(HUNDRED, value) for value in (0, 50, 95, 98, 99.5, 1e9)] == [0, 0, 0, 1, 1, 2]
    assert level_of(np.empty(0), 7) == 0


def test_near_the_codes_the_probe_is_on_the_data() -> None:
    trust = trust_of(USUAL, 20, None, None, True)
    assert (trust.level, trust.words, trust.details) == (0, "On the data", "")
    assert "of 100 codes, 19 have less" in trust.explanation
    assert trust_of(USUAL, 97.5, None, None, True).words == "At the edge of the data"
    assert trust_of(USUAL, 500, None, None, True).words == "Off the data"


def test_at_rest_round_trip_and_stretch_may_make_it_worse() -> None:
    fine = trust_of(USUAL, 20, 0.5, float(np.log(50.5)), True)
    assert (fine.level, fine.words, fine.details) == (0, "On the data", " · round trip 0.5 σ · stretch ×1")
    lost = trust_of(USUAL, 20, 30.0, float(np.log(50.5)), False)
    assert (lost.level, lost.words) == (2, "On the data, but not found again")
    assert " · round trip 30 · " in lost.details
    torn = trust_of(USUAL, 20, 0.5, 9.0, True)
    assert (torn.level, torn.words) == (1, "On the data, but stretched")
    # Nothing is worse than being far from all data.
    assert trust_of(USUAL, 500, 0.5, 0.0, True).words == "Off the data"

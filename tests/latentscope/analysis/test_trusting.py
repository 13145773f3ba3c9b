from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from latentscope.analysis.neighbours import Neighbours
from latentscope.analysis.trusting import UNKNOWN, ProbeTrust, level_of, trust_of
from latentscope.decoding import Decoding, load_codec
from latentscope.map.fields.work import Usual
from latentscope.map.view import MapView
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK
from trainer.files import Codes, ModelFile

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


@pytest.fixture
def probe(qtbot: QtBot, open_workspace: Workspace, decoding: Decoding) -> Iterator[ProbeTrust]:
    """What is said of a probe on a map of three heaps, a tenth wide and two apart."""
    view = MapView(open_workspace, decoding, DARK)
    qtbot.addWidget(view)
    view.resize(400, 300)

    def reach() -> float | None:
        codes = open_workspace.codes
        return float(Neighbours(codes).find(open_workspace.probe, 7)[1][-1]) if codes is not None else None

    trust = ProbeTrust(open_workspace, decoding, view.fields, reach)
    open_workspace.probe_changed.connect(trust.refresh)
    trust.refresh()
    yield trust
    trust.stop()
    view.fields.close()


def words(trust: ProbeTrust) -> str:
    return trust.trust.words if trust.trust is not None else ""


def narrow(file: ModelFile, size: float) -> ModelFile:
    """The codes so many times as far apart, and hardly any posterior around them."""
    assert file.codes is not None
    logvar = np.full_like(file.codes.mean, -12)
    return replace(file, codes=Codes(file.codes.mean * np.float32(size), logvar, file.codes.labels))


def test_codes_that_have_moved_condemn_no_probe_by_what_was_usual_before(
    qtbot: QtBot, probe: ProbeTrust, open_workspace: Workspace, decoding: Decoding, model_file: ModelFile
) -> None:
    open_workspace.set_snapshot(OpenModel(narrow(model_file, 0.01), "untrained"))
    open_workspace.set_probe((0.3, 0.3))
    qtbot.waitUntil(lambda: words(probe) == "Off the data", timeout=60_000)
    said: list[str] = []
    probe.changed.connect(lambda: said.append(words(probe)))
    decoding.use(load_codec(model_file))
    open_workspace.set_snapshot(OpenModel(narrow(model_file, 20), "trained"))
    assert words(probe) == UNKNOWN.words
    open_workspace.set_probe((0.0, 0.0))
    assert words(probe) == UNKNOWN.words
    qtbot.waitUntil(lambda: words(probe) == "On the data", timeout=60_000)
    assert "Off the data" not in said


def test_a_probe_on_the_data_is_left_in_peace_while_new_codes_are_measured(
    qtbot: QtBot, probe: ProbeTrust, open_workspace: Workspace, decoding: Decoding, model_file: ModelFile
) -> None:
    qtbot.waitUntil(lambda: words(probe).startswith("On the data") and probe.is_settled(), timeout=60_000)
    said: list[int | None] = []
    probe.changed.connect(lambda: said.append(probe.trust.level if probe.trust is not None else None))
    decoding.use(load_codec(model_file))
    assert model_file.codes is not None
    codes = replace(model_file.codes, mean=model_file.codes.mean + np.float32(0.001))
    open_workspace.set_snapshot(OpenModel(replace(model_file, codes=codes), "newer"))
    assert said == [], "the border does not blink"
    open_workspace.set_probe((0.01, 0.0))
    assert words(probe) == UNKNOWN.words, "that is not known of another place"
    qtbot.waitUntil(lambda: words(probe).startswith("On the data"), timeout=60_000)

"""A lecture's comparison: one click, and its models form on maps of their own, at the same time."""

import pytest
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.runs.comparisons import COMPARISONS, variants
from latentscope.state.open_model import OpenModel
from trainer.run import Run, read_config, read_group, status

PATIENCE = 90_000  # ms


# Where the machine is busy the snapshots come late, and yet something must be left to be paused after them.
SECONDS = 15.0


@pytest.fixture(autouse=True)
def seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("latentscope.runs.comparisons.default_seconds", lambda data: SECONDS)


def runs_of(window: MainWindow) -> list[Run]:
    trainings = [window.training, *window.side_by_side.others]
    return [training.run for training in trainings if training.run is not None]


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_comparison_makes_models_that_differ(name: str) -> None:
    configs = variants(COMPARISONS[name], "digits")
    assert len(set(configs)) == len(configs) >= 2
    assert {(one.data, one.seconds, one.latent) for one in configs} == {("digits", SECONDS, 2)}


def test_two_models_train_at_once_each_on_its_own_map(window: MainWindow, qtbot: QtBot) -> None:
    window.action("compare-autoencoder-vae").trigger()
    runs = runs_of(window)
    assert [read_config(run).family for run in runs] == ["autoencoder", "vae"]
    group = read_group(runs[0])
    assert group is not None
    assert group == read_group(runs[1])
    assert group.title == "Autoencoder and VAE"

    (companion,) = window.compare.companions
    (other,) = window.side_by_side.others
    qtbot.waitUntil(lambda: window.training.state == other.state == "running", timeout=PATIENCE)

    def has_learnt(model: OpenModel | None, family: str) -> bool:
        return model is not None and model.file.config.family == family and model.file.record["steps"] > 0

    qtbot.waitUntil(lambda: has_learnt(companion.model, "vae"), timeout=PATIENCE)
    qtbot.waitUntil(lambda: has_learnt(window.workspace.model, "autoencoder"), timeout=PATIENCE)
    assert window.overlay.runs == runs

    window.action("pause").trigger()
    qtbot.waitUntil(lambda: window.training.state == other.state == "paused", timeout=PATIENCE)
    window.action("pause").trigger()
    qtbot.waitUntil(lambda: window.training.state == other.state == "running", timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.training.state == other.state == "finished", timeout=PATIENCE)
    assert [status(run) for run in runs] == ["finished", "finished"]
    assert len(window.overlay.told()[1].history.test["seconds"]) > 2


def test_stopping_stops_all_and_closing_leaves_nothing(window: MainWindow, qtbot: QtBot) -> None:
    window.action("compare-beta").trigger()
    trainings = [window.training, *window.side_by_side.others]
    assert len(trainings) == 3
    qtbot.waitUntil(lambda: all(one.state == "running" for one in trainings), timeout=PATIENCE)
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: not any(one.busy() for one in trainings), timeout=PATIENCE)
    assert {status(run) for run in runs_of(window)} <= {"stopped", "finished"}

    window.action("compare-no-kl").trigger()
    qtbot.waitUntil(lambda: window.side_by_side.trains, timeout=PATIENCE)
    window.flow.agree_to_close()
    window.close()
    assert not window.side_by_side.trains

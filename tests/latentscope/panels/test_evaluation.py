"""The Evaluation dock and the measurement behind it, with workers that measure nothing and one that does."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from latentscope.panels.evaluation import EvaluationPanel
from latentscope.runs.evaluating import Evaluating, Wish, evaluation_command
from latentscope.runs.evaluations import FILE_NAME, Evaluations, fingerprint
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK
from trainer.config import make_config
from trainer.files import ModelFile, read_model
from trainer.run import create_run

MEASURED = {"images": 90, "density": False, "negative_elbo": 12.34, "nll_exact": 11.5}
RESULT = {"event": "evaluation", "model": "x", **MEASURED}
Make = Callable[..., EvaluationPanel]
TELL = 'print(json.dumps({"event": "progress", "part": "mutual information", "share": 0.4}), flush=True)'
FINISH = f"{TELL}; print(json.dumps({RESULT!r}), flush=True)"
HANG = f"{TELL}; time.sleep(600)"
REFUSE = 'print("The data set is gone.", file=sys.stderr); sys.exit(1)'
CRASH = 'import os; print("half a line", end="", flush=True); os._exit(7)'


def worker(script: str) -> Evaluating:
    def command(model: Path, wish: Wish) -> Sequence[str]:
        assert read_model(model).config.data == "digits"
        return [sys.executable, "-c", f"import json, sys, time; {script}"]

    return Evaluating(command)


@pytest.fixture
def make(open_workspace: Workspace, qtbot: QtBot) -> Iterator[Make]:
    made: list[Evaluating] = []

    def panel(script: str = FINISH) -> EvaluationPanel:
        made.append(worker(script))
        panel = EvaluationPanel(open_workspace, made[-1], DARK)
        qtbot.addWidget(panel)
        panel.resize(340, 500)
        with qtbot.waitExposed(panel):
            panel.show()
        return panel

    yield panel
    for evaluating in made:
        evaluating.close()


def texts(panel: EvaluationPanel) -> list[str]:
    return [label.text() for label in panel.table.findChildren(QLabel) if not label.isHidden()]


def test_what_the_file_knows_is_there_at_once(make: Make, open_workspace: Workspace) -> None:
    panel = make()
    shown = texts(panel)
    assert shown[:4] == ["Likelihood", "−ELBO", "12.34", "nats"]
    assert "Active dimensions" in shown
    elbo = next(label for label in panel.table.findChildren(QLabel) if label.text() == "−ELBO")
    assert "upper bound on −log p(x)" in elbo.toolTip()


def test_measuring_finds_out_the_rest(make: Make, qtbot: QtBot) -> None:
    panel = make()
    QTest.mouseClick(panel.measure, Qt.MouseButton.LeftButton)
    assert panel.measure.isHidden()
    assert panel.cancel.isVisible()
    qtbot.waitUntil(lambda: "−log p(x), exact" in texts(panel), timeout=20_000)
    assert "11.50" in texts(panel)
    assert panel.measure.isVisible()
    assert panel.progress.isHidden()


def test_progress_is_shown_and_cancel_ends_it(make: Make, qtbot: QtBot) -> None:
    panel = make(HANG)
    panel.start()
    qtbot.waitUntil(lambda: panel.bar.value() == 400, timeout=20_000)
    assert panel.line.toolTip() == "Measuring mutual information…"
    panel.start()  # a second one is not begun
    QTest.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(panel.measure.isVisible)
    assert "−ELBO" in texts(panel)


def test_it_goes_on_while_another_model_is_looked_at(
    make: Make, open_workspace: Workspace, model_file: ModelFile, qtbot: QtBot
) -> None:
    panel = make(f"{TELL}; time.sleep(1); {FINISH}")
    first = open_workspace.model
    assert first is not None
    panel.start()
    open_workspace.open_model(OpenModel(replace(model_file, figures={}, record={"steps": 3}), "other"))
    qtbot.waitUntil(lambda: panel.line.toolTip() == "Measuring mutual information of test…", timeout=20_000)
    qtbot.waitUntil(panel.measure.isVisible, timeout=20_000)
    assert "−log p(x), exact" not in texts(panel)
    open_workspace.open_model(OpenModel(model_file, "test again"))
    assert "−log p(x), exact" in texts(panel)


@pytest.mark.parametrize(
    ("script", "words"),
    [(REFUSE, "The data set is gone."), (CRASH, "ended unexpectedly (exit code 7)")],
)
def test_a_measurement_that_fails_says_why(make: Make, qtbot: QtBot, script: str, words: str) -> None:
    panel = make(script)
    with qtbot.waitSignal(panel.failed, timeout=20_000) as caught:
        panel.start()
    assert words in caught.args[0]
    assert panel.measure.isVisible()


def test_a_closed_window_leaves_no_worker(make: Make, qtbot: QtBot) -> None:
    panel = make(HANG)
    panel.start()
    qtbot.waitUntil(lambda: panel.bar.value() == 400, timeout=20_000)
    panel._evaluating.close()
    assert panel._evaluating.file is None  # and the fixtures see to it that no process is left


def test_figures_of_an_earlier_snapshot_say_so(
    make: Make, open_workspace: Workspace, model_file: ModelFile, qtbot: QtBot
) -> None:
    panel = make()
    early = replace(model_file, record={"steps": 1200})
    open_workspace.open_model(OpenModel(early, "run", live=True))
    panel.start()
    late = replace(model_file, record={"steps": 1300}, figures={"negative_elbo": 12.0})
    open_workspace.set_snapshot(OpenModel(late, "run", live=True))
    qtbot.waitUntil(lambda: "as of step 1,200" in panel.note.text(), timeout=20_000)
    assert {"12.00", "11.50"} <= set(texts(panel))


def test_what_is_asked_for_reaches_the_command() -> None:
    assert Wish().arguments() == ["--bound", "exact"]
    assert Wish(exact=False).arguments() == ["--bound", "none"]
    both = Wish("a.npz", True, True, 100).arguments()
    assert both == ["--bound", "exact", "--bound", "iw", "--samples", "100", "--data", "a.npz"]
    command = evaluation_command(Path("m"), Wish())
    assert {"evaluate", "--events", "--nice", "--parent"} <= set(command)


def test_options_follow_the_model(make: Make, open_workspace: Workspace, model_file: ModelFile) -> None:
    panel = make()
    assert panel.exact.isEnabled()
    assert model_file.codes is not None
    config = model_file.config.model_copy(update={"latent": 20})
    wide = np.zeros((90, 20), np.float32)
    codes = replace(model_file.codes, mean=wide, logvar=wide)
    open_workspace.open_model(OpenModel(replace(model_file, config=config, codes=codes), "wide"))
    assert not panel.exact.isEnabled()
    assert panel.importance.isVisible()
    open_workspace.open_model(OpenModel(replace(model_file, codes=replace(model_file.codes, logvar=None)), "ae"))
    assert panel.options.isHidden()


def test_density_is_part_of_the_unit(make: Make, open_workspace: Workspace, model_file: ModelFile) -> None:
    panel = make()
    config = model_file.config.model_copy(update={"likelihood": "gaussian"})
    open_workspace.open_model(OpenModel(replace(model_file, config=config), "gaussian"))
    assert "nats (density)" in texts(panel)


def test_figures_are_copied(make: Make) -> None:
    panel = make()
    panel.copy_text()
    first = QGuiApplication.clipboard().text().splitlines()[0]
    assert first == "−ELBO\t12.34\tnats per image"
    panel.copy_json()
    content = json.loads(QGuiApplication.clipboard().text())
    assert content["negative_elbo"] == 12.34
    assert content["model"] == "test"


def test_nothing_open(workspace: Workspace, qtbot: QtBot) -> None:
    panel = EvaluationPanel(workspace, Evaluating(), DARK)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.empty.text() == "No model is open."
    assert not panel.measure.isEnabled()
    panel.start()
    panel.copy_text()


# --- what is kept --------------------------------------------------------------------------------------------------


def test_the_results_of_a_run_are_in_its_folder(tmp_path: Path, model_file: ModelFile) -> None:
    run = create_run(tmp_path / "run", make_config({"epochs": 1}))
    run.events_path.touch()
    model = OpenModel(model_file, "run", run.model_path)
    Evaluations().keep(model, RESULT | {"shell": "rm", "silhouette": "no number"})
    assert (run.folder / FILE_NAME).is_file()
    assert Evaluations().of(model) == MEASURED
    other = OpenModel(replace(model_file, record={"steps": 9}), "run", run.model_path)
    assert Evaluations().of(other) == {}
    for damaged in (b"", b"{", b"[]", b'{"fingerprint": 3}', b"\xff" * 9):
        (run.folder / FILE_NAME).write_bytes(damaged)
        assert Evaluations().of(model) == {}


def test_the_results_of_a_file_are_kept_for_the_session(tmp_path: Path, model_file: ModelFile) -> None:
    evaluations = Evaluations()
    model = OpenModel(model_file, "mine", tmp_path / "mine.safetensors")
    evaluations.keep(model, RESULT)
    assert evaluations.of(OpenModel(replace(model_file), "mine"))["nll_exact"] == 11.5
    assert list(tmp_path.iterdir()) == []


def test_fingerprints_tell_models_apart(model_file: ModelFile) -> None:
    assert model_file.codes is not None
    others = [
        replace(model_file, record={"steps": 1}),
        replace(model_file, config=model_file.config.model_copy(update={"seed": 1})),
        replace(model_file, codes=replace(model_file.codes, mean=model_file.codes.mean + 1)),
        replace(model_file, codes=None),
    ]
    assert len({fingerprint(file) for file in (model_file, *others)}) == 5

"""The commands that train: fit and resume, their options, how they end and how they are ended."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from typer.testing import CliRunner, Result

from trainer.config import DEFAULT_SECONDS, Config, make_config
from trainer.console import app, training
from trainer.console.progress import Display, clock
from trainer.errors import FitError
from trainer.events import Event, Failed, Finished, Snapshot, Started, Step, Stopped, from_json, this_process, to_json
from trainer.files import read_model
from trainer.run import EventReader, Run, create_run, list_runs, open_run, read_config, read_control, send, status

QUICK = ("--data", "digits", "--hidden", "16", "--epochs", "2")


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments: object) -> str:
    result = call(*arguments)
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    [sentence] = result.stderr.splitlines()
    assert sentence.endswith(".")
    return sentence


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LATENTSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


# --- settings -----------------------------------------------------------------------------------------------------


@pytest.fixture
def configs(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """What fit would train: the training itself is left out."""
    found: list[Config] = []

    def note(run: Run, *_: Any) -> None:
        found.append(read_config(run))

    monkeypatch.setattr(training, "work", note)
    return found


def test_every_setting_has_its_option(configs: list[Config], tmp_path: Path) -> None:
    given = {
        "data": "digits", "family": "vae", "network": "conv", "latent": 5, "hidden": (32, 16),
        "decoder_hidden": (24, 48), "likelihood": "gaussian",
        "beta": 4.5, "reconstruction": False, "kl_warm_up": 0.0, "free_bits": 0.0, "capacity": 20.0,
        "total_correlation": 1.0, "binarize": False, "quantizer": "fsq", "codes": 64, "commitment": 0.5, "decay": 0.9,
        "epochs": 7, "seed": 11, "batch": 33, "learning_rate": 0.01,
        "precision": "float32", "device": "cpu",
    }  # fmt: skip
    assert given.keys() | {"seconds"} == Config.model_fields.keys()
    arguments = ["--no-reconstruction", "--no-binarize", "--hidden", "32, 16", "--decoder-hidden", "24,48"]
    for name, value in given.items():
        if name not in ("reconstruction", "binarize", "hidden", "decoder_hidden"):
            arguments += [f"--{name.replace('_', '-')}", str(value)]
    result = call("fit", *arguments, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert configs == [make_config(given)]


def test_without_a_budget_or_a_folder(configs: list[Config], home: Path) -> None:
    assert call("fit").exit_code == 0
    assert call("fit", "--family", "autoencoder").exit_code == 0
    assert configs[0] == make_config({"seconds": DEFAULT_SECONDS})
    names = {summary.run.folder.name.split("-", 3)[3] for summary in list_runs(home / "runs")}
    assert names == {"digits-vae", "digits-autoencoder"}


def test_options_win_over_a_settings_file(configs: list[Config], tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"latent": 4, "beta": 2.0, "epochs": 3}))
    assert call("fit", "--config", file).exit_code == 0
    assert call("fit", "--config", file, "--beta", "3", "--seconds", "5").exit_code == 0
    file.write_text(make_config({"epochs": 3}).model_dump_json())  # as a run keeps it, with both budgets named
    assert call("fit", "--config", file, "--seconds", "9").exit_code == 0
    assert configs == [
        make_config({"latent": 4, "beta": 2.0, "epochs": 3}),
        make_config({"latent": 4, "beta": 3.0, "seconds": 5}),
        make_config({"seconds": 9}),
    ]


def test_a_data_file_is_found_from_anywhere(
    configs: list[Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("mine.npy", np.random.default_rng(0).integers(0, 255, (40, 8, 8), dtype=np.uint8))
    assert call("fit", "--data", "mine.npy", "--out", "run").exit_code == 0
    assert Path(configs[0].data) == (tmp_path / "mine.npy").resolve()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--latent", "0"), "Latent dimension must be greater than or equal to 1, and is '0'."),
        (("--latent", "two"), "Latent dimension must be a valid integer, and is 'two'."),
        (("--hidden", "16,,8"), "Layer widths must be a valid integer"),
        (("--seconds", "1", "--epochs", "1"), "not both"),
        (("--seconds", "1e9"), "Time must be less than or equal to 2592000"),
        (("--family", "gan"), "There is no family 'gan'"),
        (("--data", "cats"), "There is no data set 'cats'"),
        (("--data", "gone.npz"), "gone.npz"),
        (("--config", "gone.json"), "The settings gone.json cannot be read, because there is no such file"),
        (("--config", "bad.json"), "The settings bad.json are damaged: not JSON"),
        (("--config", "list.json"), "list.json holds no settings"),
        (("--out", "."), "The folder . is not empty"),
    ],
)
def test_settings_that_cannot_be(
    configs: list[Config], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.json").write_text("{'latent': 2}")
    Path("list.json").write_text("[]")
    assert words in refused("fit", *arguments)
    assert configs == []
    assert {path.name for path in tmp_path.iterdir()} == {"bad.json", "list.json"}  # no folder of a run that never was


# --- training -----------------------------------------------------------------------------------------------------


def test_fit_trains_and_says_how_good_it_is(tmp_path: Path) -> None:
    result = call("fit", *QUICK, "--out", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    run = open_run(tmp_path / "run")
    assert status(run) == "finished"
    model = read_model(run.model_path)
    figures, last = model.figures, result.stderr.splitlines()[-1]
    assert last.startswith(f"Finished after {model.record['steps']} steps in ")
    assert f"test −ELBO {figures['negative_elbo']:.2f}, reconstruction {figures['reconstruction']:.2f}, KL " in last
    assert last.endswith(f"The model is {run.model_path}.")
    assert "has finished; its model is" in refused("resume", run.folder)


def test_json_lines_are_the_runs_events(tmp_path: Path) -> None:
    result = call("fit", *QUICK, "--json", "--nice", "--out", tmp_path / "run")
    events = [from_json(line) for line in result.stdout.splitlines()]
    assert events == EventReader(open_run(tmp_path / "run")).poll()
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert len(result.stderr.splitlines()) == 1


def test_resume_starts_a_run_that_was_only_made(tmp_path: Path) -> None:
    run = create_run(tmp_path / "run", make_config({"epochs": 1, "hidden": [16]}))
    assert call("resume", run.folder).exit_code == 0
    assert status(run) == "finished"


def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    run = create_run(tmp_path / "run", make_config({"epochs": 2, "hidden": [16]}))
    send(run, "stop")
    result = call("resume", run.folder)
    assert result.exit_code == 0
    assert result.stderr.splitlines()[-1] == f'Stopped at step 0. Go on with: latentscope-trainer resume "{run.folder}"'
    assert (status(run), read_control(run)) == ("stopped", None)
    assert call("resume", run.folder, "--json").exit_code == 0
    assert status(run) == "finished"


def test_runs_that_cannot_be_resumed(tmp_path: Path) -> None:
    assert "There is no run folder" in refused("resume", tmp_path / "gone")
    assert "is not a run" in refused("resume", tmp_path)
    run = create_run(tmp_path / "run", make_config({"epochs": 1}))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        created = psutil.Process(other.pid).create_time()
        start = Started(1.8e9, other.pid, created, this_process()[2], "cpu", "float32", 1, 1)
        run.events_path.write_text(to_json(start) + "\n")
        assert f"in use by another process (number {other.pid})" in refused("resume", run.folder)
        other.kill()


def scripted(monkeypatch: pytest.MonkeyPatch, make: Callable[[Run], Iterator[Event]]) -> None:
    """Put these events in the place of a training."""
    import trainer.fit

    def fit(config: Config, dataset: Any, run: Run, *, continue_from_checkpoint: bool) -> Iterator[Event]:
        assert continue_from_checkpoint
        return make(run)

    monkeypatch.setattr(trainer.fit, "fit", fit)


def step(number: int) -> Step:
    return Step(number, 0.5, 1.0, 100.0, 3.0, 103.0, 1e-3, 20_000.0, 0.25, 65.0)


def test_a_training_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Run) -> Iterator[Event]:
        yield Failed(3, 1.0, "The loss is no number.")
        raise FitError("The loss is no number.")

    scripted(monkeypatch, fails)
    assert refused("fit", *QUICK, "--out", tmp_path / "run") == "The loss is no number."


def obedient(signals: int) -> Callable[[Run], Iterator[Event]]:
    """A training in which Ctrl+C is pressed so many times, and which stops when it is told to."""

    def events(run: Run) -> Iterator[Event]:
        yield step(1)
        for _ in range(signals):
            signal.raise_signal(signal.SIGINT)
        assert read_control(run) == "stop"
        yield Stopped(2, 1.0)

    return events


def test_ctrl_c_stops_with_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGINT)
    scripted(monkeypatch, obedient(1))
    result = call("fit", *QUICK, "--out", tmp_path / "run")
    assert result.exit_code == 130
    assert result.stderr.splitlines() == [
        "Stopping with a checkpoint; press Ctrl+C again to end at once.",
        f'Stopped at step 2. Go on with: latentscope-trainer resume "{tmp_path / "run"}"',
    ]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_second_ctrl_c_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGINT)
    scripted(monkeypatch, obedient(2))
    result = call("fit", *QUICK, "--out", tmp_path / "run")
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "Interrupted."
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("lives", [0.0, 0.5])
def test_a_run_whose_parent_is_gone_stops(tmp_path: Path, lives: float) -> None:
    with subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({lives})"]) as parent:
        if not lives:
            parent.wait()
        result = call("fit", "--hidden", "16", "--seconds", "600", "--parent", parent.pid, "--out", tmp_path / "run")
    assert result.exit_code == 0
    assert status(open_run(tmp_path / "run")) == "stopped"


def test_a_run_with_its_parent_goes_on(tmp_path: Path) -> None:
    assert call("fit", *QUICK, "--parent", os.getpid(), "--out", tmp_path / "run").exit_code == 0
    assert status(open_run(tmp_path / "run")) == "finished"


# --- as a process of its own --------------------------------------------------------------------------------------


def worker(*arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "trainer", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")


def test_a_nice_worker_is_interrupted(tmp_path: Path) -> None:
    arguments = ("--hidden", "16", "--seconds", "600", "--json", "--nice", "--out", tmp_path / "run")
    with worker("fit", *arguments) as process:
        assert process.stdout is not None
        assert isinstance(from_json(process.stdout.readline()), Started)
        run = open_run(tmp_path / "run")
        assert status(run) == "running"
        niceness = psutil.Process(process.pid).nice()
        if sys.platform == "win32":
            assert niceness == psutil.BELOW_NORMAL_PRIORITY_CLASS
            send(run, "stop")
        else:
            assert niceness >= 10
            process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == (0 if sys.platform == "win32" else 130), err
    assert isinstance(from_json(out.splitlines()[-1]), Stopped)
    assert status(run) == "stopped"


def test_a_worker_that_nobody_listens_to_stops(tmp_path: Path) -> None:
    with worker("fit", "--hidden", "16", "--seconds", "600", "--json", "--out", tmp_path / "run") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        process.wait()
        assert process.stderr is not None
        assert "BrokenPipe" not in process.stderr.read()
    assert process.returncode == 0
    assert status(open_run(tmp_path / "run")) == "stopped"


# --- what is shown ------------------------------------------------------------------------------------------------


def test_a_live_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    with Display() as display:
        display.show(step(1))
        display._progress.refresh()
    shown = capsys.readouterr().err
    assert "−ELBO 103.00 = 100.00 + KL 3.00" in shown
    assert "20,000 images/s, 1:05 left" in shown
    assert "25 %" in shown


def test_a_line_for_each_snapshot_elsewhere(capsys: pytest.CaptureFixture[str]) -> None:
    with Display() as display:
        display.show(step(1))
        display.show(Snapshot(1, 1.0, "snapshots/1.safetensors", 90.0, 3.5, 93.5))
        display.show(Snapshot(2, 1.0, "snapshots/2.safetensors", 90.0, None, None))
    assert capsys.readouterr().err.splitlines() == [
        "step 1: test −ELBO 93.50 = 90.00 + KL 3.50  20,000 images/s, 1:05 left",
        "step 2: test reconstruction 90.00  20,000 images/s, 1:05 left",
    ]


def test_nothing_is_shown_beside_json(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Display(quiet=True) as display:
        display.show(step(1))
        display.show(Snapshot(1, 1.0, "snapshots/1.safetensors", 90.0, 3.5, 93.5))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1:00"), (125, "2:05"), (3725, "1:02:05")]
)
def test_clock(seconds: float, words: str) -> None:
    assert clock(seconds) == words


def test_a_recipe_that_does_not_fit_the_data_leaves_no_folder(tmp_path: Path) -> None:
    np.savez(tmp_path / "colour.npz", images=np.random.default_rng(0).integers(0, 256, (20, 8, 8, 3), np.uint8))
    result = call("fit", "--data", tmp_path / "colour.npz", "--binarize", "--epochs", "1", "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert "these images are in colour" in result.stderr.replace("\n", " ")
    assert not (tmp_path / "run").exists()

"""The command that measures a model, and what the table of figures makes of it."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from commands import call, make_model, refused

from trainer import full_evaluation
from trainer.data import load_dataset
from trainer.full_evaluation import binarized
from trainer.measures.table import DIMENSIONS, MEASURES, scope, unit_of


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "digits.safetensors")


def figures(*arguments: object) -> dict[str, object]:
    """What evaluate prints on stdout with --json: one object, and nothing else."""
    result = call("evaluate", *arguments, "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    [line] = result.stdout.splitlines()
    content: dict[str, object] = json.loads(line)
    return content


def test_evaluate_prints_one_json_object(model: Path) -> None:
    result = call("evaluate", model, "--data", "digits", "--json")
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["negative_elbo"] == pytest.approx(figures["reconstruction"] + figures["kl"])
    assert figures["kl"] == pytest.approx(sum(figures["kl_per_dimension"]))
    assert (figures["images"], figures["data"]) == (len(load_dataset("digits").test_images), "digits")
    assert figures["mse"] > 0
    assert figures["active_units"] in (0, 1, 2)


def test_evaluate_leaves_out_what_has_no_meaning(tmp_path: Path) -> None:
    path = make_model(tmp_path / "a.safetensors", family="autoencoder")
    figures = json.loads(call("evaluate", path, "--json").stdout)
    assert figures.keys().isdisjoint({"negative_elbo", "kl", "active_units", "kl_per_dimension"})
    assert figures["reconstruction"] > 0
    table = call("evaluate", path).stdout
    assert "Reconstruction" in table
    assert "KL" not in table


def test_evaluate_prints_a_table(model: Path) -> None:
    table = call("evaluate", model).stdout
    for words in ("Likelihood, 360 test images", "−ELBO, binarised", "Squared error", "KL (nats)", "│ z₁ "):
        assert words in table


def test_bounds_that_were_asked_for(model: Path) -> None:
    both = figures(model, "--bound", "iw", "--samples", 300, "--images", 40, "--bound", "exact")
    assert both["nll_exact"] == pytest.approx(both["nll_iw"], abs=0.2)
    assert (both["nll_iw_images"], both["nll_iw_samples"], both["nll_exact_images"]) == (40, 300, 40)
    assert 0 <= both["nll_exact_error"] < 0.02
    only = figures(model, "--bound", "iw", "--samples", 300, "--images", 40)
    assert only["nll_iw"] == both["nll_iw"]
    assert "nll_exact" not in only
    assert figures(model, "--bound", "none").keys().isdisjoint({"nll_iw", "nll_exact"})


def test_more_images_than_there_are_is_all(model: Path) -> None:
    assert figures(model, "--bound", "exact", "--images", 10**6)["nll_exact_images"] == 360


def test_binarised_bounds_are_in_order(model: Path) -> None:
    content = figures(model)
    assert content["nll_exact"] < content["negative_elbo_binarized"] + 0.05
    # The cross-entropy is linear in the pixel, so an untrained encoder sees hardly any difference.
    assert content["negative_elbo_binarized"] == pytest.approx(content["negative_elbo"], abs=0.5)
    assert content["mutual_information"] + content["marginal_kl"] == pytest.approx(content["kl"])
    assert 0 <= content["knn_accuracy"] <= 1
    assert (content["density"], content["unit"]) == (False, "nats per image")


def test_densities_say_so_and_know_no_binary_images(tmp_path: Path) -> None:
    path = make_model(tmp_path / "g.safetensors", likelihood="gaussian")
    content = figures(path, "--images", 20)
    assert (content["density"], content["unit"]) == (True, "nats per image (density)")
    assert "negative_elbo_binarized" not in content
    assert content["nll_exact"] < content["negative_elbo"] + 50
    assert "nats per image (density)" in call("evaluate", path, "--bound", "none").stdout


def test_data_without_labels_has_no_classes(model: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", np.random.default_rng(0).integers(0, 255, (40, 8, 8), dtype=np.uint8))
    content = figures(model, "--data", tmp_path / "mine.npy", "--bound", "none")
    assert content.keys().isdisjoint({"knn_accuracy", "silhouette"})


def test_every_figure_is_in_the_table(model: Path) -> None:
    about = {"model", "data", "images", "density", "unit"}
    content = figures(model, "--bound", "iw", "--bound", "exact", "--samples", 10, "--images", 5)
    names = {name for name in content if not name.endswith(("_samples", "_images"))}
    assert names <= about | MEASURES.keys() | DIMENSIONS.keys()
    table = call("evaluate", model, "--bound", "iw", "--samples", 10, "--images", 5).stdout
    assert "10 samples" in table
    assert "first 5" in table


def test_units_and_scopes() -> None:
    elbo, weighted = MEASURES["negative_elbo"], MEASURES["nll_iw"]
    assert unit_of(elbo, False) != unit_of(elbo, True)
    assert unit_of(MEASURES["kl"], True) == unit_of(MEASURES["kl"], False)
    assert scope(weighted, {"nll_iw_samples": 5000.0, "nll_iw_images": 1000.0}) == ", 5,000 samples, first 1,000 images"
    assert scope(elbo, {}) == ""
    assert elbo.text(-1234.567) == "−1,234.57"
    assert MEASURES["knn_accuracy"].text(0.8695) == "87.0 %"


def test_events_tell_how_far_it_is_and_then_the_figures(model: Path) -> None:
    result = call("evaluate", model, "--events", "--images", 20)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    *told, last = lines
    assert last.pop("event") == "evaluation"
    assert last == figures(model, "--images", 20)
    shares = [line["share"] for line in told]
    assert shares == sorted(shares)
    assert {"−ELBO", "exact likelihood"} <= {line["part"] for line in told}


@pytest.mark.parametrize(
    ("settings", "arguments", "words"),
    [
        ({}, ("--samples", "0"), "--samples must be at least 1, and is 0"),
        ({}, ("--images", "-3"), "--images must be at least 1, and is -3"),
        ({}, ("--bound", "tight"), "There is no bound 'tight'; choose iw, exact or none"),
        ({}, ("--bound", "none", "--bound", "iw"), "Either ask for no bound"),
        ({"latent": 20}, ("--bound", "exact"), "this model has 20; take the importance-weighted bound (iw) instead"),
        ({"family": "autoencoder"}, ("--bound", "iw"), "The family autoencoder has no likelihood"),
        ({"family": "autoencoder"}, ("--bound", "exact"), "The family autoencoder has no likelihood"),
    ],
)
def test_bounds_that_cannot_be(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, object],
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.setattr(full_evaluation, "evaluate", lambda *_, **__: pytest.fail("work has begun"))
    path = make_model(tmp_path / "m.safetensors", **settings)
    assert words in refused("evaluate", path, *arguments)


def test_binarised_images_are_draws_that_stay_the_same() -> None:
    images = load_dataset("digits").test_images
    binary = binarized(images)
    assert set(np.unique(binary)) == {0, 255}
    np.testing.assert_array_equal(binary, binarized(images))
    np.testing.assert_array_equal(binary[:10], binarized(images[:10]))
    assert (binary != binarized(images, seed=1)).any()
    assert (binary[images == 255] == 255).all()
    assert (binary[images == 0] == 0).all()
    assert binary.mean() == pytest.approx(images.mean(), rel=0.01)


def test_it_ends_with_the_process_that_wanted_it(tmp_path: Path) -> None:
    path = make_model(tmp_path / "m.safetensors", latent=5)
    parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    command = [sys.executable, "-m", "trainer", "evaluate", path, "--events", "--nice", "--parent", str(parent.pid)]
    command += ["--bound", "iw", "--samples", str(10**7)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert worker.stdout is not None
        while "importance" not in worker.stdout.readline():
            assert worker.poll() is None
        parent.kill()
        parent.wait()
        _, errors = worker.communicate()
        assert (worker.returncode, errors) == (130, "Interrupted.\n")
    finally:
        for process in (parent, worker):
            process.kill()
            process.communicate()

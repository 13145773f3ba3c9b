"""What the table of runs says in each column, and what it hands out as CSV."""

import csv
import io

import pytest
from summaries import summary

from latentscope.runs.columns import COLUMNS, RunRow, csv_text, matches
from trainer.models import LIKELIHOODS, is_density
from trainer.run import Group

BY_NAME = {column.name: column for column in COLUMNS}


def words(row: RunRow) -> dict[str, str]:
    return {column.name: column.words(row) for column in COLUMNS}


def test_what_is_said_of_a_run() -> None:
    said = words(RunRow(summary("a", {"beta": 4, "latent": 8, "epochs": 30, "seconds": None})))
    assert said["name"] == "a"
    assert said["status"] == "finished"
    assert (said["data"], said["family"], said["network"]) == ("Digits 8×8", "VAE", "mlp")
    assert (said["latent"], said["beta"], said["budget"], said["trained"]) == ("8", "4", "30 epochs", "1 min")
    assert (said["negative_elbo"], said["reconstruction"], said["kl"]) == ("20.0", "15.0", "5.0")
    assert said["images_per_second"] == "12,346"
    assert said["group"] == ""


def test_what_has_no_meaning_is_left_empty() -> None:
    row = RunRow(summary("a", {"family": "autoencoder"}, negative_elbo=None, kl=None, started=None, seconds=0.0))
    said = words(row)
    assert [said[name] for name in ("beta", "negative_elbo", "kl", "started", "trained")] == [""] * 5
    assert words(RunRow(summary("b", {"family": "vq-vae"})))["beta"] == ""
    assert words(RunRow(row.summary, "queued, 2nd"))["status"] == "queued, 2nd"


@pytest.mark.parametrize("likelihood", LIKELIHOODS.names())
@pytest.mark.parametrize("figure", ["negative_elbo", "reconstruction"])
def test_densities_and_probabilities_never_share_a_column(likelihood: str, figure: str) -> None:
    row = RunRow(summary("a", {"likelihood": likelihood}))
    filled = {name for name in (figure, f"{figure}_density") if BY_NAME[name].value(row) is not None}
    assert filled == {f"{figure}_density" if is_density(row.summary.config) else figure}


def test_the_filter_looks_at_words_in_any_order() -> None:
    row = RunRow(summary("2026-mnist-vae", {"data": "mnist", "network": "conv"}, group=Group("x", "β = 1 / 4")))
    for wanted in ("", "  ", "mnist", "CONV mnist", "finished 2-d", "β = 1", "convolutional"):
        assert matches(row, wanted), wanted
    for wanted in ("fashion", "mnist mlp", "3-d"):
        assert not matches(row, wanted), wanted


def test_csv_is_read_back() -> None:
    rows = [
        RunRow(summary('odd, "name"', {"data": "/tmp/a b.npz"})),
        RunRow(summary("b", {"likelihood": "gaussian"}, negative_elbo=-1234.5678)),
    ]
    read = list(csv.DictReader(io.StringIO(csv_text(rows))))
    assert [one["name"] for one in read] == ['odd, "name"', "b"]
    assert float(read[1]["negative_elbo_density"]) == -1234.5678, "with a plain minus, and every digit"
    assert read[1]["negative_elbo"] == ""
    assert read[0]["images_per_second"] == "12345.6"
    assert read[0]["started"].startswith("2027-")

"""The table of runs, column by column: what is in it, how it is shown, by what it is sorted. No Qt."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from latentscope.runs.words import count, duration, exact_duration, family_title, when
from latentscope.words import MINUS, data_title, figure
from trainer.config import VARIATIONAL
from trainer.models import LIKELIHOODS, NETWORKS, is_density
from trainer.run import RunSummary

__all__ = ["COLUMNS", "Column", "RunRow", "csv_text", "matches", "status_words"]

STATUS = {"running": "training now", "new": "not begun"}


@dataclass(frozen=True)
class RunRow:
    """One run, and what the queue says of it ("queued, next"; empty where it is not queued)."""

    summary: RunSummary
    queued: str = ""


@dataclass(frozen=True)
class Column:
    """``value`` is what a run has there: a number, a text, or None where it has nothing. What has nothing comes last,
    whichever way the column is sorted."""

    name: str
    title: str
    tip: str
    value: Callable[[RunRow], Any]
    text: Callable[[Any], str] = str
    plain: Callable[[Any], str] = str  # for a file: no thousands separators, no "today"
    number: bool = False
    shown: bool = True  # at the first start

    def words(self, row: RunRow) -> str:
        """What the table shows; empty for nothing."""
        value = self.value(row)
        return "" if value is None else self.text(value)


def status_words(row: RunRow) -> str:
    return row.queued or STATUS.get(row.summary.status, row.summary.status)


def _bound(row: RunRow, density: bool) -> float | None:
    one = row.summary
    return one.negative_elbo if is_density(one.config) == density else None


def _reconstruction(row: RunRow, density: bool) -> float | None:
    one = row.summary
    return one.reconstruction if is_density(one.config) == density else None


def _beta(row: RunRow) -> float | None:
    """The weight of the KL term; a family without one has no β."""
    config = row.summary.config
    return config.beta if config.family in VARIATIONAL else None


def _budget(row: RunRow) -> tuple[int, float]:
    """Times before passes, each by their length."""
    config = row.summary.config
    return (0, config.seconds) if config.seconds is not None else (1, float(config.epochs or 0))


def _budget_words(value: tuple[int, float]) -> str:
    kind, amount = value
    return count(int(amount), "epoch") if kind else exact_duration(amount)


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).isoformat(sep=" ", timespec="seconds")


NATS = "Nats per image on the test images; lower is better."
PROBABILITY = f"{NATS} Of probabilities: under the Bernoulli likelihood."
DENSITY = (
    f"{NATS} Of densities: under a likelihood of grey values, which may give less than 0. Not to be compared with "
    "−ELBO under the Bernoulli likelihood."
)

COLUMNS: tuple[Column, ...] = (
    Column("name", "Run", "The run's folder", lambda row: row.summary.run.folder.name),
    Column("status", "Status", "How the run stands", status_words),
    Column(
        "group",
        "Group",
        "The comparison that the run belongs to",
        lambda row: row.summary.group.title if row.summary.group else None,
        shown=False,
    ),
    Column("data", "Data", "The data set", lambda row: data_title(row.summary.config.data)),
    Column("family", "Family", "The kind of model", lambda row: family_title(row.summary.config, beta=False)),
    Column("network", "Network", "The shape of encoder and decoder", lambda row: row.summary.config.network),
    Column("latent", "Latent", "The latent dimension", lambda row: row.summary.config.latent, number=True),
    Column("beta", "β", "The weight of the KL term", _beta, "{:g}".format, repr, number=True),
    Column("likelihood", "Likelihood", "What a decoded pixel means", lambda row: row.summary.config.likelihood),
    Column("budget", "Budget", "How long it was asked to train", _budget, _budget_words, _budget_words),
    Column(
        "trained",
        "Trained",
        "How long it has trained",
        lambda row: row.summary.seconds or None,
        duration,
        "{:.1f}".format,
        number=True,
    ),
    Column("negative_elbo", f"{MINUS}ELBO", PROBABILITY, lambda row: _bound(row, False), figure, repr, number=True),
    Column(
        "negative_elbo_density",
        f"{MINUS}ELBO (density)",
        DENSITY,
        lambda row: _bound(row, True),
        figure,
        repr,
        number=True,
    ),
    Column(
        "reconstruction",
        "Reconstruction",
        PROBABILITY,
        lambda row: _reconstruction(row, False),
        figure,
        repr,
        number=True,
    ),
    Column(
        "reconstruction_density",
        "Reconstr. (density)",
        DENSITY,
        lambda row: _reconstruction(row, True),
        figure,
        repr,
        number=True,
        shown=False,
    ),
    Column("kl", "KL", NATS, lambda row: row.summary.kl, figure, repr, number=True),
    Column(
        "images_per_second",
        "Images/s",
        "Training images a second, over the whole of the training",
        lambda row: row.summary.images_per_second,
        "{:,.0f}".format,
        "{:.1f}".format,
        number=True,
    ),
    Column("started", "Started", "When the training began", lambda row: row.summary.started, when, _day, number=True),
)


def matches(row: RunRow, wanted: str) -> bool:
    """Whether each word of ``wanted`` occurs in what the table says of a run, whatever the case."""
    if not wanted.strip():
        return True
    config = row.summary.config
    parts = [column.words(row) for column in COLUMNS if not column.number]
    parts += [f"{config.latent}-D", NETWORKS[config.network].title, LIKELIHOODS[config.likelihood].title]
    text = " ".join(parts).casefold()
    return all(word in text for word in wanted.casefold().split())


def csv_text(rows: Iterable[RunRow], columns: Sequence[Column] = COLUMNS) -> str:
    """The table as comma-separated values: a line of column names, then a line a run."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in rows:
        values = [(column, column.value(row)) for column in columns]
        writer.writerow(["" if value is None else column.plain(value) for column, value in values])
    return out.getvalue()

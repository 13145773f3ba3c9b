"""How the table of runs is ordered and filtered, and that selections stay with their runs."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from summaries import summary

from latentscope.panels.training.runs_model import RunsModel
from latentscope.runs.columns import COLUMNS
from trainer.run import RunSummary

UP, DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
NAMES = [column.name for column in COLUMNS]
ELBO = NAMES.index("negative_elbo")


@pytest.fixture
def model(qapp: object) -> RunsModel:
    return RunsModel()


def names(model: RunsModel) -> list[str]:
    return [one.run.folder.name for one in model.runs]


def runs(**bounds: float | None) -> list[RunSummary]:
    return [summary(name, negative_elbo=bound) for name, bound in bounds.items()]


def test_figures_are_sorted_as_numbers_and_what_is_missing_comes_last(model: RunsModel) -> None:
    model.show_runs(runs(a=9.5, b=None, c=100.0, d=20.0, e=None))
    assert names(model) == ["a", "b", "c", "d", "e"]
    model.sort(ELBO, UP)
    assert names(model) == ["a", "d", "c", "b", "e"]
    model.sort(ELBO, DOWN)
    assert names(model) == ["c", "d", "a", "b", "e"]
    model.sort(-1)
    assert names(model) == ["a", "b", "c", "d", "e"]


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=20), st.sampled_from([UP, DOWN]))
def test_any_figures(bounds: list[float | None], order: Qt.SortOrder) -> None:
    model = RunsModel()
    model.sort(ELBO, order)
    model.show_runs([summary(str(number), negative_elbo=bound) for number, bound in enumerate(bounds)])
    shown = [one.negative_elbo for one in model.runs]
    known = sorted((bound for bound in bounds if bound is not None), reverse=order == DOWN)
    assert shown == known + [None] * (len(bounds) - len(known))


@pytest.mark.parametrize("column", range(len(COLUMNS)))
@pytest.mark.parametrize("order", [UP, DOWN])
def test_every_column_can_be_sorted_by(model: RunsModel, column: int, order: Qt.SortOrder) -> None:
    model.show_runs(
        [
            summary("a", {"epochs": 5, "seconds": None}),
            summary("B", {"seconds": 7, "likelihood": "gaussian"}),
            summary("c", {"family": "autoencoder"}, negative_elbo=None, kl=None),
            summary("d", status="new", started=None, images_per_second=None),
        ]
    )
    model.sort(column, order)
    assert sorted(names(model)) == ["B", "a", "c", "d"]


def test_names_are_sorted_whatever_their_case(model: RunsModel) -> None:
    model.show_runs(runs(b=1.0, A=2.0, C=3.0))
    model.sort(0, UP)
    assert names(model) == ["A", "b", "C"]


def test_unsorted_what_is_trained_comes_first_then_the_queue(model: RunsModel) -> None:
    late, first, old = summary("late", status="new"), summary("first", status="new"), summary("old")
    model.show_runs(
        [late, old, first, summary("now", status="running")],
        [(first.run, "queued, next"), (late.run, "queued, 2nd")],
    )
    assert names(model) == ["now", "first", "late", "old"]
    assert model.index(2, NAMES.index("status")).data() == "queued, 2nd"


def test_an_index_stays_with_its_run(model: RunsModel) -> None:
    model.show_runs(runs(a=3.0, b=2.0, c=1.0))
    held = QPersistentModelIndex(model.index(0, 2))
    model.sort(ELBO, UP)
    assert (held.row(), held.column()) == (2, 2)
    model.show_runs(runs(a=0.5, b=2.0, c=1.0))
    assert held.row() == 0, "its figure has changed, and with it its place"


def test_new_figures_alone_reset_nothing(model: RunsModel) -> None:
    model.show_runs(runs(a=3.0, b=2.0))
    resets: list[Any] = []
    changes: list[Any] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.dataChanged.connect(lambda first, last: changes.append((first.row(), last.row())))
    model.show_runs(runs(a=3.0, b=1.0))
    model.show_runs(runs(a=3.0, b=1.0))
    assert (resets, changes) == ([], [(1, 1)])


def test_the_filter(model: RunsModel) -> None:
    model.show_runs([summary("a", {"data": "mnist"}), summary("b"), summary("c", {"latent": 8})])
    model.set_filter("digits")
    assert names(model) == ["b", "c"]
    model.set_filter("8-d DIGITS")
    assert names(model) == ["c"]
    assert model.count == 3
    model.show_runs([summary("d", {"latent": 8})])
    assert names(model) == ["d"], "what comes later is filtered, too"
    model.set_filter("")
    assert names(model) == ["d"]


def test_the_heading_says_how_the_table_is_sorted(model: RunsModel) -> None:
    across = Qt.Orientation.Horizontal
    assert model.headerData(ELBO, across) == "−ELBO"
    model.sort(ELBO, DOWN)
    assert model.headerData(ELBO, across) == "−ELBO ↓"
    assert "Bernoulli" in model.headerData(ELBO, across, Qt.ItemDataRole.ToolTipRole)


def test_a_cell_is_read_out(model: RunsModel) -> None:
    model.show_runs(runs(a=3.0, b=None))
    read = Qt.ItemDataRole.AccessibleTextRole
    assert "2-D VAE on Digits 8×8, finished" in model.index(0, 0).data(read)
    assert model.index(0, ELBO).data(read) == "−ELBO: 3.0"
    assert model.index(1, ELBO).data(read) == "−ELBO: none"

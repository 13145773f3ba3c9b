"""The table of runs under the mouse: sorting, columns, what is remembered, narrow and wide."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot
from summaries import summary
from table_mouse import click_heading, click_row

from latentscope.panels.training.runs_model import RunsModel
from latentscope.panels.training.runs_view import RunsView
from latentscope.runs.columns import COLUMNS
from latentscope.settings import Settings
from latentscope.theme import DARK, LIGHT

NAMES = [column.name for column in COLUMNS]
ELBO = NAMES.index("negative_elbo")
RUNS = [
    summary("a", negative_elbo=9.5),
    summary("b", negative_elbo=None, status="stopped"),
    summary("c", {"data": "mnist"}, negative_elbo=100.0),
    summary("d", negative_elbo=20.0),
]
Make = Callable[..., RunsView]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def make(qtbot: QtBot, settings: Settings) -> Iterator[Make]:
    kept: list[object] = []  # a view does not own its model, and neither must go while a menu does

    def open_view(width: int = 1400) -> RunsView:
        model = RunsModel()
        view = RunsView(model, DARK, settings)
        kept.extend((view, model))
        qtbot.addWidget(view)
        model.show_runs(RUNS)
        view.resize(width, 300)
        with qtbot.waitExposed(view):
            view.show()
        return view

    yield open_view


def names(view: RunsView) -> list[str]:
    return [view.model().index(row, 0).data() for row in range(view.model().rowCount())]


def shown(view: RunsView) -> list[str]:
    return [name for number, name in enumerate(NAMES) if not view.isColumnHidden(number)]


def test_a_click_on_a_heading_sorts_up_down_and_not_at_all(qtbot: QtBot, make: Make) -> None:
    view = make()
    orders = []
    for _ in range(3):
        click_heading(view, ELBO)
        orders.append(names(view))
    assert orders == [["a", "d", "c", "b"], ["c", "d", "a", "b"], ["a", "b", "c", "d"]]


def test_the_selection_stays_with_its_runs(qtbot: QtBot, make: Make) -> None:
    view = make()
    click_row(view, 0)
    click_row(view, 2, Qt.KeyboardModifier.ControlModifier)
    assert [run.folder.name for run in view.selected()] == ["a", "c"]
    click_heading(view, ELBO)
    click_heading(view, ELBO)
    assert [run.folder.name for run in view.selected()] == ["c", "a"]
    click_row(view, 0)
    click_row(view, 3, Qt.KeyboardModifier.ShiftModifier)
    assert len(view.selected()) == 4


def test_narrow_it_has_two_lines_a_run_and_wide_its_columns(qtbot: QtBot, make: Make) -> None:
    view = make(340)
    assert not view.wide
    assert shown(view) == ["name"]
    assert view.horizontalHeader().isHidden()
    tall = view.rowHeight(0)
    two_lines = view.grab().toImage()
    view.resize(1200, 300)
    qtbot.waitUntil(lambda: view.wide)
    assert view.rowHeight(0) < tall
    assert not view.horizontalHeader().isHidden()
    assert shown(view) == [column.name for column in COLUMNS if column.shown]
    dark = view.grab().toImage()
    view.set_theme(LIGHT)
    assert view.grab().toImage() != dark
    view.set_theme(DARK)
    view.resize(340, 300)
    qtbot.waitUntil(lambda: not view.wide)
    assert view.grab().toImage() == two_lines


def test_the_headings_menu_hides_columns(qtbot: QtBot, make: Make) -> None:
    view = make()
    view.horizontalHeader().customContextMenuRequested.emit(QPoint(5, 5))
    menu = view.findChild(QMenu)
    assert menu is not None
    entries = {action.text(): action for action in menu.actions()}
    assert "Run" not in entries, "a row must be somebody's"
    assert entries["KL"].isChecked()
    entries["KL"].trigger()
    entries["Group"].trigger()
    assert "kl" not in shown(view)
    assert "group" in shown(view)
    assert view.columnWidth(NAMES.index("group")) > 0
    entries["Show all columns"].trigger()
    assert shown(view) == NAMES
    menu.close()


def test_columns_widths_and_sorting_are_remembered(qtbot: QtBot, make: Make) -> None:
    view = make()
    view.show_column(NAMES.index("kl"), False)
    view.setColumnWidth(NAMES.index("data"), 133)
    view.horizontalHeader().moveSection(view.horizontalHeader().visualIndex(ELBO), 1)
    click_heading(view, ELBO)
    click_heading(view, ELBO)
    view.remember()
    again = make()
    assert "kl" not in shown(again)
    assert again.columnWidth(NAMES.index("data")) == 133
    assert again.horizontalHeader().visualIndex(ELBO) == 1
    assert names(again) == ["c", "d", "a", "b"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"x"',
        '{"hidden": 7, "order": 3, "widths": [], "sort": 5}',
        '{"hidden": ["name", "gone", 7], "order": ["name"], "widths": {"kl": -5, "gone": 9, "data": "x"}}',
        '{"sort": ["gone", true]}',
        '{"sort": ["kl", "yes"]}',
    ],
)
def test_damaged_memory_is_no_memory(qtbot: QtBot, make: Make, settings: Settings, text: str) -> None:
    settings.set_text("runs/columns", text)
    view = make()
    assert "name" in shown(view)
    assert names(view) == ["a", "b", "c", "d"]


def test_csv_is_what_is_shown(qtbot: QtBot, make: Make) -> None:
    view = make()
    view.show_column(NAMES.index("kl"), False)
    view.horizontalHeader().moveSection(view.horizontalHeader().visualIndex(ELBO), 1)
    click_heading(view, ELBO)
    click_row(view, 0)
    lines = view.csv(selected_only=True).splitlines()
    assert lines[0].startswith("name,negative_elbo,status")
    assert "kl" not in lines[0].split(",")
    assert [line.split(",")[0] for line in lines[1:]] == ["a"]
    assert [line.split(",")[0] for line in view.csv(selected_only=False).splitlines()[1:]] == ["a", "d", "c", "b"]


def test_a_thousand_runs_are_painted_as_far_as_they_are_seen(
    qtbot: QtBot, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make()
    painted: list[int] = []
    paint = view.delegate.paint
    monkeypatch.setattr(
        view.delegate,
        "paint",
        lambda painter, option, index: (painted.append(index.row()), paint(painter, option, index)),
    )
    view.model().show_runs([summary(f"run-{number}", negative_elbo=float(number)) for number in range(1000)])
    view.grab()
    assert 0 < len(set(painted)) < 40
    click_row(view, 999)
    assert [run.folder.name for run in view.selected()] == ["run-999"]

"""The collapse doctor: what it says of models of every kind, and the path that a click on a dimension draws."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latentscope.panels.collapse import CollapsePanel, advice, diagnosis, listed, measured
from latentscope.panels.dimension_bars import Dimension
from latentscope.theme import DARK, LIGHT
from latentscope.workspace import OpenModel, Workspace
from trainer.config import make_config
from trainer.files import Codes, ModelFile

CONFIG = make_config({"epochs": 1})


def file(dimensions: int, dead: tuple[int, ...] = (), **settings: object) -> ModelFile:
    """A model whose codes have σ = ½ in each dimension, and in the dead ones are the prior."""
    random = np.random.default_rng(0)
    mean = random.normal(0, 0.8, (200, dimensions)).astype(np.float32)
    logvar = np.full((200, dimensions), 2 * np.log(0.5), np.float32)
    mean[:, dead], logvar[:, dead] = 0, 0
    config = make_config({"data": "digits", "epochs": 1, "latent": dimensions, **settings})
    return ModelFile(config, (8, 8, 1), (), {"w": np.zeros(1, np.float32)}, Codes(mean, logvar))


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> CollapsePanel:
    panel = CollapsePanel(workspace, DARK)
    qtbot.addWidget(panel)
    panel.resize(340, 420)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def click(panel: CollapsePanel, place: int) -> None:
    height = panel.bars.row_height
    QTest.mouseClick(panel.bars, Qt.MouseButton.LeftButton, pos=QPoint(60, place * height + height // 2))


def test_inactive_dimensions_are_named(panel: CollapsePanel, workspace: Workspace) -> None:
    assert panel.words.text() == "No model is open."
    workspace.open_model(OpenModel(file(20, (3, 6, 18)), "test"))
    assert panel.words.text() == (
        "3 of 20 dimensions are inactive: z₃, z₆ and z₁₈. They carry no information: the decoder ignores them."
    )
    assert "KL warm-up, free bits or a lower β (now 1)" in panel.advice.text()
    rows = panel.bars.rows
    assert [row.index for row in rows if not row.active] == [3, 6, 18]
    assert rows[3].kl == pytest.approx(0)
    assert rows[3].sigma == pytest.approx(1)
    assert rows[0].sigma == pytest.approx(0.5)
    assert rows[0].kl == pytest.approx(0.5 * (0.64 + 0.25 - 1 - np.log(0.25)), abs=0.1)


def test_the_order_can_be_chosen(panel: CollapsePanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(12, (0,)), "test"))
    QTest.mouseClick(panel.by_kl, Qt.MouseButton.LeftButton)
    kl = [row.kl for row in panel.bars.rows]
    assert kl == sorted(kl, reverse=True)
    assert panel.bars.rows[-1].index == 0
    QTest.mouseClick(panel.by_number, Qt.MouseButton.LeftButton)
    assert [row.index for row in panel.bars.rows] == list(range(12))


def test_a_click_traverses_a_dimension_through_the_probe(panel: CollapsePanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(5), "test"))
    probe = [0.1, -0.2, 0.3, -0.4, 0.5]
    workspace.set_probe(probe)
    traversed: list[int] = []
    panel.traversed.connect(traversed.append)
    click(panel, 3)
    path = workspace.path
    assert path is not None
    assert path.waypoints == ((0.1, -0.2, 0.3, -3.0, 0.5), (0.1, -0.2, 0.3, 3.0, 0.5))
    assert traversed == [3]
    click(panel, 1)
    assert workspace.path is not None
    assert workspace.path.waypoints[1][1] == 3
    workspace.undo_stack.undo()
    assert workspace.path == path
    workspace.undo_stack.undo()
    assert workspace.path is None


def test_the_keyboard_goes_through_the_dimensions(panel: CollapsePanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(300), "test"))
    QApplication.processEvents()  # the table has its place now
    for key in (Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Return):
        QTest.keyClick(panel.bars, key)
    assert workspace.path is not None
    assert np.flatnonzero(workspace.path.waypoints[0]).tolist() == [288]
    assert panel.bars.accessibleDescription().startswith("z₂₈₈: KL")
    scrolled = panel.area.verticalScrollBar().value()
    top = 288 * panel.bars.row_height - scrolled
    assert 0 <= top <= panel.area.viewport().height() - panel.bars.row_height


def test_snapshots_are_followed_while_they_can_be_seen(panel: CollapsePanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(4), "run", live=True))
    assert panel.words.text().startswith("All 4 dimensions are in use")
    workspace.set_snapshot(OpenModel(file(4, (1,)), "run", live=True))
    assert panel.words.text().startswith("1 of 4 dimensions is inactive: z₁. It carries no information")
    panel.hide()
    workspace.set_snapshot(OpenModel(file(4, (1, 2)), "run", live=True))
    assert "inactive: z₁." in panel.words.text()
    panel.show()
    assert "inactive: z₁ and z₂." in panel.words.text()


@pytest.mark.parametrize("count", [1, 2, 512])
def test_any_number_of_dimensions_is_shown(panel: CollapsePanel, workspace: Workspace, count: int) -> None:
    workspace.open_model(OpenModel(file(count), "test"))
    assert len(panel.bars.rows) == count
    for theme in (LIGHT, DARK):
        panel.set_theme(theme)
        bars = panel.bars.grab().toImage()
        colours = {bars.pixel(x, y) for x in range(0, bars.width(), 3) for y in range(0, min(60, bars.height()), 2)}
        assert len(colours) >= 3
    click(panel, 0)
    assert workspace.path is not None
    assert len(workspace.path.waypoints[0]) == count


def test_what_has_no_posterior_says_so(panel: CollapsePanel, workspace: Workspace) -> None:
    vae = file(2)
    assert vae.codes is not None
    workspace.open_model(OpenModel(replace(vae, codes=replace(vae.codes, logvar=None)), "ae"))
    assert "neither KL nor σ" in panel.words.text()
    assert panel.table.isHidden()
    workspace.open_model(OpenModel(replace(vae, codes=None), "bare"))
    assert "no codes" in panel.words.text()
    workspace.open_model(OpenModel(vae, "vae"))
    assert not panel.table.isHidden()


def test_a_codebook_says_what_of_it_is_dead(panel: CollapsePanel, workspace: Workspace) -> None:
    vae = file(2, codes=16)
    assert vae.codes is not None
    tokens = (np.arange(200 * 4, dtype=np.int16) % 12).reshape(200, 2, 2)
    codes = replace(vae.codes, logvar=None, tokens=tokens)
    workspace.open_model(OpenModel(replace(vae, codes=codes), "vq"))
    assert panel.words.text() == "12 of 16 codes are in use; 4 are dead: no test image uses them. Perplexity 12."


def rows(active: list[bool]) -> list[Dimension]:
    return [Dimension(i, 1.0, 0.5, on) for i, on in enumerate(active)]


def test_the_words_fit_what_there_is() -> None:
    assert diagnosis(rows([True]), CONFIG)[0].startswith("The one dimension is in use")
    assert diagnosis(rows([True, True]), CONFIG)[0].startswith("Both dimensions are in use")
    assert diagnosis(rows([False]), CONFIG)[0].startswith("The one dimension is inactive")
    words, what = diagnosis(rows([False, False]), CONFIG)
    assert words.startswith("The model has collapsed")
    assert "Or leave it so" not in what
    assert listed([0, 1, 12]) == "z₀, z₁ and z₁₂"
    assert listed(list(range(30))) == "z₀, z₁, z₂, z₃, z₄, z₅, z₆ and 23 more"


def test_only_what_was_not_tried_is_advised() -> None:
    tried = make_config({"epochs": 1, "kl_warm_up": 0.3, "beta": 4})
    assert "KL warm-up" not in advice(tried, False)
    assert "free bits or a lower β (now 4)" in advice(tried, False)
    only_kl = make_config({"epochs": 1, "reconstruction": False})
    assert "only the KL was left" in advice(only_kl, True)


def test_very_many_codes_are_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = file(4, (2,)).codes
    assert codes is not None
    monkeypatch.setattr("latentscope.panels.collapse.MOST_VALUES", 100)
    assert [row.active for row in measured(codes, False)] == [True, True, False, True]

"""The Dimensions dock: its sliders, what it says of models of every kind, and the path that a click on a name draws."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latentscope.analysis.dimensions import Dimension, dimensions_of
from latentscope.panels.dimensions.diagnosis import advice, diagnosis, listed
from latentscope.panels.dimensions.panel import DimensionsPanel
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT
from trainer.config import make_config
from trainer.files import Codes, ModelFile

CONFIG = make_config({"epochs": 1})
PLAIN = Qt.KeyboardModifier.NoModifier


def file(dimensions: int, dead: tuple[int, ...] = (), **settings: object) -> ModelFile:
    """A model whose codes have σ = ½ in each dimension, and in the dead ones are the prior."""
    random = np.random.default_rng(0)
    mean = random.normal(0, 0.8, (200, dimensions)).astype(np.float32)
    logvar = np.full((200, dimensions), 2 * np.log(0.5), np.float32)
    mean[:, dead], logvar[:, dead] = 0, 0
    config = make_config({"data": "digits", "epochs": 1, "latent": dimensions, **settings})
    return ModelFile(config, (8, 8, 1), (), {"w": np.zeros(1, np.float32)}, Codes(mean, logvar))


@pytest.fixture
def panel(workspace: Workspace, qtbot: QtBot) -> DimensionsPanel:
    panel = DimensionsPanel(workspace, DARK)
    qtbot.addWidget(panel)
    panel.resize(340, 420)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def click(panel: DimensionsPanel, place: int) -> None:
    height = panel.rows.row_height
    QTest.mouseClick(panel.rows, Qt.MouseButton.LeftButton, pos=QPoint(18, place * height + height // 2))


def test_inactive_dimensions_are_named(panel: DimensionsPanel, workspace: Workspace) -> None:
    assert panel.words.text() == "No model is open."
    workspace.open_model(OpenModel(file(20, (3, 6, 18)), "test"))
    assert panel.words.text() == (
        "3 of 20 dimensions are inactive: z₃, z₆ and z₁₈. They carry no information: the decoder ignores them."
    )
    assert "KL warm-up, free bits or a lower β (now 1)" in panel.advice.text()
    rows = panel.rows.rows
    assert [row.index for row in rows if not row.active] == [3, 6, 18]
    assert rows[3].kl == pytest.approx(0)
    assert rows[3].sigma == pytest.approx(1)
    assert rows[0].sigma == pytest.approx(0.5)
    assert rows[0].kl == pytest.approx(0.5 * (0.64 + 0.25 - 1 - np.log(0.25)), abs=0.1)


def test_the_order_can_be_chosen(panel: DimensionsPanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(12, (0,)), "test"))
    QTest.mouseClick(panel.by_kl, Qt.MouseButton.LeftButton)
    kl = [row.kl for row in panel.rows.rows]
    assert kl == sorted(kl, reverse=True)
    assert panel.rows.rows[-1].index == 0
    QTest.mouseClick(panel.by_number, Qt.MouseButton.LeftButton)
    assert [row.index for row in panel.rows.rows] == list(range(12))


def test_a_click_traverses_a_dimension_through_the_probe(panel: DimensionsPanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(5), "test"))
    probe = [0.1, -0.2, 0.3, -0.4, 0.5]
    workspace.set_probe(probe)
    traversed: list[int] = []
    panel.traversed.connect(traversed.append)
    click(panel, 3)
    path = workspace.pathing.current
    assert path is not None
    assert path.waypoints == ((0.1, -0.2, 0.3, -3.0, 0.5), (0.1, -0.2, 0.3, 3.0, 0.5))
    assert traversed == [3]
    click(panel, 1)
    assert workspace.pathing.current is not None
    assert workspace.pathing.current.waypoints[1][1] == 3
    workspace.undo_stack.undo()
    assert workspace.pathing.current == path
    workspace.undo_stack.undo()
    assert workspace.pathing.current is None


def at(panel: DimensionsPanel, place: int, share: float) -> QPoint:
    """On the slider of a row, at a share of its length."""
    x, width = panel.rows.layout_of_row.slider
    return QPoint(round(x + share * width), round((place + 0.5) * panel.rows.row_height))


def turn(panel: DimensionsPanel, notches: float, where: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> QWheelEvent:
    button, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    there = QPointF(panel.rows.mapToGlobal(where))
    event = QWheelEvent(QPointF(where), there, QPoint(), QPoint(0, round(120 * notches)), button, keys, phase, False)
    panel.rows.wheelEvent(event)
    return event


@pytest.mark.parametrize("count", [1, 2, 20])
def test_a_slider_moves_the_probe(panel: DimensionsPanel, workspace: Workspace, count: int) -> None:
    workspace.open_model(OpenModel(file(count), "test"))
    workspace.set_probe(np.full(count, 0.25))
    place = count - 1
    row = panel.rows.rows[place]
    QTest.mousePress(panel.rows, Qt.MouseButton.LeftButton, pos=at(panel, place, 0.5))
    assert workspace.probe[place] == pytest.approx(0, abs=0.1)
    heard: list[float] = []
    workspace.probe_changed.connect(lambda: heard.append(float(workspace.probe[place])))
    for share in (0.6, 0.7, 0.8, 2.0):
        QTest.mouseMove(panel.rows, at(panel, place, share))
    QTest.mouseRelease(panel.rows, Qt.MouseButton.LeftButton, pos=at(panel, place, 2.0))
    assert heard == sorted(heard)
    assert heard[-1] == row.high, "and no farther"
    assert workspace.probe[:place].tolist() == [0.25] * place, "the others stay"
    assert workspace.pathing.current is None
    QTest.mouseDClick(panel.rows, Qt.MouseButton.LeftButton, pos=at(panel, place, 0.9))
    assert workspace.probe[place] == 0
    assert not workspace.undo_stack.count()


def test_the_wheel_traverses_a_slider_and_scrolls_beside_it(panel: DimensionsPanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(40), "test"))
    workspace.set_probe(np.zeros(40))
    for keys, step in (
        (PLAIN, 0.1),
        (Qt.KeyboardModifier.ShiftModifier, 0.5),
        (Qt.KeyboardModifier.ControlModifier, 0.01),
    ):
        before = workspace.probe[2]
        assert turn(panel, 1, at(panel, 2, 0.5), keys).isAccepted()
        assert workspace.probe[2] == pytest.approx(before + step)
    for _ in range(100):
        turn(panel, -1, at(panel, 2, 0.5))
    assert workspace.probe[2] == panel.rows.rows[2].low
    probe = workspace.probe.copy()
    assert not turn(panel, -3, QPoint(18, 5)).isAccepted(), "the list scrolls"
    assert np.array_equal(workspace.probe, probe)


def test_a_value_is_typed(panel: DimensionsPanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(5), "test"))
    workspace.set_probe(np.zeros(5))
    x, width = panel.rows.layout_of_row.value
    cell = QPoint(round(x + width / 2), round(2.5 * panel.rows.row_height))
    editor = panel.rows.editor
    for typed, value in (("-1,25", -1.25), ("7", 7.0), ("abc", 7.0), ("nan", 7.0), ("1e999", 7.0)):
        QTest.mouseClick(panel.rows, Qt.MouseButton.LeftButton, pos=cell)
        assert editor.isVisible()
        QTest.keyClicks(editor, typed)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        assert editor.isHidden()
        assert workspace.probe[2] == value
    assert workspace.pathing.current is None, "Return was for the field alone"
    QTest.mouseClick(panel.rows, Qt.MouseButton.LeftButton, pos=cell)
    QTest.keyClicks(editor, "3")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert workspace.probe.tolist() == [0, 0, 7, 0, 0]
    QTest.keyClick(panel.rows, Qt.Key.Key_Down)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left):
        QTest.keyClick(panel.rows, key)
    assert workspace.probe[3] == pytest.approx(0.1)
    QTest.keyClick(panel.rows, Qt.Key.Key_2)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert workspace.probe[3] == 2
    QTest.keyClick(panel.rows, Qt.Key.Key_Delete)
    assert workspace.probe[3] == 0


def test_the_rows_follow_the_probe(panel: DimensionsPanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(6), "test"))
    workspace.set_probe(np.zeros(6))
    before = panel.rows.grab().toImage()
    workspace.set_probe([0, 0, 2.0, 0, 0, 0])
    after = panel.rows.grab().toImage()
    height = panel.rows.row_height
    changed = {
        y // height for y in range(6 * height) for x in range(after.width()) if before.pixel(x, y) != after.pixel(x, y)
    }
    assert changed == {2}
    panel.hide()
    workspace.set_probe(np.ones(6))
    panel.show()
    assert panel.rows._values.tolist() == [1.0] * 6


def test_the_keyboard_goes_through_the_dimensions(panel: DimensionsPanel, workspace: Workspace) -> None:
    workspace.open_model(OpenModel(file(300), "test"))
    workspace.set_probe(np.zeros(300))
    QApplication.processEvents()  # the table has its place now
    for key in (Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Return):
        QTest.keyClick(panel.rows, key)
    assert workspace.pathing.current is not None
    assert np.flatnonzero(workspace.pathing.current.waypoints[0]).tolist() == [288]
    assert panel.rows.accessibleDescription().startswith("z₂₈₈: KL")
    scrolled = panel.area.verticalScrollBar().value()
    top = 288 * panel.rows.row_height - scrolled
    assert 0 <= top <= panel.area.viewport().height() - panel.rows.row_height


def test_snapshots_are_followed_while_they_can_be_seen(
    qtbot: QtBot, panel: DimensionsPanel, workspace: Workspace
) -> None:
    workspace.open_model(OpenModel(file(4), "run", live=True))
    assert panel.words.text().startswith("All 4 dimensions are in use")
    workspace.set_snapshot(OpenModel(file(4, (1,)), "run", live=True))
    qtbot.waitUntil(lambda: not workspace.turns.is_due())
    assert panel.words.text().startswith("1 of 4 dimensions is inactive: z₁. It carries no information")
    panel.hide()
    workspace.set_snapshot(OpenModel(file(4, (1, 2)), "run", live=True))
    qtbot.waitUntil(lambda: not workspace.turns.is_due())
    assert "inactive: z₁." in panel.words.text()
    panel.show()
    assert "inactive: z₁ and z₂." in panel.words.text()


@pytest.mark.parametrize("count", [1, 2, 512])
def test_any_number_of_dimensions_is_shown(panel: DimensionsPanel, workspace: Workspace, count: int) -> None:
    workspace.open_model(OpenModel(file(count), "test"))
    assert len(panel.rows.rows) == count
    for theme in (LIGHT, DARK):
        panel.set_theme(theme)
        bars = panel.rows.grab().toImage()
        colours = {bars.pixel(x, y) for x in range(0, bars.width(), 3) for y in range(0, min(60, bars.height()), 2)}
        assert len(colours) >= 3
    click(panel, 0)
    assert workspace.pathing.current is not None
    assert len(workspace.pathing.current.waypoints[0]) == count


def test_what_has_no_posterior_says_so(panel: DimensionsPanel, workspace: Workspace) -> None:
    vae = file(2)
    assert vae.codes is not None
    workspace.open_model(OpenModel(replace(vae, codes=replace(vae.codes, logvar=None)), "ae"))
    assert "neither KL nor σ" in panel.words.text()
    assert panel.by_kl.text() == "By spread"
    for row in panel.rows.rows:  # the sliders go as far as the codes, and rest at their mean
        codes = vae.codes.mean[:, row.index]
        assert row.low < codes.min() < row.rest < codes.max() < row.high
        assert row.rest == pytest.approx(codes.mean(), abs=1e-6)
    click(panel, 1)
    assert workspace.pathing.current is not None
    assert [z[1] for z in workspace.pathing.current.waypoints] == pytest.approx(
        [panel.rows.rows[1].low, panel.rows.rows[1].high]
    )
    workspace.open_model(OpenModel(replace(vae, codes=None), "bare"))
    assert "no codes" in panel.words.text()
    assert [(row.low, row.high, row.rest) for row in panel.rows.rows] == [(-3, 3, 0)] * 2
    workspace.open_model(OpenModel(vae, "vae"))
    assert not panel.table.isHidden()


def test_a_codebook_says_what_of_it_is_dead(panel: DimensionsPanel, workspace: Workspace) -> None:
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
    monkeypatch.setattr("latentscope.runs.evaluations.MOST_VALUES", 100)
    monkeypatch.setattr("latentscope.runs.evaluations.SAMPLE_VALUES", 100)
    assert [row.active for row in dimensions_of(codes, 4)] == [True, True, False, True]

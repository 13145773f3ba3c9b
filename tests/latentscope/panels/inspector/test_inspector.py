"""The Inspector dock with all sorts of models and selections."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.inspecting.inspecting import Inspecting
from latentscope.panels.inspector.panel import InspectorPanel
from latentscope.panels.inspector.words import distance_text, error_text, share_text
from latentscope.state.open_model import OpenModel
from latentscope.state.selection import Selection
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT
from trainer.files import Codes, ModelFile

Make = Callable[..., InspectorPanel]


@pytest.fixture
def make(
    qtbot: QtBot, workspace: Workspace, decoding: Decoding, originals: Originals, background: Background
) -> Iterator[Make]:
    """Opens the dock on codes and images of one's own; all of them are selected."""
    panels: list[InspectorPanel] = []

    def make(file: ModelFile, codes: Codes, images: np.ndarray | None = None, width: int = 340) -> InspectorPanel:
        workspace.open_model(OpenModel(replace(file, codes=codes), "test"))
        originals._images = images
        workspace.selecting.set(Selection.of(np.arange(len(codes.mean))))
        inspecting = Inspecting(workspace, decoding, originals, background)
        panel = InspectorPanel(inspecting, DARK)
        panel.setParent(None)
        qtbot.addWidget(panel)
        panel.inspecting = inspecting  # type: ignore[attr-defined]
        panel.resize(width, 420)
        with qtbot.waitExposed(panel):
            panel.show()
        panel.set_shown(True)
        qtbot.waitUntil(lambda: panel.is_settled(), timeout=20_000)
        panels.append(panel)
        return panel

    yield make
    for panel in panels:
        panel.stop()


def codes_of(count: int, classes: int = 3) -> Codes:
    random = np.random.default_rng(count)
    labels = random.integers(0, classes, count)
    return Codes(*random.normal(size=(2, count, 2)).astype(np.float32), labels)


def test_of_very_many_images_only_the_seen_are_made(make: Make, model_file: ModelFile) -> None:
    codes = codes_of(60_000)
    images = np.zeros((60_000, 8, 8, 1), np.uint8)
    panel = make(model_file, codes, images)
    panel._choose_mode(2)
    panel.gallery.grab()
    assert len(panel.gallery.seen()) < 60
    assert len(panel.inspecting.reconstructions._pictures) < 200
    bar = panel.gallery.verticalScrollBar()
    bar.setValue(bar.maximum())
    assert panel.gallery.seen().stop == 60_000
    last = panel.gallery._rect(59_999)
    assert panel.gallery.viewport().rect().contains(last)
    assert panel.gallery.position_at(last.center()) == 59_999


@pytest.mark.parametrize("width", [300, 340, 517, 900])
@pytest.mark.parametrize("count", [1, 7, 100])
def test_each_place_of_the_gallery_is_one_image(make: Make, model_file: ModelFile, width: int, count: int) -> None:
    gallery = make(model_file, codes_of(count), width=width).gallery
    room = gallery.viewport().rect()
    for position in gallery.seen():
        rect = gallery._rect(position)
        assert room.left() <= rect.left()
        assert rect.right() <= room.right()
        assert gallery.position_at(rect.topLeft()) == gallery.position_at(rect.bottomRight()) == position
    assert gallery.position_at(QPoint(2, 1)) == -1
    rects = [gallery._rect(position) for position in gallery.seen()]
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])


def test_the_size_of_the_thumbnails_follows_the_keys_within_its_limits(make: Make, model_file: ModelFile) -> None:
    gallery = make(model_file, codes_of(50)).gallery
    columns = [gallery.columns]
    for key in [Qt.Key.Key_Plus] * 8 + [Qt.Key.Key_Minus] * 12:
        QTest.keyClick(gallery, key)
        columns.append(gallery.columns)
    assert min(columns) == columns[8] < columns[0] < columns[-1] == max(columns)


def test_two_hundred_classes_have_a_line_each(make: Make, model_file: ModelFile, qtbot: QtBot) -> None:
    names = tuple(f"a class with a rather long name, number {i}" for i in range(200))
    codes = Codes(*np.zeros((2, 400, 2), np.float32), np.arange(400) % 200)
    panel = make(replace(model_file, class_names=names), codes)
    panel.show_page(1)
    bars = panel.summary.bars
    assert len(bars.lines) == 200
    assert bars.height() >= 200 * bars.fontMetrics().height()
    panel.grab()


def test_neither_labels_nor_log_variances(make: Make, model_file: ModelFile) -> None:
    panel = make(model_file, Codes(codes_of(20).mean))
    model = panel.sort_choice.model()
    offered = {panel.sort_choice.itemData(row): model.item(row).isEnabled() for row in range(model.rowCount())}
    assert offered == {"index": True, "class": False, "error": False, "kl": False, "probe": True, "mean": True}
    panel.show_page(1)
    assert not panel.summary.bars.isVisible()
    assert panel.summary.pair.facts == ""
    panel.show_page(2)
    panel.inspecting.look_at(3)
    panel.set_theme(LIGHT)
    panel.grab()


def test_all_pages_stand_beside_each_other_where_there_is_room(make: Make, model_file: ModelFile) -> None:
    panel = make(model_file, codes_of(30), width=1000)
    pages = (panel.gallery, panel.summary, panel.image)
    assert all(page.isVisible() for page in pages)
    assert not panel._tab_row.isVisible()
    panel.resize(400, 420)
    assert [page.isVisible() for page in pages] == [True, False, False]
    assert panel._tab_row.isVisible()


@pytest.mark.parametrize("shape", [(1, 1, 1), (700, 300, 3), (5, 64, 1)])
def test_images_of_any_shape_are_drawn(
    make: Make, model_file: ModelFile, shape: tuple[int, int, int], qtbot: QtBot
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, *shape), np.uint8)
    panel = make(replace(model_file, image_shape=shape), codes_of(40), images)
    for _ in range(100):  # large ones are made a few at a time
        panel.gallery.viewport().repaint()
        if panel.thumbs.is_complete:
            break
    assert panel.thumbs.is_complete
    picture = panel.gallery.grab().toImage()
    assert len({picture.pixel(x, 20) for x in range(picture.width())}) > 1
    panel.inspecting.look_at(3)
    panel.card.show_image(3, QPoint(5, 5))
    assert panel.card.isVisible()
    panel.card.hide()


def test_a_model_that_fails_to_decode_says_so_once(make: Make, model_file: ModelFile, qtbot: QtBot) -> None:
    panel = make(model_file, codes_of(20))
    said: list[str] = []
    panel.inspecting.failed.connect(said.append)
    panel.inspecting.source.codes.mean[:] = 1e30  # finite, and what float32 makes of it is not
    panel.inspecting.source.codes.mean[3] = np.nan
    panel.inspecting.reconstructions.follow(panel.inspecting.source)
    panel.inspecting.reconstructions.want(range(10))
    qtbot.waitUntil(panel.is_settled)
    assert panel.inspecting.reconstructions.get(3) is None
    assert len(said) <= 1


def test_figures_are_short() -> None:
    assert [share_text(count, 10_000) for count in (0, 1, 50, 1234, 10_000)] == [
        "0 %",
        "< 0.1 %",
        "0.5 %",
        "12 %",
        "100 %",
    ]
    assert [error_text(value) for value in (0.00123, 0.0994, 0.25)] == ["0.0012", "0.0994", "0.250"]
    assert [distance_text(value) for value in (0.0123, 1.5, 1234.5)] == ["0.012", "1.50", "1,234"]


def test_the_summary_beside_the_gallery_has_room_for_its_figures(
    make: Make, model_file: ModelFile, qtbot: QtBot
) -> None:
    codes = replace(codes_of(50), logvar=np.full((50, 2), -200, np.float32))
    panel = make(model_file, codes, np.zeros((50, 8, 8, 1), np.uint8), width=900)
    qtbot.waitUntil(lambda: "mean error" in panel.summary.pair.facts)
    facts = panel.summary.pair._facts
    assert "nats" in facts.text() and "\n" not in facts.text()
    assert facts.fontMetrics().horizontalAdvance(facts.text()) <= facts.width()

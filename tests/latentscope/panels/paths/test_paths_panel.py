"""The Paths dock under a real mouse and real keys."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from latentscope.decoding import Decoding
from latentscope.panels.paths.looks import add_looks
from latentscope.panels.paths.panel import PathsPanel
from latentscope.paths.routes import Routes
from latentscope.state.paths import NO_PATHS, LatentPath, Paths
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK, LIGHT, path_colour

LEFT = Qt.MouseButton.LeftButton
A, B, C = (-2.0, 0.0), (0.0, 0.0), (2.0, 0.0)


@pytest.fixture
def panel(qtbot: QtBot, open_workspace: Workspace, decoding: Decoding) -> PathsPanel:
    kept = LatentPath((B, C), name="kept", colour=1)
    open_workspace.pathing.set(Paths((kept, LatentPath((A, B))), 1))
    routes = Routes(open_workspace, decoding)
    panel = PathsPanel(open_workspace, routes, DARK)
    qtbot.addWidget(panel)
    panel.resize(236, 400)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.destroyed.connect(routes.close)
    yield panel
    routes.close()


def click(panel: PathsPanel, row: int, double: bool = False) -> None:
    place = panel.list.visualItemRect(panel.list.item(row)).center()
    (QTest.mouseDClick if double else QTest.mouseClick)(panel.list.viewport(), LEFT, pos=place)


def test_it_lists_paths_and_follows_them(panel: PathsPanel, open_workspace: Workspace) -> None:
    items = [panel.list.item(row) for row in range(2)]
    assert [item.text() for item in items] == ["kept", "Draft"]
    assert "Linear · 16 steps" in items[0].toolTip()
    assert "2.00 long" in items[0].toolTip()
    assert panel.list.currentRow() == 1
    open_workspace.pathing.set_current(LatentPath((A, C), "slerp"))
    assert panel.list.item(1) is items[1]
    assert "Slerp" in items[1].toolTip()
    assert "4.00 long" in items[1].toolTip()
    dark = panel.grab().toImage()
    panel.set_theme(LIGHT)
    assert panel.grab().toImage() != dark


def test_a_click_goes_to_a_path(panel: PathsPanel, open_workspace: Workspace) -> None:
    click(panel, 0)
    assert open_workspace.pathing.paths.active == 0
    assert not panel.keep_button.isEnabled()
    open_workspace.undo_stack.undo()
    assert open_workspace.pathing.paths.active == 1
    assert panel.list.currentRow() == 1


def test_the_draft_is_kept_under_the_name_that_is_typed_or_offered(
    panel: PathsPanel, open_workspace: Workspace
) -> None:
    assert panel.name.placeholderText() == "a → b"
    QTest.keyClicks(panel.name, "mine")
    QTest.keyClick(panel.name, Qt.Key.Key_Return)
    assert open_workspace.pathing.paths.names == ["kept", "mine"]
    assert panel.name.text() == ""
    open_workspace.undo_stack.undo()
    QTest.mouseClick(panel.keep_button, LEFT)
    assert open_workspace.pathing.paths.names == ["kept", "a → b"]


def test_esc_gives_up_the_name_and_not_the_path(panel: PathsPanel, open_workspace: Workspace) -> None:
    QTest.keyClicks(panel.name, "mine")
    QTest.keyClick(panel.name, Qt.Key.Key_Escape)
    assert panel.name.text() == ""
    assert open_workspace.pathing.current is not None


def test_a_kept_path_is_renamed_in_its_place(panel: PathsPanel, open_workspace: Workspace, qtbot: QtBot) -> None:
    click(panel, 0)
    click(panel, 0, double=True)
    editor = panel.list.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "other")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: open_workspace.pathing.paths.names == ["other"])
    assert panel.list.item(0).text() == "other"
    open_workspace.undo_stack.undo()
    assert panel.list.item(0).text() == "kept"
    panel.list.rename(0)
    editor = panel.list.findChild(QLineEdit)
    editor.clear()
    QTest.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.list.item(0).text() == "kept")


def test_paths_are_removed_by_delete_and_by_the_button(panel: PathsPanel, open_workspace: Workspace) -> None:
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert open_workspace.pathing.paths.names == ["kept"]
    assert open_workspace.pathing.current is None
    assert not panel.remove_button.isEnabled()
    click(panel, 0)
    QTest.mouseClick(panel.duplicate_button, LEFT)
    assert open_workspace.pathing.paths.names == ["kept", "kept 2"]
    QTest.mouseClick(panel.remove_button, LEFT)
    assert open_workspace.pathing.paths.names == ["kept"]


def test_without_paths_it_says_how_to_draw_one(panel: PathsPanel, open_workspace: Workspace) -> None:
    open_workspace.pathing.set(NO_PATHS)
    assert panel._empty.isVisible()
    assert not panel.list.isVisible()
    assert not panel.name.isEnabled()


def test_a_path_gets_another_place_by_key_and_by_the_mouse(panel: PathsPanel, open_workspace: Workspace) -> None:
    def order() -> list[str]:
        return [path.name for path in open_workspace.pathing.paths.items]

    click(panel, 0)
    for key, expected in (
        (Qt.Key.Key_Down, ["", "kept"]),
        (Qt.Key.Key_Down, ["", "kept"]),
        (Qt.Key.Key_Up, ["kept", ""]),
    ):
        QTest.keyClick(panel.list, key, Qt.KeyboardModifier.AltModifier)
        assert order() == expected
    assert open_workspace.pathing.current is not None
    assert open_workspace.pathing.current.name == "kept"
    drop(panel, 0, below=1)
    assert order() == ["", "kept"]
    assert panel.list.currentRow() == 1
    drop(panel, 1, below=1)
    assert order() == ["", "kept"]
    open_workspace.undo_stack.undo()
    assert order() == ["kept", ""]
    assert panel.list.count() == 2
    drop(panel, 0, below=1, key=Qt.Key.Key_Escape)
    assert order() == ["kept", ""]


def drop(panel: PathsPanel, row: int, below: int, key: Qt.Key | None = None) -> None:
    """Drag a row over the lower half of another, press a key, and let go."""
    view, rows = panel.list, panel.list.viewport()
    start, end = (view.visualItemRect(view.item(number)).center() for number in (row, below))
    end += QPoint(0, 8)
    QTest.mousePress(rows, LEFT, pos=start)
    for share in (0.3, 0.7, 1.0):
        QTest.mouseMove(rows, start + (end - start) * share)
    if key is not None:
        QTest.keyClick(view, key)
    QTest.mouseRelease(rows, LEFT, pos=end)


def test_a_kept_path_gets_another_colour_and_line(panel: PathsPanel, open_workspace: Workspace) -> None:
    def choose(text: str) -> None:
        menu = QMenu(panel)
        add_looks(menu, open_workspace, 0, DARK)
        (looks,) = menu.findChildren(QMenu)
        next(action for action in looks.actions() if action.text() == text).trigger()
        menu.deleteLater()

    plain = panel.list.grab().toImage()
    choose("Colour 3")
    assert open_workspace.pathing.paths.items[0].colour == 3
    whole = panel.list.grab().toImage()
    assert whole != plain
    choose("Dashed")
    assert panel.list.grab().toImage() != whole
    assert path_colour(open_workspace.pathing.paths.items[0].colour, DARK) == path_colour(3, DARK)
    open_workspace.undo_stack.undo()
    assert panel.list.grab().toImage() == whole

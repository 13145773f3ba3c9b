"""The main window: the map in the middle, panels around it, and the one block in which everything is wired."""

from pathlib import Path

from numpy.typing import ArrayLike
from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QMainWindow, QVBoxLayout, QWidget

from latentscope.background import Background
from latentscope.compare.commands import CompareCommands
from latentscope.compare.comparison import Comparison
from latentscope.compare.stage import Stage
from latentscope.decoding import Decoding
from latentscope.files.documents import Documents
from latentscope.files.opening import kind_of
from latentscope.files.originals import Originals
from latentscope.map.view import MapView
from latentscope.panels.condition_rail import ConditionRail
from latentscope.panels.decoded import DecodedPanel
from latentscope.panels.dimensions.panel import DimensionsPanel
from latentscope.panels.evaluation import EvaluationPanel
from latentscope.panels.layers.legend import LegendPanel
from latentscope.panels.layers.panel import LayersPanel
from latentscope.panels.tokens.token_painter import TokenPainterPanel
from latentscope.panels.training.panel import TrainingPanel
from latentscope.panels.training.runs import RunsPanel
from latentscope.runs.evaluating import Evaluating
from latentscope.runs.film import Film
from latentscope.runs.overlay import Overlay
from latentscope.runs.queue import RunQueue
from latentscope.runs.side_by_side import SideBySide
from latentscope.runs.stock import Stock
from latentscope.runs.training import Training
from latentscope.settings import Settings
from latentscope.state.layers import Layers
from latentscope.state.paths import LatentPath, latent_tuple
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme, ThemeChoice, palette, style_sheet, theme_for
from latentscope.window.actions import WindowCommands
from latentscope.window.arrangement import Arrangement
from latentscope.window.colours import Colours
from latentscope.window.commands import add_commands
from latentscope.window.docks import float_dock
from latentscope.window.fetching import Fetching
from latentscope.window.film_commands import FilmCommands
from latentscope.window.film_exports import FilmExports
from latentscope.window.inspection import Inspection
from latentscope.window.map_at_rest import MapAtRest
from latentscope.window.map_export import MapExport
from latentscope.window.message_bar import MessageBar
from latentscope.window.path_commands import PathCommands
from latentscope.window.planes import Planes
from latentscope.window.playback import Playback
from latentscope.window.point_card import PointCard
from latentscope.window.racing import Racing
from latentscope.window.selections import Selections
from latentscope.window.training_flow import TrainingFlow
from latentscope.window.trust import TrustLayers
from latentscope.window.workspace_commands import WorkspaceCommands
from latentscope.window.workspaces import Workspaces
from latentscope.words import model_text
from trainer.conditions import parse_condition
from trainer.errors import ConfigError

__all__ = ["MainWindow"]

LAYERS_KEY = "map/layers"
TABLE_SIZE = QSize(1180, 560)  # px: of the runs as a table


class MainWindow(QMainWindow):
    """Everything is made here, and lives as long as the window."""

    closed = Signal()

    def __init__(self, settings: Settings, theme_choice: ThemeChoice | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Latentscope")
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AnimatedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.settings = settings
        self.theme_choice: ThemeChoice = theme_choice or settings.theme
        self.theme: Theme = theme_for(self.theme_choice)

        self.workspace = Workspace(self)
        self.decoder_thread = Background("decoder", self)
        self.files_thread = Background("files", self)
        self.decoding = Decoding(self.decoder_thread, self)
        self.originals = Originals(self.files_thread, self)
        self.documents = Documents(self.workspace, self.decoding, self.originals, self.decoder_thread, settings, self)
        self.training = Training(parent=self)
        self.queue = RunQueue(self.training, self)
        self.side_by_side = SideBySide(self.training, self)
        self.evaluating = Evaluating(parent=self)
        self.overlay = Overlay(self.training, self)
        self.film_thread = Background("film", self)
        self.stock = Stock(self.film_thread, self)
        self.film = Film(self.workspace, self.decoding, self.training, self.stock, self)

        self.stage = Stage(self.theme)
        self.map_frame = self.stage.frame()
        self.map = MapView(self.workspace, self.decoding, self.theme, self.map_frame)
        self.message_bar = MessageBar(self.theme)
        self.card = PointCard(self.workspace, self.theme, self.map)
        self.decoded = DecodedPanel(self.workspace, self.decoding, self.originals, self.theme)
        self.evaluation = EvaluationPanel(self.workspace, self.evaluating, self.theme, lambda: self.documents.data)
        self.dimensions = DimensionsPanel(self.workspace, self.theme)
        self.legend = LegendPanel(self.workspace, self.theme)
        self.layers_panel = LayersPanel(self.workspace, self.theme)
        self.condition_rail = ConditionRail(self.workspace, self.decoding, self.theme)
        self.playback = Playback(self)
        self.film_strip = self.playback.panel
        self.token_painter = TokenPainterPanel(self.workspace, self.decoding, self.theme)
        self.training_panel = TrainingPanel(self.training, self.overlay, self.film, self.theme)
        self.runs_panel = RunsPanel(self.training, self.queue, self.theme, settings)
        self.inspection = Inspection(self)
        self.trust = TrustLayers(self)
        self.fetching = Fetching(self)
        self.flow = TrainingFlow(self)
        self.compare = Comparison(self, self.stage)
        self.selections = Selections(self)
        self.path_commands = PathCommands(self)
        self.colours = Colours(self)
        self.workspaces = Workspaces(self)
        self.map_at_rest = MapAtRest(self)
        self.map_export = MapExport(self)
        self.racing = Racing(self)
        self._arrange()
        self.film_exports = FilmExports(self)
        self.commands = WindowCommands(self)
        self.compare_commands = CompareCommands(self)
        self.film_commands = FilmCommands(self)
        self.workspace_commands = WorkspaceCommands(self)
        self.planes = Planes(self)
        self.actions_by_name, self.menus = add_commands(self, self.commands.all())
        self.commands.fill_tool_bar()
        parts = (
            self.planes, self.colours, self.inspection, self.selections, self.path_commands, self.playback,
            self.workspace_commands,
        )  # fmt: skip
        for part in (self.compare_commands, self.film_commands, self.film_exports, *parts, self.racing):
            part.connect()
        self._wire()
        self._apply_theme()
        self.arrangement.restore()
        self.workspace.set_layers(Layers.from_json(settings.text(LAYERS_KEY)))
        self.flow.offer_queue()

    # --- for the program that made it -----------------------------------------------------------------------------

    def open_path(self, path: Path) -> None:
        """Open a workspace, a model, a run folder, an image or a data set; faults are shown in the message bar.

        Changes of a workspace file that would be lost are asked for first.
        """
        if kind_of(path) in ("model", "workspace"):
            self.workspaces.leaving.unless_unsaved(lambda: self.documents.open_path(path))
        else:
            self.documents.open_path(path)

    def set_data(self, name: str | None) -> None:
        """Show the pictures of this data set beside the points."""
        self.documents.set_data(name)

    def show_probe(self, z: ArrayLike) -> None:
        self.workspace.set_probe(z)

    def show_condition(self, text: str) -> None:
        """Decode the class of that name or number, or a mixture such as 3:0.5,8:0.5. Raises ConfigError."""
        model = self.workspace.model
        if model is None or not self.workspace.classes:
            raise ConfigError("No class can be asked of a model that is not conditional.")
        self.workspace.set_condition(parse_condition(text, model.file.class_names))

    def show_path(self, waypoints: list[list[float]]) -> None:
        self.workspace.pathing.set_current(LatentPath(tuple(latent_tuple(z) for z in waypoints)))

    def show_panel(self, panel: QWidget) -> None:
        """Bring a panel to the front."""
        dock = next(dock for dock in self.docks.values() if dock.isAncestorOf(panel))
        dock.show()
        dock.raise_()

    def toggle_runs_table(self) -> None:
        """Make the runs a window of their own that is wide enough for the table, or put them back into their dock."""
        dock = self.docks[self.runs_panel.title]
        self.show_panel(self.runs_panel)
        float_dock(dock, TABLE_SIZE)
        self.show_panel(self.runs_panel)
        self.runs_panel.view.setFocus()

    def is_settled(self) -> bool:
        """Whether everything that is under way has arrived: decoder, atlas, pictures."""
        at_work = any(thread.busy() for thread in (self.decoder_thread, self.files_thread, self.film_thread))
        parts = (
            self.map, self.compare, self.colours, self.inspection, self.selections, self.trust, self.planes.views,
            self.map_export, self.map_at_rest, self.racing, self.decoded,
        )  # fmt: skip
        at_work = at_work or self.workspace.after_paint.is_due or self.workspace.turns.is_due()
        return not at_work and all(part.is_settled() for part in parts)

    def say(self, text: str, kind: str = "info") -> None:
        """One sentence for the user."""
        self.message_bar.say(text, kind)  # type: ignore[arg-type]

    # --- the house ------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        middle = QWidget()
        layout = QVBoxLayout(middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.message_bar)
        layout.addWidget(self.stage, 1)
        self.setCentralWidget(middle)
        self.docks: dict[str, QDockWidget] = {}
        self.arrangement = Arrangement(self)
        self.model_line = QLabel()
        self.hint_line = QLabel("drag: decode    Shift + drag: path    wheel: zoom    middle drag: pan")
        self.statusBar().addWidget(self.model_line, 1)
        self.statusBar().addPermanentWidget(self.hint_line)
        self.statusBar().setSizeGripEnabled(False)

    def _wire(self) -> None:
        """Every connection between two parts of the window that do not know each other."""
        self.documents.message.connect(self.say)
        self.documents.data_offered.connect(lambda path: self.flow.new_model(str(path)))
        self.documents.opened.connect(self.flow.unfollow)
        self.compare.message.connect(self.say)
        self.documents.opened.connect(self.flow.show_run)
        self.decoding.failed.connect(lambda text: self.say(text, "error"))
        self.originals.failed.connect(self.message_bar.add)
        self.originals.changed.connect(self._offer_data)

        self.workspace.model_changed.connect(self._show_model)
        self.workspace.snapshot_changed.connect(self._show_model)
        self.workspace.condition_changed.connect(lambda: self.decoding.set_condition(self.workspace.condition))
        self.workspace.layers_changed.connect(self.commands.show_layers)
        self.workspace.model_changed.connect(self.commands.show_layers)

        self.map.hovered.connect(self._show_card)
        self.map.code_hovered.connect(self._show_code_card)
        self.map.menu_requested.connect(self.commands.open_map_menu)
        self.map.tool_changed.connect(self.commands.show_tool)
        self.map.routes.failed.connect(lambda text: self.say(text, "warning"))

        self.decoded.data_wanted.connect(self.fetching.begin)

        self.evaluation.failed.connect(lambda text: self.say(text, "error"))

        self.training_panel.new_requested.connect(self.flow.new_model)
        self.training_panel.longer_requested.connect(self.flow.train_longer)
        self.training_panel.resume_requested.connect(self.flow.resume)
        self.runs_panel.new_requested.connect(self.flow.new_model)
        self.runs_panel.open_requested.connect(self.flow.open_run)
        self.runs_panel.resume_requested.connect(self.flow.resume)
        self.runs_panel.overlay_requested.connect(self.flow.overlay)
        self.runs_panel.compare_requested.connect(self.compare.open)
        self.runs_panel.wide_requested.connect(self.toggle_runs_table)
        self.runs_panel.failed.connect(lambda text: self.say(text, "error"))
        self.flow.message.connect(self.say)
        self.training.state_changed.connect(self.commands.show_training)
        self.film.taken.connect(self.flow.unfollow)
        self.film.given_back.connect(self.flow.follow_again)
        self.film.opened.connect(self.documents.find_originals)
        self.stock.failed.connect(lambda text: self.say(text, "warning"))
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_theme_changed)

    # --- reactions ------------------------------------------------------------------------------------------------

    def _show_model(self) -> None:
        model = self.workspace.model
        if model is None:
            return
        self.workspaces.show_title()
        self.model_line.setText(model_text(model.file))

    def _offer_data(self) -> None:
        self.decoded.offer_data(self.fetching.offer())

    def _show_card(self, index: int, position: QPoint) -> None:
        if index < 0:
            self.card.hide()
        else:
            where, value = self.map.mapFromGlobal(position), self.colours.value_text(index)
            self.card.show_point(index, where, self.originals.picture(index), value)

    def _show_code_card(self, code: int, position: QPoint) -> None:
        if code < 0:
            self.card.hide()
        else:
            picture, words = self.token_painter.about(code)
            self.card.show_code(code, words, self.map.mapFromGlobal(position), picture)

    def set_theme_choice(self, choice: ThemeChoice) -> None:
        self.theme_choice = choice
        self.settings.theme = choice
        self._apply_theme()

    def _system_theme_changed(self) -> None:
        if self.theme_choice == "system":
            self._apply_theme()

    def _apply_theme(self) -> None:
        self.theme = theme_for(self.theme_choice)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.setPalette(palette(self.theme))
        sheet = style_sheet(self.theme)
        if self.styleSheet() != sheet:  # Qt goes through every widget even for the same one
            # Not the application's: each widget would be polished once for every widget that it lies in.
            self.setStyleSheet(sheet)
        for part in (
            self.map,
            self.message_bar,
            self.card,
            self.colours,
            self.flow,
            self.compare,
            self.planes,
            self.racing,
        ):
            part.set_theme(self.theme)
        for panel in self.arrangement.panels:
            panel.set_theme(self.theme)

    # --- layout ---------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(1440, 900)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.arrangement.shown()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc means selection and path wherever the focus is, unless something else had a use for it."""
        if event.key() == Qt.Key.Key_Escape and self.map.can_escape():
            self.map.escape()
        else:
            super().keyPressEvent(event)

    # --- drop and close -------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not files:
            return
        event.acceptProposedAction()
        beside = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if all(kind_of(path) == "model" for path in files) and (beside or len(files) > 1):
            self.compare.open(files)
        else:
            self.open_path(files[0])

    def closeEvent(self, event: QCloseEvent) -> None:
        if not (self.flow.may_close() and self.workspaces.leaving.may_close()):
            event.ignore()
            return
        if self.workspaces.autosaving.begun:  # not where a picture is taken of a window that nobody sees
            self.workspaces.leaving.remember()
        self.arrangement.remember()
        self.settings.set_text(LAYERS_KEY, self.workspace.layers.to_json())
        self.settings.save()
        self.playback.playing.pause()
        self.film.stop()
        self.evaluating.close()
        self.flow.close()
        self.fetching.close()
        self.runs_panel.stop()
        self.compare.close()
        self.map.close_threads()
        self.overlay.close()
        self.files_thread.close()
        self.decoder_thread.close()
        self.film_thread.close()
        self.workspaces.close()
        self.closed.emit()
        event.accept()

    def action(self, name: str) -> QAction:
        return self.actions_by_name[name]

"""What the menus, the tool bar and the map's context menu of the main window do."""

import platform
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QToolBar, QWidget

from latentscope import __version__
from latentscope.assets import shipped_model
from latentscope.files.exporting import export_pictures
from latentscope.map.tools import TOOLS, Tool
from latentscope.panels.layers.panel import is_offered
from latentscope.settings import log_folder
from latentscope.state.layers import LAYERS, Layer
from latentscope.state.open_model import has_prior
from latentscope.state.paths import latent_tuple, new_path
from latentscope.theme import ThemeChoice
from latentscope.window.commands import Command, Separator
from latentscope.window.comparison_commands import comparison_commands
from latentscope.window.map_at_rest import export_scale
from latentscope.window.opacity import AtlasOpacity
from latentscope.window.palette import CommandPalette, ShortcutList
from latentscope.words import latent_text, numbers_text
from trainer.errors import TrainerError

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["WindowCommands"]

MODEL_FILES = (
    "Models and workspaces (*.safetensors *.latentscope);;Data sets (*.npz *.npy);;"
    "Images (*.png *.jpg *.jpeg *.bmp);;All files (*)"
)
IN_TOOL_BAR = ("points", "atlas", "prior", "codebook")  # the layers that everybody switches


class WindowCommands:
    """The commands of one window. They act on the window's own parts and hold no state but the tool bar's."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def all(self) -> list[Command | Separator]:
        """Every command, menu by menu, in the order in which they are shown."""
        w, keys = self._window, QKeySequence.StandardKey
        undo = w.workspace.undo_stack
        return [
            Command("open", "File", "Open…", self.open, keys.Open, "Open a model, a workspace, a data set or an image"),
            Command("open-run", "File", "Open Run Folder…", self.open_run, "", "Open a training run"),
            Command("open-shipped", "File", "Open Example Model", self.open_shipped, "", "The 2-D VAE of MNIST"),
            Command("clear-recent", "File/Open Recent", "Clear List", self.clear_recent),
            *w.workspace_commands.all(),
            Separator("File"),
            Command("save-as", "File", "Save Model As…", self.save_as, "Ctrl+S", "Save the open model as a file"),
            Command(
                "export-map",
                "File/Export Picture",
                "Map…",
                self.export_map,
                "Ctrl+E",
                "Save the map, or all that are compared, as a PNG",
            ),
            Command("export-image", "File/Export Picture", "Decoded Image…", self.export_image, "Ctrl+Shift+E"),
            *w.film_exports.pictures(),
            *w.inspection.commands(),
            Separator("File"),
            Command("quit", "File", "Quit", w.close, keys.Quit),
            Command("undo", "Edit", "Undo", undo.undo, keys.Undo),
            Command("redo", "Edit", "Redo", undo.redo, "Ctrl+Shift+Z"),
            Separator("Edit"),
            Command(
                "sample",
                "Edit",
                "Random Sample",
                self.random_probe,
                "R",
                "Decode a point drawn from the prior; where there is none, a test image's code",
            ),
            Command("centre", "Edit", "Probe the Centre", self.probe_centre, "Home", "Decode the prior's centre"),
            *w.playback.commands(),
            *w.selections.all(),
            *w.path_commands.all(),
            *w.racing.commands(),
            *w.film_exports.texts(),
            *map(self._tool_command, TOOLS),
            *(
                Command(
                    f"layer-{layer.name}",
                    "View/Layers",
                    layer.title,
                    partial(self._layer, layer),
                    tip=layer.explanation,
                    checkable=True,
                )
                for layer in LAYERS
            ),
            *w.colours.commands(),
            *w.planes.all(),
            Separator("View"),
            Command("reset-view", "View", "Reset View", w.map.looking.reset, "Ctrl+0", "See all points again"),
            Command("zoom-in", "View", "Zoom In", partial(self._zoom, 1.25), keys.ZoomIn),
            Command("zoom-out", "View", "Zoom Out", partial(self._zoom, 0.8), keys.ZoomOut),
            *w.compare_commands.all(),
            Separator("View"),
            *(
                Command(f"theme-{name}", "View/Theme", name.capitalize(), partial(self._theme, name), group="theme")
                for name in ("system", "dark", "light")
            ),
            Command("full-screen", "View", "Full Screen", self._full_screen, keys.FullScreen, checkable=True),
            Command("reset-layout", "View/Panels", "Reset Layout", w.arrangement.reset),
            Separator("View/Panels"),
            Command("new-model", "Train", "New Model…", w.flow.new_model, keys.New, "Train, and watch the map form"),
            *comparison_commands(w),
            Separator("Train"),
            Command("pause", "Train", "Pause", w.flow.toggle_pause, "Ctrl+."),
            Command("stop", "Train", "Stop", w.training.stop, "", "End the training and keep what it has learnt"),
            Command("follow", "Train", "Show the Training on the Map", w.flow.follow, "Ctrl+Shift+F"),
            *w.film_commands.all(),
            Separator("Train"),
            Command(
                "runs-table", "Train", "Table of Runs", w.toggle_runs_table, "Ctrl+Shift+R", "All settings and figures"
            ),
            Command("palette", "Help", "Command Palette…", self.open_palette, "Ctrl+Shift+P"),
            Command("shortcuts", "Help", "Mouse and Keys…", self.open_shortcuts, "Ctrl+/"),
            Separator("Help"),
            Command("log", "Help", "Open Log Folder", self.open_log_folder),
            Command("about", "Help", "About Latentscope", self.about),
        ]

    def fill_tool_bar(self) -> None:
        """The tool bar, and what else can only be made once the actions are there."""
        w = self._window
        bar = QToolBar("Tools")
        bar.setObjectName("tools")
        bar.setMovable(False)
        for tool in TOOLS:
            bar.addAction(w.action(f"tool-{tool.name}"))
        bar.addSeparator()
        for name in IN_TOOL_BAR:
            bar.addAction(w.action(f"layer-{name}"))
        bar.addSeparator()
        bar.addWidget(AtlasOpacity(w.workspace))
        bar.addSeparator()
        bar.addAction(w.action("sample"))
        bar.addAction(w.action("reset-view"))
        w.addToolBar(bar)
        for dock in w.docks.values():
            w.menus["View/Panels"].addAction(dock.toggleViewAction())
        w.action(f"theme-{w.theme_choice}").setChecked(True)
        w.action("tool-probe").setChecked(True)
        w.menus["File/Open Recent"].aboutToShow.connect(self._fill_recent)
        undo = w.workspace.undo_stack
        for name, verb, can, text in (
            ("undo", "Undo", undo.canUndoChanged, undo.undoTextChanged),
            ("redo", "Redo", undo.canRedoChanged, undo.redoTextChanged),
        ):
            action = w.action(name)
            action.setEnabled(False)
            can.connect(action.setEnabled)
            text.connect(lambda what, action=action, verb=verb: action.setText(f"{verb} {what}".rstrip()))
        self.show_layers()
        self.show_training(w.training.state)

    # --- File -----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self._window, "Open", str(self._window.settings.last_folder), MODEL_FILES)
        if name:
            self._window.open_path(Path(name))

    def open_run(self) -> None:
        from trainer.run import runs_folder

        name = QFileDialog.getExistingDirectory(self._window, "Open a run folder", str(runs_folder()))
        if name:
            self._window.open_path(Path(name))

    def open_shipped(self) -> None:
        path = shipped_model()
        if path is None:
            self._window.say(
                "The example model is not installed; install Latentscope again, or train a model.", "error"
            )
        else:
            self._window.open_path(path)

    def clear_recent(self) -> None:
        self._window.settings.clear_recent_files()

    def _fill_recent(self) -> None:
        menu = self._window.menus["File/Open Recent"]
        menu.clear()
        for path in self._window.settings.recent_files():
            action = menu.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self._window.open_path(path))
        if menu.isEmpty():
            menu.addAction("Nothing opened yet").setEnabled(False)
        else:
            menu.addSeparator()
            menu.addAction(self._window.action("clear-recent"))

    def save_as(self) -> None:
        model = self._window.workspace.model
        suggestion = f"{model.title if model else 'model'}.safetensors"
        path = self.ask_where("Save the model", suggestion, "Models (*.safetensors)")
        if path is not None:
            self._window.documents.save(path)

    def export_map(self) -> None:
        title, window = self._title(), self._window
        path = self.ask_where("Export the map", f"{title} map.png", "PNG pictures (*.png)")
        if path is not None:
            scale = export_scale(window)
            window.map_at_rest.then(lambda: window.map_export.start(path, scale, title))

    def export_image(self) -> None:
        picture = self._window.decoded.view.picture
        note = self._with_class(latent_text(self._window.workspace.probe, limit=512))
        pictures = None if picture is None else picture[None]
        self._export("decoded image", lambda path, model: export_pictures(path, pictures, f"{model}, {note}"))

    def _with_class(self, note: str) -> str:
        name = self._window.workspace.condition_text
        return f"{name}, {note}" if name else note

    def _export(self, what: str, save: Callable[[Path, str], None]) -> None:
        title = self._title()
        path = self.ask_where(f"Export the {what}", f"{title} {what}.png", "PNG pictures (*.png)")
        if path is None:
            return
        try:
            save(path, title)
        except TrainerError as error:
            self._window.say(str(error), "error")
        else:
            self._window.say(f"Saved as {path.name}.")

    def _title(self) -> str:
        model = self._window.workspace.model
        return model.title if model is not None else "latentscope"

    def ask_where(self, title: str, name: str, kinds: str) -> Path | None:
        """Where to save a file; ``name`` is what it is called if nobody says otherwise. None: nowhere."""
        name = re.sub(r'[\\/:*?"<>|]', "-", name)  # what some system or other does not take
        start = self._window.settings.last_folder / name
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, str(start), kinds)
        if not chosen:
            return None
        path = Path(chosen)
        path = path if path.suffix else path.with_name(path.name + start.suffix)
        self._window.settings.last_folder = path.parent
        return path

    # --- Edit -----------------------------------------------------------------------------------------------------

    def random_probe(self) -> None:
        """Probe a point drawn from the prior; where there is none, the code of one of the test images."""
        workspace, random = self._window.workspace, np.random.default_rng()
        model, codes = workspace.model, workspace.codes
        if not has_prior(model) and codes is not None and codes.finite.any():
            workspace.set_probe(codes.mean[random.choice(np.flatnonzero(codes.finite))])
        else:
            workspace.set_probe(random.standard_normal(workspace.dimension))

    def probe_centre(self) -> None:
        self._window.workspace.set_probe(self._window.workspace.centre)

    # --- View -----------------------------------------------------------------------------------------------------

    def show_tool(self, name: str) -> None:
        self._window.action(f"tool-{name}").setChecked(True)

    def show_layers(self) -> None:
        layers = self._window.workspace.layers
        for layer in LAYERS:
            action = self._window.action(f"layer-{layer.name}")
            action.setChecked(layers.shows(layer.name))
            action.setVisible(is_offered(layer.name, self._window.workspace))

    def show_training(self, state: str) -> None:
        """What Train offers while a training is in this state."""
        w = self._window
        busy = w.training.busy() and state != "stopping"
        for name in ("pause", "stop", "follow"):
            w.action(name).setEnabled(busy)
        w.action("pause").setText("Go On" if state == "paused" else "Pause")

    def _zoom(self, factor: float) -> None:
        if self._window.workspace.model is not None:
            self._window.map.looking.zoom_by(factor)

    def _tool_command(self, tool: Tool) -> Command:
        take = partial(self._tool, tool.name)
        return Command(f"tool-{tool.name}", "View/Tool", tool.title, take, tool.key, tool.tip, group="tool")

    def _tool(self, name: str, _checked: bool = True) -> None:
        self._window.map.set_tool(name)

    def _layer(self, layer: Layer, shown: bool) -> None:
        layers = self._window.workspace.layers.with_shown(layer.name, shown)
        self._window.workspace.change_layers(layers, f"{'Show' if shown else 'Hide'} {layer.title.lower()}")

    def _theme(self, name: ThemeChoice, _checked: bool = True) -> None:
        self._window.set_theme_choice(name)

    def _full_screen(self, on: bool) -> None:
        if on:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def open_map_menu(self, position: QPoint, z: ArrayLike) -> None:
        """What can be done at a point of the map."""
        w = self._window
        menu = QMenu(w)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        title = menu.addAction(latent_text(z))
        title.setEnabled(False)
        menu.addAction("Decode Here", lambda: w.workspace.set_probe(z))
        menu.addAction("Path from the Probe to Here", lambda: self._path_to(z))
        menu.addAction("Copy Coordinates", lambda: self.copy_coordinates(z))
        menu.addSeparator()
        for name in ("sample", "reset-view"):
            menu.addAction(w.action(name))
        menu.addAction("Export Map…", w.action("export-map").trigger)  # its own name is only "Map…", under "Export"
        w.selections.fill_map_menu(menu, z)
        w.path_commands.fill_map_menu(menu, position)
        menu.popup(position)

    def _path_to(self, z: ArrayLike) -> None:
        workspace = self._window.workspace
        ends = (latent_tuple(workspace.probe), latent_tuple(z))
        path = new_path(ends, workspace.pathing.style)
        workspace.pathing.change(workspace.pathing.paths.drawn(path), "Draw path")

    def copy_coordinates(self, z: ArrayLike) -> None:
        from PySide6.QtGui import QGuiApplication

        QGuiApplication.clipboard().setText(numbers_text(z))

    # --- Help -----------------------------------------------------------------------------------------------------

    def open_palette(self) -> None:
        actions = [action for action in self._window.actions_by_name.values() if action.objectName() != "palette"]
        self._show(CommandPalette(actions, self._window))

    def open_shortcuts(self) -> None:
        self._show(ShortcutList(self._window.actions_by_name.values(), self._window))

    def open_log_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder())))

    def about(self) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle("About Latentscope")
        box.setIconPixmap(self._window.windowIcon().pixmap(96, 96))
        box.setText(f"<h2>Latentscope {__version__}</h2>A desktop microscope for latent spaces.")
        box.setInformativeText(f"Python {platform.python_version()}. MIT licence.")
        self._show(box)

    def _show(self, dialog: QWidget) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

"""What can be taken away of the active path: pictures, films and arrays, and text that makes the same again."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QGuiApplication

from latentscope.files.map_svg import save_svg
from latentscope.paths.anchors import end_rows
from latentscope.paths.copying import as_command, as_python
from latentscope.state.paths import LatentPath
from latentscope.window.commands import Command
from latentscope.window.film_dialog import FilmChoice, FilmDialog, Filmed
from latentscope.window.saving import Saving
from trainer.errors import TrainerError
from trainer.films import FORMATS, check_film, write_film
from trainer.films.recipe import Recipe

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow
    from trainer.codec import Codec
    from trainer.files import Codes
    from trainer.films.film import Film

__all__ = ["FilmExports"]

KEY = "film"
PICTURES = "File/Export Picture"
NO_PATH = "There is no path yet; Shift + drag on the map to draw one."


class FilmExports:
    """The commands of one window. ``connect`` once its actions are there."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.dialog: FilmDialog | None = None
        self.saving = Saving(window, window.files_thread, KEY)
        self._last: FilmChoice | None = None

    def pictures(self) -> list[Command]:
        """What File offers."""
        return [
            Command(
                "export-strip", PICTURES, "Path…", self.export_film, "Ctrl+Alt+E",
                "Save the active path as a strip, a grid, an animation, a video or arrays",
            ),
            Command(
                "export-svg", PICTURES, "Map as Shapes (SVG)…", self.export_svg, "",
                "Save the map for a drawing program: paths, lines and words as shapes, points and images as pictures",
            ),
        ]  # fmt: skip

    def texts(self) -> list[Command]:
        """What Edit offers."""
        return [
            Command(
                "copy-python", "Edit", "Copy Path as Python", self.copy_python, "Ctrl+Alt+C",
                "A script that makes the same pictures, bit for bit",
            ),
            Command(
                "copy-command", "Edit", "Copy Path as Command", self.copy_command, "Ctrl+Alt+Shift+C",
                "A command for a terminal that makes the same pictures",
            ),
        ]  # fmt: skip

    def connect(self) -> None:
        window = self._window
        window.film_strip.export_wanted.connect(self.export_film)
        window.workspace.pathing.changed.connect(self._refresh)
        window.workspace.model_changed.connect(self._refresh)
        window.closed.connect(lambda: window.files_thread.cancel(KEY))
        self._refresh()

    def _refresh(self) -> None:
        there = self._window.workspace.pathing.current is not None
        for name in ("export-strip", "copy-python", "copy-command"):
            self._window.action(name).setEnabled(there)

    # --- films ----------------------------------------------------------------------------------------------------

    def export_film(self) -> None:
        """Ask for a format, then for a name; then make the film and write it, behind."""
        window, path = self._window, self._window.workspace.pathing.current
        model = window.workspace.model
        if path is None or model is None:
            window.say(NO_PATH, "warning")
            return
        if self.dialog is not None:
            self.dialog.raise_()
            return
        playing = window.playback.playing
        filmed = Filmed(
            model.file.image_shape, path.steps, playing.seconds, playing.mode, self._ends(path) != (None, None)
        )
        dialog = self.dialog = FilmDialog(filmed, self._last, window)

        def end(accepted: int) -> None:
            self.dialog = None
            dialog.deleteLater()
            if accepted:
                self._last = dialog.choice
                self._ask_where(dialog.choice)

        dialog.finished.connect(end)
        dialog.open()

    def _ask_where(self, choice: FilmChoice) -> None:
        window, kept = self._window, FORMATS[choice.format]
        drawn = window.workspace.pathing.current
        called = drawn.name if drawn is not None and drawn.name else "path"
        name, kinds = f"{self._title()} {called}.{kept.name}", f"{kept.title} (*.{kept.name})"
        path = window.commands.ask_where("Export the path", name, kinds)
        if path is None:
            return
        if path.suffix.lower() == f".{kept.name}":
            self.save_film(path, choice)
        else:  # such as a name that the folder has already
            window.say(f"This film is saved with a name that ends with .{kept.name}; '{path.name}' does not.", "error")

    def save_film(self, where: Path, choice: FilmChoice) -> None:
        """Make the film of the active path and write it, saying how far it is and offering to stop."""
        window, codec = self._window, self._window.decoding.codec
        path = window.workspace.pathing.current
        if path is None or codec is None:
            window.say("There is no decoder yet to make the film with; try again in a moment.", "warning")
            return
        ends = self._ends(path) if choice.real_ends else (None, None)
        recipe = recipe_of(path, window.workspace.condition, choice.frames, ends, self._data())
        steps = made_and_written(where, codec, window.workspace.codes, recipe, choice, window.originals.images)
        self.saving.start(where, steps)

    def _data(self) -> str:
        """The data set whose test images the window shows."""
        window, model = self._window, self._window.workspace.model
        return window.documents.data or (model.file.config.data if model is not None else "")

    def _ends(self, path: LatentPath) -> tuple[int | None, int | None]:
        """The test images that the film strip shows at its ends, by their rows."""
        images = self._window.originals.images
        return tuple(  # type: ignore[return-value]
            row if row is not None and images is not None and row < len(images) else None for row in end_rows(path)
        )

    # --- text ------------------------------------------------------------------------------------------------------

    def export_svg(self) -> None:
        window = self._window
        path = window.commands.ask_where("Export the map", f"{self._title()} map.svg", "Vector pictures (*.svg)")
        if path is None:
            return
        try:
            save_svg(path, window.map.size(), self._title(), window.map.paint_picture)
        except TrainerError as error:
            window.say(str(error), "error")
        else:
            window.say(f"Saved as {path.name}.")

    def copy_python(self) -> None:
        self._copy("The script", as_python)

    def copy_command(self) -> None:
        self._copy("The command", as_command)

    def _copy(self, what: str, text_of: Callable[[Path, Recipe], str]) -> None:
        window, path, model = self._window, self._window.workspace.pathing.current, self._window.workspace.model
        if path is None or model is None:
            window.say(NO_PATH, "warning")
        elif model.path is None:
            window.say("The model is in no file yet, which a script could read; save it first (Ctrl+S).", "warning")
        else:
            try:
                data = self._data()
                recipe = recipe_of(path, window.workspace.condition, None, self._ends(path), data)
                text = text_of(model.path.resolve(), recipe)
            except TrainerError as error:
                window.say(str(error), "warning")
                return
            QGuiApplication.clipboard().setText(text)
            window.say(f"{what} that makes the path's {path.steps} pictures is in the clipboard.")

    def _title(self) -> str:
        model = self._window.workspace.model
        return model.title if model else "latentscope"


def recipe_of(
    path: LatentPath,
    condition: tuple[float, ...] | None,
    frames: int | None = None,
    ends: tuple[int | None, int | None] = (None, None),
    data: str = "",
) -> Recipe:
    """From what the film of a path is made, in its own number of steps or another; in which test images it ends."""
    walk = path.walk if frames is None else replace(path.walk, steps=frames)
    if ends == (None, None):
        data = ""
    elif Path(data).is_file():
        data = str(Path(data).resolve())
    return Recipe(path.waypoints, path.kind, walk, path.closed, condition, ends, data)


def made_and_written(
    where: Path,
    codec: "Codec",
    codes: "Codes | None",
    recipe: Recipe,
    choice: FilmChoice,
    originals: NDArray[np.uint8] | None,
) -> Iterator[float]:
    """The film is made in the first half, and written in the second."""
    from trainer.films.film import film_steps  # imports torch

    check_film(where, choice.frames, codec.image_shape, choice.style)
    film = yield from halved(film_steps(codec, codes, recipe, originals))
    for share in write_film(where, film, choice.style):
        yield 0.5 + 0.5 * share


def halved(steps: "Generator[float, None, Film]") -> "Generator[float, None, Film]":
    while True:
        try:
            share = next(steps)
        except StopIteration as end:
            return end.value
        yield share / 2

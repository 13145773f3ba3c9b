"""Opening and saving: models, run folders, images and data sets, with what was open staying open until all is well."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from latentscope.background import Background
from latentscope.decoding import Decoding, TimedCodec, load_codec
from latentscope.files.opening import kind_of, read_open_model, read_picture
from latentscope.files.originals import Originals
from latentscope.settings import Settings
from latentscope.state.open_model import OpenModel
from latentscope.state.painting import Painting
from latentscope.state.workspace import Workspace
from latentscope.turns import Turn
from trainer.conditions import Weights, pure
from trainer.errors import TrainerError
from trainer.files import write_model

__all__ = ["Documents"]


def _nothing_more() -> None:
    """A model that is opened for its own sake."""


class Documents(QObject):
    """What File does. Everything slow happens on the worker; faults come as one sentence through ``message``."""

    message = Signal(str, str)  # text; info, warning or error
    opened = Signal()
    data_offered = Signal(Path)  # a data set was opened, which the window can train on
    workspace_wanted = Signal(Path)  # a workspace file was opened, which the window restores

    def __init__(
        self,
        workspace: Workspace,
        decoding: Decoding,
        originals: Originals,
        background: Background,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._decoding, self._originals = workspace, decoding, originals
        self._background, self._settings = background, settings
        self._data: str | None = None
        self._finding = Turn(self._find_originals, workspace.turns, self)

    def open_path(self, path: Path) -> None:
        """Open whatever the path is: a model, a run folder, an image or a data set."""
        path = path.absolute()
        match kind_of(path):
            case "image":
                self.encode_picture(path)
            case "data":
                self.data_offered.emit(path)
            case "workspace":
                self.workspace_wanted.emit(path)
            case "model":
                self.open_model(path)

    def open_model(
        self,
        path: Path,
        then: Callable[[], None] = _nothing_more,
        fail: Callable[[str], None] | None = None,
        title: str = "",
    ) -> None:
        """Explore a model file or run folder. Nothing changes before it has been read, checked and can decode.

        ``then`` is called as soon as it is shown, and before anything is painted; ``fail`` with a sentence if it cannot
        be opened (default: the sentence is a message). ``title`` is what to call it (default: as its file is called).
        """

        def read_model_at() -> OpenModel:
            model = read_open_model(path)
            return replace(model, title=title) if title else model

        refuse = fail or (lambda text: self.message.emit(text, "error"))
        if "torch" not in sys.modules:
            # At the start of the program the map is drawn from the file's codes at once, and torch comes behind it.
            try:
                model = read_model_at()
            except TrainerError as error:
                refuse(str(error))
                return
            self.show_model(model, path)
            self._decoding.open(model.file, path.name)
            then()
            return

        def read() -> tuple[OpenModel, TimedCodec]:
            model = read_model_at()
            return model, load_codec(model.file, path.name)

        def take(result: tuple[OpenModel, TimedCodec]) -> None:
            model, codec = result
            self._decoding.drop()
            self.show_model(model, path)
            self._decoding.use(codec)
            then()

        self._submit("open", read, take, refuse)

    def show_model(self, model: OpenModel, path: Path | None = None) -> None:
        """Explore a model that has been read, and look for its test images.

        A data set that was chosen for the model before stays chosen if this one takes images of the same kind.
        """
        before = self._workspace.model
        if before is not None and tuple(before.file.image_shape) != tuple(model.file.image_shape):
            self._data = None
        self._originals.drop()
        self._workspace.open_model(model)
        self._finding.ask()  # a turn later: those who hear of them have just begun with the model itself
        if path is not None:
            self._settings.add_recent_file(path)
            self._settings.last_folder = path.parent
        self.opened.emit()

    @property
    def data(self) -> str | None:
        """The data set that is used instead of the one that the model names; None: that one."""
        return self._data

    def set_data(self, name: str | None) -> None:
        """Use this data set's test images for the pictures of points, instead of the one the model names."""
        self._data = name
        self.find_originals()

    def find_originals(self) -> None:
        """Look for the test images of the open model now."""
        self._finding.ask()
        self._finding.take()

    def _find_originals(self) -> None:
        model = self._workspace.model
        if model is not None:
            file = model.file
            self._originals.open(self._data or file.config.data, file.codes, file.image_shape)

    def encode_picture(self, path: Path) -> None:
        """Put the probe where the model encodes an image file."""
        codec, model = self._decoding.codec, self._workspace.model
        if codec is None:
            self.message.emit("An image can be encoded once a model is open and its decoder is loaded.", "warning")
            return

        def encode() -> tuple[NDArray[np.float32], Weights | None, NDArray[np.int16] | None]:
            picture = read_picture(path, codec.image_shape)
            # Nobody says which class the picture is of, so a conditional model does.
            condition = pure(int(codec.classify(picture)[0]), codec.classes) if codec.classes else None
            return codec.encode(picture, condition)[0][0], condition, codec.tokens(picture)[0] if codec.grid else None

        def take(found: tuple[NDArray[np.float32], Weights | None, NDArray[np.int16] | None]) -> None:
            z, condition, tokens = found
            now, which = self._workspace.model, ""
            if model is None or now is None or now.file.config != model.file.config:
                return  # another model has been opened meanwhile
            if condition is not None and len(condition) == self._workspace.classes:
                self._workspace.set_condition(condition)
                which = f" as {self._workspace.condition_text}, which explains it best"
            self._workspace.set_probe(z)
            if tokens is not None:
                self._workspace.change_painting(Painting.of(tokens, path.name), f"Take {path.name}")
            self.message.emit(f"{path.name} was encoded{which}; the probe is where the model puts it.", "info")

        self._submit("encode", encode, take)

    def save(self, path: Path) -> None:
        """Save the open model, with its codes and figures, under another name."""
        model = self._workspace.model
        if model is None:
            self.message.emit("There is no model to save; open one or train one first.", "warning")
            return

        def take(_: object) -> None:
            self.message.emit(f"Saved as {path.name}.", "info")
            self._settings.add_recent_file(path)
            self._settings.last_folder = path.parent

        self._submit("save", lambda: write_model(path, model.file), take)

    def _submit(
        self,
        key: str,
        work: Callable[[], object],
        take: Callable[..., None],
        refuse: Callable[[str], None] | None = None,
    ) -> None:
        def fail(error: Exception) -> None:
            if not isinstance(error, TrainerError):
                raise error
            if refuse is not None:
                refuse(str(error))
            else:
                self.message.emit(str(error), "error")

        self._background.submit(key, work, take, fail)

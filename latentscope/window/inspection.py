"""The inspection of the selection in one window: its thread, its dock, its commands, and its files."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from latentscope.background import Background
from latentscope.files.sheets import MOST_ON_A_SHEET, SheetCell, sheet_steps
from latentscope.inspecting.inspecting import Inspecting
from latentscope.inspecting.source import Source
from latentscope.panels.inspector.gallery import Mode
from latentscope.panels.inspector.panel import InspectorPanel
from latentscope.panels.inspector.words import caption_of, count_text, title_of
from latentscope.theme import class_colours
from latentscope.window.commands import Command
from latentscope.window.saving import Saving
from latentscope.words import class_name
from trainer.analysis.selections import array_steps, index_text, table_steps

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Inspection"]

MENU = "File/Export Selection"
MOST_COPIED = 1_000_000  # indices


class Inspection:
    """Made before the window's docks and menus are; ``connect`` once they are there."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.worker = Background("inspector", window)
        self._saving = Saving(window, self.worker, "export")
        self.inspecting = Inspecting(window.workspace, window.decoding, window.originals, self.worker, window)
        self.panel = InspectorPanel(self.inspecting, window.theme)

    def commands(self) -> list[Command]:
        """What File and Edit offer."""
        return [
            Command("export-table", MENU, "Table (CSV)…", partial(self.export_table, False), "", "Index, class and z"),
            Command(
                "export-table-logvar",
                MENU,
                "Table with Log-Variances (CSV)…",
                partial(self.export_table, True),
                "",
                "Index, class, z and the log-variances of the posteriors",
            ),
            Command("export-arrays", MENU, "Arrays (npz)…", self.export_arrays, "", "Codes, and the images if at hand"),
            Command("export-sheet", MENU, "Sheet of Pictures (PNG)…", self.export_sheet, "", "As the gallery has them"),
            Command("copy-indices", MENU, "Copy Indices", self.copy_indices, "Ctrl+Shift+C", "Their numbers, as text"),
        ]

    def connect(self) -> None:
        """Join the dock to the rest of the window."""
        window, panel, inspecting = self._window, self.panel, self.inspecting
        panel.set_export_menu(window.menus[MENU])
        window.docks[panel.title].visibilityChanged.connect(panel.set_shown)
        panel.pointed.connect(self._ring)
        panel.menu_requested.connect(self._open_menu)
        panel.data_wanted.connect(window.fetching.begin)
        panel.all_wanted.connect(lambda: inspecting.inspect_all(True))
        panel.close_button.clicked.connect(self._inspect_nothing)
        inspecting.failed.connect(lambda text: window.say(text, "error"))
        inspecting.current_changed.connect(lambda: self._ring(-1))
        inspecting.subject_changed.connect(self._refresh)
        inspecting.source_changed.connect(self._refresh)
        window.originals.changed.connect(lambda: panel.offer_data(window.fetching.offer()))
        window.workspace.snapshot_changed.connect(lambda: self._ring(-1))
        window.closed.connect(panel.stop)
        window.closed.connect(self.worker.close)
        self._refresh()

    def is_settled(self) -> bool:
        return not self.worker.busy() and self.panel.is_settled()

    def _refresh(self) -> None:
        inspecting, there = self.inspecting, len(self.inspecting.index) > 0
        for command in self.commands():
            self._window.action(command.name).setEnabled(there)
        has_logvar = inspecting.source is not None and inspecting.source.codes.logvar is not None
        self._window.action("export-table-logvar").setEnabled(there and has_logvar)

    def _ring(self, image: int) -> None:
        """Ring what the mouse is on, else what is looked at, on the map."""
        self._window.map.ring(image if image >= 0 else self.inspecting.current)

    def _inspect_nothing(self) -> None:
        if self.inspecting.is_everything:
            self.inspecting.inspect_all(False)
        else:
            self._window.workspace.selecting.clear()

    def _open_menu(self, where: QPoint, image: int) -> None:
        """What can be done with one image."""
        selecting = self._window.workspace.selecting
        menu = QMenu(self.panel)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(title_of(self.inspecting, image)).setEnabled(False)
        menu.addAction("Probe Its Code", partial(self.inspecting.look_at, image))
        menu.addAction("Turn to the Other Picture", partial(self.panel.gallery.turn, image))
        menu.addAction("Copy Its Index", partial(QGuiApplication.clipboard().setText, str(image)))
        menu.addSeparator()
        this = f"test image {image:,}"
        menu.addAction("Select This Alone", partial(selecting.choose, [image], what=this))
        if len(selecting.selection):
            menu.addAction("Take out of the Selection", partial(selecting.choose, [image], "remove", this))
        menu.popup(where)

    # --- exports --------------------------------------------------------------------------------------------------

    def copy_indices(self) -> None:
        index = self.inspecting.index[:MOST_COPIED]
        QGuiApplication.clipboard().setText(index_text(index))
        self._window.say(f"The indices of {count_text(len(index))} are in the clipboard.")

    def export_table(self, logvar: bool) -> None:
        source, index = self.inspecting.source, self.inspecting.index
        path = self._ask_where("table", "csv", "Tables (*.csv)")
        if path is not None and source is not None:
            self._saving.start(path, table_steps(path, source.codes, index, source.class_names, logvar))

    def export_arrays(self) -> None:
        source, index = self.inspecting.source, self.inspecting.index
        path = self._ask_where("arrays", "npz", "Arrays (*.npz)")
        if path is not None and source is not None:
            self._saving.start(path, array_steps(path, source.codes, index, source.class_names, source.images))

    def export_sheet(self) -> None:
        source, window, inspecting = self.inspecting.source, self._window, self.inspecting
        path = self._ask_where("sheet", "png", "PNG pictures (*.png)")
        if path is None or source is None:
            return
        mode = self.panel.gallery.mode
        if (mode != "original" and not source.can_decode) or (mode != "decoded" and source.images is None):
            window.say("There are no pictures to save yet: neither the originals nor a decoder are at hand.", "warning")
            return
        count, shown = len(inspecting.index), min(len(inspecting.index), MOST_ON_A_SHEET)
        notes = {"original": "originals", "decoded": "reconstructions", "both": "originals and reconstructions"}[mode]
        capped = (
            f"The sheet has the first {shown:,} of {count:,} images in their present order." if shown < count else ""
        )
        model = window.workspace.model
        title = f"{model.title if model else 'Selection'}: {count_text(count)}"
        steps = sheet_steps(
            path, self._cells(shown), partial(pictures_of, source, mode), title,
            f"{notes} · {capped}" if capped else notes, window.theme, window.font(),
        )  # fmt: skip
        self._saving.start(path, steps, capped)

    def _cells(self, count: int) -> list[SheetCell]:
        inspecting, source = self.inspecting, self.inspecting.source
        colours = class_colours(inspecting.class_count, self._window.theme)
        cells = []
        for position, image in enumerate(inspecting.order[:count].tolist()):
            label = -1 if source is None or source.codes.labels is None else int(source.codes.labels[image])
            figure = caption_of(inspecting, position)
            name = class_name(source.class_names, label) if source is not None and label >= 0 else ""
            parts = dict.fromkeys(part for part in (name, figure) if part)
            cells.append(SheetCell(image, " · ".join(parts), colours[label] if 0 <= label < len(colours) else None))
        return cells

    def _ask_where(self, what: str, suffix: str, kinds: str) -> Path | None:
        window, model = self._window, self._window.workspace.model
        if not len(self.inspecting.index):
            window.say("Nothing is selected; draw round some points first, or inspect all.", "warning")
            return None
        title = f"{model.title if model else 'latentscope'} selection.{suffix}"
        return window.commands.ask_where(f"Export the selection: {what}", title, kinds)


def pictures_of(source: Source, mode: Mode, index: NDArray[np.intp]) -> list[NDArray[np.uint8]]:
    """What is shown of these images (M,), from left to right."""
    result = []
    if mode != "decoded" and source.images is not None:
        result.append(source.images[index])
    if mode != "original":
        result.append(source.reconstruct(index))
    return result

"""What the View menu offers for comparing: a model file, an earlier snapshot of the open run, the wipe, the end."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from latentscope.runs.snapshots import run_of
from latentscope.runs.words import duration
from latentscope.window.commands import Command, Separator
from latentscope.words import MINUS, figure
from trainer.events import Snapshot
from trainer.run import Run, told_snapshots

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["CompareCommands", "snapshots_to_offer"]

SNAPSHOT_MENU = "View/Compare With a Snapshot"
MODEL_FILES = "Models (*.safetensors);;All files (*)"
MOST_OFFERED = 12


class CompareCommands:
    """The commands of one window's comparison."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def all(self) -> list[Command | Separator]:
        window = self._window
        return [
            Separator("View"),
            Command(
                "compare",
                "View",
                "Compare With…",
                self.choose_file,
                "Ctrl+K",
                "Put another model's map beside this one",
            ),
            Command("compare-run", SNAPSHOT_MENU, "Follow This Run", self._follow, tip="Its newest snapshot, live"),
            Command(
                "compare-wipe",
                "View",
                "Compare as a Wipe",
                lambda on: window.compare.set_wipe(on),
                "Ctrl+Shift+K",
                "Lay the two maps one over the other, with a line to drag between them",
                checkable=True,
            ),
            Command("compare-stop", "View", "Stop Comparing", lambda: window.compare.stop(), tip="Show one map again"),
        ]

    def connect(self) -> None:
        """Keep the entries up to date, once they and the comparison are there."""
        menu = self._window.menus[SNAPSHOT_MENU]
        menu.aboutToShow.connect(self._fill_snapshots)
        self._window.compare.changed.connect(self._refresh)
        self._window.workspace.model_changed.connect(self._refresh)
        self._refresh()

    def choose_file(self) -> None:
        window = self._window
        folder = str(window.settings.last_folder)
        names, _ = QFileDialog.getOpenFileNames(window, "Compare with", folder, MODEL_FILES)
        for name in names:
            window.compare.open([Path(name)])

    def _refresh(self) -> None:
        window = self._window
        window.action("compare-stop").setEnabled(window.compare.is_on)
        wipe = window.action("compare-wipe")
        wipe.setEnabled(len(window.compare.companions) == 1)
        wipe.setChecked(window.stage.wipe)
        window.menus[SNAPSHOT_MENU].menuAction().setEnabled(self._run() is not None)

    def _run(self) -> Run | None:
        return run_of(self._window.workspace.model)

    def _follow(self) -> None:
        if (run := self._run()) is not None:
            self._window.compare.follow(run)

    def _fill_snapshots(self) -> None:
        menu, run = self._window.menus[SNAPSHOT_MENU], self._run()
        menu.clear()
        for snapshot in snapshots_to_offer(run) if run is not None else ():
            assert run is not None
            elbo = "" if snapshot.negative_elbo is None else f", {MINUS}ELBO {figure(snapshot.negative_elbo)}"
            menu.addAction(
                f"Step {snapshot.step:,}  ({duration(snapshot.seconds)}{elbo})", partial(self._open, run, snapshot)
            )
        if menu.isEmpty():
            menu.addAction("No snapshots are kept of this run").setEnabled(False)
        menu.addSeparator()
        menu.addAction(self._window.action("compare-run"))

    def _open(self, run: Run, snapshot: Snapshot) -> None:
        self._window.compare.open([place_of(run, snapshot)])


def place_of(run: Run, snapshot: Snapshot) -> Path:
    """Only a name inside the snapshots folder is taken from the log."""
    return run.snapshots_folder / Path(snapshot.file).name


def snapshots_to_offer(run: Run) -> list[Snapshot]:
    """Some of a run's snapshots that are on the disk, the first and the last among them, evenly spread."""
    kept = [told for told in told_snapshots(run) if place_of(run, told).is_file()]
    count = min(len(kept), MOST_OFFERED)
    chosen = {round(i * (len(kept) - 1) / max(count - 1, 1)) for i in range(count)}
    return [kept[i] for i in sorted(chosen)]

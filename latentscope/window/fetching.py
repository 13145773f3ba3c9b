"""Getting the data set behind the open model, where it is not on this computer."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from latentscope.runs.downloads import Downloads
from latentscope.words import data_title
from trainer.data import SOURCES, download_size, is_at_hand

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Fetching"]


class Fetching(QObject):
    """The downloads of one window; those that its form begins are shown there, the others in the message bar."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window)
        self._window = window
        self.downloads = Downloads(self)
        self._fetching = False  # what the message bar shows
        self.downloads.finished.connect(self._take)
        self.downloads.failed.connect(self._fail)
        self.downloads.progressed.connect(self._show_progress)
        self.downloads.cancelled.connect(self._end)

    def offer(self) -> str:
        """The words of a button that gets the data set behind the open model; empty where there is nothing to get."""
        name = self._wanted()
        if name is None or self._window.originals.at_hand:
            return ""
        size = download_size(name)
        return f"Get {data_title(name)} ({(size or 0) / 1e6:.0f} MB) to see the pictures"

    def begin(self) -> None:
        """Download the data set behind the open model, with progress in the message bar."""
        name = self._wanted()
        if name is not None and self.downloads.start(name):
            self._fetching = True
            self._show_progress(name, 0, 0)

    def _show_progress(self, name: str, done: int, total: int) -> None:
        if self._fetching:
            percent = f" {100 * done // total} %" if total else ""
            self._window.message_bar.say(
                f"Getting {data_title(name)}…{percent}", "info", "Cancel", self.downloads.cancel
            )

    def _end(self) -> None:
        if self._fetching:
            self._fetching = False
            self._window.message_bar.hide()

    def _wanted(self) -> str | None:
        model = self._window.workspace.model
        if model is None or model.file.codes is None:
            return None
        name = model.file.config.data
        wanted = name in SOURCES and download_size(name) is not None and not is_at_hand(name)
        return name if wanted else None

    def _take(self, name: str) -> None:
        self._end()
        self._window.documents.find_originals()

    def _fail(self, name: str, text: str) -> None:
        # A download that the form began is shown there.
        if self._fetching:
            self._end()
            self._window.say(text, "error")

    def close(self) -> None:
        self.downloads.close()

"""Tells the user of a fault that nobody caught, once, without stopping them: the window behind it goes on."""

import platform
import sys
from pathlib import Path
from queue import Empty

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QStyle, QVBoxLayout, QWidget

from latentscope import __version__
from latentscope.start.crash import Fault, Faults

__all__ = ["FaultDialog", "FaultReporter"]

TICK_MS = 250


class FaultReporter(QObject):
    """Shows what ``Faults`` caught. One dialog, whatever comes: further kinds of fault join it, a flood only counts."""

    def __init__(self, faults: Faults, log_folder: Path | None, window: QWidget) -> None:
        super().__init__(window)
        self._faults = faults
        self._log_folder = log_folder
        self._window = window
        self._dialog: FaultDialog | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(TICK_MS)

    @property
    def dialog(self) -> "FaultDialog | None":
        return self._dialog

    def tick(self) -> None:
        """Show what has come since the last tick."""
        while True:
            try:
                fault = self._faults.queue.get_nowait()
            except Empty:
                break
            if self._dialog is None:
                self._dialog = FaultDialog(self._log_folder, self._window)
            self._dialog.add(fault)
            self._dialog.show()
        if self._dialog is not None and self._dialog.isVisible():
            self._dialog.set_total(sum(self._faults.counts.values()))

    def close(self) -> None:
        self._timer.stop()
        if self._dialog is not None:
            self._dialog.close()


class FaultDialog(QDialog):
    """One sentence, the fault in one line, and the rest folded away."""

    def __init__(self, log_folder: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fault-dialog")
        self.setWindowTitle("Latentscope")
        self.setModal(False)
        self._log_folder = log_folder
        self._faults: list[Fault] = []

        icon = QLabel()
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_MessageBoxIconSize)
        icon.setPixmap(self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning).pixmap(side, side))
        heading = QLabel("<b>Something went wrong. The window goes on.</b>")
        self.summary = QLabel()
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)
        self.summary.setMinimumWidth(420)
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.count = QLabel()
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName("Details of the fault")
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setMinimumSize(640, 260)
        self.details.hide()

        self.details_button = QPushButton("Show details")
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self._fold)
        self.copy_button = QPushButton("Copy details")
        self.copy_button.clicked.connect(self._copy)
        self.folder_button = QPushButton("Open log folder")
        self.folder_button.setEnabled(log_folder is not None)
        self.folder_button.clicked.connect(self._open_folder)
        self.close_button = QPushButton("Close")
        self.close_button.setDefault(True)
        self.close_button.setMinimumWidth(96)
        self.close_button.clicked.connect(self.close)

        texts = QVBoxLayout()
        texts.setSpacing(8)
        for label in (heading, self.summary, self.count):
            texts.addWidget(label)
        top = QHBoxLayout()
        top.addWidget(icon, alignment=Qt.AlignmentFlag.AlignTop)
        top.addSpacing(12)
        top.addLayout(texts, 1)
        buttons = QHBoxLayout()
        for button in (self.details_button, self.copy_button, self.folder_button):
            button.setAutoDefault(False)  # Return closes the dialog, whatever was pressed before
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(18)
        layout.addLayout(top)
        layout.addWidget(self.details, 1)
        layout.addLayout(buttons)

    def add(self, fault: Fault) -> None:
        """Show one more kind of fault; the newest is summed up, the details hold all."""
        self._faults.append(fault)
        self.summary.setText(fault.summary)
        self.details.setPlainText(self.report())

    def set_total(self, count: int) -> None:
        """How often any fault has come so far."""
        kinds = f" of {len(self._faults)} kinds" if len(self._faults) > 1 else ""
        self.count.setText(f"{count:,} faults{kinds} since the start; only the first of each is shown." * (count > 1))

    def report(self) -> str:
        """All that somebody needs who wants to find the cause."""
        return "\n".join([versions(), *(f"{fault.summary}\n{fault.details}" for fault in self._faults)])

    def _fold(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.details_button.setText("Hide details" if shown else "Show details")
        self.adjustSize()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report())
        self.copy_button.setText("Copied")

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_folder)))


def versions() -> str:
    """What runs here, in one line. torch is named only where it is loaded: looking must not import it."""
    torch = sys.modules.get("torch")
    parts = [f"Latentscope {__version__}", f"Python {platform.python_version()}", f"Qt {qVersion()}"]
    if torch is not None:
        parts.append(f"torch {getattr(torch, '__version__', '(loading)')}")
    parts.append(f"{platform.platform()}, {QGuiApplication.platformName()}")
    return ", ".join(parts)

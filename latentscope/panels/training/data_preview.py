"""The preview of a data set in the run form: sample images, class names and counts; or the way to get them."""

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from latentscope.background import Background
from latentscope.images import enlarged
from latentscope.runs.downloads import Downloads
from latentscope.runs.words import count
from latentscope.theme import Theme
from latentscope.words import data_title
from trainer.data import download_size, is_at_hand, load_dataset
from trainer.data.dataset import Dataset, Images
from trainer.models.fits import Traits, traits

__all__ = ["DataPreview", "Samples", "SamplesView", "take_samples"]

MAX_ROWS = 12
MAX_COLUMNS = 12
MB = 1e6


@dataclass(frozen=True, eq=False)
class Samples:
    """What is shown of a data set: one row of test images a class, or rows of any images where there are no labels."""

    rows: tuple[tuple[str, Images], ...]
    facts: str
    traits: Traits
    more_classes: int = 0


def take_samples(dataset: Dataset) -> Samples:
    """The first images of each class; a data set's order is random enough, and the same ones are seen each time."""
    images, labels = dataset.test_images, dataset.test_labels
    height, width, channels = dataset.image_shape
    classes = len(dataset.class_names)
    if labels is None:
        step = max(1, len(images) // (MAX_ROWS * MAX_COLUMNS))
        some = images[::step][: MAX_ROWS * MAX_COLUMNS]
        rows = tuple(("", some[i : i + MAX_COLUMNS].copy()) for i in range(0, len(some), MAX_COLUMNS))
    else:
        rows = tuple(
            (dataset.class_names[label], images[np.flatnonzero(labels == label)[:MAX_COLUMNS]])
            for label in range(min(classes, MAX_ROWS))
        )
    facts = [
        f"{len(dataset.train_images):,} images to train on, {len(images):,} to test",
        f"{height} × {width}, {'grey' if channels == 1 else 'colour'}"
        + (f" · {count(classes, 'class').replace('classs', 'classes')}" if classes else " · no labels"),
    ]
    return Samples(rows, "\n".join(facts), traits(dataset), max(0, classes - MAX_ROWS))


class SamplesView(QWidget):
    """The rows of samples, as large as they fit."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._samples: Samples | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Sample images")

    def sizeHint(self) -> QSize:
        return QSize(340, 400)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_samples(self, samples: Samples) -> None:
        self._samples = samples
        self.setAccessibleDescription(", ".join(name for name, _ in samples.rows if name))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        samples = self._samples
        if samples is None:
            return
        with QPainter(self) as painter:
            metrics = painter.fontMetrics()
            widest = max((metrics.horizontalAdvance(name) for name, _ in samples.rows), default=0)
            left = min(widest + 12, self.width() // 3) if widest else 0
            gap = 3.0
            room = self.height() - (metrics.height() + 4 if samples.more_classes else 0)
            aspect = samples.rows[0][1].shape[2] / samples.rows[0][1].shape[1] if samples.rows else 1.0
            side = max(12.0, min(room / max(len(samples.rows), 1) - gap, 48.0))
            # As many columns as fill the width, at the cost of a little height.
            columns = max(1, min(MAX_COLUMNS, math.ceil((self.width() - left + gap) / (side * aspect + gap))))
            side = min(side, ((self.width() - left + gap) / columns - gap) / aspect)
            ratio = self.devicePixelRatioF()
            for row, (name, images) in enumerate(samples.rows):
                top = row * (side + gap)
                painter.setPen(QColor(self._theme.muted))
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(left - 10))
                right_middle = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(QRectF(0, top, left - 10, side), right_middle, text)
                for column, image in enumerate(images[:columns]):
                    cell = QRectF(left + column * (side * aspect + gap), top, side * aspect, side)
                    painter.drawImage(cell, enlarged(image, round(cell.width() * ratio), round(side * ratio)))
            if samples.more_classes:
                more = f"and {samples.more_classes:,} classes more"
                painter.setPen(QColor(self._theme.muted))
                painter.drawText(QRectF(0, self.height() - metrics.height(), self.width(), metrics.height()), more)


class DataPreview(QWidget):
    """Shows a data set by name: loading, its samples, why it cannot be shown, or the button that downloads it."""

    changed = Signal()  # ``problem`` or ``samples`` may be another

    def __init__(self, background: Background, downloads: Downloads, theme: Theme) -> None:
        super().__init__()
        self._background, self._downloads = background, downloads
        self._name = ""
        self._began: str | None = None  # what is being downloaded from here
        self._seen: dict[str, Samples] = {}
        self.problem = ""  # why no training can be started on this data set; empty if it can, or is being loaded
        self.samples: Samples | None = None
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.facts = QLabel()
        self.facts.setProperty("role", "muted")
        self.view = SamplesView(theme)
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.download = QPushButton()
        self.download.setAutoDefault(False)
        self.download.setProperty("role", "primary")
        self.download.clicked.connect(self._start_download)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.cancel = QPushButton("Cancel")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(downloads.cancel)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._words())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(6)
        layout.addWidget(self.title)
        layout.addWidget(self.facts)
        layout.addSpacing(8)
        layout.addLayout(self._stack, 1)
        downloads.progressed.connect(self._progress)
        downloads.finished.connect(self._downloaded)
        downloads.failed.connect(self._download_failed)
        downloads.cancelled.connect(self._again)

    def _words(self) -> QWidget:
        """The page for everything that is no picture."""
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setSpacing(14)
        layout.addStretch(1)
        layout.addWidget(self.message)
        layout.addWidget(self.bar)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.download)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        layout.addStretch(2)
        return page

    def set_theme(self, theme: Theme) -> None:
        self.view.set_theme(theme)

    def show_data(self, name: str) -> None:
        """Preview the data set of that name or path; what was under way for another is forgotten."""
        if name != self._name:
            self._name = name
            self._again(name)

    def leave(self) -> None:
        """Forget what is under way. A download that was begun here ends; one of somebody else goes on."""
        self._background.cancel("preview")
        if self._began is not None and self._began == self._downloads.name:
            self._downloads.cancel()

    def _again(self, name: str) -> None:
        if name != self._name:
            return
        self.title.setText(data_title(name))
        if name in self._seen:
            self._show(name, self._seen[name])
        elif not is_at_hand(name) and download_size(name) is not None:
            self._background.cancel("preview")
            self._offer_download(name)
        else:
            self._say(f"Loading {data_title(name)}…", "")
            work = partial(_load_samples, name)
            self._background.submit("preview", work, partial(self._show, name), partial(self._fail, name))

    def _show(self, name: str, samples: Samples) -> None:
        self._seen[name] = self.samples = samples
        self.problem = ""
        self.facts.setText(samples.facts)
        self.view.show_samples(samples)
        self._stack.setCurrentIndex(0)
        self.changed.emit()

    def _fail(self, name: str, error: Exception) -> None:
        self._say(str(error), f"{data_title(name)} cannot be used.")

    def _say(self, text: str, problem: str, download: str = "", bar: bool = False) -> None:
        self.samples = None
        self.problem = problem
        self.facts.setText("")
        self.message.setText(text)
        self.message.setProperty("role", "muted")
        self.download.setText(download)
        self.download.setVisible(bool(download))
        self.bar.setVisible(bar)
        self.cancel.setVisible(bar)
        self.cancel.setEnabled(True)
        self._stack.setCurrentIndex(1)
        self.changed.emit()

    # --- download -------------------------------------------------------------------------------------------------

    def _offer_download(self, name: str, why: str = "") -> None:
        title, size = data_title(name), (download_size(name) or 0) / MB
        if self._downloads.name == name:
            self._say(f"Downloading {title}…", f"{title} is being downloaded.", bar=True)
            return
        text = why or f"{title} is not on this computer yet."
        verb = "Try again" if why else "Download"
        self._say(text, f"{title} is not on this computer yet: download it first.", f"{verb} ({size:.0f} MB)")

    def _start_download(self) -> None:
        if not self._downloads.start(self._name):
            other = data_title(self._downloads.name or "")
            self._offer_download(self._name, f"{other} is being downloaded; one at a time, please.")
            return
        self._began = self._name
        self.bar.setRange(0, 0)
        self._again(self._name)

    def _progress(self, name: str, done: int, total: int) -> None:
        if name == self._name and total > 0:
            self.bar.setRange(0, 1000)
            self.bar.setValue(int(done / total * 1000))
            self.message.setText(f"Downloading {data_title(name)}: {done / MB:.1f} of {total / MB:.1f} MB")

    def _downloaded(self, name: str) -> None:
        self._again(name)

    def _download_failed(self, name: str, message: str) -> None:
        if name == self._name:
            self._offer_download(name, message)


def _load_samples(name: str) -> Samples:
    return take_samples(load_dataset(name))

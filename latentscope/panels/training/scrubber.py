"""The scrubber under the loss curves: every snapshot of a run, to be dragged through like a film."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from latentscope.panels.training.curves import CurvesView
from latentscope.runs.film import Film
from latentscope.runs.snapshots import Shot
from latentscope.runs.training import Training
from latentscope.runs.words import duration
from latentscope.theme import Theme
from latentscope.words import MINUS, figure

__all__ = ["FilmBar", "Scrubber", "shot_words"]

# A drag that comes this near to a snapshot, in pixels, is on it; where they stand close, a quarter of their distance.
MAGNET = 5.0
KNOB = 6.0  # px
BUTTON = 30  # px
HOW = (
    "Between two snapshots the points move in a straight line; what is decoded comes from the nearest snapshot. "
    "The map is turned so that it does not spin: axes with a prime (z₀′) are those of the newest."
)


def shot_words(shot: Shot) -> str:
    """ "step 3,400 · epoch 7.2 · −ELBO 141.2 · 12 s"."""
    epoch = f"{shot.epoch:.1f}" if shot.epoch < 100 else f"{shot.epoch:,.0f}"
    loss = (
        f"{MINUS}ELBO {figure(shot.negative_elbo)}"
        if shot.negative_elbo is not None
        else f"reconstruction {figure(shot.reconstruction)}"
    )
    return f"step {shot.step:,} · epoch {epoch} · {loss} · {duration(shot.seconds)}"


class Scrubber(QWidget):
    """Play, drag, and go back to the newest. It stands under the curves and shares their time axis."""

    def __init__(self, film: Film, training: Training, curves: CurvesView, theme: Theme) -> None:
        super().__init__()
        self._film, self._training, self._curves = film, training, curves
        self.play = QPushButton()
        self.play.setProperty("role", "flat")
        self.play.setFixedWidth(BUTTON)
        self.play.clicked.connect(film.toggle_play)
        self.bar = FilmBar(film, theme)
        self.bar.setToolTip(HOW)
        self.words = QLabel()
        self.words.setProperty("role", "muted")
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setAccessibleName("Moment of the training that is shown")
        self.newest = QPushButton()
        self.newest.setProperty("role", "flat")
        self.newest.clicked.connect(film.newest)
        upper = QHBoxLayout()
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        upper.addWidget(self.play)
        upper.addWidget(self.bar, 1)
        lower = QHBoxLayout()
        lower.setContentsMargins(0, 0, 0, 0)
        lower.addWidget(self.words, 1)
        lower.addWidget(self.newest)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(upper)
        layout.addLayout(lower)
        film.changed.connect(self.refresh)
        training.state_changed.connect(self.refresh)
        training.started.connect(self.refresh)
        curves.axis_changed.connect(self._take_axis)
        curves.sought.connect(self._seek_seconds)
        curves.released.connect(self.bar.let_go)
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.bar.set_theme(theme)

    def refresh(self) -> None:
        """Show where the film stands."""
        film = self._film
        there = len(film.shots) > 1
        self.setVisible(there)
        self._curves.can_seek = there and self._of_the_curves()
        self._curves.setCursor(Qt.CursorShape.IBeamCursor if self._curves.can_seek else Qt.CursorShape.ArrowCursor)
        self._curves.set_playhead(film.seconds if self._curves.can_seek and not film.at_newest else None)
        self.play.setText("❚❚" if film.playing else "▶")
        what = "Stop the film" if film.playing else "Play the training, from its first snapshot to its newest"
        self.play.setToolTip(f"{what} (Ctrl+Alt+Space)")
        self.play.setAccessibleName(what)
        self.newest.setText("Live" if film.live else "Newest")
        self.newest.setEnabled(not film.at_newest)
        self.newest.setToolTip(
            "Show the training as it goes on" if film.live else "Show the model as it is at the end of its training"
        )
        shot = film.shot
        words = shot_words(shot) if shot is not None else ""
        if film.run is not None and not self._of_the_curves():
            words = f"{film.run.folder.name}: {words}"
        self._words = words
        self._elide()
        self._take_axis()
        self.bar.refresh(words)

    def _of_the_curves(self) -> bool:
        """Whether film and curves are of one run: another one may be open while a training goes on."""
        return self._film.run == self._training.run

    def _elide(self) -> None:
        text = self.words.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, self.words.width())
        self.words.setText(text)
        self.words.setToolTip(f"{self._words}\n\n{HOW}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _take_axis(self) -> None:
        left, right, seconds = self._curves.axis
        if self._of_the_curves() and not self._curves.isHidden() and right > left:
            self.bar.set_axis(
                left - BUTTON, self._curves.width() - right, seconds
            )  # both have the same place and width
        else:
            self.bar.set_axis(10.0, 10.0, self._film.shots[-1].seconds if self._film.shots else 0.0)

    def _seek_seconds(self, seconds: float) -> None:
        self.bar.seek_near(seconds)


class FilmBar(QWidget):
    """The snapshots as ticks on the time of training, and a knob to drag. Arrow keys go from one to the next."""

    def __init__(self, film: Film, theme: Theme) -> None:
        super().__init__()
        self._film, self._theme = film, theme
        self._left = self._right = 10.0
        self._seconds = 0.0
        self._held = False
        self.setFixedHeight(24)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Film of the training")

    def sizeHint(self) -> QSize:
        return QSize(240, 24)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_axis(self, left: float, right: float, seconds: float) -> None:
        """Where the time axis begins and ends, in pixels from either side, and how long it is."""
        self._left, self._right, self._seconds = max(left, KNOB), max(right, KNOB), seconds
        self.update()

    def refresh(self, words: str) -> None:
        """The film stands elsewhere, which these words say."""
        self.setAccessibleDescription(words)
        self.update()

    def x_of(self, seconds: float) -> float:
        """Where a moment of the training lies, in pixels."""
        last = max(self._seconds, self._film.shots[-1].seconds if self._film.shots else 0.0, 1e-9)
        return self._left + seconds / last * (self.width() - self._left - self._right)

    def seek_near(self, seconds: float) -> None:
        """Show this moment, or the snapshot that is next to it on the screen."""
        film = self._film
        position = film.position_at(seconds)
        film.stop()
        low = int(position)
        high = min(low + 1, len(film.shots) - 1)
        near = low if position - low < 0.5 else high
        apart = self.x_of(film.shots[high].seconds) - self.x_of(film.shots[low].seconds)
        reach = min(MAGNET, apart / 4)
        if abs(self.x_of(seconds) - self.x_of(film.shots[near].seconds)) <= reach:
            position = float(near)
        film.seek(position)

    def let_go(self) -> None:
        """The end of a drag; one that ends at the last snapshot is one to the newest."""
        film = self._film
        if film.detached and film.position >= len(film.shots) - 1:
            film.newest()

    # --- mouse and keys -------------------------------------------------------------------------------------------

    def _drag(self, event: QMouseEvent) -> None:
        width = self.width() - self._left - self._right
        last = max(self._seconds, self._film.shots[-1].seconds) if self._film.shots else 0.0
        if width > 0 and len(self._film.shots) > 1:
            share = min(max((event.position().x() - self._left) / width, 0.0), 1.0)
            self.seek_near(share * last)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held and event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held and event.button() == Qt.MouseButton.LeftButton:
            self._held = False
            self.let_go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                self._film.step_by(-1)
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                self._film.step_by(1)
            case Qt.Key.Key_Home:
                self._film.stop()
                self._film.seek(0.0)
            case Qt.Key.Key_End:
                self._film.newest()
            case Qt.Key.Key_Space:
                self._film.toggle_play()
            case _:
                super().keyPressEvent(event)

    # --- painting -------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        film, theme, middle = self._film, self._theme, self.height() / 2
        if not film.shots:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            left, right = self.x_of(0.0), self.width() - self._right
            here = self.x_of(film.seconds)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.border))
            painter.drawRoundedRect(QRectF(left, middle - 2, right - left, 4), 2, 2)
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(QRectF(left, middle - 2, max(0.0, here - left), 4), 2, 2)
            painter.setPen(QPen(QColor(theme.muted), 1))
            for x in np.unique([round(self.x_of(shot.seconds)) for shot in film.shots]).tolist():
                painter.drawLine(QPointF(x + 0.5, middle + 5), QPointF(x + 0.5, middle + 9))
            focused = self.hasFocus()
            painter.setPen(QPen(QColor(theme.text if focused else theme.panel), 2))
            painter.setBrush(QColor(theme.muted if film.at_newest else theme.accent))
            painter.drawEllipse(QPointF(here, middle), KNOB, KNOB)
